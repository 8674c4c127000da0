// Removes the documents that TTL indexes say are over, in bounded batches, in one gateway at a time; and the records of
// retryable writes whose sessions have timed out long ago, so that nobody can send them again.

import { statement } from '../../../engine/client.ts';
import type { Transaction } from '../../../engine/transaction.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { Int32 } from '../../../values/bson/types.ts';
import { leastKey } from '../planner/sql-keys.ts';
import { specificationOf } from './catalog.ts';
import { parseIndexSpecification } from './index-specification.ts';
import { conditionOf } from './partial-filter.ts';
import { statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';

/** MongoDB looks once a minute. */
const intervalMs = 60_000;
const batchRows = 5_000;
/** Arbitrary: the key of the lock of who sweeps. */
const lockKey = 4_716_920_184_129n;

const takeLock = statement('select pg_try_advisory_xact_lock($1) as taken', ['int8']);
const removeRecords = statement(`delete from facetdb.document_sessions where changed_at < now() - interval '2 hours'`);
const readExpiring = statement(`
  select n.nspname as schema, t.relname as table, obj_description(i.oid, 'pg_class') as comment
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace
   where obj_description(i.oid, 'pg_class') like '%expireAfterSeconds%'`);

export class ExpirySweeper {
  readonly #context: StoreContext;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.sweep()
        .then(() => {})
        .catch((error: unknown) => this.#context.log.warn({ reason: messageOf(error) }, 'documents that are over could not be removed'))
        .finally(() => (this.#sweeping = undefined));
    }, intervalMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Gives how many documents were removed. */
  async sweep(): Promise<number> {
    return await this.#context.engine.systemPool.transaction({ isolation: 'read committed' }, async (transaction) => {
      const [lock] = await transaction.query(takeLock, [lockKey]);
      if (lock?.['taken'] !== true) return 0;
      await transaction.query(removeRecords);
      let removed = 0;
      for (const { schema, table, comment } of await transaction.query<{ schema: string; table: string; comment: string }>(readExpiring)) {
        removed += await sweepTable(transaction, `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, comment);
      }
      return removed;
    });
  }
}

async function sweepTable(transaction: Transaction, table: string, comment: string): Promise<number> {
  const specification = specificationOf(comment);
  const seconds = specification?.get('expireAfterSeconds');
  const key = specification?.get('key');
  if (!(seconds instanceof Int32) || !(key instanceof Map)) return 0;
  const [path = ''] = key.keys();
  const condition = conditionOf(parseIndexSpecification(specification!));
  const held = condition === undefined ? '' : ` and (${condition})`;
  const least = leastKey(path.split('.'));
  // Of several dates in an array the earliest counts; what holds no date never ends.
  const limit = `[45,${Date.now() - seconds.value * 1_000}]`;
  const text = `delete from ${table} where id = any(array(select id from ${table} where ${least} > '[44.5,null]'::jsonb and ${least} <= $1::jsonb${held} limit ${batchRows} for update skip locked))`;
  let removed = 0;
  for (let batch = batchRows; batch === batchRows; removed += batch) {
    const [tag = ''] = await transaction.execute([{ statement: statementFor(text, ['text']), values: [limit] }]);
    batch = Number(tag.split(' ').at(-1) ?? 0);
  }
  return removed;
}
