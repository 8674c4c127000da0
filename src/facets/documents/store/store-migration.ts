// The schema objects of documents: what keeps a collection's columns in step when SQL changes it, and the records of
// retryable writes.

import type { Migration } from '../../../engine/migrations.ts';

/** SQLSTATE with which `facetdb.claim_write` ends a transaction: the write was done before; a later one was done before. */
export const writeRepeated = 'FD001';
export const writeTooOld = 'FD002';

export const documentStore: Migration = {
  number: 4,
  name: 'documents',
  sql: `
    -- A document's row key from its JSON: what orderKeyOf (order-key.ts) makes of _id, for the types that SQL can name.
    create function facetdb.document_key(id jsonb) returns bytea language plpgsql immutable parallel safe as $$
    declare
      number numeric;
      near float8;
      bits bytea;
      text text;
      position int;
    begin
      case jsonb_typeof(id)
        when 'null' then return '\\x07'::bytea;
        when 'string' then
          if strpos(id #>> '{}', U&'\\FDD0') > 0 then raise exception 'an _id with special characters can only be inserted by a document driver'; end if;
          return '\\x11'::bytea || convert_to(id #>> '{}', 'UTF8') || '\\x00'::bytea;
        when 'boolean' then return '\\x2a'::bytea || case when id::boolean then '\\x01'::bytea else '\\x00'::bytea end;
        when 'number' then number := id::numeric;
        when 'object' then
          if id ? '$oid' then return '\\x25'::bytea || decode(id ->> '$oid', 'hex'); end if;
          if id ? '$date' then
            return '\\x2f'::bytea || int8send((id #>> '{$date,$numberLong}')::int8 # (-9223372036854775808)::int8);
          end if;
          if id ? '$numberLong' then number := (id ->> '$numberLong')::numeric;
          elsif id ? '$binary' then
            bits := decode(id #>> '{$binary,base64}', 'base64');
            return '\\x20'::bytea || int4send(length(bits)) || decode(lpad(id #>> '{$binary,subType}', 2, '0'), 'hex') || bits;
          end if;
        else
      end case;
      if number is null then raise exception 'an _id of this type can only be inserted by a document driver' using errcode = '0A000'; end if;
      near := number::float8;
      if near::numeric <> number then raise exception 'an _id beyond the exact doubles can only be inserted by a document driver' using errcode = '0A000'; end if;
      bits := float8send(near + 0);
      if get_byte(bits, 0) >= 128 then
        for position in 0..7 loop bits := set_byte(bits, position, 255 - get_byte(bits, position)); end loop;
      else
        bits := set_byte(bits, 0, get_byte(bits, 0) + 128);
      end if;
      return '\\x0c'::bytea || bits || '\\x02'::bytea;
    end $$;

    create function facetdb.new_object_id() returns text language sql volatile as $$
      select lpad(to_hex(extract(epoch from clock_timestamp())::int8), 8, '0') || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16)
    $$;

    -- SQL inserts and updates the column doc; the row's key follows from it, and the bytes are made anew when they are read.
    create function facetdb.document_written() returns trigger language plpgsql as $$
    begin
      if jsonb_typeof(new.doc) <> 'object' then raise exception 'a document is a JSON object' using errcode = '23514'; end if;
      new.bson := null;
      if new.doc ? '_id' is not true then
        if tg_op = 'UPDATE' then raise exception 'the field _id cannot be removed' using errcode = '23514'; end if;
        new.doc := jsonb_build_object('_id', jsonb_build_object('$oid', facetdb.new_object_id())) || new.doc;
      end if;
      new.id := facetdb.document_key(new.doc -> '_id');
      return new;
    end $$;

    create table facetdb.document_sessions (
      session bytea not null,
      role name not null,
      txn_number int8 not null,
      reply bytea,
      changed_at timestamptz not null default now(),
      primary key (session, role)
    ) with (fillfactor = 70);
    comment on table facetdb.document_sessions is 'The last retryable write of each session of a document driver, with its result.';

    -- One write of a session, within that write's own transaction. Rows belong to the role that is logged in.
    create function facetdb.claim_write(session_id bytea, number int8, result bytea) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
    declare known int8;
    begin
      insert into facetdb.document_sessions as s (session, role, txn_number, reply) values (session_id, session_user, number, result)
        on conflict (session, role) do update set txn_number = excluded.txn_number, reply = excluded.reply, changed_at = now()
        where s.txn_number < excluded.txn_number;
      if found then return; end if;
      select txn_number into known from facetdb.document_sessions where session = session_id and role = session_user;
      if known = number then raise exception 'this write was done before' using errcode = '${writeRepeated}'; end if;
      raise exception 'a later write of this session was done before' using errcode = '${writeTooOld}', detail = known::text;
    end $$;

    create function facetdb.finish_write(session_id bytea, result bytea) returns void
    language sql security definer set search_path = pg_catalog as $$
      update facetdb.document_sessions set reply = result where session = session_id and role = session_user
    $$;

    create function facetdb.written_before(session_id bytea) returns table (txn_number int8, reply bytea)
    language sql stable security definer set search_path = pg_catalog as $$
      select txn_number, reply from facetdb.document_sessions where session = session_id and role = session_user
    $$;`,
};
