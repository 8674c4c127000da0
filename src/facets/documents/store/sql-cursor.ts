// The rows of one statement, fetched as they are wanted. Outside a transaction it holds a connection of its own until it
// is closed; what fits the first batch needs one round trip and holds nothing.

import type { Connection, DataRow, Step } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import { withBounds } from '../../../engine/statement-bounds.ts';
import { DocumentError } from '../errors.ts';
import type { Holder } from './held-connections.ts';
import type { Operation } from './operations.ts';
import { statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { translateStoreError } from './store-errors.ts';
import type { Query } from './query.ts';

const begin = statement('begin isolation level repeatable read read only');
const commit = statement('commit');
let nextName = 1;
/** Rows that a cursor reads ahead to give its connection back. */
const mostAhead = 20_000;

export class SqlCursor<Row> {
  readonly #context: StoreContext;
  readonly #operation: Operation;
  readonly #query: Query;
  readonly #read: (row: DataRow) => Row;
  /** A connection of its own has one cursor, whose statements it then finds prepared. */
  readonly #name: string;
  #connection: Connection | undefined;
  #isOpen = false;
  /** Rows that were read ahead, when the connection was needed elsewhere. */
  #ahead: Row[] = [];
  /** Why the rest cannot be had any more. */
  #lost: DocumentError | undefined;
  /** Under way: a batch waits for it. */
  #lettingGo: Promise<void> | undefined;
  readonly #holder: Holder = {
    letGo: () => (this.#lettingGo = this.#letGo()),
    end: (error) => (this.#lettingGo = this.#lose(error)),
    processId: () => this.#connection?.processId,
  };
  /** All rows have been fetched. */
  isExhausted = false;

  constructor(context: StoreContext, { operation, query, read }: { operation: Operation; query: Query; read: (row: DataRow) => Row }) {
    this.#context = context;
    this.#operation = operation;
    this.#query = query;
    this.#read = read;
    this.#name = operation.transaction === undefined ? 'facetdb_cursor' : `facetdb_cursor_${nextName++}`;
  }

  /** The next rows, `count` at most. Throws DocumentError. */
  async fetch(count: number): Promise<Row[]> {
    this.#context.held.released(this.#operation.role, this.#holder);
    await this.#lettingGo;
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#ahead.length > 0) return this.#takeAhead(count);
    if (this.isExhausted) return [];
    const rows: Row[] = [];
    const onRow = (row: DataRow): void => void rows.push(this.#read(row));
    try {
      await this.#run(count, onRow);
    } catch (error) {
      await this.close();
      throw translateStoreError(error);
    }
    if (rows.length < count) {
      this.isExhausted = true;
      await this.close();
    } else if (this.#connection !== undefined) {
      await this.#context.held.held(this.#operation.role, this.#holder);
    }
    return rows;
  }

  /** As `fetchAll`, of a query outside of transactions that has few rows: together with those that others ask for. */
  async fetchFew(): Promise<Row[]> {
    const rows = await this.#context.groups.query(this.#operation, this.#query, this.#read);
    if (rows === undefined) return await this.fetchAll();
    this.isExhausted = true;
    return rows;
  }

  /** Every row, in one statement without a cursor. */
  async fetchAll(): Promise<Row[]> {
    const rows: Row[] = [];
    const { text, parameters } = this.#query;
    const steps = [{ statement: statementFor(text, parameters.types), values: parameters.values, onRow: (row: DataRow) => void rows.push(this.#read(row)) }];
    this.isExhausted = true;
    const { transaction, role, signal } = this.#operation;
    const bounded = (connection: Connection): Promise<string[]> => withBounds(connection, { signal }, () => connection.execute(steps));
    try {
      await (transaction === undefined ? this.#context.engine.pool(role).use(bounded, signal) : transaction.use(bounded));
    } catch (error) {
      throw translateStoreError(error);
    }
    return rows;
  }

  #takeAhead(count: number): Row[] {
    const rows = this.#ahead.splice(0, count);
    this.isExhausted = this.#ahead.length === 0;
    return rows;
  }

  /** Reads the rest, as far as memory allows, and gives the connection back. */
  async #letGo(): Promise<void> {
    const rows: Row[] = [];
    try {
      await this.#run(mostAhead + 1, (row) => void rows.push(this.#read(row)));
    } catch (error) {
      return await this.#lose(new DocumentError('CursorNotFound', 'the cursor was closed: its connection was lost', { cause: error }));
    }
    if (rows.length > mostAhead) return await this.#lose(new DocumentError('CursorNotFound', `the cursor was closed: its connection was wanted elsewhere, and more than ${mostAhead} documents were left`));
    await this.close();
    this.#ahead = rows;
    this.isExhausted = rows.length === 0;
  }

  /** Gives the connection back; there is more, which is not to be had. */
  async #lose(error: DocumentError): Promise<void> {
    this.#lost = error;
    await this.close();
    this.isExhausted = false;
  }

  /** Gives the connection back. */
  async close(): Promise<void> {
    this.#ahead = [];
    this.#context.held.released(this.#operation.role, this.#holder);
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.isExhausted = true;
    const connection = this.#connection;
    this.#connection = undefined;
    const { transaction, role } = this.#operation;
    if (transaction !== undefined) {
      if (wasOpen) await transaction.use((own) => (own.transactionStatus === 'open' ? own.command(`close ${this.#name}`).then(() => {}) : Promise.resolve())).catch(() => {});
      return;
    }
    if (connection === undefined) return;
    if (connection.usable) await connection.execute([{ statement: commit, values: [] }]).catch(() => {});
    this.#context.engine.pool(role).release(connection);
  }

  async #run(count: number, onRow: (row: DataRow) => void): Promise<void> {
    const { transaction, role, signal } = this.#operation;
    const fetch: Step = { statement: statementFor(`fetch ${count} from ${this.#name}`), values: [], onRow };
    const steps = this.#isOpen ? [fetch] : [...this.#opening(), fetch];
    const bounded = (connection: Connection): Promise<string[]> => withBounds(connection, { signal }, () => connection.execute(steps));
    if (transaction !== undefined) await transaction.use(bounded);
    else {
      this.#connection ??= await this.#context.engine.pool(role).acquire(signal);
      await bounded(this.#connection);
    }
    this.#isOpen = true;
  }

  #opening(): Step[] {
    const { text, parameters } = this.#query;
    const declare: Step = { statement: statementFor(`declare ${this.#name} no scroll cursor for ${text}`, parameters.types), values: parameters.values };
    return this.#operation.transaction === undefined ? [{ statement: begin, values: [] }, declare] : [declare];
  }
}
