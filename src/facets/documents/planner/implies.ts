// Whether every document that matches a filter matches another one too: a partial index then serves the filter. No is always
// a safe answer. Source: MongoDB 7.0, expression_algo::isSubsetOf in src/mongo/db/matcher/expression_algo.cpp.

import { canonicalTypeOf, compareValues, equalValues } from '../../../values/bson/compare.ts';
import { bsonUndefined, isNumeric, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import type { ComparisonFilter, Filter, Path } from '../filters/filter.ts';

export function implies(filter: Filter, implied: Filter): boolean {
  if (implied.operator === '$and') return implied.filters.every((part) => implies(filter, part));
  if (filter.operator === '$or' && filter.filters.length > 0) return filter.filters.every((part) => implies(part, implied));
  if (filter.operator === '$and' && filter.filters.some((part) => implies(part, implied))) return true;
  if (implied.operator === '$or') return implied.filters.some((part) => implies(filter, part));
  return impliesLeaf(filter, implied);
}

function impliesLeaf(filter: Filter, implied: Filter): boolean {
  switch (implied.operator) {
    case '$exists':
      return impliesExistence(filter, implied.path);
    case '$in':
      return impliesMembership(filter, implied.path, implied.values);
    case '$type':
      return filter.operator === '$type' && isSamePath(filter.path, implied.path) && [...filter.types].every((type) => implied.types.has(type));
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return impliesComparison(filter, implied);
    default:
      return false;
  }
}

function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function isNothing(value: Value): boolean {
  return value === null || value === bsonUndefined;
}

/** Null stands for a missing field too. */
function impliesExistence(filter: Filter, path: Path): boolean {
  if (filter.operator === '$not') return filter.filter.operator === '$eq' && isNothing(filter.filter.value) && isSamePath(filter.filter.path, path);
  if (!('path' in filter) || !isSamePath(filter.path, path)) return false;
  switch (filter.operator) {
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return !isNothing(filter.value) && isPlain(filter.value);
    case '$in':
      return filter.values.every((value) => !isNothing(value) && isPlain(value));
    default:
      return true;
  }
}

/** Neither a document nor an array, whose comparisons look at arrays as a whole, nor a bound beyond all types. */
function isPlain(value: Value): boolean {
  return !Array.isArray(value) && !(value instanceof Map) && canonicalTypeOf(value) >= 0 && canonicalTypeOf(value) < 127;
}

function impliesMembership(filter: Filter, path: Path, list: readonly Value[]): boolean {
  const isMember = (value: Value): boolean => isPlain(value) && list.some((member) => equalValues(member, value));
  if (filter.operator === '$eq') return isSamePath(filter.path, path) && isMember(filter.value);
  return filter.operator === '$in' && isSamePath(filter.path, path) && filter.patterns.length === 0 && filter.values.every(isMember);
}

function isNaNValue(value: Value): boolean {
  return isNumeric(value) && Number.isNaN(toDouble(value));
}

function impliesComparison(filter: Filter, implied: ComparisonFilter): boolean {
  if (filter.operator === '$in') {
    const { path, values, patterns } = filter;
    return patterns.length === 0 && values.length > 0 && values.every((value) => impliesComparison({ operator: '$eq', path, value }, implied));
  }
  if (!isComparison(filter) || !isSamePath(filter.path, implied.path)) return false;
  const { value } = filter;
  if (!isPlain(value) || !isPlain(implied.value) || isNaNValue(value) || isNaNValue(implied.value)) return false;
  if (canonicalTypeOf(value) !== canonicalTypeOf(implied.value)) return false;
  return within[implied.operator](compareValues(value, implied.value), filter.operator);
}

function isComparison(filter: Filter): filter is ComparisonFilter {
  return Object.hasOwn(within, filter.operator);
}

/** By the operator that is implied: the order of the filter's value and its own, and the filter's operator. */
const within: Readonly<Record<ComparisonFilter['operator'], (order: number, operator: ComparisonFilter['operator']) => boolean>> = {
  $eq: (order, operator) => operator === '$eq' && order === 0,
  $lt: (order, operator) => (operator === '$lt' && order <= 0) || ((operator === '$lte' || operator === '$eq') && order < 0),
  $lte: (order, operator) => ['$lt', '$lte', '$eq'].includes(operator) && order <= 0,
  $gt: (order, operator) => (operator === '$gt' && order >= 0) || ((operator === '$gte' || operator === '$eq') && order > 0),
  $gte: (order, operator) => ['$gt', '$gte', '$eq'].includes(operator) && order >= 0,
};
