// The keys of documents in indexes and sorts, for most of them without a call of PL/pgSQL.

import type { Migration } from '../../../engine/migrations.ts';

export const quickDocumentKeys: Migration = {
  number: 9,
  name: 'quick document keys',
  sql: `
    create function facetdb.general_order_key(doc jsonb, path text[], is_greatest boolean) returns jsonb language plpgsql immutable parallel safe as $$
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
          return coalesce(found, case when doc #> path = '[]'::jsonb then '[0,null]'::jsonb else '[5,null]'::jsonb end);
        end if;
      end loop;
      return facetdb.order_value(value);
    end $$;

    -- Of numbers and short texts, which most keys are made of, as an expression that PostgreSQL takes into its own.
    create or replace function facetdb.order_key(doc jsonb, path text[], is_greatest boolean) returns jsonb language sql immutable parallel safe as $$
      select case jsonb_typeof(doc #> path) when 'number' then '[10]'::jsonb || (doc #> path)
        when 'string' then case when length(doc #>> path) <= 160 then '[15]'::jsonb || (doc #> path) else facetdb.general_order_key(doc, path, is_greatest) end
        else facetdb.general_order_key(doc, path, is_greatest) end
    $$;`,
};
