// What the conditions of partial unique indexes need: a range over the elements of an array, without a subquery.

import type { Migration } from '../../../engine/migrations.ts';

export const partialIndexes: Migration = {
  number: 7,
  name: 'partial indexes',
  sql: `
    -- Whether one of the keys is beyond a bound, and not beyond the end of its type.
    create function facetdb.some_key(keys jsonb[], comparison text, bound jsonb, ending jsonb) returns boolean language sql immutable parallel safe as $$
      select exists (select from unnest(keys) as key where case comparison
        when '<' then key < bound and key > ending when '<=' then key <= bound and key > ending
        when '>' then key > bound and key < ending else key >= bound and key < ending end)
    $$;`,
};
