// Removes the documents that TTL indexes say are over, in bounded batches, in one gateway at a time; and the records of
// retryable writes whose sessions have timed out long ago, so that nobody can send them again.

import { statement } from '../../../engine/client.ts';
import type { Transaction } from '../../../engine/transaction.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import { DateTime, Int32 } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { specificationOf } from './catalog.ts';
import { parseIndexSpecification } from './index-specification.ts';
import { conditionOf, parsePartialFilter } from './partial-filter.ts';
import { SqlParameters, statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';

/** MongoDB looks once a minute. */
const intervalMs = 60_000;
const batchRows = 5_000;
/** Of documents that are looked at here. */
const pageRows = 100;
/** Arbitrary: the key of the lock of who sweeps. */
const lockKey = 4_716_920_184_129n;

const takeLock = statement('select pg_try_advisory_xact_lock($1) as taken', ['int8']);
const removeRecords = statement(`delete from facetdb.document_sessions where changed_at < now() - interval '2 hours'`);
const readExpiring = statement(`
  select n.nspname as schema, t.relname as table, obj_description(i.oid, 'pg_class') as comment
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid join pg_namespace n on n.oid = t.relnamespace
   where obj_description(i.oid, 'pg_class') like '%expireAfterSeconds%'`);

type Row = { readonly id: Buffer; readonly bson: Buffer | null; readonly doc: string | null };

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
  const index = parseIndexSpecification(specification!);
  // Of several dates in an array the earliest counts; what holds no date never ends.
  const isOver: Filter = { operator: '$lte', path: path.split('.'), value: new DateTime(BigInt(Date.now() - seconds.value * 1_000)) };
  const filter: Filter = index.partialFilter === undefined ? isOver : { operator: '$and', filters: [isOver, parsePartialFilter(index.partialFilter)] };
  const parameters = new SqlParameters();
  const { sql, isExact } = planFilter(filter, parameters);
  // What the index holds may be more than its filter says: as a condition it is there for PostgreSQL to use the index.
  const held = conditionOf(index);
  const where = [...(sql === undefined ? [] : [sql]), ...(held === undefined ? [] : [`(${held})`])].join(' and ') || 'true';
  return await (isExact ? deleteAll : deleteMatching)(transaction, { table, where, parameters, filter });
}

type Sweep = { readonly table: string; readonly where: string; readonly parameters: SqlParameters; readonly filter: Filter };

async function deleteAll(transaction: Transaction, { table, where, parameters }: Sweep): Promise<number> {
  const text = `delete from ${table} where id = any(array(select id from ${table} where ${where} limit ${batchRows} for update skip locked))`;
  let removed = 0;
  for (let batch = batchRows; batch === batchRows; removed += batch) {
    const [tag = ''] = await transaction.execute([{ statement: statementFor(text, parameters.types), values: parameters.values }]);
    batch = Number(tag.split(' ').at(-1) ?? 0);
  }
  return removed;
}

/** Where SQL does not tell exactly which documents are over. */
async function deleteMatching(transaction: Transaction, { table, where, parameters: { types, values }, filter }: Sweep): Promise<number> {
  const read = statementFor(`select id, bson, case when bson is null then doc::text end as doc from ${table} where id > $${types.length + 1} and (${where}) order by id limit ${pageRows} for update skip locked`, [...types, 'bytea']);
  const remove = statementFor(`delete from ${table} where id = any($1)`, ['bytea[]']);
  const matches = compileFilter(filter);
  let removed = 0;
  for (let last: Uint8Array | undefined = Buffer.alloc(0); last !== undefined; ) {
    const rows: readonly Row[] = await transaction.query<Row>(read, [...values, last]);
    const over = rows.filter(({ bson, doc }) => matches(bson === null ? fromStoredJson(doc ?? '{}') : decodeDocument(bson))).map(({ id }) => id);
    if (over.length > 0) await transaction.execute([{ statement: remove, values: [over] }]);
    removed += over.length;
    last = rows.length === pageRows ? rows.at(-1)!.id : undefined;
  }
  return removed;
}
