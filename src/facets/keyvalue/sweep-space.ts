// One piece of sweeping in one keyspace: a few blocks of its keys, a few collections that are gone. Keys are looked through
// in the order of their rows: an index on the expiry would make every change of it cost more than it does now.

import { type Statement, statement } from '../../engine/client.ts';
import { readTransaction } from '../../engine/snapshot.ts';
import { isFacetError } from '../../kernel/errors.ts';
import type { Pool } from '../../engine/pool.ts';
import type { Transaction } from '../../engine/transaction.ts';
import { type CollectionKind, elementTables, kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';
import { schemaOf } from './space-statements.ts';

/** How far sweeping has come in a keyspace. */
export type Sweep = {
  readonly space: number;
  /** The first block of keys that the next piece looks at. */
  nextBlock: number;
  /** A key with an expiry was seen since the first block, or on the way through all blocks before. */
  sawExpiry: boolean;
  sawExpiryBefore: boolean;
};

export type SweepResult = {
  readonly expired: Buffer[];
  /** There is more to free right now. */
  readonly isBusy: boolean;
  /** Keys with an expiry are there: some will have to go. */
  readonly expects: boolean;
  /** The transaction that did it; undefined when nothing was done. */
  readonly transaction: number | undefined;
};

const nothing: SweepResult = { expired: [], isBusy: false, expects: false, transaction: undefined };

const { sweepBlocks, sweepBlocksMost, sweepRounds, sweepKeys, sweepCollections, sweepElements, sweepCountRows, sweepLockMs } = keyvalueLimits;

/** Arbitrary, and the same in every FacetDB. */
const lockKey = 4_716_920_184_128n;
/** The first half of the key of a gateway's own lock; the second is the hash of its channel. */
export const gatewayLockClass = 471_692;

const takeLock = statement(
  `select pg_try_advisory_xact_lock($1) as taken, set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('lock_timeout', '${sweepLockMs}', true)`,
  ['int8'],
);

type SweepStatements = {
  readonly lockKeys: string;
  readonly countBlocks: Statement;
  readonly seesExpiry: Statement;
  readonly deleteExpired: Statement;
  readonly findDropped: Statement;
  readonly deletePieces: Statement;
  readonly deleteElements: Record<CollectionKind, Statement>;
  readonly forgetDropped: Statement;
  readonly sumCounts: Statement;
  readonly forgetGateways: Statement;
};

const known = new Map<number, SweepStatements>();

/** Another gateway that sweeps at the same time, or a lock that is held for long, is no error: then nothing was done. */
export async function sweepSpace(pool: Pool, sweep: Sweep, withUpkeep: boolean): Promise<SweepResult> {
  try {
    return await pool.transaction({ isolation: 'read committed' }, (transaction) => sweepWithin(transaction, sweep, withUpkeep));
  } catch (error) {
    // Its keyspace is being emptied or swapped, or somebody holds a lock on it.
    if (isFacetError(error, 'lock_unavailable') || isFacetError(error, 'deadlock') || isFacetError(error, 'object_unknown')) return { ...nothing, expects: true };
    throw error;
  }
}

async function sweepWithin(transaction: Transaction, sweep: Sweep, withUpkeep: boolean): Promise<SweepResult> {
  const statements = (known.get(sweep.space) ?? known.set(sweep.space, statementsOf(sweep.space)).get(sweep.space))!;
  const [lock] = await transaction.query<{ taken: boolean }>(takeLock, [lockKey]);
  if (lock?.taken !== true) return nothing;
  // Before any other table of the keyspace: FLUSHDB, which empties them all, begins with this one.
  await transaction.command(statements.lockKeys);
  const expired = await deleteExpired(transaction, sweep, statements);
  const freed = await freeCollections(transaction, statements);
  if (withUpkeep) {
    await transaction.query(statements.sumCounts);
    await transaction.query(statements.forgetGateways, [gatewayLockClass]);
  }
  const [own] = await transaction.query<{ number: bigint | null }>(readTransaction);
  return {
    expired,
    isBusy: expired.length >= sweepKeys || freed >= sweepElements,
    expects: sweep.sawExpiry || sweep.sawExpiryBefore,
    transaction: own === undefined || own.number === null ? undefined : Number(own.number),
  };
}

/** Looks through some blocks, more where there are many, so that all have had their turn after `sweepRounds`. */
async function deleteExpired(transaction: Transaction, sweep: Sweep, statements: SweepStatements): Promise<Buffer[]> {
  const [size] = await transaction.query<{ blocks: number }>(statements.countBlocks);
  const blocks = size?.blocks ?? 0;
  if (sweep.nextBlock >= blocks) {
    sweep.nextBlock = 0;
    sweep.sawExpiryBefore = sweep.sawExpiry;
    sweep.sawExpiry = false;
  }
  if (blocks === 0) return [];
  const end = sweep.nextBlock + Math.min(Math.max(sweepBlocks, Math.ceil(blocks / sweepRounds)), sweepBlocksMost);
  const range = [`(${sweep.nextBlock},0)`, `(${end},0)`];
  const [seen] = await transaction.query<{ sees: boolean }>(statements.seesExpiry, range);
  if (seen?.sees !== true) {
    sweep.nextBlock = end;
    return [];
  }
  sweep.sawExpiry = true;
  const rows = await transaction.query<{ key: Buffer }>(statements.deleteExpired, [...range, sweepKeys]);
  // Where there was more than enough, the same blocks are looked through again.
  if (rows.length < sweepKeys) sweep.nextBlock = end;
  return rows.map(({ key }) => key);
}

/** Deletes elements of collections that are gone; gives how many. */
async function freeCollections(transaction: Transaction, statements: SweepStatements): Promise<number> {
  const dropped = await transaction.query<{ ref: bigint; kind: number; place: string }>(statements.findDropped, [sweepCollections]);
  let freed = 0;
  for (const kind of ['hash', 'list', 'set', 'zset'] as const) {
    const ofKind = dropped.filter((row) => row.kind === kindNumber(kind));
    if (ofKind.length === 0 || freed >= sweepElements) continue;
    // First, so that nobody counts what is freed.
    if (kind === 'zset') await transaction.query(statements.deletePieces, [ofKind.map(({ ref }) => ref)]);
    const allowed = sweepElements - freed;
    const [row] = await transaction.query<{ count: number }>(statements.deleteElements[kind], [ofKind.map(({ ref }) => ref), allowed]);
    const count = row?.count ?? 0;
    freed += count;
    // Elements may be left only where the bound was reached.
    if (count < allowed) await transaction.query(statements.forgetDropped, [ofKind.map(({ place }) => place)]);
  }
  return freed;
}

function statementsOf(space: number): SweepStatements {
  const schema = schemaOf(space);
  const inRange = 'ctid >= $1::text::tid and ctid < $2::text::tid';
  const deleteElements = (table: string): Statement =>
    statement(
      `with freed as (delete from ${schema}.${table} where ctid = any(array(select ctid from ${schema}.${table} where ref = any($1) limit $2)) returning 1)
       select count(*)::int4 as count from freed`,
      ['int8[]', 'int4'],
    );
  return {
    lockKeys: `lock table ${schema}.keys in access share mode`,
    countBlocks: statement(`select (pg_relation_size('${schema}.keys') / current_setting('block_size')::int8)::int4 as blocks`),
    seesExpiry: statement(`select exists (select from ${schema}.keys where ${inRange} and expires_at is not null) as sees`, ['text', 'text']),
    // A row that somebody works on is passed over: who works on it sees that it has expired.
    deleteExpired: statement(
      `delete from ${schema}.keys where ctid = any(array(
         select ctid from ${schema}.keys where ${inRange} and expires_at <= (select facetdb.now_ms()) limit $3 for update skip locked))
       returning coalesce(long_key, id) as key`,
      ['text', 'text', 'int4'],
    ),
    findDropped: statement(`select ref, kind, ctid::text as place from ${schema}.dropped_collections limit $1`, ['int4']),
    deletePieces: statement(`delete from ${schema}.sorted_set_pieces where ref = any($1)`, ['int8[]']),
    deleteElements: {
      hash: deleteElements(elementTables.hash),
      list: deleteElements(elementTables.list),
      set: deleteElements(elementTables.set),
      zset: deleteElements(elementTables.zset),
    },
    forgetDropped: statement(`delete from ${schema}.dropped_collections where ctid = any($1::text[]::tid[])`, ['text[]']),
    sumCounts: statement(
      `with gone as (
         delete from ${schema}.key_counts where (select count(*) from (select from ${schema}.key_counts limit ${sweepCountRows + 1}) as several) > ${sweepCountRows} returning change)
       insert into ${schema}.key_counts select sum(change) from gone having sum(change) <> 0`,
    ),
    forgetGateways: statement(
      `delete from ${schema}.blocked_keys where gateway not in (
         select gateway from ${schema}.blocked_keys join pg_locks
           on locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
             and classid = $1 and objid::int8 = hashtext(gateway)::int8 & 4294967295 and granted)`,
      ['int4'],
    ),
  };
}
