// Where a query's documents come from, as bytes: PostgreSQL, or what was gathered and sorted here.

/** Documents as they are asked for. */
export type RawSource = {
  /** About `count` more documents; an empty list only at the end. */
  next(count: number): Promise<readonly Buffer[]>;
  readonly isExhausted: boolean;
  close(): Promise<void>;
};

/** What is at hand already. */
export function sourceOf(documents: readonly Buffer[]): RawSource {
  return new GatheredDocuments(documents);
}

/** A class, as an object with a getter is made anew, accessor and all, for each command. */
class GatheredDocuments implements RawSource {
  readonly #documents: readonly Buffer[];
  #at = 0;

  constructor(documents: readonly Buffer[]) {
    this.#documents = documents;
  }

  next(count: number): Promise<readonly Buffer[]> {
    const isWhole = this.#at === 0 && count >= this.#documents.length;
    const some = isWhole ? this.#documents : this.#documents.slice(this.#at, this.#at + count);
    this.#at += some.length;
    return Promise.resolve(some);
  }

  get isExhausted(): boolean {
    return this.#at >= this.#documents.length;
  }

  close(): Promise<void> {
    this.#at = this.#documents.length;
    return Promise.resolve();
  }
}
