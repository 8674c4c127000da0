// A database as programs use it: SQL, documents and keys over one store, and transactions over all of them.

import type { Document } from 'bson';
import { Collection } from './collection.ts';
import type { Executor, StoreExecutor, TransactionExecutor } from './executor.ts';
import { KeyValue } from './key-value.ts';
import { type TransactionOptions, runTransaction } from './run-transaction.ts';
import { type SqlTag, newSqlTag } from './sql.ts';

/** What a database and a transaction have in common. */
class Models {
  /** SQL as a tagged template: `` await db.sql`select ${1} as one` ``. */
  readonly sql: SqlTag;
  /** The keys of database 0. */
  readonly keyvalue: KeyValue;
  readonly #executor: Executor;

  constructor(executor: Executor) {
    this.#executor = executor;
    this.sql = newSqlTag(executor);
    this.keyvalue = KeyValue.of(executor);
  }

  /** A collection of documents, `database.collection`. */
  collection<T extends object = Document>(namespace: string): Collection<T> {
    return new Collection<T>(this.#executor, namespace);
  }
}

/** An open transaction: everything that is asked of it is committed together, or not at all. */
export class DatabaseTransaction extends Models {
  readonly #executor: TransactionExecutor;

  constructor(executor: TransactionExecutor) {
    super(executor);
    this.#executor = executor;
  }

  /** A token with which other connections of the same role, whatever their protocol, work in it until it ends. */
  async share(): Promise<string> {
    return await this.#executor.share();
  }
}

export class Database extends Models implements AsyncDisposable {
  readonly #executor: StoreExecutor;
  readonly #close: () => Promise<void>;

  constructor(executor: StoreExecutor, close: () => Promise<void>) {
    super(executor);
    this.#executor = executor;
    this.#close = close;
  }

  /**
   * Runs `body` in a transaction over all models: committed when it returns, rolled back when it throws. Where it conflicts
   * with others it is run again, `retries` times at most. Errors: what `body` throws, `serialization_failure`, `deadlock`.
   */
  async transaction<Result>(body: (tx: DatabaseTransaction) => Promise<Result>): Promise<Result>;
  async transaction<Result>(options: TransactionOptions, body: (tx: DatabaseTransaction) => Promise<Result>): Promise<Result>;
  async transaction<Result>(first: TransactionOptions | ((tx: DatabaseTransaction) => Promise<Result>), second?: (tx: DatabaseTransaction) => Promise<Result>): Promise<Result> {
    const [options, body] = typeof first === 'function' ? [{}, first] : [first, second!];
    return await runTransaction(this.#executor, options, (executor) => body(new DatabaseTransaction(executor)));
  }

  /** The open transaction of another connection that has given this token. Errors: `transaction_state`. */
  async join(token: string): Promise<Models> {
    return new Models(await this.#executor.join(token));
  }

  /** The same database under another role: PostgreSQL's grants decide what that may do. It is closed with this one. */
  as(role: string): Database {
    return new Database(this.#executor.as(role), () => Promise.resolve());
  }

  /** Ends what is under way and closes the store. Any number of calls have the effect of one. */
  async close(): Promise<void> {
    await this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export type { Models };
