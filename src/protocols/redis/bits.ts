// Bits of strings as Redis numbers them: bit 0 is the highest bit of the first byte.

const onesOf = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export function bitAt(bytes: Buffer, offset: number): number {
  return ((bytes[Math.floor(offset / 8)] ?? 0) >> (7 - (offset % 8))) & 1;
}

/** How many bits are set from one position to another, both included. */
export function countBits(bytes: Buffer, first: number, last: number): number {
  const firstByte = Math.floor(first / 8);
  const lastByte = Math.floor(last / 8);
  let count = 0;
  for (let index = firstByte; index <= lastByte; index++) count += onesOf[bytes[index]!]!;
  // What the outer bytes have outside of the range.
  const before = bytes[firstByte]! & ~(0xff >> first % 8) & 0xff;
  const after = bytes[lastByte]! & (0xff >> ((last % 8) + 1));
  return count - onesOf[before]! - onesOf[after]!;
}

/** The first bit of that value from one position to another, both included; -1 when there is none. */
export function findBit(bytes: Buffer, bit: 0 | 1, first: number, last: number): number {
  const skipped = bit === 1 ? 0x00 : 0xff;
  for (let offset = first; offset <= last; offset++) {
    if (offset % 8 === 0) while (bytes[offset / 8] === skipped && offset + 7 < last) offset += 8;
    if (bitAt(bytes, offset) === bit) return offset;
  }
  return -1;
}

/** An integer of up to 64 bits at an offset; what lies beyond the end counts as zero. */
export function readBits(bytes: Buffer, offset: number, width: number): bigint {
  let value = 0n;
  const last = offset + width - 1;
  for (let index = Math.floor(offset / 8); index <= Math.floor(last / 8); index++) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return BigInt.asUintN(width, value >> BigInt(7 - (last % 8)));
}

/** Writes the lowest `width` bits of the value. */
export function writeBits(bytes: Buffer, offset: number, width: number, value: bigint): void {
  for (let index = 0; index < width; index++) {
    const position = offset + index;
    const mask = 0x80 >> position % 8;
    const isSet = ((value >> BigInt(width - 1 - index)) & 1n) === 1n;
    const byte = bytes[Math.floor(position / 8)]!;
    bytes[Math.floor(position / 8)] = isSet ? byte | mask : byte & ~mask;
  }
}

export type BitOperation = 'AND' | 'OR' | 'XOR' | 'NOT';

/** Bytes that are combined before others have their turn. */
const slicedBytes = 1024 * 1024;

/** As BITOP: the result is as long as the longest source, shorter ones are continued with zeros. */
export function* combineBits(operation: BitOperation, sources: readonly Buffer[]): Generator<undefined, Buffer> {
  const length = Math.max(0, ...sources.map((source) => source.length));
  const result = length > slicedBytes ? Buffer.allocUnsafeSlow(length) : Buffer.alloc(length);
  for (let start = 0; start < length; start += slicedBytes) {
    const end = Math.min(length, start + slicedBytes);
    const slice = result.subarray(start, end);
    for (const [index, source] of sources.entries()) {
      const part = source.subarray(start, end);
      if (index > 0) combineInto(operation, slice, part);
      else slice.fill(0, part.copy(slice));
    }
    if (operation === 'NOT') for (let index = 0; index < slice.length; index++) slice[index] = ~slice[index]!;
    yield;
  }
  return result;
}

type Combine = (left: number, right: number) => number;

const combine: Readonly<Record<BitOperation, Combine>> = {
  AND: (left, right) => left & right,
  OR: (left, right) => left | right,
  XOR: (left, right) => left ^ right,
  NOT: (left) => left,
};

/** Whole words of what has its beginning at a word's, the rest by bytes. */
function combineInto(operation: BitOperation, result: Buffer, source: Buffer): void {
  const combined = combine[operation];
  const isAligned = result.byteOffset % 4 === 0 && source.byteOffset % 4 === 0;
  const words = isAligned ? source.length >> 2 : 0;
  const into = new Uint32Array(result.buffer, isAligned ? result.byteOffset : 0, words);
  const from = new Uint32Array(source.buffer, isAligned ? source.byteOffset : 0, words);
  for (let index = 0; index < words; index++) into[index] = combined(into[index]!, from[index]!);
  for (let index = words * 4; index < source.length; index++) result[index] = combined(result[index]!, source[index]!);
  if (operation === 'AND') result.fill(0, source.length);
}
