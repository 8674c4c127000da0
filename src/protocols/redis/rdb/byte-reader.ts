// Reads bytes that a client sent: whoever reads past the end, or finds what cannot be, gets `BadData`.

/** The bytes are not what they claim to be. */
export class BadData extends Error {}

export class ByteReader {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.position === this.bytes.length;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  take(length: number): Buffer {
    const end = this.position + length;
    if (length < 0 || end > this.bytes.length) throw new BadData('too short');
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  /** A signed integer of one to eight bytes, the lowest first. */
  signed(length: number): bigint {
    return BigInt.asIntN(8 * length, this.unsigned(length));
  }

  unsigned(length: number): bigint {
    let value = 0n;
    for (const byte of Buffer.from(this.take(length)).reverse()) value = (value << 8n) | BigInt(byte);
    return value;
  }

  /** An unsigned integer of up to four bytes, the highest first. */
  bigEndian(length: number): number {
    return this.take(length).readUIntBE(0, length);
  }

  expect(condition: boolean): asserts condition {
    if (!condition) throw new BadData('not as it claims to be');
  }
}
