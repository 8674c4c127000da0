// Where the replies of requests with an idempotency key are kept. Roles reach them only through functions, and only their own.

import type { Migration } from '../engine/migrations.ts';

export const idempotencyStore: Migration = {
  number: 13,
  name: 'idempotency keys',
  sql: `
    create table facetdb.idempotency_keys (
      role name not null,
      key text not null,
      -- SHA-256 of the request.
      request bytea not null,
      -- Status, headers and body; null until the transaction of the request is about to commit.
      reply jsonb,
      created_at timestamptz not null default now(),
      primary key (role, key)
    );
    comment on table facetdb.idempotency_keys is 'Requests with an idempotency key, and their replies.';
    create index on facetdb.idempotency_keys (created_at);

    -- True where the request is new, and claimed until the transaction ends. Waits for another that has claimed it.
    create function facetdb.claim_request(request_key text, request_hash bytea, kept interval) returns boolean
    language plpgsql security definer set search_path = pg_catalog as $$
    begin
      delete from facetdb.idempotency_keys where role = session_user and key = request_key and created_at < now() - kept;
      insert into facetdb.idempotency_keys (role, key, request) values (session_user, request_key, request_hash) on conflict do nothing;
      return found;
    end $$;

    create function facetdb.claimed_request(request_key text) returns table (request bytea, reply jsonb)
    language sql stable security definer set search_path = pg_catalog as $$
      select request, reply from facetdb.idempotency_keys where role = session_user and key = request_key
    $$;

    create function facetdb.answer_request(request_key text, request_reply jsonb) returns void
    language sql security definer set search_path = pg_catalog as $$
      update facetdb.idempotency_keys set reply = request_reply where role = session_user and key = request_key
    $$;`,
};
