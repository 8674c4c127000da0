// Keys of numbers and texts that order and tell apart exactly as the values do (planner/number-key.ts, planner/text-key.ts
// make the same). Doubles are stored by their shortest digits, which are not quite what they are worth: 0.1 is a little more
// than a decimal 0.1, and 1152921504606847000.0 is the long 1152921504606846976. Documents, and arrays in arrays, have one key where
// they are equal: numbers in them are, whatever their type.
// The order of a document's fields, which jsonb does not keep, is not in them: see field-order-migration.ts.

import type { Migration } from '../../../engine/migrations.ts';

/** Indexes hold the keys that functions made before these were replaced; what is now equal may be in a unique one twice. */
const remadeIndexes = `do $$
    declare index regclass;
    begin
      for index in select indexrelid from pg_index where pg_get_indexdef(indexrelid) ~ 'facetdb\\.(order_|wildcard_)' loop
        begin
          execute format('reindex index %s', index);
        exception when unique_violation then
          execute format('drop index %s', index);
          raise warning 'the unique index % is dropped: numbers of two types in it are one value, which was not seen before', index;
        end;
      end loop;
    end $$;`;

export const exactKeys: Migration = {
  number: 20,
  name: 'exact document keys',
  sql: `
    -- What a finite double's bits are worth, the sign left out.
    create function facetdb.exact_double(bits int8) returns numeric language sql immutable parallel safe as $$
      select case when e >= 0 then m * 2::numeric ^ e else m * 5::numeric ^ (-e) * ('1e' || e)::numeric end
        from (select (bits & 4503599627370495)::numeric + case when bits >> 52 = 0 then 0 else 4503599627370496 end as m, greatest((bits >> 52)::int, 1) - 1075 as e) as parts
    $$;

    -- Where an exact number stands among the doubles by their shortest digits: at the double that it is, or beyond the one next
    -- to it towards zero by a hundredth of the distance. Two doubles' digits are always further apart than that.
    create function facetdb.number_key(number numeric) returns numeric language plpgsql immutable parallel safe set extra_float_digits = 1 as $$
    declare
      magnitude constant numeric := abs(number);
      bits int8;
      near numeric;
    begin
      if magnitude <= 9007199254740992 and trunc(number) = number then return number; end if;
      if magnitude < 3e-324 then return number * 0.01; end if;
      if magnitude > 1.7976931348623158e308 then bits := 9218868437227405311;
      else bits := ('x' || encode(float8send(magnitude::float8), 'hex'))::bit(64)::int8;
      end if;
      near := facetdb.exact_double(bits);
      if near > magnitude then near := facetdb.exact_double(bits - 1); end if;
      return sign(number) * (near::float8::text::numeric + (magnitude - near) * 0.01);
    end $$;

    -- A stored text without its escapes (U+FDD0), in which U+0000 can stand: U+0001 U+0001 for it, and U+0001 U+0002 for U+0001.
    create function facetdb.order_text(stored text) returns text language sql immutable parallel safe as $$
      select case when strpos(stored, U&'\\FDD0') = 0 and strpos(stored, U&'\\0001') = 0 then stored
        else replace(replace(replace(replace(stored, U&'\\0001', U&'\\0001\\0002'), U&'\\FDD0\\FDD0', U&'\\0001\\0003'), U&'\\FDD00', U&'\\0001\\0001'), U&'\\0001\\0003', U&'\\FDD0') end
    $$;

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

    create or replace function facetdb.order_key(doc jsonb, path text[], is_greatest boolean) returns jsonb language sql immutable parallel safe as $$
      select case jsonb_typeof(doc #> path)
        when 'number' then case when doc #> path between '-9007199254740992' and '9007199254740992' then '[10]'::jsonb || (doc #> path) else facetdb.general_order_key(doc, path, is_greatest) end
        when 'string' then case when length(doc #>> path) <= 160 and strpos(doc #>> path, U&'\\0001') = 0 and strpos(doc #>> path, U&'\\FDD0') = 0
          then '[15]'::jsonb || (doc #> path) else facetdb.general_order_key(doc, path, is_greatest) end
        else facetdb.general_order_key(doc, path, is_greatest) end
    $$;

    ${remadeIndexes}`,
};
