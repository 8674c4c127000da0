// Keeps all pools of an engine together below one number of connections: a pool that needs one may take the place of
// another pool's idle one, and what is given back goes to whoever waits.

export type BudgetedPool = {
  readonly waiting: number;
  /** Closes one idle connection, if there is one. */
  closeIdle(): boolean;
  /** Tries again to serve the first in the queue. */
  wake(): void;
};

export class ConnectionBudget {
  readonly #limit: number;
  readonly #pools = new Set<BudgetedPool>();
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  join(pool: BudgetedPool): void {
    this.#pools.add(pool);
  }

  leave(pool: BudgetedPool): void {
    this.#pools.delete(pool);
  }

  /** True when the pool may open one more connection. */
  take(pool: BudgetedPool): boolean {
    if (this.#used >= this.#limit) {
      // The closed one gives its place back by itself, at once.
      for (const other of this.#pools) if (other !== pool && other.closeIdle()) break;
    }
    if (this.#used >= this.#limit) return false;
    this.#used += 1;
    return true;
  }

  give(): void {
    this.#used -= 1;
    for (const pool of this.#pools) {
      if (this.#used >= this.#limit) return;
      if (pool.waiting > 0) pool.wake();
    }
  }
}
