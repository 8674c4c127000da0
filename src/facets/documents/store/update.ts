// update: statement by statement, each found, changed here and written back under a row lock.

import { isFacetError } from '../../../kernel/errors.ts';
import { isRowRefusal } from '../tables/row-refusals.ts';
import { insertedDocument, storedDocument } from '../tables/stored-rows.ts';
import { objectIdNow } from '../../../values/bson/object-id.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { assertTableWritable } from '../tables/assert-table-writable.ts';
import { applyUpdate } from '../updates/apply-update.ts';
import { parseUpdate } from '../updates/parse-update.ts';
import { documentForUpsert, equalitiesForUpsert } from '../updates/upsert.ts';
import { assertWritable } from './capped.ts';
import { type Candidate, type Wanted, lockAll, lockFirst } from './candidates.ts';
import type { CollectionInfo } from './catalog.ts';
import { ensureCollection } from './collections.ts';
import { newCommandScope } from './command-scope.ts';
import { isGroupable } from './document-groups.ts';
import { rowFor } from './document-rows.ts';
import { checkHint, naturalHint } from './hints.ts';
import { findCollection } from './lookup.ts';
import { assertWritableName, namespaceOf } from './names.ts';
import type { Operation, UpdateRequest, UpdateStatement, WriteReply } from './operations.ts';
import { assertIndexable } from './indexed-arrays.ts';
import { updateSingle } from './single-operations.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inUnit } from './unit.ts';
import { ownError, refusalOf, writeErrorOf } from './write-errors.ts';
import { type Change, insertSteps, updateSteps } from './write-steps.ts';
import type { ParsedUpdate, UpdateOutcome } from './parsed-update.ts';

/** Throws DocumentError. */
export function parseStatement({ filter, update, constants, upsert, multi, arrayFilters, hint }: UpdateStatement, { target, let: variables }: Pick<UpdateRequest, 'target' | 'let'>): ParsedUpdate {
  const scope = newCommandScope(variables);
  const parsed = parseUpdate(update, { multi, target, arrayFilters, constants, context: scope.context });
  return { filter: parseFilter(filter, scope.context), update: parsed, scope, multi, upsert, natural: naturalHint(hint) };
}

export async function update(context: StoreContext, operation: Operation, request: UpdateRequest): Promise<WriteReply> {
  assertWritableName(request.target);
  const info = await collectionFor(context, operation, { target: request.target, isMade: request.statements.some(({ upsert }) => upsert) });
  if (info === undefined) return withoutCollection(request);
  const single = await updateSingleStatement(context, operation, { info, request });
  if (single !== undefined) return single;
  const run = (isCareful: boolean): Promise<WriteReply> => inUnit(context.engine, operation, { target: info.target, body: (unit) => runStatements(unit, { info, request, operation, isCareful }) });
  try {
    return await run(false);
  } catch (error) {
    // A unique index or a constraint refused one of them, and everything was undone: once more, with a way back for each.
    if (operation.transaction !== undefined || !isRowRefusal(error)) throw error;
    return await run(true);
  }
}

/** A request of one statement that is about one document; undefined for another, and for one that is refused. */
async function updateSingleStatement(context: StoreContext, operation: Operation, { info, request }: { readonly info: CollectionInfo; readonly request: UpdateRequest }): Promise<WriteReply | undefined> {
  const [statement] = request.statements;
  if (statement === undefined || request.statements.length > 1 || statement.hint !== undefined || !isGroupable(operation, info)) return undefined;
  try {
    const parsed = parseStatement(statement, request);
    return await updateSingle(context, operation, { info, parsed, replyOf: replyOfOutcome });
  } catch (error) {
    if (ownError(error, false) === undefined) throw error;
    return undefined;
  }
}

function replyOfOutcome({ matched, modified, upserted }: UpdateOutcome): WriteReply {
  return replyOf({ matched, modified, upserted: upserted === undefined ? [] : [upsertedAt(0, upserted)], errors: [] });
}

function upsertedAt(index: number, id: Value): Document {
  return new Map<string, Value>([['index', int32(index)], ['_id', id]]);
}

/** Throws DocumentError: CommandNotSupportedOnView. */
export async function collectionFor(context: StoreContext, operation: Operation, { target, isMade }: { readonly target: UpdateRequest['target']; readonly isMade: boolean }): Promise<CollectionInfo | undefined> {
  const info = isMade ? await ensureCollection(context, operation, target) : await findCollection(context, operation, target);
  if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
  if (info !== undefined) {
    assertTableWritable(info);
    assertWritable(info, operation);
  }
  return info;
}

/** Nothing is there to match; statements are still checked. */
function withoutCollection(request: UpdateRequest): WriteReply {
  const errors: Document[] = [];
  for (const [index, statement] of request.statements.entries()) {
    try {
      parseStatement(statement, request);
    } catch (error) {
      const own = ownError(error, false);
      if (own === undefined) throw error;
      errors.push(writeErrorOf(index, own));
      if (request.ordered) break;
    }
  }
  return replyOf({ matched: 0, modified: 0, upserted: [], errors });
}

type Totals = { matched: number; modified: number; upserted: Document[]; errors: Document[] };

function replyOf({ matched, modified, upserted, errors }: Totals): WriteReply {
  const reply: WriteReply = new Map<string, Value>([['n', int32(matched + upserted.length)], ['nModified', int32(modified)]]);
  if (upserted.length > 0) reply.set('upserted', upserted);
  if (errors.length > 0) reply.set('writeErrors', errors);
  return reply;
}

