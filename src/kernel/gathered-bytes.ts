// Bytes that come in pieces and are wanted in one. Many are copied as they come: at their end it would take so long at once that everybody
// else waits for it, and twice the memory.

import { Buffer } from 'node:buffer';
import { assert } from './assert.ts';

/** No more bytes than these are put together at their end. */
export const longBytes = 1024 * 1024;
/** Room for all is made when one byte of so many is there: who only announces many does not get it. */
const announcedToReceived = 16;

export class GatheredBytes {
  readonly #wanted: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #whole: Buffer | undefined;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes what it wants of a piece, which it keeps; gives how many bytes that was. */
  add(piece: Buffer): number {
    const taken = Math.min(piece.length, this.#wanted - this.#length);
    const part = taken === piece.length ? piece : piece.subarray(0, taken);
    if (this.#whole === undefined) this.#pieces.push(part);
    else part.copy(this.#whole, this.#length);
    this.#length += taken;
    if (this.#whole === undefined && this.#wanted > longBytes && this.#length * announcedToReceived >= this.#wanted) this.#makeRoom();
    return taken;
  }

  /** All of it in one. */
  take(): Buffer {
    assert(this.#length === this.#wanted, 'bytes are taken when all of them are there');
    return this.#whole ?? Buffer.concat(this.#pieces, this.#length);
  }

  #makeRoom(): void {
    const whole = Buffer.allocUnsafeSlow(this.#wanted);
    let end = 0;
    for (const piece of this.#pieces) end += piece.copy(whole, end);
    this.#pieces = [];
    this.#whole = whole;
  }
}
