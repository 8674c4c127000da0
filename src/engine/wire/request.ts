// What is asked of a connection, and what has come back of it so far.

import type { Buffer } from 'node:buffer';
import type { DataRow } from './backend-reader.ts';
import type { Column } from './row-description.ts';
import type { Statement } from './statement.ts';

/** Receives each row; `row` is valid only during the call. */
export type RowHandler = (row: DataRow, columns: readonly Column[]) => void;

/** One execution within a request. */
export type Step = { readonly statement: Statement; readonly values: readonly unknown[]; readonly onRow?: RowHandler | undefined };

/** This side of a COPY: where its data comes from, or goes to. A chunk that goes out is valid only during the call. */
export type CopyEnd = { readonly from: AsyncIterable<Uint8Array> } | { readonly to: (chunk: Buffer) => void };

/** A statement that the server knows by name. */
export type Prepared = {
  readonly statement: Statement;
  readonly name: string;
  /** Known once the server has described the statement. */
  columns: readonly Column[] | undefined;
  /** Why it could not be prepared. */
  error: Error | undefined;
  ready: Promise<void>;
};

/** What was sent up to one Sync (or one Query), and what has come back of it. */
export type Request = {
  /** What a COPY reads from, or writes to. */
  readonly copy: CopyEnd | undefined;
  readonly steps: readonly Step[];
  /** The prepared statement of each step. */
  readonly prepared: readonly Prepared[];
  /** Present when the request prepares a statement. */
  readonly preparing: Prepared | undefined;
  readonly tags: string[];
  readonly resolve: (tags: string[]) => void;
  readonly reject: (error: Error) => void;
  error: Error | undefined;
};

export function emptyRequest(): Request {
  return { copy: undefined, steps: [], prepared: [], preparing: undefined, tags: [], resolve: () => {}, reject: () => {}, error: undefined };
}

/** The number of rows in a command tag such as `INSERT 0 5`; 0 where the tag has none. */
export function rowCountOf(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isInteger(count) ? count : 0;
}
