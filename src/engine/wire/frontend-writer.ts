// Writes frontend messages of PostgreSQL's protocol 3.0, one function a message, named as the manual's chapter
// "Message Formats" names them. Knows bytes only: which message follows which is connection.ts's affair.

import { Buffer } from 'node:buffer';
import { wireLimits } from './limits.ts';

const initialBytes = 16 * 1024;

/** Where a length word is to be filled in once the message is complete. */
type LengthMark = { readonly chunk: Buffer; readonly offset: number; readonly writtenBefore: number };

export type WriterCheckpoint = {
  readonly chunk: Buffer;
  readonly start: number;
  readonly offset: number;
  readonly fullLength: number;
  readonly fullBytes: number;
};

/** Appends messages to a buffer that `take` hands over. Values from `wireLimits.spliceBytes` on are not copied. */
export class FrontendWriter {
  #chunk: Buffer = Buffer.allocUnsafe(initialBytes);
  #start = 0;
  #offset = 0;
  #full: Buffer[] = [];
  /** Bytes in chunks before the present one, counted from the last `take`. */
  #fullBytes = 0;

  get byteLength(): number {
    return this.#fullBytes + this.#offset - this.#start;
  }

  /** Everything written since the last call, in order. */
  take(): Buffer[] {
    if (this.#offset > this.#start) this.#full.push(this.#chunk.subarray(this.#start, this.#offset));
    const taken = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    this.#start = this.#offset;
    if (this.#chunk.length - this.#offset < 1024) this.#renew(initialBytes);
    return taken;
  }

  /** The present position, for `restore`. */
  checkpoint(): WriterCheckpoint {
    return { chunk: this.#chunk, start: this.#start, offset: this.#offset, fullLength: this.#full.length, fullBytes: this.#fullBytes };
  }

  /** Takes back what was written since the checkpoint; nothing may have been taken in between. */
  restore(checkpoint: WriterCheckpoint): void {
    this.#chunk = checkpoint.chunk;
    this.#start = checkpoint.start;
    this.#offset = checkpoint.offset;
    this.#full.length = checkpoint.fullLength;
    this.#fullBytes = checkpoint.fullBytes;
  }

  // Primitive types, for value encoders.

  int8(value: number): void {
    this.#reserve(1);
    this.#chunk[this.#offset++] = value;
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#offset = this.#chunk.writeInt16BE(value, this.#offset);
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#offset = this.#chunk.writeUInt16BE(value, this.#offset);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#offset = this.#chunk.writeInt32BE(value, this.#offset);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#offset = this.#chunk.writeUInt32BE(value, this.#offset);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#offset = this.#chunk.writeBigInt64BE(value, this.#offset);
  }

  /** An int8 from a number, exact up to 2^53: BigInts take longer. */
  safeInteger(value: number): void {
    if (!Number.isSafeInteger(value)) return this.int64(BigInt(value));
    this.int32(Math.floor(value / 0x1_0000_0000));
    this.uint32(value >>> 0);
  }

  float32(value: number): void {
    this.#reserve(4);
    this.#offset = this.#chunk.writeFloatBE(value, this.#offset);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#offset = this.#chunk.writeDoubleBE(value, this.#offset);
  }

  bytes(value: Uint8Array): void {
    if (value.length >= wireLimits.spliceBytes) {
      this.#splice(value);
      return;
    }
    this.#reserve(value.length);
    this.#chunk.set(value, this.#offset);
    this.#offset += value.length;
  }

  utf8(value: string): void {
    // Three bytes a UTF-16 unit is the most that UTF-8 takes; only a long string is worth an exact count.
    this.#reserve(value.length < 4096 ? value.length * 3 : Buffer.byteLength(value));
    this.#offset += this.#chunk.write(value, this.#offset);
  }

  cstring(value: string): void {
    this.utf8(value);
    this.int8(0);
  }

  /** A length word that counts what `write` writes but not itself, as in front of a parameter's value. */
  counted(write: () => void): void {
    const mark = this.#markLength();
    write();
    this.#fillLength(mark, 0);
  }

  // Messages.

  startupMessage(parameters: Readonly<Record<string, string>>): void {
    const mark = this.#markLength();
    this.int32(196608); // protocol 3.0
    for (const [name, value] of Object.entries(parameters)) {
      this.cstring(name);
      this.cstring(value);
    }
    this.int8(0);
    this.#fillLength(mark, 4);
  }

  sslRequest(): void {
    this.int32(8);
    this.int32(80877103);
  }

  cancelRequest(processId: number, secretKey: Uint8Array): void {
    this.int32(12 + secretKey.length);
    this.int32(80877102);
    this.int32(processId);
    this.bytes(secretKey);
  }

  passwordMessage(password: string): void {
    const mark = this.#begin(0x70);
    this.cstring(password);
    this.#end(mark);
  }

  saslInitialResponse(mechanism: string, response: string): void {
    const mark = this.#begin(0x70);
    this.cstring(mechanism);
    this.counted(() => this.utf8(response));
    this.#end(mark);
  }

  saslResponse(response: string): void {
    const mark = this.#begin(0x70);
    this.utf8(response);
    this.#end(mark);
  }

  query(text: string): void {
    const mark = this.#begin(0x51);
    this.cstring(text);
    this.#end(mark);
  }

  parse(statementName: string, text: string, parameterOids: readonly number[]): void {
    const mark = this.#begin(0x50);
    this.cstring(statementName);
    this.cstring(text);
    this.int16(parameterOids.length);
    for (const oid of parameterOids) this.uint32(oid);
    this.#end(mark);
  }

  describeStatement(statementName: string): void {
    const mark = this.#begin(0x44);
    this.int8(0x53);
    this.cstring(statementName);
    this.#end(mark);
  }

  /**
   * Binds the unnamed portal. `parameterFormats` and `resultFormats`: one code for all, or one for each.
   * `writeParameters` writes each value with its length word (-1 for null).
   */
  bind(
    statementName: string,
    parameters: { readonly formats: readonly number[]; readonly count: number; readonly write: (writer: FrontendWriter) => void },
    resultFormats: readonly number[],
  ): void {
    const mark = this.#begin(0x42);
    this.int8(0);
    this.cstring(statementName);
    this.int16(parameters.formats.length);
    for (const format of parameters.formats) this.int16(format);
    this.uint16(parameters.count);
    parameters.write(this);
    this.int16(resultFormats.length);
    for (const format of resultFormats) this.int16(format);
    this.#end(mark);
  }

  /** Executes the unnamed portal to its end. */
  execute(): void {
    const mark = this.#begin(0x45);
    this.int8(0);
    this.int32(0);
    this.#end(mark);
  }

  closeStatement(statementName: string): void {
    const mark = this.#begin(0x43);
    this.int8(0x53);
    this.cstring(statementName);
    this.#end(mark);
  }

  sync(): void {
    this.int8(0x53);
    this.int32(4);
  }

  terminate(): void {
    this.int8(0x58);
    this.int32(4);
  }

  copyData(bytes: Uint8Array): void {
    const mark = this.#begin(0x64);
    this.bytes(bytes);
    this.#end(mark);
  }

  copyDone(): void {
    this.int8(0x63);
    this.int32(4);
  }

  copyFail(reason: string): void {
    const mark = this.#begin(0x66);
    this.cstring(reason);
    this.#end(mark);
  }

  #begin(type: number): LengthMark {
    this.int8(type);
    return this.#markLength();
  }

  #end(mark: LengthMark): void {
    this.#fillLength(mark, 4);
  }

  #markLength(): LengthMark {
    this.#reserve(4);
    const mark = { chunk: this.#chunk, offset: this.#offset, writtenBefore: this.byteLength + 4 };
    this.#offset += 4;
    return mark;
  }

  #fillLength(mark: LengthMark, lengthOfItself: number): void {
    mark.chunk.writeInt32BE(this.byteLength - mark.writtenBefore + lengthOfItself, mark.offset);
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#offset >= bytes) return;
    this.#closeChunk();
    this.#renew(Math.max(bytes, Math.min(this.#chunk.length * 2, wireLimits.writerChunkBytes)));
  }

  #splice(value: Uint8Array): void {
    this.#closeChunk();
    this.#start = this.#offset;
    this.#full.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    this.#fullBytes += value.length;
  }

  #closeChunk(): void {
    if (this.#offset === this.#start) return;
    this.#full.push(this.#chunk.subarray(this.#start, this.#offset));
    this.#fullBytes += this.#offset - this.#start;
    this.#start = this.#offset;
  }

  #renew(bytes: number): void {
    this.#chunk = Buffer.allocUnsafe(bytes);
    this.#start = 0;
    this.#offset = 0;
  }
}
