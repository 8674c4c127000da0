// The slow log: the requests that took longest lately, newest first, shortened as Redis does it.

import { Buffer } from 'node:buffer';
import type { Configuration } from './configuration.ts';
import { redisLimits } from './limits.ts';

export type SlowLogEntry = {
  readonly id: number;
  /** Unix time. */
  readonly seconds: number;
  readonly microseconds: number;
  readonly request: readonly (Buffer | string)[];
  readonly address: string;
  readonly clientName: string;
};

export class SlowLog {
  readonly #configuration: Configuration;
  /** Oldest first. The last `#length` of them count: those before are cut off now and then, or each note would shift all. */
  #entries: SlowLogEntry[] = [];
  #length = 0;
  #nextId = 0;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  get length(): number {
    return this.#length;
  }

  /** The newest ones, newest first. */
  latest(count: number): readonly SlowLogEntry[] {
    const shown = Math.min(count, this.#length);
    return shown === 0 ? [] : this.#entries.slice(-shown).toReversed();
  }

  reset(): void {
    this.#entries = [];
    this.#length = 0;
  }

  /** Notes a request if it took long enough. `request` must not hold secrets. */
  note({ request, ...entry }: Omit<SlowLogEntry, 'id' | 'seconds'>): void {
    const threshold = this.#configuration.integer('slowlog-log-slower-than');
    if (threshold < 0 || entry.microseconds < threshold) return;
    this.#entries.push({ ...entry, id: this.#nextId++, seconds: Math.floor(Date.now() / 1_000), request: shorten(request) });
    this.#length = Math.min(this.#length + 1, this.#configuration.integer('slowlog-max-len'));
    if (this.#entries.length > 2 * this.#length) this.#entries.splice(0, this.#entries.length - this.#length);
  }
}

function shorten(request: readonly (Buffer | string)[]): (Buffer | string)[] {
  const { slowLogArguments, slowLogArgumentBytes } = redisLimits;
  const isLong = request.length > slowLogArguments;
  const shown: (Buffer | string)[] = request.slice(0, isLong ? slowLogArguments - 1 : slowLogArguments).map((argument) => {
    if (typeof argument === 'string') return argument;
    const more = argument.length - slowLogArgumentBytes;
    // A copy: the argument is a piece of a network buffer.
    return more > 0 ? Buffer.concat([argument.subarray(0, slowLogArgumentBytes), Buffer.from(`... (${more} more bytes)`)]) : Buffer.from(argument);
  });
  if (isLong) shown.push(`... (${request.length - slowLogArguments + 1} more arguments)`);
  return shown;
}
