// The rows of one statement, fetched as they are wanted. Outside a transaction it holds a connection of its own until it
// is closed; what fits the first batch needs one round trip and holds nothing.

import type { Connection, DataRow, Step } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import type { Engine } from '../../../engine/engine.ts';
import { withBounds } from '../../../engine/statement-bounds.ts';
import type { Operation } from './operations.ts';
import { statementFor, type SqlParameters } from './statements.ts';
import { translateStoreError } from './store-errors.ts';

const begin = statement('begin isolation level repeatable read read only');
const commit = statement('commit');
let nextName = 1;

export type Query = { readonly text: string; readonly parameters: SqlParameters };

export class SqlCursor<Row> {
  readonly #engine: Engine;
  readonly #operation: Operation;
  readonly #query: Query;
  readonly #read: (row: DataRow) => Row;
  /** A connection of its own has one cursor, whose statements it then finds prepared. */
  readonly #name: string;
  #connection: Connection | undefined;
  #isOpen = false;
  /** All rows have been fetched. */
  isExhausted = false;

  constructor(engine: Engine, { operation, query, read }: { operation: Operation; query: Query; read: (row: DataRow) => Row }) {
    this.#engine = engine;
    this.#operation = operation;
    this.#query = query;
    this.#read = read;
    this.#name = operation.transaction === undefined ? 'facetdb_cursor' : `facetdb_cursor_${nextName++}`;
  }

  /** The next rows, `count` at most. Throws DocumentError. */
  async fetch(count: number): Promise<Row[]> {
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
    }
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
      await (transaction === undefined ? this.#engine.pool(role).use(bounded, signal) : transaction.use(bounded));
    } catch (error) {
      throw translateStoreError(error);
    }
    return rows;
  }

  /** Gives the connection back. */
  async close(): Promise<void> {
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
    this.#engine.pool(role).release(connection);
  }

  async #run(count: number, onRow: (row: DataRow) => void): Promise<void> {
    const { transaction, role, signal } = this.#operation;
    const fetch: Step = { statement: statementFor(`fetch ${count} from ${this.#name}`), values: [], onRow };
    const steps = this.#isOpen ? [fetch] : [...this.#opening(), fetch];
    const bounded = (connection: Connection): Promise<string[]> => withBounds(connection, { signal }, () => connection.execute(steps));
    if (transaction !== undefined) await transaction.use(bounded);
    else {
      this.#connection ??= await this.#engine.pool(role).acquire(signal);
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
