// Where bearer tokens are kept.

import type { Migration } from '../engine/migrations.ts';

export const accessTokensStore: Migration = {
  number: 8,
  name: 'access tokens',
  sql: `
    create table facetdb.access_tokens (
      id uuid primary key,
      -- SHA-256 of the token: 256 random bits need no salt.
      hash bytea not null unique,
      role oid not null,
      issuer oid,
      description text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    comment on table facetdb.access_tokens is 'Bearer tokens for HTTP. They are kept as hashes.';`,
};
