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
      if near::text::numeric <> number then raise exception 'an _id beyond the exact doubles can only be inserted by a document driver' using errcode = '0A000'; end if;
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

    -- Values as JSON that PostgreSQL compares as MongoDB compares the values: [rank of the type, what tells within it]. What
    -- cannot be told in a short JSON (documents, arrays in arrays, long strings) is coarse: see facetdb.is_coarse.
    create function facetdb.order_value(value jsonb) returns jsonb language plpgsql immutable parallel safe as $$
    declare
      text text;
      number numeric;
    begin
      case jsonb_typeof(value)
        when 'string' then
          if length(value #>> '{}') <= 160 then return '[15]'::jsonb || value; end if;
          return jsonb_build_array(15, left(value #>> '{}', 160) || md5(value #>> '{}'));
        when 'number' then return '[10]'::jsonb || value;
        when 'boolean' then return '[40]'::jsonb || value;
        when 'array' then return jsonb_build_array(25, md5(value::text));
        when 'object' then
          if value ? '$oid' then return '[35]'::jsonb || (value -> '$oid'); end if;
          if value ? '$date' then return jsonb_build_array(45, (value #>> '{$date,$numberLong}')::numeric); end if;
          text := coalesce(value ->> '$numberLong', value ->> '$numberDouble', value ->> '$numberDecimal');
          if text is not null then
            if text = 'NaN' then return '[10,null]'; end if;
            if text = '-Infinity' then return '[10,""]'; end if;
            if text = 'Infinity' then return '[10,true]'; end if;
            return jsonb_build_array(10, text::numeric);
          end if;
          if value ? '$timestamp' then return jsonb_build_array(47, (value #>> '{$timestamp,t}')::numeric * 4294967296 + (value #>> '{$timestamp,i}')::numeric); end if;
          if value ? '$binary' then
            text := encode(decode(value #>> '{$binary,base64}', 'base64'), 'hex');
            return jsonb_build_array(30, jsonb_build_array(length(text) / 2, value #>> '{$binary,subType}', case when length(text) <= 320 then text else left(text, 320) || md5(text) end));
          end if;
          if value ? '$symbol' then return facetdb.order_value(value -> '$symbol'); end if;
          if value ? '$minKey' then return '[-1,null]'; end if;
          if value ? '$maxKey' then return '[127,null]'; end if;
          if value ? '$undefined' then return '[0,null]'; end if;
          if value ? '$regularExpression' then return jsonb_build_array(50, md5(value::text)); end if;
          if value ? '$dbPointer' then return jsonb_build_array(55, md5(value::text)); end if;
          if value ? '$code' then return jsonb_build_array(case when value ? '$scope' then 65 else 60 end, md5(value::text)); end if;
          return jsonb_build_array(20, md5(value::text));
        else return '[5,null]';
      end case;
    end $$;

    -- Whether values with this key may still differ, or stand in another order: then the gateway looks at them.
    create function facetdb.is_coarse(key jsonb) returns boolean language sql immutable parallel safe as $$
      select case key ->> 0 when '10' then false when '15' then length(key ->> 1) > 160 when '5' then false when '35' then false when '40' then false when '45' then false
        when '30' then length(key -> 1 ->> 2) > 320 when '47' then false when '0' then false else true end
    $$;

    -- The values at a path, arrays on it and at its end opened; null stands for a missing one, and undefined for an empty array.
    create function facetdb.values_at(value jsonb, path text[]) returns setof jsonb language plpgsql immutable parallel safe as $$
    begin
      if cardinality(path) = 0 then
        if jsonb_typeof(value) is distinct from 'array' then return next value;
        elsif value = '[]' then return next '{"$undefined":true}'::jsonb;
        else return query select element from jsonb_array_elements(value) as element;
        end if;
      elsif jsonb_typeof(value) = 'array' then
        return query select at from jsonb_array_elements(value) as element,
          lateral (select x as at from facetdb.values_at(case when jsonb_typeof(element) = 'object' then element else '{}'::jsonb end, path) as x) as found;
      elsif jsonb_typeof(value) = 'object' then return query select x from facetdb.values_at(value -> path[1], path[2:]) as x;
      else return next null;
      end if;
    end $$;

    -- Whether the path leads through or to an array.
    create function facetdb.has_array(doc jsonb, path text[]) returns boolean language plpgsql immutable parallel safe as $$
    declare
      value jsonb := doc;
      name text;
    begin
      foreach name in array path loop
        value := value -> name;
        if jsonb_typeof(value) = 'array' then return true; end if;
      end loop;
      return false;
    end $$;

    -- What documents are sorted by: the key of the value at a path, the least of an array (or the greatest).
    create function facetdb.order_key(doc jsonb, path text[], is_greatest boolean) returns jsonb language plpgsql immutable parallel safe as $$
    declare
      value jsonb := doc;
      found jsonb;
      name text;
    begin
      foreach name in array path loop
        value := value -> name;
        if jsonb_typeof(value) = 'array' then
          if is_greatest then select key into found from (select facetdb.order_value(at) as key from facetdb.values_at(doc, path) as at) as keys order by key desc limit 1;
          else select key into found from (select facetdb.order_value(at) as key from facetdb.values_at(doc, path) as at) as keys order by key limit 1;
          end if;
          return coalesce(found, '[5,null]'::jsonb);
        end if;
      end loop;
      return facetdb.order_value(value);
    end $$;

    create function facetdb.order_keys(doc jsonb, path text[]) returns jsonb[] language sql immutable parallel safe as $$
      select coalesce(array_agg(facetdb.order_value(at)), '{}') from facetdb.values_at(doc, path) as at
    $$;

    -- Every value of a document with its path, elements of arrays each by itself: [path, key].
    create function facetdb.wildcard_keys(doc jsonb, prefix text default '') returns jsonb[] language plpgsql immutable parallel safe as $$
    declare
      keys jsonb[] := '{}';
      name text;
      value jsonb;
      element jsonb;
      key jsonb;
    begin
      for name, value in select * from jsonb_each(doc) loop
        if jsonb_typeof(value) <> 'array' then value := jsonb_build_array(value); end if;
        for element in select * from jsonb_array_elements(value) loop
          key := facetdb.order_value(element);
          if key ->> 0 = '20' then keys := keys || facetdb.wildcard_keys(element, prefix || name || '.');
          else keys := keys || jsonb_build_array(prefix || name, key);
          end if;
        end loop;
      end loop;
      return keys;
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

export const groupedDocumentWrites: Migration = {
  number: 5,
  name: 'grouped document writes',
  sql: `
    -- The writes of several sessions, within the one transaction of all of them. One that was done before undoes it.
    create function facetdb.claim_writes(session_ids bytea[], numbers int8[], results bytea[]) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
    declare claimed int8;
    begin
      insert into facetdb.document_sessions as s (session, role, txn_number, reply)
        select u.session, session_user, u.number, u.result from unnest(session_ids, numbers, results) as u (session, number, result)
        on conflict (session, role) do update set txn_number = excluded.txn_number, reply = excluded.reply, changed_at = now()
        where s.txn_number < excluded.txn_number;
      get diagnostics claimed = row_count;
      if claimed < cardinality(session_ids) then raise exception 'a write of these was done before' using errcode = '${writeRepeated}'; end if;
    end $$;`,
};
