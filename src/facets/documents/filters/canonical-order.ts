// The order in which MongoDB asks the conditions of a filter. It shows in one thing only: of several conditions that went
// through arrays, the last tells the position that `$` stands for. Source: MongoDB 7.0, canonical_query.cpp and expression.h.

import { compareTexts } from '../../../values/bson/compare.ts';
import type { Filter } from './filter.ts';

const places: Readonly<Record<Filter['operator'], number>> = {
  $and: 0, $or: 1, $elemMatch: 2, $size: 3, $eq: 4, $lte: 5, $lt: 6, $gt: 7, $gte: 8, $regex: 9, $mod: 10, $exists: 11, $in: 12, $bitsAllSet: 13,
  $bitsAllClear: 14, $bitsAnySet: 15, $bitsAnyClear: 16, $not: 17, $nor: 18, $type: 19, $expr: 20, $jsonSchema: 21, $sampleRate: 22, $alwaysFalse: 23,
  $alwaysTrue: 24,
};

/** The filter with all conditions of an `$and` side by side, by their operators and then by their paths. */
export function canonicalFilter(filter: Filter): Filter {
  if (filter.operator === '$or') return { ...filter, filters: filter.filters.map(canonicalFilter) };
  if (filter.operator !== '$and') return filter;
  const filters = filter.filters.map(canonicalFilter).flatMap((part) => (part.operator === '$and' ? part.filters : [part]));
  return { operator: '$and', filters: filters.toSorted(compareFilters) };
}

function compareFilters(a: Filter, b: Filter): number {
  return places[a.operator] - places[b.operator] || compareTexts(pathOf(a), pathOf(b));
}

function pathOf(filter: Filter): string {
  return 'path' in filter ? filter.path.join('.') : '';
}
