// Two digests of a key, for what this process remembers of very many keys in little memory. One object serves all keys of a table.

/** A digest is made of the first bytes of a key and its length: a key may be very long. */
const digestedBytes = 256;

export class KeyDigest {
  /** Where to look. Unsigned, 32 bits, as the other. */
  place = 0;
  /** What tells the keys of one place apart. */
  mark = 0;

  /** FNV-1a, and the same with another factor. */
  read(space: number, key: Buffer): void {
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
    this.place = first >>> 0;
    this.mark = (second ^ (first & 0xffff0000)) >>> 0;
  }
}
