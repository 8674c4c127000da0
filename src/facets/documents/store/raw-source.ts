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
  let at = 0;
  return {
    next: (count) => {
      const some = documents.slice(at, at + count);
      at += some.length;
      return Promise.resolve(some);
    },
    get isExhausted() {
      return at >= documents.length;
    },
    close: () => {
      at = documents.length;
      return Promise.resolve();
    },
  };
}
