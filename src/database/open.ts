// A store in this process, with or without open ports.

import { type Log, silentLog } from '../kernel/log.ts';
import { Server } from '../server/server.ts';
import { type EmbeddingOptions, embeddingSettings } from '../server/settings.ts';
import { Database } from './database.ts';
import { LocalStore } from './local-executor.ts';

export type OpenOptions = EmbeddingOptions & {
  /** Where the store logs to. Default: nowhere. */
  readonly log?: Log;
};

/** No port is open unless it is asked for. */
const closedPorts = { postgresPort: 'off', httpPort: 'off', redisPort: 'off', mongodbPort: 'off' } as const;

/**
 * Opens the store in a data folder, or on the PostgreSQL of `engine`, and gives it as a database that acts as its
 * administrator. Options are those of the configuration; every port is off unless one is named. Errors are FacetErrors.
 */
export async function open({ log = silentLog, ...options }: OpenOptions = {}): Promise<Database> {
  const server = await Server.start({ settings: embeddingSettings({ ...closedPorts, ...options }), log });
  // A program that ends without closing leaves no PostgreSQL behind; the next start recovers.
  const onExit = (): void => server.kill();
  process.once('exit', onExit);
  const { facets } = server;
  return new Database(new LocalStore({ facets, role: facets.defaultRole }), async () => {
    process.off('exit', onExit);
    await server.stop();
  });
}
