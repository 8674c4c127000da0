// The logical clock of a replica set of one: every reply tells a time that never goes back.

import { encodeDocument } from '../../values/bson/encode.ts';
import { Binary, Timestamp, type Document, type Value } from '../../values/bson/types.ts';

/** Nobody else's time can be signed, and nobody checks ours. */
const signature: Document = new Map<string, Value>([['hash', new Binary(new Uint8Array(20), 0)], ['keyId', 0n]]);

/** What stands at the end of replies, as bytes: elements and the document's end, with a time in two places that is put in. */
function tailOf(time: Timestamp): Buffer {
  const elements = new Map<string, Value>([['$clusterTime', new Map<string, Value>([['clusterTime', time], ['signature', signature]])], ['operationTime', time]]);
  return Buffer.from(encodeDocument(elements).subarray(4));
}

export class LogicalClock {
  // Two halves of a Timestamp: BigInts take longer than all else that a reply's time costs.
  #second = 0;
  #increment = 0;
  readonly #tail: Buffer;
  readonly #timePlaces: readonly number[];

  constructor() {
    const mark = 0x0102_0304_0506_0708n;
    this.#tail = tailOf(new Timestamp(mark));
    const marked = Buffer.alloc(8);
    marked.writeBigUInt64LE(mark);
    this.#timePlaces = [this.#tail.indexOf(marked), this.#tail.lastIndexOf(marked)];
  }

  now(): Timestamp {
    this.#tick();
    return new Timestamp((BigInt(this.#second) << 32n) | BigInt(this.#increment));
  }

  /** What stands at the end of a reply (`$clusterTime`, `operationTime`): elements and the end. Valid until the next call. */
  tail(): Uint8Array {
    this.#tick();
    for (const place of this.#timePlaces) {
      this.#tail.writeUInt32LE(this.#increment, place);
      this.#tail.writeUInt32LE(this.#second, place + 4);
    }
    return this.#tail;
  }

  #tick(): void {
    const second = Math.floor(Date.now() / 1_000);
    this.#increment = second > this.#second ? 1 : this.#increment + 1;
    if (second > this.#second) this.#second = second;
  }
}
