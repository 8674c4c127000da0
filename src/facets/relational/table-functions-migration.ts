// What changes of rows need of SQL: JSON merge patch (RFC 7396), on values as PostgreSQL has them, so that no digit is lost.

import type { Migration } from '../../engine/migrations.ts';

export const tableFunctions: Migration = {
  number: 12,
  name: 'functions of tables',
  sql: `
    create function facetdb.merge_patch(target jsonb, patch jsonb) returns jsonb language plpgsql immutable parallel safe as $$
    declare
      result jsonb;
      name text;
      value jsonb;
    begin
      if patch is null then return target; end if;
      if jsonb_typeof(patch) <> 'object' then return patch; end if;
      result := case when jsonb_typeof(target) = 'object' then target else '{}'::jsonb end;
      for name, value in select * from jsonb_each(patch) loop
        if value = 'null'::jsonb then result := result - name;
        else result := jsonb_set(result, array[name], facetdb.merge_patch(result -> name, value));
        end if;
      end loop;
      return result;
    end $$;
    comment on function facetdb.merge_patch is 'JSON merge patch, RFC 7396.';`,
};
