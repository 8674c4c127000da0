// timestamptz, timestamp and date as dates, in UTC; microseconds are cut off. `infinity` is the latest date that JavaScript
// has, `-infinity` the earliest, so that their order is kept and they can be written back.

import { typeRanks } from '../../../../values/bson/compare.ts';
import { DateTime, type Value } from '../../../../values/bson/types.ts';
import { type ColumnKind, type Comparison, type Condition, never } from '../column-kind.ts';
import { mismatch, unfit } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';
import type { Column } from '../column-kind.ts';

const latestMs = 8_640_000_000_000_000n;
const dayMs = 86_400_000n;
/** Years 1 to 9999: beyond them PostgreSQL writes years otherwise than JavaScript. */
const [firstMs, lastMs] = [BigInt(Date.parse('0001-01-01T00:00:00Z')), BigInt(Date.parse('9999-12-31T23:59:59.999Z'))];

type TimeType = 'timestamptz' | 'timestamp' | 'date';

function json(sql: string): string {
  const ms = `greatest(least(floor(extract(epoch from ${sql}) * 1000), ${latestMs}), -${latestMs})`;
  return `case when ${sql} is not null then ('{"$date":{"$numberLong":"' || ${ms}::int8 || '"}}')::json end`;
}

function kindOf(type: TimeType): ColumnKind {
  return {
    name: type,
    holdsOthers: false,
    ranks: new Set([typeRanks.date]),
    json,
    write: (value, column) => textOf(value, column, type),
    compare: (comparison) => compare(comparison, type),
    // What differs in microseconds only is equal, and what is sorted by next decides.
    order: ({ sql }, isLast) => [isLast || type === 'date' ? sql : `date_trunc('milliseconds', ${sql})`],
    group: ({ sql }) => (type === 'date' ? sql : `date_trunc('milliseconds', ${sql})`),
    extreme: ({ sql }) => sql,
  };
}

function textOf(value: Value, column: Column, type: TimeType): string {
  if (!(value instanceof DateTime)) throw mismatch(column, value, 'dates');
  const { ms } = value;
  if (ms >= latestMs) return 'infinity';
  if (ms <= -latestMs) return '-infinity';
  if (ms < firstMs || ms > lastMs) throw unfit(column, value, 'only years 1 to 9999 can be written');
  if (type === 'date' && ms % dayMs !== 0n) throw unfit(column, value, 'it is not the beginning of a day (UTC)');
  return isoOf(ms, type);
}

function isoOf(ms: bigint, type: TimeType): string {
  const text = new Date(Number(ms)).toISOString();
  if (type === 'date') return text.slice(0, 10);
  return type === 'timestamp' ? text.slice(0, -1) : text;
}

function compare({ operator, value, column: { sql }, parameters }: Comparison, type: TimeType): Condition | undefined {
  if (!(value instanceof DateTime)) return undefined;
  const { ms } = value;
  if (ms <= firstMs || ms >= lastMs) return undefined;
  const pointType = type === 'timestamptz' ? 'timestamptz' : 'timestamp';
  const at = (point: bigint): string => `${parameters.bind('text', isoOf(point, pointType))}::${pointType}`;
  if (type === 'date') return operator === '$eq' && ms % dayMs !== 0n ? never : { sql: `${sql} ${sqlOperators[operator]} ${at(ms)}`, isExact: true };
  // A millisecond is a thousand microseconds of PostgreSQL's.
  const conditions = {
    $eq: () => `${sql} >= ${at(ms)} and ${sql} < ${at(ms + 1n)}`,
    $lt: () => `${sql} < ${at(ms)}`,
    $lte: () => `${sql} < ${at(ms + 1n)}`,
    $gt: () => `${sql} >= ${at(ms + 1n)}`,
    $gte: () => `${sql} >= ${at(ms)}`,
  };
  return { sql: conditions[operator](), isExact: true };
}

export const timestamptz = kindOf('timestamptz');
export const timestamp = kindOf('timestamp');
export const date = kindOf('date');
