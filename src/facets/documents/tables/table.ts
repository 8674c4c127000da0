// A relational table, a SQL view, or whatever else has columns, as a collection: its rows are documents, its primary key
// is `_id`.

import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Column } from './column-kind.ts';

/** An index of PostgreSQL's; columns that are expressions are left out. */
export type TableIndex = {
  readonly relation: string;
  readonly columns: readonly { readonly name: string; readonly isDescending: boolean }[];
  readonly isUnique: boolean;
  readonly isPrimary: boolean;
  /** Neither partial nor with expressions. */
  readonly isPlain: boolean;
};

export type Table = {
  /** What stands behind FROM, without an alias. */
  readonly source: string;
  /** Those of the key first. */
  readonly columns: readonly Column[];
  /** The columns of the primary key, in its order; none without one. */
  readonly key: readonly Column[];
  readonly indexes: readonly TableIndex[];
  /** Why it cannot be written; undefined where it can. */
  readonly readOnly: 'view' | 'keyspace' | undefined;
  /** Rows have a place (`ctid`) that identifies them while they are locked. */
  readonly hasPlaces: boolean;
  /** Why its rows cannot be documents. */
  readonly conflict?: string | undefined;
};

/** What a path of a document leads to. */
export type Place =
  | { readonly at: 'column'; readonly column: Column }
  /** Within a value that is a document or an array. */
  | { readonly at: 'within'; readonly column: Column }
  /** The whole of a key of several columns. */
  | { readonly at: 'key' }
  | { readonly at: 'nothing' };

const nothing: Place = { at: 'nothing' };

export function placeOf({ columns, key }: Table, path: readonly string[]): Place {
  const isOfKey = key.length > 1 && path[0] === '_id';
  if (isOfKey && path.length === 1) return { at: 'key' };
  const length = isOfKey ? 2 : 1;
  const column = columns.find((candidate) => candidate.path.length === length && candidate.path.every((name, index) => name === path[index]));
  if (column === undefined) return nothing;
  if (path.length === length) return { at: 'column', column };
  return column.kind.holdsOthers ? { at: 'within', column } : nothing;
}

/** The value that a document has for a column. */
export function valueFor({ path }: Column, document: Document): ReturnType<Document['get']> {
  const value = document.get(path[0]!);
  if (path.length === 1) return value;
  return value instanceof Map ? value.get(path[1]!) : undefined;
}

/** Throws DocumentError: BadValue. */
export function assertReadable({ conflict }: Table): void {
  if (conflict !== undefined) throw new DocumentError('BadValue', conflict);
}
