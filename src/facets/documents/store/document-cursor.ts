// A query's documents in batches of a reply's size.

import type { CursorLimits, DocumentCursor } from './operations.ts';
import type { RawSource } from './raw-source.ts';

/** How many documents are asked for at once where the client leaves it open, and how many bytes they may have about. */
const mostDocuments = 4_000;
const fewDocuments = 100;
const bytesAtOnce = 4 * 1_024 * 1_024;

export class SourceCursor implements DocumentCursor {
  readonly #source: RawSource;
  /** Came already and did not fit the batch before. */
  #pending: readonly Buffer[] = [];
  /** Bytes of a document, on average so far. */
  #averageBytes = 0;
  readonly #readsAhead: boolean;
  #batches = 0;
  /** The next documents, asked for while the client is busy with the last ones: a batch of them at most. */
  #ahead: Promise<readonly Buffer[]> | undefined;

  /** `readsAhead`: from the second batch on, when it shows that the client wants all. */
  constructor(source: RawSource, { readsAhead = false }: { readonly readsAhead?: boolean } = {}) {
    this.#source = source;
    this.#readsAhead = readsAhead;
  }

  get isExhausted(): boolean {
    return this.#pending.length === 0 && this.#ahead === undefined && this.#source.isExhausted;
  }

  async next({ count = Number.POSITIVE_INFINITY, bytes }: CursorLimits): Promise<readonly Buffer[]> {
    const batch: Buffer[] = [];
    let size = 0;
    while (batch.length < count) {
      if (this.#pending.length === 0) {
        if (this.#ahead === undefined && this.#source.isExhausted) break;
        this.#pending = await this.#fetch(count - batch.length);
        if (this.#pending.length === 0) break;
        this.#learn(this.#pending);
      }
      let taken = 0;
      let isFull = false;
      while (taken < this.#pending.length && batch.length < count) {
        const document = this.#pending[taken]!;
        isFull = batch.length > 0 && size + document.length > bytes;
        if (isFull) break;
        batch.push(document);
        size += document.length;
        taken += 1;
      }
      this.#pending = taken === this.#pending.length ? [] : this.#pending.slice(taken);
      if (isFull) break;
    }
    this.#batches += 1;
    if (this.#readsAhead && this.#batches > 1 && this.#pending.length === 0 && !this.#source.isExhausted) this.#readAhead();
    return batch;
  }

  async #fetch(count: number): Promise<readonly Buffer[]> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return await (ahead ?? this.#source.next(this.#wanted(count)));
  }

  #readAhead(): void {
    this.#ahead = this.#source.next(this.#wanted(Number.POSITIVE_INFINITY));
    // Its error is that of the next batch.
    this.#ahead.catch(() => {});
  }

  async close(): Promise<void> {
    this.#pending = [];
    await this.#ahead?.catch(() => {});
    this.#ahead = undefined;
    await this.#source.close();
  }

  #wanted(count: number): number {
    const fitting = this.#averageBytes === 0 ? fewDocuments + 1 : Math.ceil(bytesAtOnce / this.#averageBytes);
    return Math.max(1, Math.min(count, fitting, mostDocuments));
  }

  #learn(documents: readonly Buffer[]): void {
    let bytes = 0;
    for (const document of documents) bytes += document.length;
    this.#averageBytes = bytes / documents.length;
  }
}
