// A query's documents in batches of a reply's size.

import type { CursorLimits, DocumentCursor } from './operations.ts';
import type { RawSource } from './raw-source.ts';

/** How many documents are asked for at once where the client leaves it open. */
const mostDocuments = 20_000;
const fewDocuments = 100;
/**
 * How many bytes they may have about. More would not save anything that shows here, and the `mongodb` driver takes nearly twice the
 * processor time for replies of 4 MB as for those of 1 MB (bench/documents/canned-server.ts, with batches of 2,000 and 8,000 documents).
 */
const bytesAtOnce = 1_024 * 1_024;

type SourceCursorOptions = {
  /** Asks for more before it is wanted: from the second batch on, when it shows that the client wants all. */
  readonly readsAhead?: boolean;
  /** How many documents the query says that there are: its limit, or one for an `_id`. */
  readonly atMost?: number | undefined;
};

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
  /** Documents that may still come, as far as the query says it. */
  #left: number;
  /** A batch came out shorter than it might have been. */
  #fellShort = false;

  constructor(source: RawSource, { readsAhead = false, atMost = Number.POSITIVE_INFINITY }: SourceCursorOptions = {}) {
    this.#source = source;
    this.#readsAhead = readsAhead;
    this.#left = atMost;
  }

  /**
   * A last batch that is just full ends nothing, even where the source knows that it is at its end: in MongoDB a plan finds
   * that out only when it is asked once more, and clients see it by an empty batch.
   */
  get isExhausted(): boolean {
    return this.#fellShort || this.#left <= 0;
  }

  /** Where the count is left open, what came at once is a batch: the client digests it while the next one is fetched. */
  async next({ count = Number.POSITIVE_INFINITY, bytes }: CursorLimits): Promise<readonly Buffer[]> {
    const batch: Buffer[] = [];
    let size = 0;
    while (batch.length < count && batch.length < this.#left) {
      if (this.#pending.length === 0) {
        this.#fellShort = this.#ahead === undefined && this.#source.isExhausted;
        if (this.#fellShort) break;
        this.#pending = await this.#fetch(count - batch.length);
        this.#fellShort = this.#pending.length === 0;
        if (this.#fellShort) break;
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
      if (isFull || (count === Number.POSITIVE_INFINITY && !this.#source.isExhausted)) break;
    }
    this.#batches += 1;
    this.#left -= batch.length;
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
