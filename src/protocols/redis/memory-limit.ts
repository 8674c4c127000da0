// `maxmemory`: a limit for what keys take. Keys are on disk, so it is there that they are measured; and as none is ever evicted
// (`maxmemory-policy noeviction`), commands that may need room are refused while there is more than the limit.

import type { KeyValue } from '../../facets/keyvalue/index.ts';
import { type Command } from './command.ts';
import type { Configuration } from './configuration.ts';
import type { RedisConnection } from './connection.ts';
import { redisErrors } from './redis-error.ts';

/** What ends a transaction may be asked for whatever has been queued. */
const endsTransaction: ReadonlySet<string> = new Set(['exec', 'discard', 'quit', 'reset']);

export class MemoryLimit {
  readonly #configuration: Configuration;
  readonly #keyvalue: Pick<KeyValue, 'storedBytes'>;
  #isMeasuring = false;
  #isExceeded = false;

  constructor(configuration: Configuration, keyvalue: Pick<KeyValue, 'storedBytes'>) {
    this.#configuration = configuration;
    this.#keyvalue = keyvalue;
  }

  get #limitBytes(): number {
    return this.#configuration.integer('maxmemory');
  }

  get #hasLimit(): boolean {
    return this.#limitBytes > 0;
  }

  /** Compares now. Without a limit there is nothing to measure. */
  async measure(): Promise<void> {
    const bytes = this.#hasLimit ? await this.#keyvalue.storedBytes() : 0;
    // Meanwhile another limit may have been set, or none.
    this.#isExceeded = this.#hasLimit && bytes > this.#limitBytes;
  }

  /** Once a second: in between, clients can go beyond the limit. */
  tick(): void {
    if (this.#isMeasuring || !this.#hasLimit) return;
    this.#isMeasuring = true;
    // PostgreSQL may be away for a moment: what was measured last still holds.
    this.measure().then(() => (this.#isMeasuring = false), () => (this.#isMeasuring = false));
  }

  /** Throws for what needs room that there is not. Queued commands need it too, in the gateway. */
  check({ transaction }: RedisConnection, command: Command): void {
    if (!this.#isExceeded) return;
    const isQueued = transaction?.isQueueing === true && !endsTransaction.has(command.name);
    const needsRoom = command.flags.includes('denyoom') || (command.name === 'exec' && transaction?.needsRoom === true);
    if (isQueued || needsRoom) throw redisErrors.outOfMemory;
  }
}
