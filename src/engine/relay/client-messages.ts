// Splits what a client sends into its messages, whatever the boundaries of the chunks. Source: PostgreSQL's manual, "Message
// Formats".

export type ClientMessageHandlers = {
  /** A message, whole, with its header. Valid during the call only. */
  readonly message: (type: number, bytes: Buffer) => void;
  /** A part of one that is longer than `limit`. */
  readonly piece: (type: number, bytes: Buffer, isLast: boolean) => void;
  /** Bytes of a message that are worth waiting for. Throws where no longer one is allowed. */
  readonly limit: (type: number, bytes: number) => number;
};

const headerBytes = 5;
const none = Buffer.alloc(0);

export class ClientMessages {
  readonly #handlers: ClientMessageHandlers;
  /** The beginning of a message. */
  #kept: Buffer = none;
  /** What is left of a message that passes in pieces, and its type. */
  #left = 0;
  #type = 0;

  constructor(handlers: ClientMessageHandlers) {
    this.#handlers = handlers;
  }

  /** Whether the stream stands between two messages. */
  get isBetween(): boolean {
    return this.#kept.length === 0 && this.#left === 0;
  }

  /** Throws for a length that cannot be, and what `limit` throws. */
  push(chunk: Buffer): void {
    const buffer = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = none;
    let at = 0;
    while (at < buffer.length) {
      if (this.#left > 0) {
        at = this.#passPiece(buffer, at);
        continue;
      }
      const rest = buffer.length - at;
      if (rest < headerBytes) break;
      const length = buffer.readInt32BE(at + 1) + 1;
      if (length < headerBytes) throw new Error('a message of negative length');
      const type = buffer[at]!;
      if (length <= rest) {
        this.#handlers.message(type, buffer.subarray(at, at + length));
        at += length;
      } else if (length <= this.#handlers.limit(type, length)) break;
      else {
        this.#type = type;
        this.#left = length;
      }
    }
    // A copy: the chunk may be large, and what is left of it small.
    if (at < buffer.length) this.#kept = Buffer.from(buffer.subarray(at));
  }

  #passPiece(buffer: Buffer, at: number): number {
    const end = Math.min(buffer.length, at + this.#left);
    this.#left -= end - at;
    this.#handlers.piece(this.#type, buffer.subarray(at, end), this.#left === 0);
    return end;
  }
}
