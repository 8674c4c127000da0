// What INFO tells of keyspaces, with their numbers: the function before gave none (its loop had a `space` of its own).

import type { Migration } from '../../engine/migrations.ts';

export const numberedStatistics: Migration = {
  number: 23,
  name: 'statistics of keyspaces have their numbers',
  sql: `
-- Of the keyspaces that hold keys. Up to 10,000 keys are looked at; of more, the planner's statistics tell.
create or replace function facetdb.keyspace_statistics() returns table (space int, keys bigint, expires bigint, average_ttl bigint)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  expiring double precision;
begin
  for number in 0..15 loop
    space := number;
    continue when to_regnamespace(format('keyspace%s', space)) is null;
    execute format('select coalesce(sum(change), 0)::bigint from keyspace%s.key_counts', space) into keys;
    continue when keys <= 0;
    if keys <= 10000 then
      execute format('select count(expires_at), coalesce(avg(greatest(expires_at - facetdb.now_ms(), 0)), 0)::bigint from keyspace%s.keys', space)
        into expires, average_ttl;
    else
      select 1 - null_frac into expiring from pg_stats
        where schemaname = format('keyspace%s', space) and tablename = 'keys' and attname = 'expires_at';
      expires := (keys * coalesce(expiring, 0))::bigint;
      average_ttl := 0;
    end if;
    return next;
  end loop;
end $$;`,
};
