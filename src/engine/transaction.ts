// A transaction on a connection that is held for it: isolation, savepoints, statements. It is never repeated here.

import { assert } from '../kernel/assert.ts';
import { FacetError } from '../kernel/errors.ts';
import { quoteIdentifier } from './quoting.ts';
import { statementOf } from './statement-cache.ts';
import { type StatementBounds, withBounds } from './statement-bounds.ts';
import type { Connection } from './wire/connection.ts';
import type { Step } from './wire/request.ts';
import type { Statement } from './wire/statement.ts';

/** PostgreSQL's levels by their exact names (`read uncommitted` is `read committed` there). */
const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const;
export type IsolationLevel = (typeof isolationLevels)[number];

export type TransactionOptions = {
  /** Default: serializable. Who wants less says so. */
  readonly isolation?: IsolationLevel;
  readonly readOnly?: boolean;
  /** With serializable and read-only: wait for a snapshot that can neither fail nor make others fail. */
  readonly deferrable?: boolean;
};

type Row = Record<string, unknown>;

export class Transaction {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Opens a transaction on a connection that has none. */
  static async begin(connection: Connection, options: TransactionOptions = {}): Promise<Transaction> {
    assert(connection.transactionStatus === 'idle', 'a transaction begins outside any other');
    await connection.command(beginText(options));
    return new Transaction(connection);
  }

  /** Commits what `body` did, or rolls it back when it throws. */
  static async run<T>(connection: Connection, options: TransactionOptions, body: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = await Transaction.begin(connection, options);
    let result: T;
    try {
      result = await body(transaction);
    } catch (error) {
      await transaction.rollback().catch(() => {}); // A connection that cannot roll back is lost, and so is the transaction.
      throw error;
    }
    await transaction.commit();
    return result;
  }

  /** `failed`: only `rollback` and `rollbackTo` are accepted. */
  get state(): 'open' | 'failed' | 'ended' {
    const status = this.#connection.transactionStatus;
    return status === 'idle' || !this.#connection.usable ? 'ended' : status;
  }

  /** As `Pool.query`, within this transaction. */
  async query<R extends Row = Row>(sql: Statement | string, values: readonly unknown[] = [], bounds: StatementBounds = {}): Promise<R[]> {
    const statement = typeof sql === 'string' ? statementOf(sql) : sql;
    return (await withBounds(this.#connection, bounds, () => this.#connection.query(statement, values))) as R[];
  }

  /** Several statements in one round trip; gives the command tags. */
  async execute(steps: readonly Step[]): Promise<string[]> {
    return await this.#connection.execute(steps);
  }

  /** Text without parameters, several statements too. */
  async command(text: string): Promise<string[]> {
    return await this.#connection.command(text);
  }

  async savepoint(name: string): Promise<void> {
    await this.#connection.command(`savepoint ${quoteIdentifier(name)}`);
  }

  async rollbackTo(name: string): Promise<void> {
    await this.#connection.command(`rollback to savepoint ${quoteIdentifier(name)}`);
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.#connection.command(`release savepoint ${quoteIdentifier(name)}`);
  }

  /**
   * Errors: `transaction_aborted` when a statement failed before (everything was rolled back), `serialization_failure`,
   * violations of deferred constraints, `connection_lost` when the outcome is not known.
   */
  async commit(): Promise<void> {
    const [tag] = await this.#connection.command('commit');
    // PostgreSQL answers the COMMIT of a failed transaction with a successful ROLLBACK.
    if (tag === 'ROLLBACK') throw new FacetError('transaction_aborted', 'it was rolled back instead of committed');
  }

  async rollback(): Promise<void> {
    await this.#connection.command('rollback');
  }

  /** Cancels the statement that is running. */
  async cancel(): Promise<void> {
    await this.#connection.cancel();
  }
}

function beginText({ isolation = 'serializable', readOnly = false, deferrable = false }: TransactionOptions): string {
  assert(isolationLevels.includes(isolation), `isolation level ${isolation}`);
  return `begin isolation level ${isolation}${readOnly ? ' read only' : ''}${deferrable ? ' deferrable' : ''}`;
}
