// smallint and integer as int, bigint as long.

import { typeRanks } from '../../../../values/bson/compare.ts';
import { decimalToInteger } from '../../../../values/bson/decimal.ts';
import { Decimal128, Int32, isNumeric, type Value } from '../../../../values/bson/types.ts';
import { type ColumnKind, type Comparison, type Condition, never } from '../column-kind.ts';
import { mismatch, unfit } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';
import type { Column } from '../column-kind.ts';

const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];

function kindOf(bits: 16 | 32 | 64): ColumnKind {
  return {
    name: `int${bits}`,
    holdsOthers: false,
    ranks: new Set([typeRanks.number]),
    json: (sql) => (bits === 64 ? `('{"$numberLong":"' || ${sql} || '"}')::json` : `to_json(${sql})`),
    write: (value, column) => String(wholeOf(value, column, bits)),
    compare,
    among: (values, { column, parameters }) => {
      const whole = values.map(wholeNumber);
      const within = whole.filter((number) => number !== undefined && number >= least && number <= greatest);
      const condition: Condition = { sql: `${column.sql} = any(${parameters.bind('int8[]', within)})`, isExact: true };
      return { condition, rest: values.filter((_, index) => whole[index] === undefined) };
    },
    order: ({ sql }) => [sql],
    group: ({ sql }) => sql,
    extreme: ({ sql }) => sql,
  };
}

function wholeOf(value: Value, column: Column, bits: number): bigint {
  if (!isNumeric(value)) throw mismatch(column, value, 'whole numbers');
  const whole = wholeNumber(value);
  if (whole === undefined) throw unfit(column, value, 'it is no whole number');
  if (BigInt.asIntN(bits, whole) !== whole) throw unfit(column, value, `it is beyond ${bits} bits`);
  return whole;
}

/** Undefined for a fraction, and for what is no number. */
function wholeNumber(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Decimal128) return decimalToInteger(value);
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function compare({ operator, value, column: { sql }, parameters }: Comparison): Condition | undefined {
  const all: Condition = { sql: `${sql} is not null`, isExact: true };
  const isUpper = operator === '$lt' || operator === '$lte';
  if (typeof value === 'number' && !Number.isInteger(value)) {
    if (operator === '$eq' || Number.isNaN(value)) return never;
    if (!Number.isFinite(value)) return value > 0 === isUpper ? all : never;
    return compare({ operator: isUpper ? '$lte' : '$gt', value: Math.floor(value), column: { sql } as Column, parameters });
  }
  const whole = wholeNumber(value);
  if (whole === undefined) return undefined;
  if (whole < least || whole > greatest) return operator === '$eq' || whole > 0n !== isUpper ? never : all;
  return { sql: `${sql} ${sqlOperators[operator]} ${parameters.bind('int8', whole)}`, isExact: true };
}

export const int16 = kindOf(16);
export const int32 = kindOf(32);
export const int64 = kindOf(64);
