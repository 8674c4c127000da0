// One growing buffer that is written into again and again: writing is synchronous, so that there is only one use at a time.

export type GrowingBytesOptions = {
  readonly initialBytes: number;
  /** A larger buffer is given back after use: one large value should not cost its memory for ever. */
  readonly retainedBytes: number;
};

export class GrowingBytes {
  protected bytes: Buffer;
  protected view: DataView;
  /** Set to 0 at the beginning of each use: the last one may have ended with an error. */
  protected position = 0;
  private readonly initialBytes: number;
  private readonly retainedBytes: number;

  constructor({ initialBytes, retainedBytes }: GrowingBytesOptions) {
    this.initialBytes = initialBytes;
    this.retainedBytes = retainedBytes;
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for so many bytes more; `bytes` and `view` may be others from then on. */
  protected reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const full = this.bytes;
    this.replace(Math.max(needed, full.length * 2));
    full.copy(this.bytes, 0, 0, this.position);
  }

  /** What was written, in memory of its own. */
  protected taken(): Uint8Array {
    const taken = new Uint8Array(this.position);
    taken.set(this.bytes.subarray(0, this.position));
    if (this.bytes.length > this.retainedBytes) this.replace(this.initialBytes);
    return taken;
  }

  private replace(capacity: number): void {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer);
  }
}
