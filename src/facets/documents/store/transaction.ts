// A transaction of several operations on documents: one connection, one snapshot.

import type { Pool } from '../../../engine/pool.ts';
import { Transaction } from '../../../engine/transaction.ts';
import type { Connection } from '../../../engine/client.ts';
import { translateStoreError } from './store-errors.ts';

/**
 * How long a statement waits for another transaction's lock before it gives up with WriteConflict: MongoDB's
 * `maxTransactionLockRequestTimeoutMillis`. To wait longer would let two transactions wait for each other.
 */
const lockTimeoutMs = 5;

export class DocumentTransaction {
  readonly connection: Connection;
  readonly #pool: Pool;
  readonly #transaction: Transaction;
  #ended = false;
  /** Operations of one transaction run one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(pool: Pool, connection: Connection, transaction: Transaction) {
    this.#pool = pool;
    this.connection = connection;
    this.#transaction = transaction;
  }

  /** Begins one as the pool's role, with a snapshot taken at its first statement. */
  static async begin(pool: Pool): Promise<DocumentTransaction> {
    const connection = await pool.acquire();
    try {
      const transaction = await Transaction.begin(connection, { isolation: 'repeatable read' });
      await transaction.command(`set local lock_timeout = ${lockTimeoutMs}`);
      return new DocumentTransaction(pool, connection, transaction);
    } catch (error) {
      pool.release(connection);
      throw translateStoreError(error);
    }
  }

  /** Runs `body` when what was asked for before is done. */
  async use<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => body(this.connection));
    this.#last = run.catch(() => {});
    return await run;
  }

  /** Errors: WriteConflict; others mean that the outcome is not known. */
  async commit(): Promise<void> {
    await this.#end(() => this.#transaction.commit());
  }

  async abort(): Promise<void> {
    await this.#end(() => this.#transaction.rollback()).catch(() => {}); // Lost already: nothing is left to roll back.
  }

  async #end(how: () => Promise<void>): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#last;
    try {
      await how();
    } catch (error) {
      throw translateStoreError(error);
    } finally {
      this.#pool.release(this.connection);
    }
  }
}
