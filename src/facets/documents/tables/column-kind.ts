// What a kind of column is to documents. Each is a file in kinds/, and a row of the table in column-kinds.ts.

import type { Value } from '../../../values/bson/types.ts';
import type { ComparisonOperator } from '../filters/filter.ts';
import type { SqlParameters } from '../store/statements.ts';

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

export type Column = {
  /** In SQL. */
  readonly name: string;
  /** Where documents have it: under its name, as `_id`, or as a part of `_id`. */
  readonly path: readonly string[];
  /** As an expression over the row, which is called `t`. */
  readonly sql: string;
  readonly kind: ColumnKind;
  /** As PostgreSQL writes it, for messages. */
  readonly typeName: string;
  /** What a text is cast to before it is assigned: the type without a length, as a cast to `varchar(3)` would cut silently. */
  readonly castType: string;
  /** Of a `numeric`, as declared. */
  readonly precision?: { readonly digits: number; readonly scale: number } | undefined;
  readonly isNotNull: boolean;
  /** Generated from others, or an identity that only PostgreSQL gives. */
  readonly isReadOnly: boolean;
  /** An insert that leaves it out gets a value all the same. */
  readonly hasDefault: boolean;
  /** Texts compare by their bytes, as MongoDB's do, without being told so. */
  readonly isByteOrdered: boolean;
  /** Different texts are never equal. */
  readonly isDeterministic: boolean;
};
