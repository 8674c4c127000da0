// Cuts a stream of bytes into messages, however it is split. A message is its length, its header and its body.
// Source: MongoDB's manual, "MongoDB Wire Protocol".

import { mongodbLimits } from './limits.ts';
import { ProtocolViolation } from './protocol-violation.ts';

export const headerBytes = 16;

/** `body` is what follows the header. It may share memory with what was received, which is never written again. */
export type Frame = { readonly requestId: number; readonly responseTo: number; readonly opCode: number; readonly body: Buffer };

export class FrameReader {
  readonly #limit: () => number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** The length of the message that has begun, once it is known. */
  #length: number | undefined;

  /** `limit` is asked at each message: how many bytes it may have. */
  constructor(limit: () => number = () => mongodbLimits.messageBytes) {
    this.#limit = limit;
  }

  /** Bytes that were received and are not part of a whole message yet. */
  get bufferedBytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next whole message, or undefined. Errors: ProtocolViolation, after which nothing more can be read. */
  next(): Frame | undefined {
    this.#length ??= this.#readLength();
    if (this.#length === undefined || this.#bytes < this.#length) return undefined;
    const message = this.#take(this.#length);
    this.#length = undefined;
    return {
      requestId: message.readInt32LE(4),
      responseTo: message.readInt32LE(8),
      opCode: message.readInt32LE(12),
      body: message.subarray(headerBytes),
    };
  }

  #readLength(): number | undefined {
    if (this.#bytes < 4) return undefined;
    if (this.#chunks[0]!.length < 4) this.#join();
    const length = this.#chunks[0]!.readInt32LE(0);
    if (length < headerBytes) throw new ProtocolViolation(`a message of ${length} bytes is shorter than its header`);
    const limit = this.#limit();
    if (length > limit) throw new ProtocolViolation(`a message of ${length} bytes is longer than ${limit}`);
    return length;
  }

  #take(length: number): Buffer {
    if (this.#chunks[0]!.length < length) this.#join();
    const first = this.#chunks[0]!;
    this.#bytes -= length;
    if (first.length === length) return this.#chunks.shift()!;
    this.#chunks[0] = first.subarray(length);
    return first.subarray(0, length);
  }

  /** Once a message at most, so that a long one costs no more than its length. */
  #join(): void {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks, this.#bytes));
  }
}
