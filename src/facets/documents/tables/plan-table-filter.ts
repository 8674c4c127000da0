// Which part of a filter PostgreSQL answers by a table's columns, and whether that is all of it. A condition may be null
// where it does not hold; a negation takes that for false.

import { canonicalTypeOf, typeRanks } from '../../../values/bson/compare.ts';
import type { Value } from '../../../values/bson/types.ts';
import type { ComparisonFilter, Filter, InFilter } from '../filters/filter.ts';
import type { SqlParameters } from '../store/statements.ts';
import { type Condition, never } from './column-kind.ts';
import { type Table, placeOf } from './table.ts';
import type { Column } from './column-kind.ts';

/** `sql` follows from the filter; it is absent where it would be true. */
export type TableFilterPlan = { readonly sql?: string; readonly isExact: boolean };

const everything: TableFilterPlan = { isExact: true };
const unknown: TableFilterPlan = { isExact: false };
const nothing: TableFilterPlan = never;
/** Values of a list that each get a condition of their own. */
const mostAlternatives = 500;

export function planTableFilter(table: Table, filter: Filter, parameters: SqlParameters): TableFilterPlan {
  const plan = (part: Filter): TableFilterPlan => planTableFilter(table, part, parameters);
  switch (filter.operator) {
    case '$and':
      return allOf(filter.filters.map(plan));
    case '$or':
      return anyOf(filter.filters.map(plan));
    case '$nor':
      return contraryOf(anyOf(filter.filters.map(plan)));
    case '$not':
      return contraryOf(plan(filter.filter));
    case '$alwaysTrue':
      return everything;
    case '$alwaysFalse':
      return nothing;
    case '$exists':
      return planExistence(table, filter.path);
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return planComparison(table, filter, parameters);
    case '$in':
      return planIn(table, filter, parameters);
    default:
      return unknown;
  }
}

function allOf(plans: readonly TableFilterPlan[]): TableFilterPlan {
  const conditions = plans.flatMap(({ sql }) => sql ?? []);
  const isExact = plans.every((plan) => plan.isExact);
  return conditions.length === 0 ? { isExact } : { sql: conditions.map((sql) => `(${sql})`).join(' and '), isExact };
}

function anyOf(plans: readonly TableFilterPlan[]): TableFilterPlan {
  const isExact = plans.every((plan) => plan.isExact);
  if (plans.length === 0) return nothing;
  if (plans.some(({ sql }) => sql === undefined)) return { isExact };
  return { sql: plans.map(({ sql }) => `(${sql})`).join(' or '), isExact };
}

/** Only of a condition that is exact does the contrary follow. */
function contraryOf({ sql, isExact }: TableFilterPlan): TableFilterPlan {
  if (!isExact) return unknown;
  return { sql: sql === undefined ? 'false' : `(${sql}) is not true`, isExact };
}

/** Every document has every column, be it null. */
function planExistence(table: Table, path: readonly string[]): TableFilterPlan {
  const { at } = placeOf(table, path);
  if (at === 'within') return unknown;
  return at === 'nothing' ? nothing : everything;
}

function planComparison(table: Table, { operator, path, value }: ComparisonFilter, parameters: SqlParameters): TableFilterPlan {
  const place = placeOf(table, path);
  switch (place.at) {
    case 'column':
      return compareColumn({ operator, value, column: place.column, parameters }) ?? unknown;
    case 'within':
      return unknown;
    case 'key':
      return operator === '$eq' ? equalKey(table.key, value, parameters) : unknown;
    case 'nothing':
      return compareNothing(operator, value);
  }
}

type ColumnComparison = { readonly operator: ComparisonFilter['operator']; readonly value: Value; readonly column: Column; readonly parameters: SqlParameters };

function compareColumn(comparison: ColumnComparison): Condition | undefined {
  const { operator, value, column } = comparison;
  const rank = canonicalTypeOf(value);
  if (column.kind.holdsOthers || !isPlain(rank)) return undefined;
  if (rank === typeRanks.null) return operator === '$lt' || operator === '$gt' ? never : { sql: `${column.sql} is null`, isExact: true };
  if (column.kind.ranks.size > 0 && !column.kind.ranks.has(rank)) return never;
  return column.kind.compare(comparison);
}

/** MinKey and MaxKey compare with other types; undefined, and what counts as missing, has rules of its own. */
function isPlain(rank: number): boolean {
  return rank !== typeRanks.minKey && rank !== typeRanks.maxKey && rank !== typeRanks.missing;
}

/** A field that no document has is equal to null. */
function compareNothing(operator: ComparisonFilter['operator'], value: Value): TableFilterPlan {
  const rank = canonicalTypeOf(value);
  if (!isPlain(rank)) return unknown;
  return rank === typeRanks.null && operator !== '$lt' && operator !== '$gt' ? everything : nothing;
}

/** Of a key of several columns: a document with just these fields, in this order. */
function equalKey(key: readonly Column[], value: Value, parameters: SqlParameters): TableFilterPlan {
  if (!(value instanceof Map)) return isPlain(canonicalTypeOf(value)) ? nothing : unknown;
  const names = [...value.keys()];
  if (names.length !== key.length || !key.every(({ name }, index) => name === names[index])) return nothing;
  return allOf(key.map((column) => compareColumn({ operator: '$eq', value: value.get(column.name)!, column, parameters }) ?? unknown));
}

function planIn(table: Table, { path, values, patterns }: InFilter, parameters: SqlParameters): TableFilterPlan {
  if (patterns.length > 0) return unknown;
  const place = placeOf(table, path);
  if (place.at !== 'column' || place.column.kind.among === undefined) return anyEqual(table, { path, values, parameters });
  const { column } = place;
  const told = values.filter((value) => column.kind.ranks.has(canonicalTypeOf(value)));
  if (told.length < 2) return anyEqual(table, { path, values, parameters });
  const { condition, rest } = column.kind.among!(told, { column, parameters });
  const others = [...rest, ...values.filter((value) => !told.includes(value))];
  return others.length === 0 ? condition : anyOf([condition, anyEqual(table, { path, values: others, parameters })]);
}

function anyEqual(table: Table, { path, values, parameters }: { readonly path: readonly string[]; readonly values: readonly Value[]; readonly parameters: SqlParameters }): TableFilterPlan {
  if (values.length > mostAlternatives) return unknown;
  return anyOf(values.map((value) => planComparison(table, { operator: '$eq', path, value }, parameters)));
}
