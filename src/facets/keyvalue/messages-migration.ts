// What published messages, FLUSHDB and SWAPDB need in the store.

import type { Migration } from '../../engine/migrations.ts';

/** PostgreSQL's limit for the payload of a notification is 8,000 bytes. */
const notificationBytes = 7_900;
/** How long a long message is kept for the gateways to fetch it. */
const keptSeconds = 60;

export const keyvalueMessages: Migration = {
  number: 3,
  name: 'keyvalue messages',
  sql: `
create sequence facetdb.message_number;

-- Gateways whose clients subscribe. backend is the process that listens for it: without one the row means nothing.
create unlogged table facetdb.subscribed_gateways (gateway text primary key, backend int not null);

-- Messages that are too long for a notification.
create unlogged table facetdb.long_messages (
  number bigint primary key, sent_at timestamptz not null default now(), channel bytea not null, payload bytea not null
);

-- The number keeps equal messages of one transaction apart, which PostgreSQL would deliver once.
create function facetdb.send_message(origin text, kind text, channel bytea, payload bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  number bigint := nextval('facetdb.message_number');
  head text := concat_ws('|', origin, number, kind);
  body text := concat_ws('|', translate(encode(channel, 'base64'), E'\\n', ''), translate(encode(payload, 'base64'), E'\\n', ''));
begin
  if length(body) > ${notificationBytes} - length(head) then
    delete from facetdb.long_messages where sent_at < now() - interval '${keptSeconds} seconds';
    insert into facetdb.long_messages (number, channel, payload) values (number, channel, payload);
    body := 'long';
  end if;
  perform pg_notify('facetdb_messages', head || '|' || body);
end $$;
revoke execute on function facetdb.send_message from public;

create function facetdb.publish(channel text, message text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform facetdb.send_message('sql', 'channel', convert_to(channel, 'UTF8'), convert_to(message, 'UTF8'));
end $$;
create function facetdb.publish(channel bytea, message bytea) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform facetdb.send_message('sql', 'channel', channel, message);
end $$;
comment on function facetdb.publish(text, text) is 'Sends a message to the Redis clients that subscribe to the channel, when the transaction commits.';

-- Empties a keyspace. Few keys are deleted; many are cut off with their table, which is quick but needs its lock.
create function facetdb.flush_keyspace(number int) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  space text := format('keyspace%s', number);
  keys_count bigint;
  tables text;
begin
  if to_regnamespace(space) is null then return; end if;
  if not has_table_privilege(session_user, format('%I.keys', space), 'delete') then
    raise insufficient_privilege using message = format('permission denied for schema %s', space);
  end if;
  execute format('select coalesce(sum(change), 0) from %I.key_counts', space) into keys_count;
  if keys_count <= 10000 then
    execute format('delete from %I.keys', space);
    return;
  end if;
  select string_agg(format('%I.%I', schemaname, tablename), ', ') into tables
    from pg_tables where schemaname = space and tablename not in ('blocked_keys', 'key_counts', 'sorted_set_pieces');
  execute format('truncate %s', tables);
end $$;

-- Of the keyspaces that hold keys. Up to 10,000 keys are looked at; of more, the planner's statistics tell.
create function facetdb.keyspace_statistics() returns table (space int, keys bigint, expires bigint, average_ttl bigint)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  expiring double precision;
begin
  for space in 0..15 loop
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
end $$;

-- Exchanges two keyspaces, with the rights on them. Clients that wait go on waiting for the database that they chose.
create function facetdb.swap_keyspaces(first int, second int) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  one text := format('keyspace%s', first);
  other text := format('keyspace%s', second);
  space text;
  ids bytea[];
  gateways text[];
  gateway text;
  id bytea;
begin
  call facetdb.create_keyspace(first);
  call facetdb.create_keyspace(second);
  if first = second then return; end if;
  -- In the order of their numbers: two that swap the same ones wait for each other.
  execute format('lock table %I.keys, %I.keys in access exclusive mode', format('keyspace%s', least(first, second)), format('keyspace%s', greatest(first, second)));
  execute format('alter schema %I rename to keyspace_swapped', one);
  execute format('alter schema %I rename to %I', other, one);
  execute format('alter schema keyspace_swapped rename to %I', other);
  execute format('select array_agg(id), array_agg(gateway) from %I.blocked_keys', one) into ids, gateways;
  execute format('delete from %I.blocked_keys', one);
  execute format('insert into %I.blocked_keys select * from %I.blocked_keys', one, other);
  execute format('delete from %I.blocked_keys', other);
  execute format('insert into %I.blocked_keys select * from unnest($1, $2)', other) using ids, gateways;
  foreach space in array array[one, other] loop
    for id, gateway in execute format('select blocked.id, blocked.gateway from %1$I.blocked_keys as blocked join %1$I.keys using (id)', space) loop
      perform pg_notify(gateway, json_build_object('ready', space, 'id', encode(id, 'base64'))::text);
    end loop;
  end loop;
end $$;
`,
};
