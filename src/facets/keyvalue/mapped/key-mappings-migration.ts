// Which tables and collections keys stand for, and the functions by which SQL says so.

import type { Migration } from '../../../engine/migrations.ts';

/** Where gateways are told that mappings were changed. */
export const mappingsChannel = 'facetdb_key_mappings';

export const keyMappingsStore: Migration = {
  number: 11,
  name: 'keys mapped to rows',
  sql: `
create table facetdb.key_mappings (
  space int not null,
  prefix text not null check (prefix <> ''),
  relation oid not null,
  -- Of a table; null for a collection, whose key is its _id.
  key_column name,
  primary key (space, prefix)
);
grant select on facetdb.key_mappings to public;
comment on table facetdb.key_mappings is 'Keys that stand for rows of tables and for documents. Made by facetdb.map_keys.';

-- Acts as its owner, to write the table above; what its caller may do is checked here.
create function facetdb.map_keys(relation regclass, prefix text, keyspace int default 0) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  owner oid;
  schema_name name;
  key_columns name[];
begin
  select c.relowner, n.nspname into owner, schema_name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation;
  if owner is null or not pg_has_role(session_user, owner, 'usage') or schema_name = 'facetdb' or schema_name like 'keyspace%' then
    raise exception using errcode = 'insufficient_privilege', message = format('only the owner of %s maps keys to it', relation);
  end if;
  if to_regnamespace(format('keyspace%s', keyspace)) is null then
    raise exception using errcode = 'invalid_parameter_value', message = format('there is no keyspace %s yet', keyspace);
  end if;
  -- Who may write every key of the keyspace may say what its keys are.
  if not has_table_privilege(session_user, format('keyspace%s.keys', keyspace), 'insert')
    or not has_table_privilege(session_user, format('keyspace%s.keys', keyspace), 'delete') then
    raise exception using errcode = 'insufficient_privilege', message = format('keys of keyspace %s may not be mapped by who may not write them', keyspace);
  end if;
  if (select count(*) from pg_attribute a where a.attrelid = relation and not a.attisdropped
      and (a.attname, a.atttypid) in (('id', 'bytea'::regtype), ('doc', 'jsonb'::regtype), ('bson', 'bytea'::regtype))) < 3 then
    if current_setting('server_version_num')::int < 160000 then
      raise exception using errcode = 'feature_not_supported', message = 'keys are mapped to tables on PostgreSQL 16 or newer';
    end if;
    select array_agg(a.attname order by a.attnum) into key_columns from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = relation and i.indisprimary;
    if coalesce(array_length(key_columns, 1), 0) <> 1 then
      raise exception using errcode = 'feature_not_supported', message = format('keys are mapped to tables with a primary key of one column, and %s has none', relation);
    end if;
  end if;
  insert into facetdb.key_mappings values (keyspace, prefix, relation, key_columns[1])
    on conflict on constraint key_mappings_pkey do update set relation = excluded.relation, key_column = excluded.key_column;
end $$;
comment on function facetdb.map_keys is 'Makes keys that begin with the prefix stand for rows: the rest of the key is the primary key. Redis clients read them as hashes.';

create function facetdb.unmap_keys(prefix text, keyspace int default 0) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from facetdb.key_mappings m using pg_class c
    where m.space = unmap_keys.keyspace and m.prefix = unmap_keys.prefix and c.oid = m.relation and pg_has_role(session_user, c.relowner, 'usage');
  return found;
end $$;
comment on function facetdb.unmap_keys is 'Ends what facetdb.map_keys began; false where there was nothing.';`,
};

export const toldKeyMappings: Migration = {
  number: 22,
  name: 'changes of mapped keys are told',
  sql: `
create function facetdb.tell_key_mappings() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('${mappingsChannel}', '');
  return null;
end $$;
create trigger told after insert or update or delete or truncate on facetdb.key_mappings for each statement execute function facetdb.tell_key_mappings();`,
};
