// How the tour is shown: titles, statements, answers as tables, and progress on a terminal; plain lines elsewhere.

import ora from 'ora';
import { createColors } from 'picocolors';

const rowsShown = 10;
const cellWidth = 64;

export type Row = Readonly<Record<string, unknown>>;

export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #color: ReturnType<typeof createColors>;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#color = createColors(stream.isTTY === true && process.env['NO_COLOR'] === undefined);
  }

  title(text: string): void {
    this.#write(`\n${this.#color.bold(text)}\n`);
  }

  /** What the next statements are about. */
  say(text: string): void {
    this.#write(`\n${this.#color.bold('#')} ${text}\n`);
  }

  statement(text: string): void {
    this.#write(`\n${this.#color.cyan(indented(text))}\n`);
  }

  /** What a statement answered: its rows as a table, or what it did. */
  answer(rows: readonly Row[], summary: string): void {
    if (rows.length > 0) this.#write(`\n${indented(this.#table(rows))}\n`);
    this.#write(`  ${this.#color.dim(summary)}\n`);
  }

  /** An error that the tour meant to provoke. */
  refusal(text: string): void {
    this.#write(`  ${this.#color.yellow(`refused, as it should be: ${text}`)}\n`);
  }

  failure(text: string): void {
    this.#write(`\n${this.#color.red(text)}\n`);
  }

  /** Shows that something takes a while. `work` may tell how far it is. */
  async progress<T>(what: string, work: (tell: (howFar: string) => void) => Promise<T>): Promise<T> {
    const spinner = ora({ text: what, stream: this.#stream, isEnabled: this.#stream.isTTY, isSilent: !this.#stream.isTTY, indent: 2 }).start();
    const startedAt = performance.now();
    try {
      const result = await work((howFar) => {
        spinner.text = `${what}: ${howFar}`;
      });
      spinner.stop();
      this.#write(`  ${this.#color.dim(`${what}: done in ${duration(startedAt)}`)}\n`);
      return result;
    } catch (error) {
      spinner.fail();
      throw error;
    }
  }

  #table(rows: readonly Row[]): string {
    const columns = Object.keys(rows[0] ?? {});
    const shown = rows.slice(0, rowsShown).map((row) => columns.map((column) => cell(row[column])));
    const widths = columns.map((column, index) => Math.max(column.length, ...shown.map((cells) => cells[index]?.length ?? 0)));
    const isNumeric = columns.map((column) => rows.every((row) => row[column] === null || /^-?\d/.test(cell(row[column]))));
    const line = (cells: readonly string[]) =>
      cells
        .map((text, index) => (isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd();
    const more = rows.length > rowsShown ? [`… and ${rows.length - rowsShown} more`] : [];
    return [this.#color.bold(line(columns)), line(widths.map((width) => '─'.repeat(width))), ...shown.map(line), ...more].join('\n');
  }

  #write(text: string): void {
    this.#stream.write(text);
  }
}

/** The time since a `performance.now()`, for people. */
export function duration(startedAt: number): string {
  const elapsedMs = performance.now() - startedAt;
  return elapsedMs < 1000 ? `${Math.round(elapsedMs)} ms` : `${(elapsedMs / 1000).toFixed(1)} s`;
}

function cell(value: unknown): string {
  const text = textOf(value);
  return text.length > cellWidth ? `${text.slice(0, cellWidth - 1)}…` : text;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
