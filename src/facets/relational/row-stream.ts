// The rows of one statement as they come, at the pace of who reads them: the connection is not read while enough rows wait.

import { type Column, type Connection, type DataRow, rowCountOf, type Step } from '../../engine/client.ts';
import { relationalLimits } from './limits.ts';

/** What a statement answered besides its rows. */
export type SqlOutcome = {
  /** PostgreSQL's command tag: `INSERT 0 5`. */
  readonly tag: string;
  /** The number of rows that it is about. */
  readonly rowCount: number;
};

export type RowReader<Row> = (row: DataRow, columns: readonly Column[]) => Row;

export class RowStream<Row> {
  readonly #read: RowReader<Row>;
  #waiting: Row[] = [];
  #connection: Connection | undefined;
  #isPaused = false;
  #isStopped = false;
  #isEnded = false;
  #wake: () => void = () => {};

  constructor(read: RowReader<Row>) {
    this.#read = read;
  }

  /** Executes the statement and gives its rows to who reads `batches`; fulfils when all of them have come. */
  async run(connection: Connection, { statement, values }: Pick<Step, 'statement' | 'values'>): Promise<SqlOutcome> {
    this.#connection = connection;
    try {
      const [tag = ''] = await connection.execute([{ statement, values, onRow: (row, columns) => this.#onRow(row, columns) }]);
      return { tag, rowCount: rowCountOf(tag) };
    } finally {
      this.#resume();
    }
  }

  /** No more rows will come: the statement has ended, or failed before it began. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Nobody reads the rest: it is thrown away. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
    this.#resume();
  }

  /** Until `end`. */
  async *batches(): AsyncGenerator<readonly Row[]> {
    for (;;) {
      if (this.#waiting.length === 0) {
        if (this.#isEnded) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const batch = this.#waiting;
      this.#waiting = [];
      yield batch;
      this.#resume();
    }
  }

  #onRow(row: DataRow, columns: readonly Column[]): void {
    if (this.#isStopped) return;
    this.#waiting.push(this.#read(row, columns));
    if (this.#waiting.length >= relationalLimits.rowsAhead && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection?.pause();
    }
    this.#wake();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection?.resume();
  }
}
