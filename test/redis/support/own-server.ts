// A FacetDB of a test's own, without authentication, with a connection by SQL and Redis clients.

import { Redis, type RedisOptions } from 'ioredis';
import type pg from 'pg';
import { type ServerUrls, startServer } from '../../support/server.ts';
import { connectClient } from '../../support/with-client.ts';

export type OwnServer = {
  readonly urls: ServerUrls;
  readonly sql: pg.Client;
  readonly redis: Redis;
  /** Another client, which `stop` ends too. */
  readonly client: (options?: RedisOptions) => Redis;
  readonly stop: () => Promise<void>;
};

export async function startOwnServer(): Promise<OwnServer> {
  const server = await startServer({ args: ['--no-auth'] });
  const sql = await connectClient(server.urls.postgres);
  const clients: Redis[] = [];
  const client = (options: RedisOptions = {}): Redis => {
    const added = new Redis(server.urls.redis, { enableReadyCheck: false, maxRetriesPerRequest: 0, ...options });
    clients.push(added);
    return added;
  };
  return {
    urls: server.urls,
    sql,
    redis: client(),
    client,
    stop: async () => {
      for (const added of clients) added.disconnect();
      await sql.end();
      await server.stop();
    },
  };
}
