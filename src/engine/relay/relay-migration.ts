// facetdb.share_transaction(), by which SQL lets other connections into its open transaction.

import type { Migration } from '../migrations.ts';

export const sharedTransactions: Migration = {
  number: 14,
  name: 'shared transactions',
  sql: `
create function facetdb.share_transaction() returns text
  language plpgsql volatile as $$
declare
  -- The session's name and its secret.
  relay text := current_setting('facetdb.relay', true);
  id text := pg_current_xact_id()::text;
begin
  if coalesce(relay, '') = '' then
    raise exception using errcode = 'feature_not_supported', message = 'this connection cannot share its transaction',
      hint = 'Connect to the port of --postgres-relay-port: FacetDB stands between there and PostgreSQL.';
  end if;
  -- Who has the token of one transaction cannot make that of another.
  return format('%s.%s.%s', split_part(relay, '.', 1), id, encode(sha256(convert_to(split_part(relay, '.', 2) || '.' || id, 'UTF8')), 'hex'));
end $$;
comment on function facetdb.share_transaction is 'A token with which other connections of the same role, whatever their protocol, work in this transaction until it ends.';`,
};

/** facetdb.join_transaction() and facetdb.leave_transaction(), which the relay looks for (see join-gate.ts). */
export const joinedTransactions: Migration = {
  number: 19,
  name: 'transactions that SQL clients join',
  sql: `
create function facetdb.join_transaction(token text) returns void
  language plpgsql volatile as $$
declare
  relay text := current_setting('facetdb.relay', true);
begin
  if coalesce(relay, '') = '' then
    raise exception using errcode = 'feature_not_supported', message = 'this connection cannot join a transaction',
      hint = 'Connect to the port of --postgres-relay-port: FacetDB stands between there and PostgreSQL.';
  elsif token is distinct from relay then
    raise exception using errcode = 'invalid_transaction_state', message = 'no open transaction of this role has this token',
      hint = 'Send select facetdb.join_transaction(''…'') alone, with a literal or as its only parameter, while this connection has no transaction of its own.';
  end if;
end $$;
comment on function facetdb.join_transaction is 'From now on statements of this connection run in the open transaction of another connection of the same role, whatever its protocol, until facetdb.leave_transaction().';
create function facetdb.leave_transaction() returns void
  language plpgsql volatile as $$
begin
  if coalesce(current_setting('facetdb.relay', true), '') = '' then perform facetdb.join_transaction(''); end if;
end $$;
comment on function facetdb.leave_transaction is 'From now on statements of this connection run in its own session again.';`,
};
