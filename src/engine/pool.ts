// Connections of one role to one database, lent to one user at a time: bounded in number, in waiting requests and in
// waiting time.

import { FacetError } from '../kernel/errors.ts';
import type { ConnectionBudget } from './connection-budget.ts';
import { engineLimits } from './limits.ts';
import { isStalePlan } from './sqlstate.ts';
import { type StatementBounds, withBounds } from './statement-bounds.ts';
import { statementOf } from './statement-cache.ts';
import { type TransactionOptions, Transaction } from './transaction.ts';
import type { Connection } from './wire/connection.ts';
import type { Statement } from './wire/statement.ts';

export type Row = Record<string, unknown>;

export type PoolOptions = {
  /** What the pool is for, in errors: `role "ada" on database "facet"`. */
  readonly name: string;
  /** Opens a connection; waits for an engine that is coming up, until `deadlineMs` (of `Date.now()`). */
  readonly open: (deadlineMs: number) => Promise<Connection>;
  readonly budget: ConnectionBudget;
  readonly connections?: number;
  readonly waiting?: number;
  readonly waitMs?: number;
  readonly idleMs?: number;
};

type Waiter = {
  readonly deadlineMs: number;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
};

type Idle = { readonly connection: Connection; readonly sinceMs: number };

export class Pool {
  readonly #options: Required<PoolOptions>;
  readonly #connections = new Set<Connection>();
  readonly #idle: Idle[] = [];
  readonly #waiters = new Set<Waiter>();
  #opening = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    const { connections = engineLimits.poolConnections, waiting = engineLimits.poolWaiting } = options;
    const { waitMs = engineLimits.poolWaitMs, idleMs = engineLimits.poolIdleMs } = options;
    this.#options = { ...options, connections, waiting, waitMs, idleMs };
    options.budget.join(this);
  }

  get counts(): { readonly open: number; readonly busy: number; readonly waiting: number } {
    return { open: this.#connections.size, busy: this.#connections.size - this.#idle.length, waiting: this.#waiters.size };
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * One statement in a transaction of its own; its rows as objects by column name. A plain string is prepared once a
   * connection too, but its parameters travel as text.
   * Errors: what PostgreSQL answers (see `sqlstate.ts`), `pool_exhausted`, `engine_unavailable`, `connection_lost`,
   * `cancelled`, `statement_timeout`.
   */
  async query<R extends Row = Row>(sql: Statement | string, values: readonly unknown[] = [], bounds: StatementBounds = {}): Promise<R[]> {
    const statement = typeof sql === 'string' ? statementOf(sql) : sql;
    return await this.use(async (connection) => {
      const run = (): Promise<Row[]> => withBounds(connection, bounds, () => connection.query(statement, values));
      try {
        return (await run()) as R[];
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        // A table changed under the prepared statement. Nothing was executed, and it is prepared anew now.
        return (await run()) as R[];
      }
    }, bounds.signal);
  }

  /** Runs `body` in a transaction: committed when it returns, rolled back when it throws. Never repeated. */
  async transaction<T>(options: TransactionOptions, body: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.use((connection) => Transaction.run(connection, options, body));
  }

  /** Lends a connection to `body` alone. One that comes back unusable or inside a transaction is closed. */
  async use<T>(body: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const connection = await this.acquire(signal);
    try {
      return await body(connection);
    } finally {
      this.release(connection);
    }
  }

  /** A connection to hold until `release`. Errors: `pool_exhausted`, `engine_unavailable`, `cancelled`. */
  acquire(signal?: AbortSignal): Promise<Connection> {
    if (this.#closed) return Promise.reject(new FacetError('shutting_down'));
    if (signal?.aborted === true) return Promise.reject(new FacetError('cancelled'));
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.connection.usable) return Promise.resolve(idle.connection);
    }
    // Those for whom a connection is being opened do not count: they are about to be served.
    const room = this.#options.connections - this.#connections.size;
    if (this.#waiters.size >= this.#options.waiting + room) {
      return Promise.reject(new FacetError('pool_exhausted', `${this.#waiters.size} requests wait already for ${this.#options.name}`));
    }
    return this.#wait(signal);
  }

  release(connection: Connection): void {
    if (!connection.usable || this.#closed || connection.transactionStatus !== 'idle' || connection.outstanding > 0) {
      this.#remove(connection);
      return;
    }
    const [waiter] = this.#waiters;
    if (waiter !== undefined) {
      waiter.resolve(connection);
      return;
    }
    this.#idle.push({ connection, sinceMs: Date.now() });
    this.#idleTimer ??= setTimeout(() => this.#closeLongIdle(), this.#options.idleMs).unref();
  }

  /** Ends all connections; who waits gets `shutting_down`, who works `connection_lost`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    this.#options.budget.leave(this);
    for (const waiter of this.#waiters) waiter.reject(new FacetError('shutting_down'));
    this.#idle.length = 0;
    const connections = [...this.#connections];
    for (const connection of connections) this.#forgetConnection(connection);
    await Promise.all(connections.map((connection) => connection.close()));
  }

  // For the budget

  closeIdle(): boolean {
    const idle = this.#idle.shift();
    if (idle !== undefined) this.#remove(idle.connection);
    return idle !== undefined;
  }

  wake(): void {
    this.#openForWaiters();
  }

  #wait(signal: AbortSignal | undefined): Promise<Connection> {
    const { waitMs, name } = this.#options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        deadlineMs: Date.now() + waitMs,
        resolve: (connection) => (settle(), resolve(connection)),
        reject: (error) => (settle(), reject(error)),
      };
      const timer = setTimeout(() => waiter.reject(new FacetError('pool_exhausted', `waited ${waitMs} ms for ${name}`)), waitMs);
      const onAbort = (): void => waiter.reject(new FacetError('cancelled'));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#openForWaiters();
    });
  }

  #openForWaiters(): void {
    const { connections, budget } = this.#options;
    while (this.#opening < this.#waiters.size && this.#connections.size + this.#opening < connections && budget.take(this)) {
      this.#opening += 1;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    const [first] = this.#waiters;
    try {
      const connection = await this.#options.open(first?.deadlineMs ?? Date.now());
      this.#opening -= 1;
      this.#connections.add(connection);
      connection.onLost = () => this.#remove(connection);
      this.release(connection);
    } catch (error) {
      this.#opening -= 1;
      // Whoever waits longest learns why; the others have their own attempts or follow with theirs.
      const [waiter] = this.#waiters;
      waiter?.reject(error);
      this.#options.budget.give();
      this.#openForWaiters();
    }
  }

  #remove(connection: Connection): void {
    if (!this.#forgetConnection(connection)) return;
    const index = this.#idle.findIndex((idle) => idle.connection === connection);
    if (index >= 0) this.#idle.splice(index, 1);
    void connection.close();
    this.#openForWaiters();
  }

  /** Takes the connection out of the count; false when it was out already. */
  #forgetConnection(connection: Connection): boolean {
    if (!this.#connections.delete(connection)) return false;
    this.#options.budget.give();
    return true;
  }

  #closeLongIdle(): void {
    this.#idleTimer = undefined;
    const untilMs = Date.now() - this.#options.idleMs;
    while (this.#idle[0] !== undefined && this.#idle[0].sinceMs <= untilMs) this.closeIdle();
    const oldest = this.#idle[0];
    if (oldest === undefined) return;
    this.#idleTimer = setTimeout(() => this.#closeLongIdle(), oldest.sinceMs - untilMs).unref();
  }
}
