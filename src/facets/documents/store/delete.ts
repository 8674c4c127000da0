// delete.

import type { Step } from '../../../engine/client.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { planTableFilter } from '../tables/plan-table-filter.ts';
import { type Wanted, lockAll, lockFirst } from './candidates.ts';
import type { CollectionInfo } from './catalog.ts';
import { newCommandScope } from './command-scope.ts';
import { isGroupable } from './document-groups.ts';
import { checkHint, naturalHint } from './hints.ts';
import { assertWritableName, tableOf } from './names.ts';
import type { DeleteRequest, DeleteStatement, Operation, WriteReply } from './operations.ts';
import { deleteSingle } from './single-operations.ts';
import { SqlParameters, statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inUnit } from './unit.ts';
import { collectionFor } from './update.ts';
import { ownError, refusalOf, writeErrorOf } from './write-errors.ts';
import { deleteStep } from './write-steps.ts';

export async function deleteDocuments(context: StoreContext, operation: Operation, request: DeleteRequest): Promise<WriteReply> {
  assertWritableName(request.target);
  const info = await collectionFor(context, operation, { target: request.target, isMade: false });
  if (info === undefined) return await runStatements(request, () => Promise.resolve(0), false);
  const single = await deleteSingleStatement(context, operation, { info, request });
  if (single !== undefined) return single;
  return await inUnit(context.engine, operation, {
    target: request.target,
    body: (unit) => runStatements(request, (statement) => deleteAlone(unit, { info, statement, request, signal: operation.signal }), unit.isPart),
  });
}

/** A request of one statement that is about one document; undefined for another, and for one that is refused. */
async function deleteSingleStatement(context: StoreContext, operation: Operation, { info, request }: { readonly info: CollectionInfo; readonly request: DeleteRequest }): Promise<WriteReply | undefined> {
  const [statement] = request.statements;
  if (statement === undefined || request.statements.length > 1 || statement.limit === 0 || statement.hint !== undefined || !isGroupable(operation, info)) return undefined;
  try {
    const scope = newCommandScope(request.let);
    const replyOf = (document: Document | undefined): WriteReply => new Map([['n', int32(document === undefined ? 0 : 1)]]);
    return await deleteSingle(context, operation, { info, filter: parseFilter(statement.filter, scope.context), scope, replyOf });
  } catch (error) {
    if (ownError(error, false) === undefined) throw error;
    return undefined;
  }
}

async function runStatements({ statements, ordered, let: variables }: DeleteRequest, run: (statement: DeleteStatement) => Promise<number>, isPart: boolean): Promise<WriteReply> {
  let deleted = 0;
  const errors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      parseFilter(statement.filter, newCommandScope(variables).context);
      deleted += await run(statement);
    } catch (error) {
      const own = ownError(error, isPart);
      if (own === undefined) throw error;
      errors.push(writeErrorOf(index, own));
      if (ordered) break;
    }
  }
  const reply: WriteReply = new Map<string, Value>([['n', int32(deleted)]]);
  if (errors.length > 0) reply.set('writeErrors', errors);
  return reply;
}

type Task = { readonly info: CollectionInfo; readonly statement: DeleteStatement; readonly request: DeleteRequest; readonly signal: AbortSignal | undefined };

/** A constraint may refuse it: with a way back, so that the others go on. */
async function deleteAlone(unit: Unit, task: Task): Promise<number> {
  return task.info.table === undefined || unit.isPart ? await deleteMatching(unit, task) : await unit.attempt(() => deleteMatching(unit, task));
}

async function deleteMatching(unit: Unit, { info, statement: { filter, limit, hint }, request, signal }: Task): Promise<number> {
  checkHint(info, hint);
  const scope = newCommandScope(request.let);
  const wanted: Wanted = { info, filter: parseFilter(filter, scope.context), natural: naturalHint(hint), scope, signal };
  if (limit === 1) {
    const found = await lockFirst(unit, wanted);
    if (found === undefined) return 0;
    if (info.table !== undefined) return await deleteKeys(unit, info, [found.key], found.document);
    // It is locked, so that it will be deleted: with the commit.
    await unit.defer(deleteStep(info, [found.key]));
    return 1;
  }
  const parameters = new SqlParameters();
  const { sql, isExact } = info.table === undefined ? planFilter(wanted.filter, parameters, { isByteOrdered: info.isByteOrdered }) : planTableFilter(info.table, wanted.filter, parameters);
  if (isExact) {
    const text = `delete from ${tableOf(info.target)} as t${sql === undefined ? '' : ` where ${sql}`}`;
    return await deleteBy(unit, info, { statement: statementFor(text, parameters.types), values: parameters.values });
  }
  let deleted = 0;
  for await (const batch of lockAll(unit, wanted)) deleted += await deleteKeys(unit, info, batch.map(({ key }) => key), batch[0]!.document);
  return deleted;
}

/** `first` stands for them where a constraint refuses it. */
export async function deleteKeys(unit: Unit, info: CollectionInfo, keys: readonly Buffer[], first: Document): Promise<number> {
  return await deleteBy(unit, info, deleteStep(info, keys), first);
}

async function deleteBy(unit: Unit, info: CollectionInfo, step: Step, first: Document = new Map()): Promise<number> {
  try {
    return countOf(await unit.execute([step]));
  } catch (error) {
    throw refusalOf(error, info, first);
  }
}

/** `DELETE 3` → 3. */
function countOf(tags: readonly string[]): number {
  return Number(tags.at(-1)?.split(' ').at(-1) ?? 0);
}
