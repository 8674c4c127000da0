// Splits what the server sends into messages of PostgreSQL's protocol 3.0 (type byte, length, body), whatever the
// boundaries of the chunks, and gives access to the fields of a DataRow without copying.

import { Buffer } from 'node:buffer';
import { FacetError } from '../../kernel/errors.ts';
import { GatheredBytes } from '../../kernel/gathered-bytes.ts';
import { wireLimits } from './limits.ts';

/** Called for each message; `buffer` from `start` to `end` is its body, valid during the call only. */
export type MessageHandler = (type: number, buffer: Buffer, start: number, end: number) => void;

export class BackendReader {
  readonly #onMessage: MessageHandler;
  /** Of an incomplete message, and how many bytes it has; a header comes before its length is known. */
  #pending: GatheredBytes | undefined;
  #neededBytes = 5;

  constructor(onMessage: MessageHandler) {
    this.#onMessage = onMessage;
  }

  /** Takes the next chunk. Throws `connection_lost` for what cannot be a message. */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (this.#pending !== undefined) {
      rest = rest.subarray(this.#pending.add(rest));
      if (this.#pending.length < this.#neededBytes) return;
      const gathered = this.#pending.take();
      this.#pending = undefined;
      // A header alone says how much more is to be gathered.
      this.#split(gathered);
    }
    if (rest.length > 0) this.#split(rest);
  }

  /** Hands on the messages that are whole, and keeps what is left. */
  #split(buffer: Buffer): void {
    let offset = 0;
    while (buffer.length - offset >= 5) {
      const length = buffer.readInt32BE(offset + 1);
      if (length < 4 || length > wireLimits.messageBytes) {
        throw new FacetError('connection_lost', `the server sent a message of ${length} bytes`);
      }
      const end = offset + 1 + length;
      if (end > buffer.length) {
        this.#keep(buffer, offset, 1 + length);
        return;
      }
      this.#onMessage(buffer[offset]!, buffer, offset + 5, end);
      offset = end;
    }
    if (offset < buffer.length) this.#keep(buffer, offset, 5);
  }

  #keep(buffer: Buffer, offset: number, neededBytes: number): void {
    this.#pending = new GatheredBytes(neededBytes);
    this.#pending.add(buffer.subarray(offset));
    this.#neededBytes = neededBytes;
  }
}

/** The fields of one DataRow. One instance serves a whole connection: valid only during the call that receives it. */
export class DataRow {
  buffer: Buffer = Buffer.alloc(0);
  count = 0;
  #starts = new Int32Array(32);
  #lengths = new Int32Array(32);

  /** Points this row at the body of a DataRow message. */
  reset(buffer: Buffer, start: number): void {
    this.buffer = buffer;
    const count = buffer.readUInt16BE(start);
    this.count = count;
    if (count > this.#starts.length) {
      this.#starts = new Int32Array(count * 2);
      this.#lengths = new Int32Array(count * 2);
    }
    let offset = start + 2;
    for (let index = 0; index < count; index++) {
      const length = buffer.readInt32BE(offset);
      offset += 4;
      this.#starts[index] = offset;
      this.#lengths[index] = length;
      if (length > 0) offset += length;
    }
  }

  isNull(index: number): boolean {
    return this.#lengths[index]! < 0;
  }

  /** Where a field starts in `buffer`. */
  start(index: number): number {
    return this.#starts[index]!;
  }

  /** A field's length in bytes, -1 for null. */
  length(index: number): number {
    return this.#lengths[index]!;
  }

  /** The bytes of a field, for the call only: what is kept is copied, or taken as `lasting`. */
  bytes(index: number): Buffer {
    const start = this.#starts[index]!;
    return this.buffer.subarray(start, start + this.#lengths[index]!);
  }

  /** The bytes of a field to keep: not a copy, but what they came in (64 kB and more) lives as long as they do. */
  lasting(index: number): Buffer {
    return this.bytes(index);
  }

  utf8(index: number): string {
    const start = this.#starts[index]!;
    return this.buffer.toString('utf8', start, start + this.#lengths[index]!);
  }

  /** A field's bytes as a string of one character a byte. */
  latin1(index: number): string {
    const start = this.#starts[index]!;
    return this.buffer.toString('latin1', start, start + this.#lengths[index]!);
  }

  uint32(index: number): number {
    return this.buffer.readUInt32BE(this.#starts[index]!);
  }

  bool(index: number): boolean {
    return this.buffer[this.#starts[index]!] === 1;
  }

  int16(index: number): number {
    return this.buffer.readInt16BE(this.#starts[index]!);
  }

  int32(index: number): number {
    return this.buffer.readInt32BE(this.#starts[index]!);
  }

  int64(index: number): bigint {
    return this.buffer.readBigInt64BE(this.#starts[index]!);
  }

  /** An int8 as a number, exact up to 2^53. */
  safeInteger(index: number): number {
    const start = this.#starts[index]!;
    return this.buffer.readInt32BE(start) * 0x1_0000_0000 + this.buffer.readUInt32BE(start + 4);
  }

  float64(index: number): number {
    return this.buffer.readDoubleBE(this.#starts[index]!);
  }
}
