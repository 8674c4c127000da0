// What wildcard indexes on a part of the documents hold.

import type { Migration } from '../../../engine/migrations.ts';

export const wildcardIndexes: Migration = {
  number: 16,
  name: 'wildcard indexes on parts of documents',
  sql: `
    -- Of all values with their paths those at or below one of the included paths (null: of all), and at or below no excluded one.
    create function facetdb.wildcard_keys_within(doc jsonb, included text[], excluded text[]) returns jsonb[] language sql immutable parallel safe as $$
      select coalesce(array_agg(key), '{}') from unnest(facetdb.wildcard_keys(doc)) as key
        where (included is null or exists (select from unnest(included) as root where key ->> 0 = root or starts_with(key ->> 0, root || '.')))
          and not exists (select from unnest(excluded) as root where key ->> 0 = root or starts_with(key ->> 0, root || '.'))
    $$;`,
};
