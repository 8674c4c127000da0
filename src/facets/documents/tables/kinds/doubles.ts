// real and double precision as double. A real is the double that its shortest text says: 1.1, and not 1.10000002384186.

import { typeRanks } from '../../../../values/bson/compare.ts';
import { decimalToDouble } from '../../../../values/bson/decimal.ts';
import { type Decimal128, Int32, isNumeric, type Value } from '../../../../values/bson/types.ts';
import type { ColumnKind, Comparison, Condition } from '../column-kind.ts';
import { mismatch, unfit } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';

function kindOf(type: 'float4' | 'float8'): ColumnKind {
  return {
    name: type,
    holdsOthers: false,
    ranks: new Set([typeRanks.number]),
    json: (sql) => `('{"$numberDouble":"' || ${sql} || '"}')::json`,
    write: (value, column) => {
      if (!isNumeric(value)) throw mismatch(column, value, 'numbers');
      const double = doubleOf(value) ?? decimalToDouble(value as Decimal128);
      if (typeof value === 'bigint' && BigInt(double) !== value) throw unfit(column, value, 'a double does not hold all of its digits');
      return Object.is(double, -0) ? '-0' : String(double);
    },
    compare: (comparison) => compare(comparison, type),
    // PostgreSQL's NaN is the greatest number, MongoDB's the least.
    order: ({ sql }) => [`(${sql} <> 'NaN')`, sql],
  };
}

function doubleOf(value: Value): number | undefined {
  if (value instanceof Int32) return value.value;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

function compare({ operator, value, column: { sql }, parameters }: Comparison, type: 'float4' | 'float8'): Condition | undefined {
  const double = doubleOf(value);
  if (double === undefined || (typeof value === 'bigint' && BigInt(double) !== value)) return undefined;
  if (Number.isNaN(double) && operator !== '$eq') return undefined;
  const place = `${parameters.bind('float8', double)}::${type}`;
  // A double that no real has is rounded to one, and lies on either side of it.
  const comparison = type === 'float8' || operator === '$eq' ? sqlOperators[operator] : operator === '$lt' || operator === '$lte' ? '<=' : '>=';
  const isLower = operator === '$gt' || operator === '$gte';
  return { sql: `${sql} ${comparison} ${place}${isLower ? ` and ${sql} <> 'NaN'` : ''}`, isExact: type === 'float8' };
}

export const float4 = kindOf('float4');
export const float8 = kindOf('float8');
