// Uneven lists (`list-runs.ts`): a list whose row in `keys` has no edge has its runs in `list_runs`.

import type { Migration } from '../../engine/migrations.ts';
import { kindNumber } from './kinds.ts';

const list = kindNumber('list');

export const listRunsStore: Migration = {
  number: 17,
  name: 'runs of uneven lists',
  sql: `
-- Adds what keyspaces were made without. Who has rights on items has them on their runs.
create function facetdb.add_list_runs(space text) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  granted record;
begin
  execute format('create table %I.list_runs (ref bigint primary key, firsts bigint[] not null, counts bigint[] not null)', space);
  for granted in
    select acl.privilege_type, acl.is_grantable, acl.grantee
    from pg_class as items cross join lateral aclexplode(items.relacl) as acl
    where items.oid = format('%I.list_items', space)::regclass and acl.grantee <> items.relowner
  loop
    execute format('grant %s on %I.list_runs to %s %s', granted.privilege_type, space,
      case when granted.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(granted.grantee)) end,
      case when granted.is_grantable then 'with grant option' else '' end);
  end loop;
  execute format($ddl$
    create or replace view %1$I.lists as
      select facetdb.as_text(coalesce(k.long_key, k.id)) as key,
        case when k.edge is not null then e.position - k.edge else (
          select run.before + e.position - run.first
          from (
            select part.first, part.count, (sum(part.count) over (order by part.number) - part.count)::bigint as before
            from %1$I.list_runs as r cross join lateral unnest(r.firsts, r.counts) with ordinality as part (first, count, number)
            where r.ref = k.ref
          ) as run
          where e.position between run.first and run.first + run.count - 1
        ) end as index,
        facetdb.as_text(e.value) as value, coalesce(k.long_key, k.id) as key_bytes, e.value as value_bytes, k.id
      from %1$I.keys k join %1$I.list_items e using (ref)
      where k.expires_at is null or k.expires_at > facetdb.now_ms()
  $ddl$, space);
end $$;
revoke all on function facetdb.add_list_runs from public;

do $$
declare
  space text;
begin
  for space in select nspname from pg_namespace where nspname ~ '^keyspace[0-9]+$' loop
    perform facetdb.add_list_runs(space);
  end loop;
end $$;

alter procedure facetdb.create_keyspace(int) rename to create_keyspace_tables;
create procedure facetdb.create_keyspace(number int)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  space text := format('keyspace%s', number);
begin
  if to_regclass(format('%I.list_runs', space)) is not null then return; end if;
  -- It locks, so that one at a time comes to what follows.
  call facetdb.create_keyspace_tables(number);
  if to_regclass(format('%I.list_runs', space)) is null then perform facetdb.add_list_runs(space); end if;
end $$;
revoke all on procedure facetdb.create_keyspace_tables from public;

create or replace function facetdb.drop_collection() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  execute format('insert into %I.dropped_collections values ($1, $2)', tg_table_schema) using old.ref, old.kind;
  if old.kind = ${list} and old.edge is null then
    execute format('delete from %I.list_runs where ref = $1', tg_table_schema) using old.ref;
  end if;
  return null;
end $$;

-- Gives the position beyond an end of an uneven list to an item that is put there.
create function facetdb.extend_list_runs(space text, ref bigint, at_left boolean) returns bigint language plpgsql as $$
declare
  position bigint;
begin
  execute format(case when at_left then 'update %I.list_runs set firsts[1] = firsts[1] - 1, counts[1] = counts[1] + 1 where ref = $1 returning firsts[1]'
    else 'update %I.list_runs set counts[cardinality(counts)] = counts[cardinality(counts)] + 1 where ref = $1
      returning firsts[cardinality(firsts)] + counts[cardinality(counts)] - 1' end, space)
    into position using ref;
  return position;
end $$;

-- Gives the position of the item at an end of an uneven list, which leaves it.
create function facetdb.shorten_list_runs(space text, ref bigint, at_left boolean) returns bigint language plpgsql as $$
declare
  runs record;
  final int;
  position bigint;
begin
  execute format('select firsts, counts from %I.list_runs where ref = $1', space) into runs using ref;
  if at_left then
    position := runs.firsts[1];
    runs.firsts[1] := position + 1;
    runs.counts[1] := runs.counts[1] - 1;
    if runs.counts[1] = 0 then
      runs.firsts := runs.firsts[2:];
      runs.counts := runs.counts[2:];
    end if;
  else
    final := cardinality(runs.firsts);
    position := runs.firsts[final] + runs.counts[final] - 1;
    runs.counts[final] := runs.counts[final] - 1;
    if runs.counts[final] = 0 then
      runs.firsts := runs.firsts[:final - 1];
      runs.counts := runs.counts[:final - 1];
    end if;
  end if;
  execute format('update %I.list_runs set firsts = $2, counts = $3 where ref = $1', space) using ref, runs.firsts, runs.counts;
  return position;
end $$;

create or replace function facetdb.push(space text, key bytea, item bytea, at_left boolean) returns bigint language plpgsql as $$
declare
  held record;
  position bigint;
begin
  perform facetdb.check_lengths(key, item);
  held := facetdb.lock_collection(space, key, ${list});
  if held.edge is null then
    position := facetdb.extend_list_runs(space, held.ref, at_left);
  else
    if at_left then held.edge := held.edge - 1; end if;
    position := case when at_left then held.edge else held.edge + held.size end;
  end if;
  execute format('insert into %I.list_items (ref, position, value) values ($1, $2, $3)', space) using held.ref, position, item;
  perform facetdb.settle_collection(space, key, held.size + 1, held.edge);
  return held.size + 1;
end $$;

create or replace function facetdb.pop(space text, key bytea, at_left boolean) returns bytea language plpgsql as $$
declare
  held record;
  position bigint;
  item bytea;
begin
  held := facetdb.lock_key(space, key, ${list});
  if held.ref is null then return null; end if;
  position := case when held.edge is null then facetdb.shorten_list_runs(space, held.ref, at_left)
    when at_left then held.edge else held.edge + held.size - 1 end;
  execute format('delete from %I.list_items where ref = $1 and position = $2 returning value', space) into item using held.ref, position;
  perform facetdb.settle_collection(space, key, held.size - 1, held.edge + case when at_left then 1 else 0 end);
  return item;
end $$;
`,
};
