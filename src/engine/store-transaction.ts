// A transaction that several facets, and several connections of one role, can work in: rows, documents and keys under one
// commit. Whoever opened it ends it; the others work in it one after the other until then.

import { assert } from '../kernel/assert.ts';
import { FacetError } from '../kernel/errors.ts';
import type { Pool } from './pool.ts';
import { resetSession } from './session-state.ts';
import { type TransactionOptions, Transaction } from './transaction.ts';
import type { Connection } from './wire/connection.ts';

/** How it ended; `unknown`: the connection was lost while it was committed. */
export type TransactionOutcome = 'committed' | 'rolled back' | 'unknown';

/** What those see of it who work in it. */
export interface StoreTransaction {
  /** The role that it acts as. */
  readonly role: string;
  readonly isOpen: boolean;
  /** Users' own SQL ran in it: its connection has to forget what that left behind. */
  ranUserSql: boolean;
  /**
   * Runs `body` when what was asked for before is done. After an error of PostgreSQL only a rollback is possible.
   * Errors: `transaction_state` when it has ended.
   */
  use<T>(body: (connection: Connection) => Promise<T>): Promise<T>;
  /** Calls `listener` once it has ended, at once if it has. */
  onEnd(listener: (outcome: TransactionOutcome) => void): void;
}

const savepoint = 'facetdb_part';

/** Runs `body`, which works in the transaction; where it fails, what it did is undone, and the transaction goes on. */
export async function inSavepoint<Result>(transaction: StoreTransaction, body: () => Promise<Result>): Promise<Result> {
  const command = (text: string): Promise<unknown> => transaction.use((connection) => connection.command(`${text} ${savepoint}`));
  await command('savepoint');
  try {
    const result = await body();
    await command('release savepoint');
    return result;
  } catch (error) {
    await command('rollback to savepoint');
    throw error;
  }
}

export type HeldTransactionOptions = TransactionOptions & {
  /** How long a statement waits for another transaction's lock. Default: as long as it takes. */
  readonly lockTimeoutMs?: number;
};

/** One that FacetDB holds a connection of its own for. */
export class HeldTransaction implements StoreTransaction {
  readonly role: string;
  ranUserSql = false;
  readonly #pool: Pool;
  readonly #connection: Connection;
  readonly #transaction: Transaction;
  readonly #listeners: ((outcome: TransactionOutcome) => void)[] = [];
  #outcome: TransactionOutcome | undefined;
  #isEnding = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(role: string, parts: { readonly pool: Pool; readonly connection: Connection; readonly transaction: Transaction }) {
    this.role = role;
    this.#pool = parts.pool;
    this.#connection = parts.connection;
    this.#transaction = parts.transaction;
  }

  /** Begins one as `role`, on a connection of its pool. Errors as `Pool.acquire`. */
  static async begin({ role, pool }: { readonly role: string; readonly pool: Pool }, { lockTimeoutMs, ...options }: HeldTransactionOptions = {}): Promise<HeldTransaction> {
    const connection = await pool.acquire();
    try {
      const transaction = await Transaction.begin(connection, options);
      if (lockTimeoutMs !== undefined) await transaction.command(`set local lock_timeout = ${lockTimeoutMs}`);
      return new HeldTransaction(role, { pool, connection, transaction });
    } catch (error) {
      pool.release(connection);
      throw error;
    }
  }

  get isOpen(): boolean {
    return !this.#isEnding;
  }

  async use<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#isEnding) throw new FacetError('transaction_state', 'the transaction has ended');
    const run = this.#last.then(() => body(this.#connection));
    this.#last = run.catch(() => {});
    return await run;
  }

  onEnd(listener: (outcome: TransactionOutcome) => void): void {
    if (this.#outcome === undefined) this.#listeners.push(listener);
    else listener(this.#outcome);
  }

  /** Errors as `Transaction.commit`; it has ended in any case. */
  async commit(): Promise<void> {
    if (this.#isEnding) throw new FacetError('transaction_state', 'the transaction has ended');
    this.#isEnding = true;
    await this.#last;
    try {
      await this.#transaction.commit();
      this.#ended('committed');
    } catch (error) {
      this.#ended(this.#connection.usable ? 'rolled back' : 'unknown');
      throw error;
    }
  }

  /** Any number of calls have the effect of one; none after a commit. */
  async rollback(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#last;
    await this.#transaction.rollback().catch(() => {}); // Lost already: nothing is left to roll back.
    this.#ended('rolled back');
  }

  #ended(outcome: TransactionOutcome): void {
    assert(this.#outcome === undefined, 'a transaction ends once');
    this.#outcome = outcome;
    const release = (): void => this.#pool.release(this.#connection);
    // Those who wait for the outcome need not wait for this.
    if (this.ranUserSql && this.#connection.usable) resetSession(this.#connection).then(release, release);
    else release();
    for (const listener of this.#listeners.splice(0)) listener(outcome);
  }
}
