// Keys of documents, and of arrays in arrays: equal values have one, as numbers in them are equal whatever their type.
//
// DIFFERS: jsonb does not keep the order of a document's fields, so that a unique index takes {a: 1, b: 2} and {b: 2, a: 1} for one
// value.

import type { Migration } from '../../../engine/migrations.ts';
import { remadeIndexes } from './exact-keys-migration.ts';

export const equalDocuments: Migration = {
  number: 21,
  name: 'keys of equal documents',
  sql: `
    -- Fields of the user's that are called so are stored under other names.
    create function facetdb.is_document(value jsonb) returns boolean language sql immutable parallel safe as $$
      select jsonb_typeof(value) = 'object' and not value ?| '{$oid,$date,$numberLong,$numberDouble,$numberDecimal,$timestamp,$binary,$symbol,$minKey,$maxKey,$undefined,$regularExpression,$dbPointer,$code}'
    $$;

    -- The same JSON text for equal values: in place of all that is in documents and arrays its key.
    create function facetdb.equal_form(value jsonb) returns jsonb language plpgsql immutable parallel safe as $$
    declare
      key jsonb;
    begin
      if jsonb_typeof(value) = 'array' then
        return (select coalesce(jsonb_agg(facetdb.equal_form(element) order by place), '[]') from jsonb_array_elements(value) with ordinality as elements (element, place));
      end if;
      if facetdb.is_document(value) then
        return (select coalesce(jsonb_object_agg(name, facetdb.equal_form(field)), '{}') from jsonb_each(value) as fields (name, field));
      end if;
      if value ? '$scope' then return jsonb_set(value, '{$scope}', facetdb.equal_form(value -> '$scope')); end if;
      key := facetdb.order_value(value);
      -- Equal numbers in jsonb may be written with and without zeros at the end.
      return case jsonb_typeof(key -> 1) when 'number' then jsonb_build_array(key -> 0, trim_scale((key -> 1)::numeric)) else key end;
    end $$;

    create or replace function facetdb.order_value(value jsonb) returns jsonb language plpgsql immutable parallel safe as $$
    declare
      text text;
      number numeric;
    begin
      case jsonb_typeof(value)
        when 'string' then
          text := facetdb.order_text(value #>> '{}');
          if length(text) > 160 then text := left(text, 160) || md5(text); end if;
          return jsonb_build_array(15, text);
        when 'number' then
          number := value::numeric;
          -- A whole number beyond the exact doubles, which only SQL writes so, is a long.
          if abs(number) > 9007199254740992 and scale(number) = 0 then return jsonb_build_array(10, facetdb.number_key(number)); end if;
          return '[10]'::jsonb || value;
        when 'boolean' then return '[40]'::jsonb || value;
        when 'array' then return jsonb_build_array(25, md5(facetdb.equal_form(value)::text));
        when 'object' then
          if value ? '$oid' then return '[35]'::jsonb || (value -> '$oid'); end if;
          if value ? '$date' then return jsonb_build_array(45, (value #>> '{$date,$numberLong}')::numeric); end if;
          text := coalesce(value ->> '$numberLong', value ->> '$numberDouble', value ->> '$numberDecimal');
          if text is not null then
            if text = 'NaN' then return '[10,null]'; end if;
            if text = '-Infinity' then return '[10,""]'; end if;
            if text = 'Infinity' then return '[10,true]'; end if;
            if value ? '$numberDouble' then return jsonb_build_array(10, text::numeric); end if;
            return jsonb_build_array(10, facetdb.number_key(text::numeric));
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
          if value ? '$code' then return jsonb_build_array(case when value ? '$scope' then 65 else 60 end, md5(case when value ? '$scope' then facetdb.equal_form(value) else value end::text)); end if;
          return jsonb_build_array(20, md5(facetdb.equal_form(value)::text));
        else return '[5,null]';
      end case;
    end $$;

    create or replace function facetdb.wildcard_keys(doc jsonb, prefix text default '') returns jsonb[] language plpgsql immutable parallel safe as $$
    declare
      keys jsonb[] := '{}';
      name text;
      value jsonb;
      element jsonb;
    begin
      for name, value in select * from jsonb_each(doc) loop
        if jsonb_typeof(value) <> 'array' then value := jsonb_build_array(value); end if;
        for element in select * from jsonb_array_elements(value) loop
          if facetdb.is_document(element) then keys := keys || facetdb.wildcard_keys(element, prefix || name || '.');
          else keys := keys || jsonb_build_array(prefix || name, facetdb.order_value(element));
          end if;
        end loop;
      end loop;
      return keys;
    end $$;

    ${remadeIndexes}`,
};
