// SQL as a tagged template: values become parameters, never text.

import { type SqlOutcome, quoteIdentifier } from '../facets/relational/index.ts';
import { FacetError } from '../kernel/errors.ts';
import type { Bounds, Executor } from './executor.ts';

type Piece = string | { readonly value: unknown };

/** A name in a statement, quoted: `sql.identifier('shop', 'movies')`. */
export class SqlIdentifier {
  readonly text: string;
  constructor(parts: readonly string[]) {
    this.text = parts.map(quoteIdentifier).join('.');
  }
}

export type SqlQueryResult<Row> = SqlOutcome & { readonly rows: readonly Row[] };

/** A statement and its values; the pieces of which it was made, where it can be a part of another. */
type SqlText = { readonly text: string; readonly values: readonly unknown[]; readonly pieces?: readonly Piece[] };

/**
 * A statement that is sent once it is awaited (its rows as an array) or iterated over (row by row, as they come). Within
 * another template it is a part of that.
 */
export class SqlQuery<Row> implements PromiseLike<Row[]>, AsyncIterable<Row> {
  readonly #executor: Executor;
  readonly #bounds: Bounds;
  readonly #statement: SqlText;

  constructor(executor: Executor, statement: SqlText, bounds: Bounds = {}) {
    this.#executor = executor;
    this.#statement = statement;
    this.#bounds = bounds;
  }

  /** The statement as PostgreSQL gets it, with `$1` for the first value. */
  get text(): string {
    return this.#statement.text;
  }

  get values(): readonly unknown[] {
    return this.#statement.values;
  }

  /** Errors: `syntax_invalid` for a statement whose text was given, as its parameters are numbered already. */
  get pieces(): readonly Piece[] {
    if (this.#statement.pieces === undefined) throw new FacetError('syntax_invalid', 'a statement given as text cannot be a part of another');
    return this.#statement.pieces;
  }

  /** The same statement with bounds. */
  with(bounds: Bounds): SqlQuery<Row> {
    return new SqlQuery(this.#executor, this.#statement, { ...this.#bounds, ...bounds });
  }

  /** The rows, their number, and PostgreSQL's command tag. */
  async result(): Promise<SqlQueryResult<Row>> {
    const result = await this.#executor.query(this.text, this.values, this.#bounds);
    return result as unknown as SqlQueryResult<Row>;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<Fulfilled = Row[], Rejected = never>(onFulfilled?: ((rows: Row[]) => Fulfilled | PromiseLike<Fulfilled>) | null, onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null): Promise<Fulfilled | Rejected> {
    return this.result().then(({ rows }) => [...rows]).then(onFulfilled, onRejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    for await (const batch of this.#executor.stream(this.text, this.values, this.#bounds)) yield* batch as unknown as readonly Row[];
  }
}

export type SqlTag = {
  /** One statement; `${…}` are its parameters, or other statements and identifiers as parts of it. */
  <Row = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlQuery<Row>;
  /** A quoted name, with its schema in front where there are two. */
  identifier(...parts: readonly string[]): SqlIdentifier;
  /** A statement as text, with `$1` for the first of `values`. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[], bounds?: Bounds): SqlQuery<Row>;
  /** `COPY … FROM STDIN`: gives how many rows came in. */
  copyFrom(text: string, source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>, bounds?: Bounds): Promise<number>;
  /** `COPY … TO STDOUT`, in chunks as they come. */
  copyTo(text: string, bounds?: Bounds): AsyncIterable<Uint8Array>;
};

export function newSqlTag(executor: Executor): SqlTag {
  const tag = <Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): SqlQuery<Row> => new SqlQuery<Row>(executor, statementOf(piecesOf(strings, values)));
  return Object.assign(tag, {
    identifier: (...parts: readonly string[]) => new SqlIdentifier(parts),
    query: <Row>(text: string, values: readonly unknown[] = [], bounds: Bounds = {}) => new SqlQuery<Row>(executor, { text, values }, bounds),
    copyFrom: async (text: string, source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>, bounds: Bounds = {}) => (await executor.copyFrom(text, bytesOf(source), bounds)).rowCount,
    copyTo: (text: string, bounds: Bounds = {}) => flat(executor.copyTo(text, bounds)),
  });
}

function statementOf(pieces: readonly Piece[]): SqlText {
  let count = 0;
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : `$${(count += 1)}`)).join('');
  return { text, values: pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.value])), pieces };
}

function piecesOf(strings: TemplateStringsArray, values: readonly unknown[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [index, text] of strings.entries()) {
    pieces.push(text);
    if (index >= values.length) break;
    const value = values[index];
    if (value instanceof SqlQuery) pieces.push(...value.pieces);
    else if (value instanceof SqlIdentifier) pieces.push(value.text);
    else if (value === undefined) throw new FacetError('data_invalid', `the value after "${text.trim().slice(-40)}" is undefined; null is SQL's null`);
    else pieces.push({ value });
  }
  return pieces;
}

async function* bytesOf(source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function* flat<Item>(batches: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const batch of batches) yield* batch;
}
