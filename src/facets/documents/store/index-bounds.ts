// The bounds between which an index is walked for a filter, as `explain` tells them: of each field of the index its intervals,
// and which conditions these answer so that no document need be looked at for them. Source: MongoDB 7.0,
// src/mongo/db/query/index_bounds_builder.cpp and interval.cpp.

import { canonicalTypeOf, compareValues, typeRanks } from '../../../values/bson/compare.ts';
import { Binary, bsonUndefined, DateTime, maxKey, minKey, ObjectId, RegularExpression, Timestamp, type Value } from '../../../values/bson/types.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { ComparisonFilter, Filter, Path, RegexFilter } from '../filters/filter.ts';
import { isNaNValue } from '../filters/numbers.ts';
import { isTextPrefix, prefixOf, textBehind } from '../filters/pattern-prefix.ts';

export type Interval = { readonly low: Value; readonly includesLow: boolean; readonly high: Value; readonly includesHigh: boolean };

/** `isExact`: a document has a value within the intervals if, and only if, it matches. */
export type FieldBounds = { readonly intervals: readonly Interval[]; readonly isExact: boolean };

export const everything: readonly Interval[] = [{ low: minKey, includesLow: true, high: maxKey, includesHigh: true }];

/** Undefined where an index on the path does not serve the filter. */
export function boundsOf(filter: Filter, path: Path): FieldBounds | undefined {
  switch (filter.operator) {
    case '$and': {
      const parts = filter.filters.flatMap((part) => boundsOf(part, path) ?? []);
      if (parts.length === 0) return undefined;
      return { intervals: parts.map(({ intervals }) => intervals).reduce(intersect), isExact: parts.length === filter.filters.length && parts.every(({ isExact }) => isExact) };
    }
    case '$or': {
      const parts = filter.filters.map((part) => boundsOf(part, path));
      if (parts.length === 0 || !parts.every((part) => part !== undefined)) return undefined;
      return { intervals: union(parts.flatMap(({ intervals }) => intervals)), isExact: parts.every(({ isExact }) => isExact) };
    }
    case '$not': {
      const inner = boundsOf(filter.filter, path);
      if (inner === undefined || !negatable.has(filter.filter.operator)) return undefined;
      // What is not there stands with null.
      return filter.filter.operator === '$exists' ? { intervals: nothing, isExact: false } : { intervals: complement(inner.intervals), isExact: inner.isExact };
    }
    case '$elemMatch': {
      if (filter.of === 'values') return isAt(filter.path, path) ? inexact(boundsOf(filter.filter, ofElement)) : undefined;
      const isBelow = path.length > filter.path.length && isAt(filter.path, path.slice(0, filter.path.length));
      return isBelow ? inexact(boundsOf(filter.filter, path.slice(filter.path.length))) : undefined;
    }
    default:
      return 'path' in filter && isAt(filter.path, path) ? boundsOfLeaf(filter) : undefined;
  }
}

/** Where conditions on elements themselves stand. */
const ofElement: Path = [''];

const negatable: ReadonlySet<Filter['operator']> = new Set<Filter['operator']>(['$eq', '$in', '$lt', '$lte', '$gt', '$gte', '$exists']);

function isAt(own: Path, path: Path): boolean {
  return own.length === path.length && own.every((name, index) => name === path[index]);
}

function inexact(bounds: FieldBounds | undefined): FieldBounds | undefined {
  return bounds && { ...bounds, isExact: false };
}

function boundsOfLeaf(filter: Exclude<Filter, { readonly filter: Filter } | { readonly filters: readonly Filter[] }>): FieldBounds | undefined {
  switch (filter.operator) {
    case '$eq':
      return boundsOfEquality(filter.value);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return boundsOfComparison(filter);
    case '$in': {
      const parts = [...filter.values.map(boundsOfEquality), ...filter.patterns.map(boundsOfPattern)];
      return { intervals: union(parts.flatMap(({ intervals }) => intervals)), isExact: parts.every(({ isExact }) => isExact) };
    }
    case '$regex':
      return boundsOfPattern(filter);
    case '$exists':
      return { intervals: everything, isExact: false };
    case '$mod':
      return { intervals: [within(Number.NaN, Number.POSITIVE_INFINITY)], isExact: false };
    case '$type': {
      const ranks = new Set([...filter.types].flatMap((type) => rankOfType[type] ?? []));
      const isKnown = [...filter.types].every((type) => rankOfType[type] !== undefined);
      return { intervals: isKnown ? union([...ranks].map(ofRank)) : everything, isExact: false };
    }
    default:
      return undefined;
  }
}

const nothing: readonly Interval[] = [within(bsonUndefined, bsonUndefined), within(null, null)];

function boundsOfEquality(value: Value): FieldBounds {
  if (value === null) return { intervals: nothing, isExact: false };
  // The elements of an array have entries of their own, and so has an array that is an element.
  if (Array.isArray(value)) return { intervals: union([within(value[0] ?? bsonUndefined, value[0] ?? bsonUndefined), within(value, value)]), isExact: false };
  return { intervals: [within(value, value)], isExact: true };
}

function boundsOfComparison({ operator, value }: ComparisonFilter): FieldBounds {
  const includes = operator === '$lte' || operator === '$gte';
  const isUpper = operator === '$lt' || operator === '$lte';
  if (value === null) return includes ? { intervals: nothing, isExact: false } : { intervals: [], isExact: true };
  if (isNaNValue(value)) return { intervals: includes ? [within(value, value)] : [], isExact: true };
  const rank = canonicalTypeOf(value);
  const isExtreme = rank === typeRanks.minKey || rank === typeRanks.maxKey;
  const all = isExtreme ? everything[0]! : ofComparable(rank);
  const interval = isUpper ? { ...all, high: value, includesHigh: includes } : { ...all, low: value, includesLow: includes };
  const isExact = rank !== typeRanks.array && rank !== typeRanks.document;
  return { intervals: isEmpty(interval) ? [] : [interval], isExact };
}

