// Finds the messages in a stream of PostgreSQL's protocol without keeping them: their types, and the first bytes of the few
// whose content matters. Source: PostgreSQL's manual, "Message Formats".

/** Called at the end of each message with its type and the beginning of its body. */
export type MessageSeen = (type: number, body: Buffer) => void;

const headerBytes = 5;
const keptBytes = 64;

export class MessageScanner {
  readonly #seen: MessageSeen;
  readonly #header = Buffer.alloc(headerBytes);
  readonly #body = Buffer.alloc(keptBytes);
  #headerLength = 0;
  #bodyLength = 0;
  #left = 0;

  constructor(seen: MessageSeen) {
    this.#seen = seen;
  }

  /** Whether the stream stands between two messages. */
  get isBetween(): boolean {
    return this.#headerLength === 0;
  }

  /** Throws for a length that cannot be. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerLength < headerBytes) {
        this.#header[this.#headerLength++] = chunk[at++]!;
        if (this.#headerLength < headerBytes) continue;
        this.#left = this.#header.readInt32BE(1) - 4;
        if (this.#left < 0) throw new Error('a message of negative length');
        this.#bodyLength = 0;
      }
      const taken = Math.min(this.#left, chunk.length - at);
      const kept = Math.min(taken, keptBytes - this.#bodyLength);
      if (kept > 0) chunk.copy(this.#body, this.#bodyLength, at, at + kept);
      this.#bodyLength += Math.max(0, kept);
      this.#left -= taken;
      at += taken;
      if (this.#left === 0) {
        this.#headerLength = 0;
        this.#seen(this.#header[0]!, this.#body.subarray(0, this.#bodyLength));
      }
    }
  }
}
