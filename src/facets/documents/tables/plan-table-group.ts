// A $group over a table as SQL: by columns, with what of them PostgreSQL tells exactly. It adds no doubles, as their sum
// depends on the order and the way of adding.

import { decimalFromInteger, decimalFromString, divideDecimal } from '../../../values/bson/decimal.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import { Int32, int32, type Decimal128, type Value } from '../../../values/bson/types.ts';
import { intOrLong } from '../expressions/coercions.ts';
import type { Accumulation } from '../pipelines/accumulators/accumulator.ts';
import type { GroupStage } from '../pipelines/stage.ts';
import { pathsOf } from '../planner/expression-paths.ts';
import type { CollectionQuery } from '../store/collection-query.ts';
import { Inexact } from '../store/grouped-numbers.ts';
import type { Query } from '../store/query.ts';
import { planTableQuery } from './plan-table-query.ts';
import { type Table, placeOf } from './table.ts';
import type { Column } from './column-kind.ts';

/** A field of the results: what is selected for it, all as texts, and what it is made of them. Throws Inexact for what SQL did not tell. */
export type AggregatedField = { readonly field: string; readonly columns: readonly string[]; readonly make: (texts: readonly (string | null)[], documents: bigint) => Value };

export type TableGroupPlan = {
  /** Gives of each group the count of its rows, the keys as stored JSON, and the columns of the fields. */
  readonly query: Query;
  readonly keys: readonly Column[];
  readonly fields: readonly AggregatedField[];
};

/** Undefined where SQL cannot tell everything. */
export function planTableGroup(table: Table, { id, accumulations }: GroupStage, { sort, ...query }: CollectionQuery): TableGroupPlan | undefined {
  const paths = pathsOf(id);
  const keys = paths === undefined ? undefined : keyColumns(table, paths);
  const fields = accumulations.map((accumulation) => aggregated(table, accumulation));
  if (keys === undefined || !fields.every((field) => field !== undefined)) return undefined;
  const isCut = query.limit !== undefined || query.skip !== undefined;
  const { query: rows, residual } = planTableQuery(table, isCut ? { ...query, sort } : query, { columns: 't.*' });
  if (Object.keys(residual).length > 0) return undefined;
  const groups = keys.map((column) => column.kind.group!(column));
  const columns = ['count(*)::text', ...groups.map((sql, index) => `(${keys[index]!.kind.json(sql, keys[index]!)})::text`), ...fields.flatMap((field) => field.columns)];
  const text = `select ${columns.join(', ')} from (${rows.text}) as t${groups.length === 0 ? '' : ` group by ${groups.join(', ')}`}`;
  return { query: { text, parameters: rows.parameters }, keys, fields };
}

/** The columns that an id is made of; undefined where one of them is no key for PostgreSQL. */
function keyColumns(table: Table, paths: readonly (readonly string[])[]): Column[] | undefined {
  const columns = new Set<Column>();
  for (const path of paths) {
    const place = placeOf(table, path);
    if (place.at === 'within') return undefined;
    if (place.at === 'column') columns.add(place.column);
    if (place.at === 'key') for (const column of table.key) columns.add(column);
  }
  return [...columns].every(({ kind }) => kind.group !== undefined) ? [...columns] : undefined;
}

function aggregated(table: Table, { field, operator, argument }: Accumulation): AggregatedField | undefined {
  const constant = argument?.constant?.value;
  if (operator === '$count') return { field, columns: [], make: (_, documents) => intOrLong(documents) };
  if (operator === '$sum' && constant instanceof Int32) return { field, columns: [], make: (_, documents) => intOrLong(documents * BigInt(constant.value)) };
  if (argument?.path === undefined) return undefined;
  const place = placeOf(table, argument.path);
  if (place.at !== 'column') return undefined;
  const make = makers[operator]?.(place.column);
  return make === undefined ? undefined : { field, ...make };
}

type Maker = (column: Column) => Omit<AggregatedField, 'field'> | undefined;

/** By operator; undefined for a column of which SQL does not tell it exactly. */
const makers: Readonly<Record<string, Maker>> = {
  $sum: ({ sql, kind, precision }) => {
    const columns = [`sum(${sql})::text`];
    if (isWhole(kind.name)) return { columns, make: ([sum = null]) => (sum === null ? int32(0) : wholeSum(BigInt(sum), kind.name === 'int64')) };
    return hasExactSums(precision) ? { columns, make: ([sum = null]) => (sum === null ? int32(0) : decimalOf(sum)) } : undefined;
  },
  $avg: ({ sql, kind, precision }) => {
    const columns = [`sum(${sql})::text`, `count(${sql})::text`];
    if (isWhole(kind.name)) return { columns, make: ([sum = null, count]) => (sum === null ? null : Number(BigInt(sum)) / Number(count)) };
    return hasExactSums(precision) ? { columns, make: ([sum = null, count]) => (sum === null ? null : divideDecimal(decimalOf(sum), decimalFromInteger(BigInt(count!)))) } : undefined;
  },
  $min: (column) => extreme('min', column),
  $max: (column) => extreme('max', column),
};

function isWhole(name: string): boolean {
  return name === 'int16' || name === 'int32' || name === 'int64';
}

function wholeSum(sum: bigint, isLong: boolean): Value {
  if (BigInt.asIntN(64, sum) !== sum) throw new Inexact();
  return isLong ? sum : intOrLong(sum);
}

/** Of a trillion rows, that is. */
function hasExactSums(precision: Column['precision']): boolean {
  return precision !== undefined && precision.digits <= 22 && precision.scale >= 0;
}

function decimalOf(text: string): Decimal128 {
  return decimalFromString(text)!;
}

function extreme(aggregate: 'min' | 'max', column: Column): ReturnType<Maker> {
  const ordered = column.kind.extreme?.(column);
  if (ordered === undefined) return undefined;
  return {
    // PostgreSQL's NaN is the greatest number, MongoDB's the least.
    columns: [`(${column.kind.json(`${aggregate}(${ordered})`, column)})::text`, column.kind.name === 'numeric' ? `(count(*) filter (where ${column.sql} = 'NaN'))::text` : `'0'`],
    make: ([json = null, count]) => {
      if (count !== '0') throw new Inexact();
      return json === null ? null : (fromStoredJson(`{"value":${json}}`).get('value') ?? null);
    },
  };
}
