// findAndModify.

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { parseProjection } from '../projections/parse-projection.ts';
import { parseSort } from '../sorts/parse-sort.ts';
import { lockFirst } from './candidates.ts';
import type { CollectionInfo } from './catalog.ts';
import { newCommandScope } from './command-scope.ts';
import { deleteKeys } from './delete.ts';
import { checkHint } from './hints.ts';
import { assertUsable } from './names.ts';
import type { FindAndModifyRequest, Operation } from './operations.ts';
import { deleteSingle, updateSingle } from './single-operations.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inUnit } from './unit.ts';
import { type ParsedUpdate, type UpdateOutcome, collectionFor, parseStatement, updateDocuments } from './update.ts';

/** `lastErrorObject` and `value`. */
export async function findAndModify(context: StoreContext, operation: Operation, request: FindAndModifyRequest): Promise<Document> {
  assertUsable(request.target);
  const { remove, upsert, target } = request;
  const parsed = remove ? undefined : parseUpdateOf(request);
  const info = await collectionFor(context, operation, { target, isMade: upsert && !remove });
  if (info === undefined) return replyOf({ n: 0, isUpdate: !remove, updatedExisting: false }, null);
  checkHint(info, request.hint);
  const single = parsed === undefined ? await removeSingle(context, operation, { info, request }) : await updateSingle(context, operation, { info, parsed, replyOf: replyTo(request) });
  if (single !== undefined) return single;
  const run = (unit: Unit): Promise<Document> => (parsed === undefined ? removeOne(unit, info, request) : updateOne(unit, { info, request, parsed, signal: operation.signal }));
  return await inUnit(context.engine, operation, run);
}

function parseUpdateOf({ filter, update = null, upsert, arrayFilters, let: variables, sort }: FindAndModifyRequest): ParsedUpdate {
  const parsed = parseStatement({ filter, update, upsert, multi: false, arrayFilters }, variables);
  return { ...parsed, sort: sort === undefined || sort.size === 0 ? undefined : parseSort(sort) };
}

type Last = { readonly n: number; readonly isUpdate: boolean; readonly updatedExisting: boolean; readonly upserted?: Value };

function replyOf({ n, isUpdate, updatedExisting, upserted }: Last, value: Value): Document {
  const last: Document = new Map<string, Value>([['n', int32(n)]]);
  if (isUpdate) last.set('updatedExisting', updatedExisting);
  if (upserted !== undefined) last.set('upserted', upserted);
  return new Map<string, Value>([['lastErrorObject', last], ['value', value]]);
}

async function removeOne(unit: Unit, info: CollectionInfo, request: FindAndModifyRequest): Promise<Document> {
  const scope = newCommandScope(request.let);
  const filter = parseFilter(request.filter, scope.context);
  const sort = request.sort === undefined || request.sort.size === 0 ? undefined : parseSort(request.sort);
  const project = projectionOf(request);
  const found = await lockFirst(unit, { info, filter, scope, sort });
  if (found === undefined) return replyOf({ n: 0, isUpdate: false, updatedExisting: false }, null);
  await deleteKeys(unit, info, [found.key]);
  return replyOf({ n: 1, isUpdate: false, updatedExisting: false }, project(found.document));
}

type Task = { readonly info: CollectionInfo; readonly request: FindAndModifyRequest; readonly parsed: ParsedUpdate; readonly signal: AbortSignal | undefined };

async function updateOne(unit: Unit, { info, request, parsed, signal }: Task): Promise<Document> {
  const reply = replyTo(request);
  return reply(await updateDocuments(unit, { info, parsed, signal }));
}

/** The reply that tells an update's outcome. Throws DocumentError for a projection that cannot be read. */
function replyTo(request: FindAndModifyRequest): (outcome: UpdateOutcome) => Document {
  const project = projectionOf(request);
  return ({ matched, upserted, before, after }) => {
    const found = request.returnNew ? after : before;
    const last: Last = { n: matched + (upserted === undefined ? 0 : 1), isUpdate: true, updatedExisting: matched > 0, ...(upserted === undefined ? {} : { upserted }) };
    return replyOf(last, found === undefined ? null : project(found));
  };
}

async function removeSingle(context: StoreContext, operation: Operation, { info, request }: { readonly info: CollectionInfo; readonly request: FindAndModifyRequest }): Promise<Document | undefined> {
  const scope = newCommandScope(request.let);
  const project = projectionOf(request);
  const reply = (document: Document | undefined): Document => replyOf({ n: document === undefined ? 0 : 1, isUpdate: false, updatedExisting: false }, document === undefined ? null : project(document));
  return await deleteSingle(context, operation, { info, filter: parseFilter(request.filter, scope.context), scope, replyOf: reply });
}

function projectionOf({ projection, filter, let: variables }: FindAndModifyRequest): (document: Document) => Document {
  if (projection === undefined || projection.size === 0) return (document) => document;
  const scope = newCommandScope(variables);
  const parsed = parseProjection(projection, { mode: 'find', filter: parseFilter(filter, scope.context) }, scope.context);
  return (document) => parsed.apply(document, scope.scopeFor(document));
}