type Statements = { readonly info: CollectionInfo; readonly request: UpdateRequest; readonly operation: Operation; readonly isCareful: boolean };

async function runStatements(unit: Unit, { info, request, operation, isCareful }: Statements): Promise<WriteReply> {
  const totals: Totals = { matched: 0, modified: 0, upserted: [], errors: [] };
  for (const [index, statement] of request.statements.entries()) {
    try {
      checkHint(info, statement.hint);
      const parsed = parseStatement(statement, request);
      const run = (): Promise<UpdateOutcome> => updateDocuments(unit, { info, parsed, signal: operation.signal, isDeferred: !isCareful });
      const { matched, modified, upserted } = isCareful ? await unit.attempt(run) : await run();
      totals.matched += matched;
      totals.modified += modified;
      if (upserted !== undefined) totals.upserted.push(upsertedAt(index, upserted));
    } catch (error) {
      const own = ownError(error, unit.isPart);
      if (own === undefined || (isRowRefusal(own.cause) && !isCareful)) throw own?.cause ?? error;
      totals.errors.push(writeErrorOf(index, own));
      if (request.ordered) break;
    }
  }
  return replyOf(totals);
}

export type UpdateTask = {
  readonly info: CollectionInfo;
  readonly parsed: ParsedUpdate;
  readonly signal: AbortSignal | undefined;
  /** Who asked bears that a unique index refuses the change only when the unit ends. */
  readonly isDeferred?: boolean;
  /** The document afterwards is told, which of a row PostgreSQL has a say in. */
  readonly isReadBack?: boolean;
};

/** Throws DocumentError; of a unique index's with the engine's error as its cause. */
export async function updateDocuments(unit: Unit, { info, parsed, signal, isDeferred = false, isReadBack = false }: UpdateTask): Promise<UpdateOutcome> {
  const { filter, scope, sort, natural } = parsed;
  const wanted: Wanted = { info, filter, scope, sort, natural, signal };
  if (parsed.multi) {
    let [matched, modified] = [0, 0];
    for await (const batch of lockAll(unit, wanted)) {
      const changes = batch.flatMap((candidate) => changeOf(info, candidate, parsed));
      await writeBack(unit, info, changes);
      matched += batch.length;
      modified += changes.length;
    }
    return matched === 0 && parsed.upsert ? await insertInstead(unit, { info, parsed, signal }) : { matched, modified };
  }
  const candidate = await lockFirst(unit, wanted);
  if (candidate === undefined) return parsed.upsert ? await insertInstead(unit, { info, parsed, signal }) : { matched: 0, modified: 0 };
  const changes = changeOf(info, candidate, parsed);
  await writeBack(unit, info, changes, isDeferred);
  const after = changes[0]?.document ?? candidate.document;
  const stored = isReadBack && info.table !== undefined ? await storedDocument(unit, info.table, candidate.key) : undefined;
  return { matched: 1, modified: changes.length, before: candidate.document, after: stored ?? after };
}

/** The change of a document; none where the update leaves it as it is. */
function changeOf(info: CollectionInfo, { key, document }: Candidate, { update: parsed, filter, scope }: ParsedUpdate): Change[] {
  const result = applyUpdate(parsed, document, { now: scope.now, filter, environment: scope.environment });
  if (!result.changed) return [];
  return [{ key, row: rowFor(info, result.document, document), before: document, document: result.document, isReplacement: parsed.kind === 'replacement' }];
}

/** Writes changed documents over their rows; deferred, with the next statements of the unit. Throws DocumentError: DuplicateKey, with the engine's error as its cause. */
export async function writeBack(unit: Unit, info: CollectionInfo, changes: readonly Change[], isDeferred = false): Promise<void> {
  if (changes.length === 0) return;
  for (const { document } of changes) assertIndexable(info, document);
  try {
    const steps = updateSteps(info, changes);
    if (isDeferred) for (const step of steps) await unit.defer(step);
    else await unit.execute(steps);
  } catch (error) {
    throw refusalOf(error, info, changes[0]!.document);
  }
}

/** An upsert where nothing matched. If another has inserted the same meanwhile, that one is updated. */
async function insertInstead(unit: Unit, task: UpdateTask): Promise<UpdateOutcome> {
  const { info, parsed } = task;
  const { update: change, filter, scope } = parsed;
  const document = documentForUpsert(equalitiesForUpsert(filter, change), change, { now: scope.now, environment: scope.environment, newId: () => (info.table === undefined ? objectIdNow() : undefined) });
  assertIndexable(info, document);
  const row = rowFor(info, document);
  let stored = document;
  try {
    await unit.attempt(async () => {
      if (info.table === undefined) await unit.execute(insertSteps(info, [{ row }]));
      else stored = await insertedDocument(unit, info.table, row.cells!);
    });
  } catch (error) {
    if (isFacetError(error, 'unique_violation') && !unit.isPart) {
      const now = await updateDocuments(unit, { ...task, parsed: { ...parsed, upsert: false } });
      if (now.matched > 0) return now;
    }
    const duplicate = refusalOf(error, info, document);
    // The way back has been taken here already: it is a statement's own error.
    throw duplicate instanceof DocumentError ? new DocumentError(duplicate.number, duplicate.details, { ...(duplicate.extra && { extra: duplicate.extra }) }) : error;
  }
  return { matched: 0, modified: 0, upserted: stored.get('_id') ?? null, after: stored };
}
