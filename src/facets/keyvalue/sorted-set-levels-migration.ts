// Ranks and counts in large sorted sets. From `countedElements` on, a set's order is cut into pieces, these are put together in
// larger ones, and the number of elements of each is kept: a rank is the sum over the large pieces before, over the small ones
// before in the same large one, and a count within one. So of a million elements some two hundred rows are looked at. Every large
// piece begins where a small one does. Triggers keep the numbers, so that they are true whoever writes; small sets have
// no pieces and pay a look into an index.

import type { Migration } from '../../engine/migrations.ts';
import { kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';

const { countedElements, elementsOfPiece, elementsOfLargePiece, identityBytes } = keyvalueLimits;
const sortedSet = kindNumber('zset');

/** As `sorted_set_pieces.level` has them. */
export const pieceLevels = { small: 1, large: 2 } as const;
const { small, large } = pieceLevels;

/** What the index on the order holds of a member. */
const prefix = `substring(member from 1 for ${identityBytes})`;

/** The trigger that follows one kind of statement; names are those of the keyspace whose table it is on. */
const countScores = (when: 'inserted' | 'deleted' | 'updated', touched: string, changes: string): string => `
create or replace function facetdb.count_scores_${when}() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  piece record;
begin
  -- Not names in the text: a keyspace's schema may be renamed, and the plans are kept for each table.
  perform set_config('search_path', format('pg_catalog, %I, pg_temp', tg_table_schema), true);
  -- Small sets are done here.
  if not exists (select from ${touched} as touched where exists (select from sorted_set_pieces as pieces where pieces.ref = touched.ref)) then
    return null;
  end if;
  for piece in
    with change as (${changes}), home as (
      select found.ref, found.level, found.score, found.prefix, sum(change.number)::bigint as number
      from change cross join (values (${small}::int2), (${large}::int2)) as levels (level) cross join lateral (
        select pieces.ref, pieces.level, pieces.score, pieces.prefix from sorted_set_pieces as pieces
        where pieces.ref = change.ref and pieces.level = levels.level and (pieces.score, pieces.prefix) <= (change.score, change.prefix)
        order by pieces.score desc, pieces.prefix desc limit 1
      ) as found
      group by found.ref, found.level, found.score, found.prefix having sum(change.number) <> 0
    )
    update sorted_set_pieces as pieces set count = pieces.count + home.number from home
    where pieces.ref = home.ref and pieces.level = home.level and pieces.score = home.score and pieces.prefix = home.prefix
    returning pieces.ref, pieces.level, pieces.score, pieces.prefix, pieces.count
  loop
    if piece.count > (array[${2 * elementsOfPiece}, ${2 * elementsOfLargePiece}])[piece.level] then
      if piece.level = ${small} then perform facetdb.split_sorted_set_piece(piece.ref, piece.score, piece.prefix);
      else perform facetdb.split_large_sorted_set_piece(piece.ref, piece.score, piece.prefix);
      end if;
    elsif piece.count = 0 and (piece.score > '-infinity' or piece.prefix > '') then
      if piece.level = ${large} then
        delete from sorted_set_pieces where ref = piece.ref and level = ${large} and score = piece.score and prefix = piece.prefix;
      end if;
      -- The small one goes too, unless a large one begins with it.
      delete from sorted_set_pieces where ref = piece.ref and level = ${small} and score = piece.score and prefix = piece.prefix and count = 0
        and not exists (select from sorted_set_pieces where ref = piece.ref and level = ${large} and score = piece.score and prefix = piece.prefix);
    end if;
  end loop;
  return null;
end $$;
`;

const changed = (table: string, number: 1 | -1): string => `select ref, score, ${prefix} as prefix, ${number} as number from ${table}`;

export const sortedSetLevels: Migration = {
  number: 24,
  name: 'levels of pieces of sorted sets',
  sql: `
drop function facetdb.split_sorted_set_piece;

-- Cuts a small piece into several. Its keyspace is the one that search_path names.
create function facetdb.split_sorted_set_piece(of_ref bigint, low_score float8, low_prefix bytea) returns void
  language plpgsql as $$
declare
  high_score float8;
  high_prefix bytea;
begin
  select score, prefix into high_score, high_prefix from sorted_set_pieces
    where ref = of_ref and level = ${small} and (score, prefix) > (low_score, low_prefix) order by score, prefix limit 1;
  insert into sorted_set_pieces (ref, level, score, prefix, count)
    select distinct on (piece) of_ref, ${small}, case when piece = 0 then low_score else score end, case when piece = 0 then low_prefix else prefix end,
      count(*) over (partition by piece)
    from (
      -- Equal places stay together; NaN is above all scores.
      select (rank() over (order by score, ${prefix}) - 1) / ${elementsOfPiece} as piece, score, ${prefix} as prefix
      from sorted_set_members
      where ref = of_ref and (score, ${prefix}) >= (low_score, low_prefix)
        and (score, ${prefix}) < (coalesce(high_score, 'NaN'), coalesce(high_prefix, ''::bytea))
    ) as ranked
    order by piece, score, prefix
    on conflict (ref, level, score, prefix) do update set count = excluded.count;
end $$;

-- Cuts a large piece into several, each of which begins with a small one.
create function facetdb.split_large_sorted_set_piece(of_ref bigint, low_score float8, low_prefix bytea) returns void
  language plpgsql as $$
declare
  high_score float8;
  high_prefix bytea;
begin
  select score, prefix into high_score, high_prefix from sorted_set_pieces
    where ref = of_ref and level = ${large} and (score, prefix) > (low_score, low_prefix) order by score, prefix limit 1;
  insert into sorted_set_pieces (ref, level, score, prefix, count)
    select distinct on (piece) of_ref, ${large}, score, prefix, sum(count) over (partition by piece)
    from (
      select (sum(count) over (order by score, prefix) - count)::bigint / ${elementsOfLargePiece} as piece, score, prefix, count
      from sorted_set_pieces
      where ref = of_ref and level = ${small} and (score, prefix) >= (low_score, low_prefix)
        and (score, prefix) < (coalesce(high_score, 'NaN'), coalesce(high_prefix, ''::bytea))
    ) as placed
    order by piece, score, prefix
    on conflict (ref, level, score, prefix) do update set count = excluded.count;
end $$;

-- Begins to count a set.
create function facetdb.count_sorted_set_pieces(of_ref bigint) returns void
  language plpgsql as $$
declare
  number bigint := (select count(*) from sorted_set_members where ref = of_ref);
begin
  insert into sorted_set_pieces (ref, level, score, prefix, count)
    values (of_ref, ${small}, '-infinity', '', number), (of_ref, ${large}, '-infinity', '', number) on conflict do nothing;
  -- One that was counted before, and has become large again, is done.
  if not found then return; end if;
  if number > ${2 * elementsOfPiece} then perform facetdb.split_sorted_set_piece(of_ref, '-infinity', ''::bytea); end if;
  if number > ${2 * elementsOfLargePiece} then perform facetdb.split_large_sorted_set_piece(of_ref, '-infinity', ''::bytea); end if;
end $$;

create or replace function facetdb.count_sorted_set() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('search_path', format('pg_catalog, %I, pg_temp', tg_table_schema), true);
  perform facetdb.count_sorted_set_pieces(new.ref);
  return null;
end $$;

create or replace function facetdb.drop_pieces() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  execute format('truncate %I.sorted_set_pieces', tg_table_schema);
  return null;
end $$;
${countScores('inserted', 'added', changed('added', 1))}
${countScores('deleted', 'gone', changed('gone', -1))}
${countScores('updated', 'added', `${changed('added', 1)} union all ${changed('gone', -1)}`)}
-- Gives a keyspace that was made with pieces of one size those of two, and counts its sets anew.
create function facetdb.add_sorted_set_levels(space text) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  counted record;
begin
  execute format($ddl$
    truncate %1$I.sorted_set_pieces;
    alter table %1$I.sorted_set_pieces drop constraint sorted_set_pieces_pkey, add column level int2 not null,
      add primary key (ref, level, score, prefix);
    -- Those of a set that is gone are the sweeper's, as its elements are.
    drop trigger drop_replaced_pieces on %1$I.keys;
    drop trigger drop_deleted_pieces on %1$I.keys;
    drop trigger count_large_inserted on %1$I.keys;
    drop trigger count_large_updated on %1$I.keys;
    create trigger count_large_inserted after insert on %1$I.keys
      for each row when (new.kind = ${sortedSet} and new.size >= ${countedElements}) execute function facetdb.count_sorted_set();
    create trigger count_large_updated after update on %1$I.keys
      for each row when (new.kind = ${sortedSet} and new.size >= ${countedElements}
        and (old.size is null or old.size < ${countedElements} or old.ref is distinct from new.ref))
      execute function facetdb.count_sorted_set();
  $ddl$, space);
  perform set_config('search_path', format('pg_catalog, %I, pg_temp', space), true);
  for counted in execute format('select ref from %I.keys where kind = ${sortedSet} and size >= ${countedElements}', space) loop
    perform facetdb.count_sorted_set_pieces(counted.ref);
  end loop;
end $$;

do $$
declare
  space text;
begin
  for space in select nspname from pg_namespace where nspname ~ '^keyspace[0-9]+$' loop
    perform facetdb.add_sorted_set_levels(space);
  end loop;
end $$;

create or replace procedure facetdb.create_keyspace(number int)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  space text := format('keyspace%s', number);
begin
  if to_regclass(format('%I.list_runs', space)) is not null then return; end if;
  -- It locks, so that one at a time comes to what follows.
  call facetdb.create_keyspace_tables(number);
  if to_regclass(format('%I.list_runs', space)) is not null then return; end if;
  perform facetdb.add_list_runs(space);
  perform facetdb.add_sorted_set_levels(space);
end $$;

revoke all on function facetdb.split_sorted_set_piece, facetdb.split_large_sorted_set_piece, facetdb.count_sorted_set_pieces, facetdb.add_sorted_set_levels from public;
`,
};
