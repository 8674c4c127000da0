// Transactions that HTTP clients hold open from one request to the next, by their tokens. One that nobody uses for a while is
// rolled back.

import type { HeldTransaction } from '../../access/shared-transactions.ts';
import { FacetError } from '../../kernel/errors.ts';
import { httpLimits } from './limits.ts';

type Open = { readonly transaction: HeldTransaction; lastUsedMs: number };

export class OpenTransactions {
  readonly #open = new Map<string, Open>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#reap(), httpLimits.transactionSweepMs).unref();
  }

  /** Errors: `limit_exceeded`. */
  add(token: string, transaction: HeldTransaction): void {
    if (this.#open.size >= httpLimits.openTransactions) throw new FacetError('limit_exceeded', `${this.#open.size} transactions are open`);
    this.#open.set(token, { transaction, lastUsedMs: Date.now() });
    transaction.onEnd(() => this.#open.delete(token));
  }

  /** A request of the transaction came. */
  touch(token: string): void {
    const open = this.#open.get(token);
    if (open !== undefined) open.lastUsedMs = Date.now();
  }

  /** Errors: `transaction_state`, also for one of another role. */
  find(token: string, role: string): HeldTransaction {
    const open = this.#open.get(token);
    if (open === undefined || open.transaction.role !== role) throw new FacetError('transaction_state', 'no transaction that was opened here has this token');
    return open.transaction;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#open.values()].map(({ transaction }) => transaction.rollback()));
  }

  #reap(): void {
    const before = Date.now() - httpLimits.transactionIdleMs;
    for (const { transaction, lastUsedMs } of this.#open.values()) if (lastUsedMs < before) void transaction.rollback();
  }
}
