// delete.

import type { Step } from '../../../engine/client.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { type Wanted, lockAll, lockFirst } from './candidates.ts';
import type { CollectionInfo } from './catalog.ts';
import { newCommandScope } from './command-scope.ts';
import { checkHint } from './hints.ts';
import { assertUsable, tableOf } from './names.ts';
import type { DeleteRequest, DeleteStatement, Operation, WriteReply } from './operations.ts';
import { SqlParameters, statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { type Unit, inUnit } from './unit.ts';
import { collectionFor } from './update.ts';
import { ownError, writeErrorOf } from './write-errors.ts';

export async function deleteDocuments(context: StoreContext, operation: Operation, request: DeleteRequest): Promise<WriteReply> {
  assertUsable(request.target);
  const info = await collectionFor(context, operation, { target: request.target, isMade: false });
  if (info === undefined) return await runStatements(request, () => Promise.resolve(0), false);
  return await inUnit(context.engine, operation, (unit) =>
    runStatements(request, (statement) => deleteMatching(unit, { info, statement, request, signal: operation.signal }), unit.isPart),
  );
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

async function deleteMatching(unit: Unit, { info, statement: { filter, limit, hint }, request, signal }: Task): Promise<number> {
  checkHint(info, hint);
  const scope = newCommandScope(request.let);
  const wanted: Wanted = { info, filter: parseFilter(filter, scope.context), scope, signal };
  if (limit === 1) {
    const found = await lockFirst(unit, wanted);
    if (found === undefined) return 0;
    // It is locked, so that it will be deleted: with the commit.
    await unit.defer(deletion(info, [found.key]));
    return 1;
  }
  const parameters = new SqlParameters();
  const { sql, isExact } = planFilter(wanted.filter, parameters, { isByteOrdered: info.isByteOrdered });
  if (isExact) {
    const text = `delete from ${tableOf(info.target)}${sql === undefined ? '' : ` where ${sql}`}`;
    return countOf(await unit.execute([{ statement: statementFor(text, parameters.types), values: parameters.values }]));
  }
  let deleted = 0;
  for await (const batch of lockAll(unit, wanted)) deleted += await deleteKeys(unit, info, batch.map(({ key }) => key));
  return deleted;
}

export async function deleteKeys(unit: Unit, info: CollectionInfo, keys: readonly Buffer[]): Promise<number> {
  return countOf(await unit.execute([deletion(info, keys)]));
}

function deletion({ target }: CollectionInfo, keys: readonly Buffer[]): Step {
  return { statement: statementFor(`delete from ${tableOf(target)} where id = any($1)`, ['bytea[]']), values: [keys] };
}

/** `DELETE 3` → 3. */
function countOf(tags: readonly string[]): number {
  return Number(tags.at(-1)?.split(' ').at(-1) ?? 0);
}
