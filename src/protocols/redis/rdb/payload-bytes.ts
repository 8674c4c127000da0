// The bytes of a payload while it is written: short ones are copied together, long ones stay where they are.

import { Buffer } from 'node:buffer';
import { parseInt64 } from '../numbers.ts';

const chunkBytes = 64 * 1024;
/** Longer strings are not copied. */
const copiedBytes = 4 * 1024;
/** A head and a length, or a double. */
const fixedBytes = 16;

export class PayloadBytes {
  readonly #pieces: Buffer[] = [];
  #chunk = Buffer.allocUnsafe(1024);
  #start = 0;
  #end = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#chunk[this.#end++] = value;
  }

  /** A length, in as few bytes as Redis writes it. */
  length(length: number): void {
    this.#reserve(fixedBytes);
    if (length < 64) this.#chunk[this.#end++] = length;
    else if (length < 16_384) this.#end = this.#chunk.writeUInt16BE(0x4000 | length, this.#end);
    else {
      this.#chunk[this.#end++] = 0x80;
      this.#end = this.#chunk.writeUInt32BE(length, this.#end);
    }
  }

  /** With its length; numbers of up to 32 bits are written as such. */
  string(value: Buffer): void {
    const number = value.length <= 11 ? parseInt64(value) : undefined;
    if (number === undefined || BigInt.asIntN(32, number) !== number) {
      this.length(value.length);
      return this.bytes(value);
    }
    const at = Number(number);
    const encoding = at === (at << 24) >> 24 ? 0 : at === (at << 16) >> 16 ? 1 : 2;
    this.byte(0xc0 | encoding);
    this.#reserve(fixedBytes);
    this.#end = this.#chunk.writeIntLE(at, this.#end, 2 ** encoding);
  }

  double(value: number): void {
    this.#reserve(fixedBytes);
    this.#end = this.#chunk.writeDoubleLE(value, this.#end);
  }

  bytes(value: Buffer): void {
    if (value.length > copiedBytes) {
      this.#close();
      this.#pieces.push(value);
      return;
    }
    this.#reserve(value.length);
    this.#end += value.copy(this.#chunk, this.#end);
  }

  /** Everything that was written. */
  get pieces(): readonly Buffer[] {
    this.#close();
    return this.#pieces;
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#end >= bytes) return;
    this.#close();
    this.#chunk = Buffer.allocUnsafe(Math.max(bytes, chunkBytes));
    this.#start = 0;
    this.#end = 0;
  }

  #close(): void {
    if (this.#end > this.#start) this.#pieces.push(this.#chunk.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
