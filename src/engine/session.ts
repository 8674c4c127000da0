// One client's standing with the store: its principal, its database, its open transaction if any, its isolation level
// and its statement timeout. Outside a transaction it holds no connection. The principal is a PostgreSQL role, and
// every statement runs on a connection that is logged in as that role, so nothing a statement does can leave it.

import { FacetError } from '../kernel/errors.ts';
import type { Pool, Row } from './pool.ts';
import type { StatementBounds } from './statement-bounds.ts';
import { type IsolationLevel, type TransactionOptions, Transaction } from './transaction.ts';
import type { Connection } from './wire/connection.ts';
import type { Statement } from './wire/statement.ts';

export type SessionOptions = {
  readonly principal: string;
  readonly database: string;
  readonly pool: Pool;
  /** For transactions that do not name a level. Default: serializable. */
  readonly isolation?: IsolationLevel;
  /** For statements that do not bring their own. Default: none. */
  readonly statementTimeoutMs?: number;
};

type OpenTransaction = { readonly connection: Connection; readonly transaction: Transaction };

export class Session {
  readonly principal: string;
  readonly database: string;
  readonly #pool: Pool;
  isolation: IsolationLevel;
  statementTimeoutMs: number | undefined;
  #open: OpenTransaction | undefined;
  #closed = false;
  /** Aborted by `cancel`; renewed for what comes after. */
  #canceller = new AbortController();

  constructor({ principal, database, pool, isolation = 'serializable', statementTimeoutMs }: SessionOptions) {
    this.principal = principal;
    this.database = database;
    this.#pool = pool;
    this.isolation = isolation;
    this.statementTimeoutMs = statementTimeoutMs;
  }

  get inTransaction(): boolean {
    return this.#open !== undefined;
  }

  /** In the open transaction, or in one of its own. Errors as `Pool.query`. */
  async query<R extends Row = Row>(sql: Statement | string, values: readonly unknown[] = [], bounds: StatementBounds = {}): Promise<R[]> {
    if (this.#closed) throw new FacetError('connection_lost', 'the session is closed');
    const signal = bounds.signal === undefined ? this.#canceller.signal : AbortSignal.any([bounds.signal, this.#canceller.signal]);
    const bounded = { signal, timeoutMs: bounds.timeoutMs ?? this.statementTimeoutMs };
    return this.#open === undefined
      ? await this.#pool.query<R>(sql, values, bounded)
      : await this.#open.transaction.query<R>(sql, values, bounded);
  }

  /** Errors: `transaction_state` when one is open. */
  async begin(options: TransactionOptions = {}): Promise<void> {
    if (this.#open !== undefined) throw new FacetError('transaction_state', 'a transaction is open already');
    const connection = await this.#pool.acquire();
    try {
      this.#open = { connection, transaction: await Transaction.begin(connection, { isolation: this.isolation, ...options }) };
    } catch (error) {
      this.#pool.release(connection);
      throw error;
    }
  }

  /** Errors as `Transaction.commit`; the transaction has ended in any case. */
  async commit(): Promise<void> {
    await this.#end((transaction) => transaction.commit());
  }

  async rollback(): Promise<void> {
    await this.#end((transaction) => transaction.rollback());
  }

  async savepoint(name: string): Promise<void> {
    await this.#transaction().savepoint(name);
  }

  async rollbackTo(name: string): Promise<void> {
    await this.#transaction().rollbackTo(name);
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.#transaction().releaseSavepoint(name);
  }

  /** Cancels what is running, or waiting for a connection: it fails with `cancelled`. */
  cancel(): void {
    this.#canceller.abort();
    this.#canceller = new AbortController();
  }

  /** Cancels, rolls back, gives the connection back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.cancel();
    if (this.#open !== undefined) await this.rollback().catch(() => {}); // Lost already: nothing is left to roll back.
  }

  #transaction(): Transaction {
    if (this.#open === undefined) throw new FacetError('transaction_state', 'no transaction is open');
    return this.#open.transaction;
  }

  async #end(how: (transaction: Transaction) => Promise<void>): Promise<void> {
    const transaction = this.#transaction();
    const { connection } = this.#open!;
    this.#open = undefined;
    try {
      await how(transaction);
    } finally {
      this.#pool.release(connection);
    }
  }
}
