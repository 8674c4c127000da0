// The logical clock of a replica set of one: every reply tells a time that never goes back.

import { Binary, Timestamp, type Document, type Value } from '../../values/bson/types.ts';

export class LogicalClock {
  #last = 0n;
  /** Nobody else's time can be signed, and nobody checks ours. */
  readonly #signature: Document = new Map<string, Value>([['hash', new Binary(new Uint8Array(20), 0)], ['keyId', 0n]]);

  now(): Timestamp {
    const second = BigInt(Math.floor(Date.now() / 1_000)) << 32n;
    this.#last = this.#last >= second ? this.#last + 1n : second + 1n;
    return new Timestamp(this.#last);
  }

  /** What stands at the end of replies. */
  tail(): [string, Value][] {
    const time = this.now();
    return [['$clusterTime', new Map<string, Value>([['clusterTime', time], ['signature', this.#signature]])], ['operationTime', time]];
  }
}
