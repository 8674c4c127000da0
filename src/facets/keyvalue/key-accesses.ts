// When keys were last looked at through this gateway (OBJECT IDLETIME). It is remembered in this process, so that reading a
// key writes nothing, and in bounded memory: a key that is forgotten was not looked at for at least as long as those kept.

import { keyvalueLimits } from './limits.ts';

/** A key's digest leads to a group, which is looked through. */
const entriesOfGroup = 8;
/** A digest is made of the first bytes of a key and its length: a key may be very long. */
const digestedBytes = 256;

export type KeyAccessesOptions = {
  readonly nowMs?: () => number;
  /** How many keys it can know: 8 bytes each. */
  readonly capacity?: number;
};

export class KeyAccesses {
  readonly #groups: number;
  readonly #nowMs: () => number;
  readonly #sinceSecond: number;
  /** The other half of the digest. Two keys with the same one count as one: one pair in 2^48. */
  readonly #digests: Uint32Array;
  /** Seconds since 1970; 0: free. */
  readonly #seconds: Uint32Array;
  #group = 0;
  #digest = 0;

  constructor({ nowMs = Date.now, capacity = keyvalueLimits.accessesKnown }: KeyAccessesOptions = {}) {
    this.#groups = capacity / entriesOfGroup;
    this.#digests = new Uint32Array(capacity);
    this.#seconds = new Uint32Array(capacity);
    this.#nowMs = nowMs;
    this.#sinceSecond = this.#nowSecond();
  }

  /** A key was looked at now, or so many seconds ago. */
  note(space: number, key: Buffer, secondsAgo = 0): void {
    this.#locate(space, key);
    let place = this.#group;
    for (let at = this.#group; at < this.#group + entriesOfGroup; at++) {
      if (this.#digests[at] === this.#digest && this.#seconds[at] !== 0) {
        place = at;
        break;
      }
      if (this.#seconds[at]! < this.#seconds[place]!) place = at;
    }
    this.#digests[place] = this.#digest;
    this.#seconds[place] = Math.max(1, this.#nowSecond() - secondsAgo);
  }

  /** For how many seconds nobody has looked at a key; at least so many where it is not known any more. */
  idleSeconds(space: number, key: Buffer): number {
    this.#locate(space, key);
    let last = Number.POSITIVE_INFINITY;
    for (let at = this.#group; at < this.#group + entriesOfGroup; at++) {
      if (this.#digests[at] === this.#digest && this.#seconds[at] !== 0) return this.#nowSecond() - this.#seconds[at]!;
      // Whoever has lost its place to another was not looked at since the oldest that is left.
      last = Math.min(last, this.#seconds[at]!);
    }
    return this.#nowSecond() - (last === 0 ? this.#sinceSecond : last);
  }

  /** FNV-1a for the group, and a second digest with another factor to tell the keys of a group. */
  #locate(space: number, key: Buffer): void {
    let first = 0x811c9dc5 ^ space;
    let second = 0x9747b28c ^ key.length;
    const end = Math.min(key.length, digestedBytes);
    for (let at = 0; at < end; at++) {
      const byte = key[at]!;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul(second ^ byte, 0x5bd1e995);
      second ^= second >>> 15;
    }
    first ^= first >>> 16;
    this.#group = ((first >>> 0) % this.#groups) * entriesOfGroup;
    this.#digest = (second ^ (first & 0xffff0000)) >>> 0;
  }

  #nowSecond(): number {
    return Math.floor(this.#nowMs() / 1_000);
  }
}
