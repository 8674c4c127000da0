// The order of a document's fields, which tells documents apart to MongoDB and which jsonb does not keep. Unique indexes ask for it of
// values that are documents; it is read from the bytes that the client sent, or is jsonb's own where SQL has written the row.

import type { Migration } from '../../../engine/migrations.ts';

export const fieldOrders: Migration = {
  number: 25,
  name: 'orders of fields in unique indexes',
  sql: `
    create function facetdb.bson_length(bytes bytea, place int) returns int language sql immutable parallel safe as $$
      select get_byte(bytes, place) + get_byte(bytes, place + 1) * 256 + get_byte(bytes, place + 2) * 65536 + get_byte(bytes, place + 3) * 16777216
    $$;

    -- Where the cstring that begins at a place ends: at its zero byte.
    create function facetdb.bson_name_end(bytes bytea, place int) returns int language sql immutable parallel safe as $$
      select place + position('\\x00'::bytea in substring(bytes from place + 1)) - 1
    $$;

    -- Where the value of a type that begins at a place ends.
    create function facetdb.bson_value_end(bytes bytea, type int, place int) returns int language sql immutable parallel safe as $$
      select place + case
        when type in (1, 9, 17, 18) then 8
        when type in (2, 13, 14) then 4 + facetdb.bson_length(bytes, place)
        when type in (3, 4, 15) then facetdb.bson_length(bytes, place)
        when type = 5 then 5 + facetdb.bson_length(bytes, place)
        when type = 7 then 12
        when type = 8 then 1
        when type = 11 then facetdb.bson_name_end(bytes, facetdb.bson_name_end(bytes, place) + 1) + 1 - place
        when type = 12 then 16 + facetdb.bson_length(bytes, place)
        when type = 16 then 4
        when type = 19 then 16
        else 0 end
    $$;

    -- The names of all fields of a document or an array, and of what is in it, in their order.
    create function facetdb.bson_order(bytes bytea) returns text language plpgsql immutable parallel safe as $$
    declare
      place int := 4;
      type int;
      name_end int;
      value_end int;
      names text := '';
    begin
      loop
        type := get_byte(bytes, place);
        exit when type = 0;
        name_end := facetdb.bson_name_end(bytes, place + 1);
        value_end := facetdb.bson_value_end(bytes, type, name_end + 1);
        names := names || to_json(convert_from(substring(bytes from place + 2 for name_end - place - 1), 'UTF8'))::text;
        if type in (3, 4) then names := names || '(' || facetdb.bson_order(substring(bytes from name_end + 2 for value_end - name_end - 1)) || ')'; end if;
        place := value_end;
      end loop;
      return names;
    end $$;

    -- The same of the stored form, which has the fields in jsonb's order.
    create function facetdb.stored_order(stored jsonb) returns text language plpgsql immutable parallel safe as $$
    begin
      return (
        select coalesce(string_agg(to_json(name)::text || case when jsonb_typeof(field) = 'array' or facetdb.is_document(field) then '(' || facetdb.stored_order(field) || ')' else '' end, '' order by place), '')
          from (select * from jsonb_each(case jsonb_typeof(stored) when 'object' then stored end) with ordinality
                union all
                select (place - 1)::text, element, place from jsonb_array_elements(case jsonb_typeof(stored) when 'array' then stored end) with ordinality as elements (element, place)) as fields (name, field, place)
      );
    end $$;

    -- Of the value at a path: empty unless it is a document.
    create function facetdb.field_order(doc jsonb, bson bytea, path text[]) returns text language plpgsql immutable parallel safe as $$
    declare
      bytes bytea := bson;
      name text;
      place int;
      type int;
      name_end int;
    begin
      if jsonb_typeof(doc #> path) is distinct from 'object' or not facetdb.is_document(doc #> path) then return ''; end if;
      if bson is null then return md5(facetdb.stored_order(doc #> path)); end if;
      foreach name in array path loop
        place := 4;
        loop
          type := get_byte(bytes, place);
          if type = 0 then return ''; end if;
          name_end := facetdb.bson_name_end(bytes, place + 1);
          exit when substring(bytes from place + 2 for name_end - place - 1) = convert_to(name, 'UTF8');
          place := facetdb.bson_value_end(bytes, type, name_end + 1);
        end loop;
        if type <> 3 then return ''; end if;
        bytes := substring(bytes from name_end + 2);
      end loop;
      return md5(facetdb.bson_order(bytes));
    end $$;`,
};
