// SQL as programs and HTTP clients ask for it: one statement with parameters, its rows at once or as a stream, COPY. Each
// runs as its role, in a transaction of its own or in one that others have opened. SQL clients themselves talk to PostgreSQL.

import { type Connection, objectOf, rowCountOf } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import { resetSession } from '../../engine/session-state.ts';
import { type StatementBounds, withBounds } from '../../engine/statement-bounds.ts';
import { statementOf } from '../../engine/statement-cache.ts';
import { FacetError } from '../../kernel/errors.ts';
import { controlsTransactions } from '../../engine/leading-keyword.ts';
import { relationalLimits } from './limits.ts';
import type { SqlOperation } from './operation.ts';
import { PacedQueue } from './paced-queue.ts';

export type SqlRow = Record<string, unknown>;

/** What a statement answered besides its rows. */
export type SqlOutcome = {
  /** PostgreSQL's command tag: `INSERT 0 5`. */
  readonly tag: string;
  /** The number of rows that it is about. */
  readonly rowCount: number;
};

export type SqlResult = SqlOutcome & { readonly rows: readonly SqlRow[] };

export class Relational {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * One statement and all its rows, as objects by column name. Errors: what PostgreSQL answers, `limit_exceeded` for too
   * many rows, `transaction_state` for statements that begin or end transactions, those of `Pool.acquire`.
   */
  async query(operation: SqlOperation, text: string, values: readonly unknown[] = []): Promise<SqlResult> {
    const stream = this.stream(operation, text, values);
    const rows: SqlRow[] = [];
    for (;;) {
      const { done, value } = await stream.next();
      if (done === true) return { ...value, rows };
      for (const row of value) rows.push(row);
      if (rows.length <= relationalLimits.resultRows) continue;
      await stream.return(nothing);
      throw new FacetError('limit_exceeded', `the result has more than ${relationalLimits.resultRows} rows: stream it`);
    }
  }

  /** The rows in batches, as they come; others in the same transaction wait meanwhile. Errors as `query`. */
  async *stream(operation: SqlOperation, text: string, values: readonly unknown[] = []): AsyncGenerator<readonly SqlRow[], SqlOutcome> {
    return yield* this.#paced<SqlRow>(operation, text, relationalLimits.rowsAhead, async (connection, add) => {
      const [tag = ''] = await connection.execute([{ statement: statementOf(text), values, onRow: (row, columns) => add(objectOf(row, columns), 1) }]);
      return tag;
    });
  }

  /** COPY … FROM STDIN. Errors as `query`, and what `source` throws. */
  async copyFrom(operation: SqlOperation, text: string, source: AsyncIterable<Uint8Array>): Promise<SqlOutcome> {
    return outcomeOf(await this.#use(operation, text, (connection) => connection.copy(text, { from: source })));
  }

  /** COPY … TO STDOUT, in chunks as they come. Errors as `query`. */
  async *copyTo(operation: SqlOperation, text: string): AsyncGenerator<readonly Uint8Array[], SqlOutcome> {
    return yield* this.#paced<Uint8Array>(operation, text, relationalLimits.copyBytesAhead, (connection, add) => {
      // Copied: the chunk is the socket's buffer.
      return connection.copy(text, { to: (chunk) => add(Uint8Array.from(chunk), chunk.length) });
    });
  }

  /** What `run` adds, as it comes. Who stops early cancels the statement. */
  async *#paced<Item>(operation: SqlOperation, text: string, limit: number, run: (connection: Connection, add: (item: Item, weight: number) => void) => Promise<string>): AsyncGenerator<readonly Item[], SqlOutcome> {
    const queue = new PacedQueue<Item>(limit);
    const stopping = new AbortController();
    const signal = operation.signal === undefined ? stopping.signal : AbortSignal.any([operation.signal, stopping.signal]);
    // PostgreSQL hears of a cancellation only while somebody takes what it sends: the rest is thrown away then, whether or not
    // anybody goes on reading.
    let ended: 'cancelled' | 'statement_timeout' | undefined;
    const end = (why: typeof ended): void => {
      ended ??= why;
      queue.stop();
    };
    const onAbort = (): void => end('cancelled');
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = operation.timeoutMs === undefined ? undefined : setTimeout(() => end('statement_timeout'), operation.timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      queue.end();
    };
    const running = this.#use({ ...operation, signal }, text, async (connection) => {
      queue.pace(connection);
      try {
        return await run(connection, (item, weight) => queue.add(item, weight));
      } finally {
        settle();
      }
    });
    running.catch(settle); // Thrown below, to who reads to the end.
    let isRead = false;
    try {
      yield* queue.batches();
      isRead = true;
    } finally {
      if (!isRead) {
        stopping.abort();
        await running.catch(() => {});
      }
    }
    const tag = await running;
    // It was done before it could be cancelled, but not everything was given on.
    if (ended !== undefined) throw new FacetError(ended);
    return outcomeOf(tag);
  }

  /** Runs `body` on the transaction's connection, or on one of the role's that forgets afterwards what users' SQL left on it. */
  async #use<T>({ role, transaction, signal, timeoutMs }: SqlOperation, text: string, body: (connection: Connection) => Promise<T>): Promise<T> {
    if (controlsTransactions(text)) throw new FacetError('transaction_state', 'a transaction is begun and ended by who holds it, not by a statement');
    const bounds: StatementBounds = { signal, timeoutMs };
    const bounded = (connection: Connection): Promise<T> => withBounds(connection, bounds, () => body(connection));
    if (transaction !== undefined) {
      transaction.ranUserSql = true;
      return await transaction.use(bounded);
    }
    return await this.#engine.pool(role).use(async (connection) => {
      try {
        return await bounded(connection);
      } finally {
        if (connection.usable && connection.transactionStatus === 'idle') await resetSession(connection);
      }
    }, signal);
  }
}

const nothing: SqlOutcome = { tag: '', rowCount: 0 };

function outcomeOf(tag: string): SqlOutcome {
  return { tag, rowCount: rowCountOf(tag) };
}
