// The keys of documents on paths that lead to a position of an array.

import type { Migration } from '../../../engine/migrations.ts';

export const positionKeys: Migration = {
  number: 28,
  name: 'keys at positions of arrays',
  sql: `
    -- The values at a path, arrays on it and at its end opened; null stands for a missing one, and undefined for an empty array.
    -- A number on it is the position of an element, and a field of that name.
    create or replace function facetdb.values_at(value jsonb, path text[]) returns setof jsonb language plpgsql immutable parallel safe as $$
    begin
      if cardinality(path) = 0 then
        if jsonb_typeof(value) is distinct from 'array' then return next value;
        elsif value = '[]' then return next '{"$undefined":true}'::jsonb;
        else return query select element from jsonb_array_elements(value) as element;
        end if;
      elsif jsonb_typeof(value) = 'array' then
        if path[1] ~ '^[0-9]{1,9}$' and path[1]::int < jsonb_array_length(value) then
          return query select x from facetdb.values_at(value -> path[1]::int, path[2:]) as x;
          return query select at from jsonb_array_elements(value) as element, lateral (select x as at from facetdb.values_at(element, path) as x) as found
            where jsonb_typeof(element) = 'object' and element ? path[1];
        else
          return query select at from jsonb_array_elements(value) as element,
            lateral (select x as at from facetdb.values_at(case when jsonb_typeof(element) = 'object' then element else '{}'::jsonb end, path) as x) as found;
        end if;
      elsif jsonb_typeof(value) = 'object' then return query select x from facetdb.values_at(value -> path[1], path[2:]) as x;
      else return next null;
      end if;
    end $$;`,
};
