// What a kind of column is to documents. Each is a file in kinds/, and a row of the table in column-kinds.ts.

import type { Value } from '../../../values/bson/types.ts';
import type { ComparisonOperator } from '../filters/filter.ts';
import type { SqlParameters } from '../store/statements.ts';
import type { Column } from './table.ts';

/** A condition on a row that is not null exactly where the column is not. */
export type Condition = {
  readonly sql: string;
  /** It is what the filter says, and not only something that follows from it. */
  readonly isExact: boolean;
};

export const never: Condition = { sql: 'false', isExact: true };

/** What the column's conditions are made of. */
export type Comparison = { readonly operator: ComparisonOperator; readonly value: Value; readonly column: Column; readonly parameters: SqlParameters };

export type ColumnKind = {
  readonly name: string;
  /** Its values may be documents or arrays, so that paths lead on within them and conditions look at elements. */
  readonly holdsOthers: boolean;
  /** MongoDB's ranks of types (values/bson/compare.ts) that its values can have; empty where that is not known. */
  readonly ranks: ReadonlySet<number>;
  /** The value as stored JSON (values/bson/stored-json.ts), of an SQL expression that may be null. */
  readonly json: (sql: string, column: Column) => string;
  /** The text that PostgreSQL reads as the value. Throws DocumentError for what the column cannot hold. */
  readonly write: (value: Value, column: Column) => string;
  /** Undefined for what SQL cannot tell. The value is of one of `ranks`, if there are any. */
  readonly compare: (comparison: Comparison) => Condition | undefined;
  /** `= any`, of the values that it can be told of together. */
  readonly among?: (values: readonly Value[], at: Omit<Comparison, 'operator' | 'value'>) => { readonly condition: Condition; readonly rest: readonly Value[] };
  /** What rows are sorted by, ascending; each null where the column is, which sorts first. Undefined where SQL cannot sort so. */
  readonly order: ((column: Column, isLast: boolean) => readonly string[]) | undefined;
  /** What rows are grouped by, whose JSON is the key; absent where equal values of PostgreSQL's are not those of MongoDB's. */
  readonly group?: (column: Column) => string;
  /** What `min` and `max` are taken of. */
  readonly extreme?: (column: Column) => string;
};
