// The postgres protocol's part in FacetDB: PostgreSQL itself answers SQL clients on its own port, so that nothing of SQL is
// missing and nothing is slower. There is only its URL to make here; its statistics come from PostgreSQL's own views.

import { endpointUrl } from '../net/endpoint-url.ts';

export type PostgresEndpoint = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Who the URL logs in as, if anyone. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
};

/** libpq's connection URI. With TLS it asks for encryption; which certificate to trust is the client's to say. */
export function postgresUrl({ database, tls, ...endpoint }: PostgresEndpoint): string {
  return endpointUrl({ ...endpoint, scheme: 'postgres', path: database, parameters: tls ? { sslmode: 'require' } : {} });
}
