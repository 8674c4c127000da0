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