function boundsOfPattern(filter: Pick<RegexFilter, 'pattern' | 'options'>): FieldBounds {
  const pattern = new RegularExpression(filter.pattern, filter.options);
  const prefix = prefixOf(filter);
  const texts = prefix === '' ? ofRank(typeRanks.string) : { low: prefix, includesLow: true, high: textBehind(prefix), includesHigh: false };
  return { intervals: [texts, within(pattern, pattern)], isExact: isTextPrefix(filter) };
}

// Intervals of types

const first = { objectId: new ObjectId(new Uint8Array(12)), binary: new Binary(new Uint8Array(0), 0) };

/** The first value of the rank, and the last one, or the first of the next rank. */
const ranges: ReadonlyMap<number, Interval> = new Map([
  [typeRanks.number, within(Number.NaN, Number.POSITIVE_INFINITY)],
  [typeRanks.string, below('', new Map())],
  [typeRanks.document, below(new Map(), [])],
  [typeRanks.array, below([], first.binary)],
  [typeRanks.binary, below(first.binary, first.objectId)],
  [typeRanks.objectId, within(first.objectId, new ObjectId(new Uint8Array(12).fill(255)))],
  [typeRanks.boolean, within(false, true)],
  [typeRanks.date, within(new DateTime(-(2n ** 63n)), new DateTime(2n ** 63n - 1n))],
  [typeRanks.timestamp, within(new Timestamp(0n), new Timestamp(2n ** 64n - 1n))],
]);

const rankOfType: Readonly<Partial<Record<string, number>>> = {
  int: typeRanks.number, long: typeRanks.number, double: typeRanks.number, decimal: typeRanks.number, string: typeRanks.string, object: typeRanks.document,
  binData: typeRanks.binary, objectId: typeRanks.objectId, bool: typeRanks.boolean, date: typeRanks.date, timestamp: typeRanks.timestamp,
};

function ofRank(rank: number): Interval {
  return ranges.get(rank) ?? everything[0]!;
}

/** Without NaN, which is neither less nor greater. */
function ofComparable(rank: number): Interval {
  return rank === typeRanks.number ? within(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) : ofRank(rank);
}

function within(low: Value, high: Value): Interval {
  return { low, includesLow: true, high, includesHigh: true };
}

function below(low: Value, high: Value): Interval {
  return { low, includesLow: true, high, includesHigh: false };
}

// Sets of intervals, in their order and apart from each other

function isEmpty({ low, includesLow, high, includesHigh }: Interval): boolean {
  const order = compareValues(low, high);
  return order > 0 || (order === 0 && !(includesLow && includesHigh));
}

export function intersect(a: readonly Interval[], b: readonly Interval[]): readonly Interval[] {
  return a.flatMap((one) => b.map((other) => overlap(one, other)).filter((interval) => !isEmpty(interval)));
}

function overlap(a: Interval, b: Interval): Interval {
  const [later, sooner] = [compareLows(a, b) >= 0 ? a : b, compareHighs(a, b) <= 0 ? a : b];
  return { low: later.low, includesLow: later.includesLow, high: sooner.high, includesHigh: sooner.includesHigh };
}

function union(intervals: readonly Interval[]): readonly Interval[] {
  const joined: Interval[] = [];
  for (const interval of intervals.toSorted(compareLows)) {
    const last = joined.at(-1);
    const order = last === undefined ? -1 : compareValues(last.high, interval.low);
    if (last === undefined || order < 0 || (order === 0 && !last.includesHigh && !interval.includesLow)) joined.push(interval);
    else if (compareHighs(last, interval) < 0) joined[joined.length - 1] = { ...last, high: interval.high, includesHigh: interval.includesHigh };
  }
  return joined;
}

function complement(intervals: readonly Interval[]): readonly Interval[] {
  const gaps: Interval[] = [];
  let [low, includesLow]: [Value, boolean] = [minKey, true];
  for (const interval of intervals) {
    gaps.push({ low, includesLow, high: interval.low, includesHigh: !interval.includesLow });
    [low, includesLow] = [interval.high, !interval.includesHigh];
  }
  return [...gaps, { low, includesLow, high: maxKey, includesHigh: true }].filter((gap) => !isEmpty(gap));
}

function compareLows(a: Interval, b: Interval): number {
  return compareValues(a.low, b.low) || Number(b.includesLow) - Number(a.includesLow);
}

function compareHighs(a: Interval, b: Interval): number {
  return compareValues(a.high, b.high) || Number(a.includesHigh) - Number(b.includesHigh);
}

/** As `explain` shows them, in the order in which they are walked. */
export function shownIntervals(intervals: readonly Interval[], { isBackward }: { readonly isBackward: boolean }): string[] {
  const shown = intervals.map(({ low, includesLow, high, includesHigh }) => {
    const [from, to] = [`${shellText(low)}`, `${shellText(high)}`];
    return isBackward ? `${includesHigh ? '[' : '('}${to}, ${from}${includesLow ? ']' : ')'}` : `${includesLow ? '[' : '('}${from}, ${to}${includesHigh ? ']' : ')'}`;
  });
  return isBackward ? shown.toReversed() : shown;
}
