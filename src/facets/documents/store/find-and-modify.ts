// findAndModify.

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { inContext } from '../errors.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { naturalDirectionOf, parseSort } from '../sorts/parse-sort.ts';
import { lockFirst } from './candidates.ts';
import type { CollectionInfo } from './catalog.ts';
import { newCommandScope } from './command-scope.ts';
import { deleteKeys } from './delete.ts';
import { checkHint, naturalHint } from './hints.ts';
import { assertWritableName } from './names.ts';
import type { FindAndModifyRequest, Operation } from './operations.ts';
import { projectorOf } from './projector.ts';
import { deleteSingle, updateSingle } from './single-operations.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inUnit } from './unit.ts';
import { collectionFor, parseStatement, updateDocuments } from './update.ts';
import type { ParsedUpdate, UpdateOutcome } from './parsed-update.ts';

/** `lastErrorObject` and `value`. */
export async function findAndModify(context: StoreContext, operation: Operation, request: FindAndModifyRequest): Promise<Document> {
  assertWritableName(request.target);
  const { remove, upsert, target } = request;
  const parsed = parseRequest(request);
  const info = await collectionFor(context, operation, { target, isMade: upsert && !remove });
  if (info === undefined) return replyOf({ n: 0, isUpdate: !remove, updatedExisting: false }, null);
  checkHint(info, request.hint);
  try {
    return await modify(context, operation, { info, parsed });
  } catch (error) {
    throw inContext('Plan executor error during findAndModify', error);
  }
}

async function modify(context: StoreContext, operation: Operation, { info, parsed }: { readonly info: CollectionInfo; readonly parsed: Removal | Update }): Promise<Document> {
  const single = 'update' in parsed ? await updateSingle(context, operation, { info, parsed, replyOf: replyTo(parsed) }) : await removeSingle(context, operation, { info, parsed });
  if (single !== undefined) return single;
  const { signal } = operation;
  const body = (unit: Unit): Promise<Document> => ('update' in parsed ? updateOne(unit, { info, parsed, signal }) : removeOne(unit, { info, parsed, signal }));
  return await inUnit(context.engine, operation, { target: info.target, body });
}

type Projecting = { readonly project: (document: Document) => Document };
type Removal = Projecting & Pick<ParsedUpdate, 'filter' | 'scope' | 'sort' | 'natural'>;
type Update = Projecting & ParsedUpdate & { readonly returnNew: boolean };

/** All of it is looked at before anything is changed. Throws DocumentError. */
function parseRequest(request: FindAndModifyRequest): Removal | Update {
  const { filter, update = null, remove, upsert, arrayFilters, let: variables, returnNew } = request;
  const inOrder = request.sort === undefined ? undefined : naturalDirectionOf(request.sort);
  const sort = request.sort === undefined || request.sort.size === 0 || inOrder !== undefined ? undefined : parseSort(request.sort);
  const natural = inOrder ?? naturalHint(request.hint);
  if (remove) {
    const scope = newCommandScope(variables);
    const parsed = parseFilter(filter, scope.context);
    return { filter: parsed, scope, sort, natural, project: projectionOf(request, { filter: parsed, scope, sort }) };
  }
  const parsed: ParsedUpdate = { ...parseStatement({ filter, update, upsert, multi: false, arrayFilters }, request), sort, natural };
  return { ...parsed, returnNew, project: projectionOf(request, parsed) };
}

type Last = { readonly n: number; readonly isUpdate: boolean; readonly updatedExisting: boolean; readonly upserted?: Value };

function replyOf({ n, isUpdate, updatedExisting, upserted }: Last, value: Value): Document {
  const last: Document = new Map<string, Value>([['n', int32(n)]]);
  if (isUpdate) last.set('updatedExisting', updatedExisting);
  if (upserted !== undefined) last.set('upserted', upserted);
  return new Map<string, Value>([['lastErrorObject', last], ['value', value]]);
}

type Task<P> = { readonly info: CollectionInfo; readonly parsed: P; readonly signal: AbortSignal | undefined };

async function removeOne(unit: Unit, { info, parsed: { filter, scope, sort, natural, project }, signal }: Task<Removal>): Promise<Document> {
  const found = await lockFirst(unit, { info, filter, scope, sort, natural, signal });
  if (found === undefined) return replyOf({ n: 0, isUpdate: false, updatedExisting: false }, null);
  await deleteKeys(unit, info, [found.key], found.document);
  return replyOf({ n: 1, isUpdate: false, updatedExisting: false }, project(found.document));
}

async function updateOne(unit: Unit, { info, parsed, signal }: Task<Update>): Promise<Document> {
  return replyTo(parsed)(await updateDocuments(unit, { info, parsed, signal, isReadBack: parsed.returnNew }));
}

/** The reply that tells an update's outcome. */
function replyTo({ returnNew, project }: Update): (outcome: UpdateOutcome) => Document {
  return ({ matched, upserted, before, after }) => {
    const found = returnNew ? after : before;
    const last: Last = { n: matched + (upserted === undefined ? 0 : 1), isUpdate: true, updatedExisting: matched > 0, ...(upserted === undefined ? {} : { upserted }) };
    return replyOf(last, found === undefined ? null : project(found));
  };
}

async function removeSingle(context: StoreContext, operation: Operation, { info, parsed: { filter, scope, project } }: { readonly info: CollectionInfo; readonly parsed: Removal }): Promise<Document | undefined> {
  const reply = (document: Document | undefined): Document => replyOf({ n: document === undefined ? 0 : 1, isUpdate: false, updatedExisting: false }, document === undefined ? null : project(document));
  return await deleteSingle(context, operation, { info, filter, scope, replyOf: reply });
}

function projectionOf({ projection, sort: wanted, returnNew }: FindAndModifyRequest, { filter, scope, sort }: Pick<ParsedUpdate, 'filter' | 'scope' | 'sort'>): (document: Document) => Document {
  if (projection === undefined || projection.size === 0) return (document) => document;
  return projectorOf(projection, { filter, sort, isSorted: wanted !== undefined && wanted.size > 0, scope, isChanged: returnNew });
}
