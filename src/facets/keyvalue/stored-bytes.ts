// What all keys together take in the store, roughly: tables, indexes and long values as they are on disk, less the share of rows that are gone.
// PostgreSQL keeps the room that deleted rows leave for those that come, and so it does not count.

import { statement } from '../../engine/client.ts';
import type { Pool } from '../../engine/pool.ts';

const rowHeaderBytes = 28;
/** Long values are stored in pieces of about so much, with their header. */
const pieceBytes = 2_040;

/** After a crash the counts of live rows begin at 0: until the next vacuum those of the planner tell. */
const liveRows = (relation: string, activity: string): string =>
  `case when coalesce(${activity}.last_vacuum, ${activity}.last_autovacuum, ${activity}.last_analyze, ${activity}.last_autoanalyze) is null
     then greatest(${activity}.n_live_tup, ${relation}.reltuples) else ${activity}.n_live_tup end`;

/** Where nothing is known of a table's rows, all of it counts that is not known to be dead. */
const read = statement(String.raw`
with tables as (
  select pg_relation_size(t.oid) as heap, pg_indexes_size(t.oid) as indexes, coalesce(pg_total_relation_size(nullif(t.reltoastrelid, 0)), 0) as pieces,
    ${liveRows('t', 'rows')} as live_rows, rows.n_dead_tup as dead_rows, ${liveRows('p', 'parts')} as live_pieces,
    (select sum(avg_width * (1 - null_frac)) from pg_stats where schemaname = n.nspname and tablename = t.relname) as width
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
    join pg_stat_all_tables rows on rows.relid = t.oid
    left join pg_class p on p.oid = t.reltoastrelid left join pg_stat_all_tables parts on parts.relid = p.oid
  where n.nspname ~ '^keyspace\d+$' and t.relkind = 'r')
select coalesce(sum(
    (heap + indexes) * least(1, coalesce(live_rows * (width + ${rowHeaderBytes}) / nullif(heap, 0), live_rows::float8 / nullif(live_rows + dead_rows, 0), 1))
    + pieces * least(1, coalesce(live_pieces * ${pieceBytes}::float8 / nullif(pieces, 0), 1))), 0)::float8 as bytes
from tables`);

export async function readStoredBytes(pool: Pool): Promise<number> {
  const [row] = await pool.query<{ bytes: number }>(read);
  return Math.ceil(row!.bytes);
}
