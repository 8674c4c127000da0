// Which part of a filter PostgreSQL answers, and whether that is all of it.

import { typeRanks, canonicalTypeOf } from '../../../values/bson/compare.ts';
import type { Value } from '../../../values/bson/types.ts';
import type { ComparisonFilter, Filter, InFilter } from '../filters/filter.ts';
import { documentKeyOf } from '../store/document-key.ts';
import type { SqlParameters } from '../store/statements.ts';

export type FilterPlan = {
  /** A condition on the columns of a collection; absent where it would be true. */
  readonly sql?: string;
  /** The condition is the filter, and not only something that follows from it. */
  readonly isExact: boolean;
};

const everything: FilterPlan = { isExact: true };
const unknown: FilterPlan = { isExact: false };

/** Types of which only values of the same type are less or greater, and all of whose values stand in order. */
const rangedTypes: ReadonlySet<number> = new Set([
  typeRanks.number, typeRanks.string, typeRanks.objectId, typeRanks.date, typeRanks.boolean, typeRanks.binary, typeRanks.timestamp,
]);
const sqlOperators = { $lt: '<', $lte: '<=', $gt: '>', $gte: '>=' } as const;
const nanKey = documentKeyOf(Number.NaN);
const longestExactKey = 1_024;

/** Plans a filter; the values of its condition are bound to `parameters`. */
export function planFilter(filter: Filter, parameters: SqlParameters): FilterPlan {
  switch (filter.operator) {
    case '$and':
      return allOf(filter.filters.map((part) => planFilter(part, parameters)));
    case '$alwaysTrue':
      return everything;
    case '$alwaysFalse':
      return { sql: 'false', isExact: true };
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return isId(filter.path) ? planIdComparison(filter, parameters) : unknown;
    case '$in':
      return isId(filter.path) ? planIdIn(filter, parameters) : unknown;
    default:
      return unknown;
  }
}

function allOf(plans: readonly FilterPlan[]): FilterPlan {
  const sql = plans.flatMap((plan) => plan.sql ?? []).join(' and ');
  const isExact = plans.every((plan) => plan.isExact);
  return sql === '' ? { isExact } : { sql, isExact };
}

function isId(path: readonly string[]): boolean {
  return path.length === 1 && path[0] === '_id';
}

function planIdComparison({ operator, value }: ComparisonFilter, parameters: SqlParameters): FilterPlan {
  if (operator === '$eq') return isKeyValue(value) ? { sql: `id = ${parameters.bind('bytea', documentKeyOf(value))}`, isExact: true } : unknown;
  const rank = canonicalTypeOf(value);
  const key = documentKeyOf(value);
  if (!rangedTypes.has(rank) || key.length > longestExactKey || key.equals(nanKey)) return unknown;
  const bound = `id ${sqlOperators[operator]} ${parameters.bind('bytea', key)}`;
  // Only values of the same type; NaN stands below all numbers and is less than none.
  const isUpper = operator === '$lt' || operator === '$lte';
  const otherEnd = isUpper ? (rank === typeRanks.number ? nanKey : Buffer.from([key[0]!])) : Buffer.from([key[0]! + 1]);
  return { sql: `${bound} and id ${isUpper ? '>' : '<'} ${parameters.bind('bytea', otherEnd)}`, isExact: true };
}

function planIdIn({ values, patterns }: InFilter, parameters: SqlParameters): FilterPlan {
  if (patterns.length > 0 || !values.every(isKeyValue)) return unknown;
  return { sql: `id = any(${parameters.bind('bytea[]', values.map(documentKeyOf))})`, isExact: true };
}

/** Whether an `_id` is equal to the value just if their keys are. */
function isKeyValue(value: Value): boolean {
  return !Array.isArray(value);
}
