// Wakes who waits for documents in a collection. Inserts of this process are told at once; those of others, and of SQL, are
// found by who looks again from time to time.

export class Insertions {
  readonly #waiting = new Map<number, Set<() => void>>();

  /** There are new documents in the table with that object id. */
  announce(oid: number): void {
    for (const wake of this.#waiting.get(oid) ?? []) wake();
  }

  /** Until the next announcement, for `waitMs` at most, or until `signal` is aborted. */
  async next(oid: number, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(oid) ?? new Set();
      this.#waiting.set(oid, waiting);
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(oid);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      signal?.addEventListener('abort', wake);
      waiting.add(wake);
    });
  }
}
