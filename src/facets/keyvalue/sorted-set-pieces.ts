// Counts of pieces of large sorted sets, as the store had them first: pieces of one size. `sorted-set-levels-migration.ts` puts
// its own in their place.

import { kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';

const { identityBytes } = keyvalueLimits;
// Not today's limits: what a migration did stays as it was.
const countedElements = 4_000;
const elementsOfPiece = 1_000;
const sortedSet = kindNumber('zset');

/** What the index on the order holds of a member. */
const prefix = `substring(member from 1 for ${identityBytes})`;

/** The trigger that follows one kind of statement; names are those of the keyspace whose table it is on. */
const countScores = (when: 'inserted' | 'deleted' | 'updated', touched: string, changes: string): string => `
create function facetdb.count_scores_${when}() returns trigger
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
      select found.ref, found.score, found.prefix, sum(change.number)::bigint as number
      from change cross join lateral (
        select pieces.ref, pieces.score, pieces.prefix from sorted_set_pieces as pieces
        where pieces.ref = change.ref and (pieces.score, pieces.prefix) <= (change.score, change.prefix)
        order by pieces.score desc, pieces.prefix desc limit 1
      ) as found
      group by found.ref, found.score, found.prefix having sum(change.number) <> 0
    )
    update sorted_set_pieces as pieces set count = pieces.count + home.number from home
    where pieces.ref = home.ref and pieces.score = home.score and pieces.prefix = home.prefix
    returning pieces.ref, pieces.score, pieces.prefix, pieces.count
  loop
    if piece.count > ${2 * elementsOfPiece} then
      perform facetdb.split_sorted_set_piece(piece.ref, piece.score, piece.prefix);
    elsif piece.count = 0 and piece.score > '-infinity' then
      delete from sorted_set_pieces where ref = piece.ref and score = piece.score and prefix = piece.prefix;
    end if;
  end loop;
  return null;
end $$;
`;

const changed = (table: string, number: 1 | -1): string => `select ref, score, ${prefix} as prefix, ${number} as number from ${table}`;

/** For all keyspaces. */
export const sortedSetPieceFunctions = `
-- Cuts a piece into several. Its keyspace is the one that search_path names.
create function facetdb.split_sorted_set_piece(of_ref bigint, low_score float8, low_prefix bytea) returns void
  language plpgsql as $$
declare
  high_score float8;
  high_prefix bytea;
begin
  select score, prefix into high_score, high_prefix from sorted_set_pieces
    where ref = of_ref and (score, prefix) > (low_score, low_prefix) order by score, prefix limit 1;
  insert into sorted_set_pieces (ref, score, prefix, count)
    select distinct on (piece) of_ref, case when piece = 0 then low_score else score end, case when piece = 0 then low_prefix else prefix end,
      count(*) over (partition by piece)
    from (
      -- Equal places stay together; NaN is above all scores.
      select (rank() over (order by score, ${prefix}) - 1) / ${elementsOfPiece} as piece, score, ${prefix} as prefix
      from sorted_set_members
      where ref = of_ref and (score, ${prefix}) >= (low_score, low_prefix)
        and (score, ${prefix}) < (coalesce(high_score, 'NaN'), coalesce(high_prefix, ''::bytea))
    ) as ranked
    order by piece, score, prefix
    on conflict (ref, score, prefix) do update set count = excluded.count;
end $$;
${countScores('inserted', 'added', changed('added', 1))}
${countScores('deleted', 'gone', changed('gone', -1))}
${countScores('updated', 'added', `${changed('added', 1)} union all ${changed('gone', -1)}`)}
-- A sorted set has become large: from here on its pieces are counted.
create function facetdb.count_sorted_set() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  number bigint;
begin
  perform set_config('search_path', format('pg_catalog, %I, pg_temp', tg_table_schema), true);
  insert into sorted_set_pieces (ref, score, prefix, count)
    select new.ref, '-infinity', ''::bytea, (select count(*) from sorted_set_members where ref = new.ref)
    on conflict do nothing returning count into number;
  if number > ${2 * elementsOfPiece} then
    perform facetdb.split_sorted_set_piece(new.ref, '-infinity', ''::bytea);
  end if;
  return null;
end $$;

create function facetdb.drop_pieces() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('search_path', format('pg_catalog, %I, pg_temp', tg_table_schema), true);
  if tg_op = 'TRUNCATE' then truncate sorted_set_pieces;
  else delete from sorted_set_pieces where ref = old.ref;
  end if;
  return null;
end $$;
`;

/** For one keyspace; `%1$I` is its schema. */
export const sortedSetPieceTables = `
    -- Pieces of large sorted sets: where each begins, and how many elements it has.
    create table %1$I.sorted_set_pieces (
      ref bigint not null, score float8 not null, prefix bytea not null, count bigint not null,
      primary key (ref, score, prefix)
    ) with (fillfactor = 50);
    create trigger count_inserted after insert on %1$I.sorted_set_members
      referencing new table as added for each statement execute function facetdb.count_scores_inserted();
    create trigger count_deleted after delete on %1$I.sorted_set_members
      referencing old table as gone for each statement execute function facetdb.count_scores_deleted();
    create trigger count_updated after update on %1$I.sorted_set_members
      referencing old table as gone new table as added for each statement execute function facetdb.count_scores_updated();
    create trigger drop_truncated after truncate on %1$I.sorted_set_members
      for each statement execute function facetdb.drop_pieces();
    create trigger count_large_inserted after insert on %1$I.keys
      for each row when (new.kind = ${sortedSet} and new.size >= ${countedElements}) execute function facetdb.count_sorted_set();
    create trigger count_large_updated after update on %1$I.keys
      for each row when (new.kind = ${sortedSet} and new.size >= ${countedElements}
        and (old.size is null or old.size < ${countedElements} or old.ref is distinct from new.ref))
      execute function facetdb.count_sorted_set();
    create trigger drop_replaced_pieces after update on %1$I.keys
      for each row when (old.kind = ${sortedSet} and old.ref is distinct from new.ref) execute function facetdb.drop_pieces();
    create trigger drop_deleted_pieces after delete on %1$I.keys
      for each row when (old.kind = ${sortedSet}) execute function facetdb.drop_pieces();
`;
