// The checksum of DUMP payloads: CRC-64 with the Jones polynomial, reflected, without inversions, as Redis's crc64.c.

// The polynomial 0xad93d23594c935a9 reflected, in halves: numbers of 64 bits would be slow.
const polynomialHigh = 0x95ac9329;
const polynomialLow = 0xac4bc9b5;

const highs = new Uint32Array(256);
const lows = new Uint32Array(256);
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
  highs[byte] = high;
  lows[byte] = low;
}

/** The checksum in the byte order of a payload's end. */
export function crc64(bytes: Buffer): Buffer {
  let high = 0;
  let low = 0;
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ lows[index]!;
    high = (high >>> 8) ^ highs[index]!;
  }
  const checksum = Buffer.alloc(8);
  checksum.writeUInt32LE(low >>> 0, 0);
  checksum.writeUInt32LE(high >>> 0, 4);
  return checksum;
}
