// The companion of an index that tells whether any document has an array on its path (without-arrays.ts), for indexes that were made
// before there was one. Its condition is that of the companion with the keys of arrays.

import type { Migration } from '../../../engine/migrations.ts';

export const someArrays: Migration = {
  number: 29,
  name: 'whether indexes have arrays',
  sql: `do $$
    declare
      keys record;
    begin
      for keys in
        select n.nspname as schema, t.relname as collection, m.relname || '#some' as companion, pg_get_expr(k.indpred, k.indrelid) as condition
          from pg_index i join pg_class m on m.oid = i.indexrelid join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
          join pg_index k on k.indrelid = i.indrelid and k.indpred is not null join pg_class c on c.oid = k.indexrelid and c.relname = m.relname || '#keys'
          where i.indpred is null and octet_length(m.relname || '#some') <= 63 and obj_description(m.oid, 'pg_class') like '{"facetdb"%'
      loop
        if to_regclass(format('%I.%I', keys.schema, keys.companion)) is null then
          execute format('create index %I on %I.%I ((true)) where %s', keys.companion, keys.schema, keys.collection, keys.condition);
        end if;
      end loop;
    end $$`,
};
