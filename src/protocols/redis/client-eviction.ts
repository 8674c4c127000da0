// `maxmemory-clients`: a limit for what all clients together take in this process: requests that have come, and replies that they have not taken. Beyond it
// the largest clients are cut, as in Redis.

import { totalmem } from 'node:os';
import type { Log } from '../../kernel/log.ts';
import type { Configuration } from './configuration.ts';
import type { RedisConnection } from './connection.ts';
import type { Statistics } from './statistics.ts';

export type ClientEvictionOptions = {
  readonly configuration: Configuration;
  readonly connections: ReadonlyMap<number, RedisConnection>;
  readonly statistics: Statistics;
  readonly log: Log;
};

/** How many bytes may come and go before it is looked again: much can come within a second. */
const lookedAtEachBytes = 64 * 1024 * 1024;

export class ClientEviction {
  readonly #options: ClientEvictionOptions;
  #movedBytes = 0;

  constructor(options: ClientEvictionOptions) {
    this.#options = options;
  }

  /** So much was received, or is to be sent. */
  moved(bytes: number): void {
    this.#movedBytes += bytes;
    if (this.#movedBytes >= lookedAtEachBytes) this.look();
  }

  /** Cuts the largest clients until the others are within the limit. */
  look(): void {
    this.#movedBytes = 0;
    const { connections, statistics, log } = this.#options;
    const limitBytes = this.#limitBytes;
    const clients = [...connections.values()].filter(({ isClosing }) => !isClosing).map((connection) => ({ connection, bytes: connection.memoryBytes }));
    let bytes = clients.reduce((sum, client) => sum + client.bytes, 0);
    if (bytes <= limitBytes) return;
    for (const client of clients.filter(({ connection }) => !connection.isProtected).toSorted((left, right) => right.bytes - left.bytes)) {
      if (bytes <= limitBytes) return;
      log.warn({ client: client.connection.address, bytes: client.bytes, limitBytes }, 'a client was disconnected: clients take too much memory');
      client.connection.cut();
      statistics.evictedClients += 1;
      bytes -= client.bytes;
    }
  }

  get #limitBytes(): number {
    const { configuration } = this.#options;
    const text = configuration.text('maxmemory-clients');
    const set = text.endsWith('%') ? Math.floor((configuration.integer('maxmemory') * Number(text.slice(0, -1))) / 100) : Number(text);
    // DIFFERS: without a limit of the user's Redis has none, and the system ends it when there is no memory left.
    return set > 0 ? set : machineBytes() / 2;
  }
}

/** What this process may have: of a container its limit. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
