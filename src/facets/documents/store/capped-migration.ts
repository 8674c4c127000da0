// Capped collections in SQL: a column with the order of insertion, and triggers that remove the oldest documents, whoever
// inserts. Writers of one capped collection wait for each other, so that positions become visible in their order: a cursor
// that has seen one has not missed a lesser one.

import type { Migration } from '../../../engine/migrations.ts';

export const cappedCollections: Migration = {
  number: 6,
  name: 'capped collections',
  sql: `
    -- How much is in each capped collection, so that nobody has to count. A row that is missing (after a restore) or of
    -- another file (after TRUNCATE) is made anew.
    create table facetdb.capped_sizes (
      relation oid primary key,
      filenode oid not null,
      documents int8 not null,
      bytes int8 not null
    ) with (fillfactor = 50);
    comment on table facetdb.capped_sizes is 'How many documents and bytes each capped collection has.';

    create function facetdb.document_bytes(doc jsonb, bson bytea) returns int8 language sql immutable parallel safe as $$
      select octet_length(coalesce(bson, convert_to(doc::text, 'UTF8')))::int8
    $$;

    -- Before a statement: waits for the other writers.
    create function facetdb.capped_before() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
    begin
      perform 1 from facetdb.capped_sizes where relation = tg_relid and filenode = pg_relation_filenode(tg_relid) for update;
      if found then return null; end if;
      perform pg_advisory_xact_lock(471693, tg_relid::int8::bit(32)::int4);
      delete from facetdb.capped_sizes where not exists (select from pg_class c where c.oid = relation);
      execute format('insert into facetdb.capped_sizes (relation, filenode, documents, bytes)
        select $1, $2, count(*), coalesce(sum(facetdb.document_bytes(doc, bson)), 0) from %s
        on conflict (relation) do update set filenode = excluded.filenode, documents = excluded.documents, bytes = excluded.bytes
        where capped_sizes.filenode <> excluded.filenode', tg_relid::regclass)
        using tg_relid, pg_relation_filenode(tg_relid);
      perform 1 from facetdb.capped_sizes where relation = tg_relid for update;
      return null;
    end $$;

    -- After one: counts what it changed, and removes the oldest documents while there are too many or too large ones.
    -- Arguments: the most bytes, the most documents (0: any).
    create function facetdb.capped_after() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
    declare
      most_bytes constant int8 := tg_argv[0]::int8;
      most_documents constant int8 := case tg_argv[1] when '0' then 9223372036854775807 else tg_argv[1]::int8 end;
      change record;
      size record;
      oldest record;
      surplus int8[] := '{}';
    begin
      if tg_op = 'INSERT' then
        select count(*) as documents, coalesce(sum(facetdb.document_bytes(doc, bson)), 0)::int8 as bytes into change from added;
      elsif tg_op = 'DELETE' then
        select -count(*) as documents, -coalesce(sum(facetdb.document_bytes(doc, bson)), 0)::int8 as bytes into change from removed;
      else
        select 0::int8 as documents, ((select coalesce(sum(facetdb.document_bytes(doc, bson)), 0) from added) - (select coalesce(sum(facetdb.document_bytes(doc, bson)), 0) from removed))::int8 as bytes into change;
      end if;
      update facetdb.capped_sizes set documents = documents + change.documents, bytes = bytes + change.bytes where relation = tg_relid returning documents, bytes into size;
      if tg_op <> 'INSERT' or (size.bytes <= most_bytes and size.documents <= most_documents) then return null; end if;
      -- What another holds is left for the next one to remove: to wait for it might be for ever.
      for oldest in execute format('select position, facetdb.document_bytes(doc, bson) as bytes from %s order by position for update skip locked', tg_relid::regclass) loop
        exit when size.bytes <= most_bytes and size.documents <= most_documents;
        surplus := surplus || oldest.position;
        size.bytes := size.bytes - oldest.bytes;
        size.documents := size.documents - 1;
      end loop;
      execute format('delete from %s where position = any($1)', tg_relid::regclass) using surplus;
      return null;
    end $$;

    -- Makes a collection a capped one; documents that it has already keep their order.
    create function facetdb.make_capped(collection regclass, most_bytes int8, most_documents int8) returns void language plpgsql as $$
    declare
      owner regrole;
      schema regnamespace;
    begin
      execute format('alter table %s add column position int8 generated always as identity', collection);
      execute format('create unique index on %s (position)', collection);
      execute format('create trigger facetdb_capped_before before insert or update or delete on %s for each statement execute function facetdb.capped_before()', collection);
      perform facetdb.cap(collection, most_bytes, most_documents);
      -- The triggers act as their owner, who needs the right to remove.
      select n.nspowner::regrole into owner from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = 'facetdb' and not r.rolsuper;
      if owner is null then return; end if;
      select relnamespace::regnamespace into schema from pg_class where oid = collection;
      execute format('grant usage on schema %s to %s', schema, owner);
      execute format('grant select, update, delete on %s to %s', collection, owner);
    end $$;

    -- (Re)places the bounds of a capped collection.
    create function facetdb.cap(collection regclass, most_bytes int8, most_documents int8) returns void language plpgsql as $$
    begin
      execute format('create or replace trigger facetdb_capped_insert after insert on %s referencing new table as added for each statement execute function facetdb.capped_after(%L, %L)', collection, most_bytes, most_documents);
      execute format('create or replace trigger facetdb_capped_update after update on %s referencing new table as added old table as removed for each statement execute function facetdb.capped_after(%L, %L)', collection, most_bytes, most_documents);
      execute format('create or replace trigger facetdb_capped_delete after delete on %s referencing old table as removed for each statement execute function facetdb.capped_after(%L, %L)', collection, most_bytes, most_documents);
    end $$;`,
};
