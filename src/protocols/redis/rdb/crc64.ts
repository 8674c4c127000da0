// The checksum of DUMP payloads: CRC-64 with the Jones polynomial, reflected, without inversions, as Redis's crc64.c.

// The polynomial 0xad93d23594c935a9 reflected, in halves: numbers of 64 bits would be slow.
const polynomialHigh = 0x95ac9329;
const polynomialLow = 0xac4bc9b5;

/** Of table `n`: what a byte does with `n` bytes behind it, so that eight are taken at a time. */
const highs = Array.from({ length: 8 }, () => new Uint32Array(256));
const lows = Array.from({ length: 8 }, () => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carries = (low & 1) === 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (carries) {
      high = (high ^ polynomialHigh) >>> 0;
      low = (low ^ polynomialLow) >>> 0;
    }
  }
  highs[0]![byte] = high;
  lows[0]![byte] = low;
}
for (let table = 1; table < 8; table++) {
  for (let byte = 0; byte < 256; byte++) {
    const high = highs[table - 1]![byte]!;
    const low = lows[table - 1]![byte]!;
    highs[table]![byte] = (high >>> 8) ^ highs[0]![low & 0xff]!;
    lows[table]![byte] = ((low >>> 8) | (high << 24)) ^ lows[0]![low & 0xff]!;
  }
}
const [high0, high1, high2, high3, high4, high5, high6, high7] = highs as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
const [low0, low1, low2, low3, low4, low5, low6, low7] = lows as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** The checksum of bytes that come in pieces. */
export class Crc64 {
  #high = 0;
  #low = 0;

  add(bytes: Buffer): void {
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    for (const end = bytes.length - 7; at < end; at += 8) {
      const first = low ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
      const second = high ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
      high = high7[first & 0xff]! ^ high6[(first >>> 8) & 0xff]! ^ high5[(first >>> 16) & 0xff]! ^ high4[first >>> 24]!
        ^ high3[second & 0xff]! ^ high2[(second >>> 8) & 0xff]! ^ high1[(second >>> 16) & 0xff]! ^ high0[second >>> 24]!;
      low = low7[first & 0xff]! ^ low6[(first >>> 8) & 0xff]! ^ low5[(first >>> 16) & 0xff]! ^ low4[first >>> 24]!
        ^ low3[second & 0xff]! ^ low2[(second >>> 8) & 0xff]! ^ low1[(second >>> 16) & 0xff]! ^ low0[second >>> 24]!;
    }
    for (; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ low0[index]!;
      high = (high >>> 8) ^ high0[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  /** In the byte order of a payload's end. */
  get checksum(): Buffer {
    const checksum = Buffer.alloc(8);
    checksum.writeUInt32LE(this.#low >>> 0, 0);
    checksum.writeUInt32LE(this.#high >>> 0, 4);
    return checksum;
  }
}

/** Bytes that are taken before others have their turn. */
const slicedBytes = 1024 * 1024;

export function* crc64(pieces: Iterable<Buffer>): Generator<undefined, Buffer> {
  const crc = new Crc64();
  let taken = 0;
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += slicedBytes) {
      const part = piece.length <= slicedBytes ? piece : piece.subarray(start, start + slicedBytes);
      crc.add(part);
      taken += part.length;
      if (taken < slicedBytes) continue;
      taken = 0;
      yield;
    }
  }
  return crc.checksum;
}
