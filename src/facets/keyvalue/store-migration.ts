// The store of keys and values: one schema a Redis database (`keyspace0` … `keyspace15`), so that rights are granted
// on it and FLUSHDB is a TRUNCATE. They are made by `facetdb.create_keyspace`, the first with the store, the others
// when they are first selected.

import type { Migration } from '../../engine/migrations.ts';
import { kinds } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';
import { sortedSetPieceFunctions, sortedSetPieceTables } from './sorted-set-pieces.ts';
import { sqlFunctions } from './sql-functions.ts';

const { identityBytes } = keyvalueLimits;

/** The end of JavaScript's time, in the year 275,760; timestamptz ends a little later. */
const lastTimestampMs = 8_640_000_000_000_000;

export const keyvalueStore: Migration = {
  number: 2,
  name: 'keyvalue store',
  sql: `
create function facetdb.key_identity(key bytea) returns bytea
  language sql immutable strict parallel safe
  return case when length(key) <= ${identityBytes} then key
              else substring(key from 1 for ${identityBytes + 1 - 32}) || sha256(key) end;
comment on function facetdb.key_identity is 'How a key is known in keys.id: itself, or for a long key its beginning and a digest.';

-- Sixteen bytes that stand for an element, whatever its length; their order is the order of scans and random picks.
create function facetdb.element_digest(element bytea) returns bytea
  language sql immutable strict parallel safe
  return substring(sha256(element) from 1 for 16);

-- Where SCAN meets a key: a number below 2^52 (exact in a double) that is spread evenly.
create function facetdb.scan_position(id bytea) returns bigint
  language sql immutable strict parallel safe
  return ('x000' || substring(md5(id) from 1 for 13))::bit(64)::bigint;

create function facetdb.now_ms() returns bigint
  language sql stable parallel safe
  return (date_part('epoch', clock_timestamp()) * 1000)::bigint;

create sequence facetdb.collection_reference increment by ${keyvalueLimits.referenceBlock};
-- Whoever may write to any keyspace takes references; a gap in them does not matter.
grant usage on sequence facetdb.collection_reference to public;

-- For the views. Bytes that are no UTF-8 (or hold U+0000, which text cannot) have no text form.
create function facetdb.as_text(bytes bytea) returns text
  language plpgsql immutable strict parallel restricted as $$
begin
  return convert_from(bytes, 'UTF8');
exception when character_not_in_repertoire or untranslatable_character then
  return null;
end $$;
comment on function facetdb.as_text is 'Bytes as text, or null where they are not valid UTF-8.';

create function facetdb.kind_name(kind int2) returns text
  language sql immutable strict parallel safe
  return (array[${kinds.map((kind) => `'${kind}'`).join(', ')}])[kind];

-- Redis allows times that timestamptz does not reach.
create function facetdb.expiry_time(expires_at bigint) returns timestamptz
  language sql immutable strict parallel safe
  return case when expires_at < ${lastTimestampMs} then to_timestamp(expires_at / 1000.0) else 'infinity'::timestamptz end;

-- The trigger functions act as their owner: who may change keys need not have rights on the store's own bookkeeping.

-- Keeps the number of keys of a keyspace, in rows that are only added (and summed up now and then by the sweeper), so
-- that writers never wait for each other.
create function facetdb.count_keys() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  change bigint;
begin
  if tg_op = 'TRUNCATE' then
    execute format('truncate %I.key_counts', tg_table_schema);
    return null;
  end if;
  select case tg_op when 'INSERT' then count(*) else -count(*) end into change from changed;
  if change <> 0 then
    execute format('insert into %I.key_counts values ($1)', tg_table_schema) using change;
  end if;
  return null;
end $$;

-- A collection that a key no longer holds: its elements are out of reach at once, and the sweeper frees them in batches.
create function facetdb.drop_collection() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  execute format('insert into %I.dropped_collections values ($1, $2)', tg_table_schema) using old.ref, old.kind;
  return null;
end $$;

-- A list or sorted set that comes into being may be what a blocked client waits for. Who waits has a row in
-- blocked_keys; without one this costs a look into an empty table.
create function facetdb.wake_blocked() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gateway text;
begin
  for gateway in execute format('select distinct gateway from %I.blocked_keys where id = $1', tg_table_schema) using new.id loop
    perform pg_notify(gateway, json_build_object('ready', tg_table_schema, 'id', encode(new.id, 'base64'))::text);
  end loop;
  return null;
end $$;

-- Anybody may have an empty keyspace made, as anybody may SELECT it; what happens in it is a matter of grants.
${sortedSetPieceFunctions}
create procedure facetdb.create_keyspace(number int)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  space text := format('keyspace%s', number);
begin
  if number is null or number not between 0 and ${keyvalueLimits.databases - 1} then
    raise exception using errcode = 'invalid_parameter_value', message = format('there is no keyspace %s, only 0 to ${keyvalueLimits.databases - 1}', number);
  end if;
  if to_regnamespace(space) is not null then return; end if;
  perform pg_advisory_xact_lock(hashtext('facetdb.create_keyspace'));
  if to_regnamespace(space) is not null then return; end if;
  execute format('create schema %I', space);
  execute format($ddl$
    -- A key and, for a string, its value. Sets and the like have their elements under ref.
    create table %1$I.keys (
      id bytea primary key,
      kind int2 not null,
      expires_at bigint,
      value bytea,
      ref bigint,
      size bigint,
      -- lists: the position of the first item; hashes: the number of the next field
      edge bigint,
      -- the whole key where id is only its beginning and a digest
      long_key bytea
    ) with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);
    -- An expression, not a stored column: that cost 18 %% of the rate of overwriting values.
    create index keys_scan on %1$I.keys (facetdb.scan_position(id));
    alter table %1$I.keys alter column value set storage external;

    create table %1$I.key_counts (change bigint not null);
    create table %1$I.dropped_collections (ref bigint not null, kind int2 not null);
    create unlogged table %1$I.blocked_keys (id bytea not null, gateway text not null, primary key (id, gateway));

    create table %1$I.hash_fields (
      ref bigint not null, digest bytea not null, field bytea not null, value bytea not null,
      -- the order in which the fields came
      number bigint not null,
      primary key (ref, digest)
    ) with (fillfactor = 80);
    create table %1$I.list_items (
      ref bigint not null, position bigint not null, value bytea not null,
      primary key (ref, position)
    );
    create table %1$I.set_members (
      ref bigint not null, digest bytea not null, member bytea not null,
      primary key (ref, digest)
    );
    create table %1$I.sorted_set_members (
      ref bigint not null, digest bytea not null, score float8 not null, member bytea not null,
      primary key (ref, digest)
    );
    create index sorted_set_members_order on %1$I.sorted_set_members (ref, score, substring(member from 1 for ${identityBytes}));
${sortedSetPieceTables}
    create trigger count_inserted after insert on %1$I.keys
      referencing new table as changed for each statement execute function facetdb.count_keys();
    create trigger count_deleted after delete on %1$I.keys
      referencing old table as changed for each statement execute function facetdb.count_keys();
    create trigger count_truncated after truncate on %1$I.keys
      for each statement execute function facetdb.count_keys();
    create trigger drop_replaced after update on %1$I.keys
      for each row when (old.ref is not null and old.ref is distinct from new.ref) execute function facetdb.drop_collection();
    create trigger drop_deleted after delete on %1$I.keys
      for each row when (old.ref is not null) execute function facetdb.drop_collection();
    create trigger wake_inserted after insert on %1$I.keys
      for each row when (new.ref is not null) execute function facetdb.wake_blocked();
    create trigger wake_replaced after update on %1$I.keys
      for each row when (new.ref is not null and (old.ref is distinct from new.ref or old.id is distinct from new.id))
      execute function facetdb.wake_blocked();

    -- What SQL reads. Column id is indexed: where id = facetdb.key_identity('user:1').
    create view %1$I.entries as
      select facetdb.as_text(coalesce(long_key, id)) as key, facetdb.kind_name(kind) as type,
        case when kind = 1 then octet_length(value) else size end as size,
        facetdb.expiry_time(expires_at) as expires_at,
        facetdb.as_text(value) as value, coalesce(long_key, id) as key_bytes, case when kind = 1 then value end as value_bytes, id
      from %1$I.keys where expires_at is null or expires_at > facetdb.now_ms();
    create view %1$I.hashes as
      select facetdb.as_text(coalesce(k.long_key, k.id)) as key, facetdb.as_text(e.field) as field, facetdb.as_text(e.value) as value,
        e.number, coalesce(k.long_key, k.id) as key_bytes, e.field as field_bytes, e.value as value_bytes, k.id
      from %1$I.keys k join %1$I.hash_fields e using (ref)
      where k.expires_at is null or k.expires_at > facetdb.now_ms();
    create view %1$I.lists as
      select facetdb.as_text(coalesce(k.long_key, k.id)) as key, e.position - k.edge as index, facetdb.as_text(e.value) as value,
        coalesce(k.long_key, k.id) as key_bytes, e.value as value_bytes, k.id
      from %1$I.keys k join %1$I.list_items e using (ref)
      where k.expires_at is null or k.expires_at > facetdb.now_ms();
    create view %1$I.sets as
      select facetdb.as_text(coalesce(k.long_key, k.id)) as key, facetdb.as_text(e.member) as member,
        coalesce(k.long_key, k.id) as key_bytes, e.member as member_bytes, k.id
      from %1$I.keys k join %1$I.set_members e using (ref)
      where k.expires_at is null or k.expires_at > facetdb.now_ms();
    create view %1$I.sorted_sets as
      select facetdb.as_text(coalesce(k.long_key, k.id)) as key,
        row_number() over (partition by k.id order by e.score, e.member) - 1 as rank,
        facetdb.as_text(e.member) as member, e.score,
        coalesce(k.long_key, k.id) as key_bytes, e.member as member_bytes, k.id
      from %1$I.keys k join %1$I.sorted_set_members e using (ref)
      where k.expires_at is null or k.expires_at > facetdb.now_ms();
    comment on view %1$I.entries is 'All keys that have not expired, with the values of strings. Deleting a row here deletes the key.';
    comment on view %1$I.hashes is 'The fields of hashes; number gives the order in which they came.';
    comment on view %1$I.lists is 'The items of lists; index counts from 0 at the left end.';
    comment on view %1$I.sets is 'The members of sets.';
    comment on view %1$I.sorted_sets is 'The members of sorted sets; rank counts from 0 at the lowest score.';
  $ddl$, space);
  execute format('comment on schema %I is %L', space, format('Keys and values: what Redis clients see after SELECT %s.', number));
end $$;

call facetdb.create_keyspace(0);
${sqlFunctions}`,
};
