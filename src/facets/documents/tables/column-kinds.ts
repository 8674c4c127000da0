// PostgreSQL's types and what they are to documents. A type is a row; what has none is its text.

import type { ColumnKind } from './column-kind.ts';
import { boolean } from './kinds/boolean.ts';
import { bytea, uuid } from './kinds/bytes.ts';
import { float4, float8 } from './kinds/doubles.ts';
import { json } from './kinds/json.ts';
import { numeric, unboundedNumeric } from './kinds/numeric.ts';
import { text, textual } from './kinds/texts.ts';
import { date, timestamp, timestamptz } from './kinds/times.ts';
import { int16, int32, int64 } from './kinds/whole-numbers.ts';

/** By the names of `pg_type`, domains by what they are over. */
const columnKinds: Readonly<Record<string, ColumnKind>> = {
  bool: boolean,
  int2: int16, int4: int32, int8: int64, float4, float8, numeric,
  text, varchar: text,
  bytea, uuid,
  timestamptz, timestamp, date,
  json, jsonb: json,
};

/** Of a base type; `isBounded`: a numeric whose every value is a decimal128. */
export function kindOfType(name: string, isBounded: boolean): ColumnKind {
  if (name === 'numeric' && !isBounded) return unboundedNumeric;
  return columnKinds[name] ?? textual;
}
