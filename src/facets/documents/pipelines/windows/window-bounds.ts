// The window of a window function: which of the documents around one it looks at.
// Source for errors and their order: MongoDB 7.0.

import { canonicalTypeOf, compareValues } from '../../../../values/bson/compare.ts';
import { addDecimal } from '../../../../values/bson/decimal.ts';
import { DateTime, int32, isNumeric, type Document, type Maybe, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToInt, isInt32Integral, toDecimal, typeNameOfMaybe } from '../../expressions/coercions.ts';
import { addToDate, isTimeUnit, type TimeUnit } from '../../expressions/dates/date-arithmetic.ts';
import { utc } from '../../expressions/dates/time-zones.ts';
import type { ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';

type Bound<T> = 'unbounded' | 'current' | T;

export type WindowBounds =
  | { readonly kind: 'documents'; readonly lower: Bound<number>; readonly upper: Bound<number> }
  | { readonly kind: 'range'; readonly lower: Bound<Numeric>; readonly upper: Bound<Numeric>; readonly unit: TimeUnit | undefined };

export const wholePartition: WindowBounds = { kind: 'documents', lower: 'unbounded', upper: 'unbounded' };

/** Throws DocumentError: FailedToParse, 5339900, 5339901, 5339902. */
export function parseWindowBounds(window: Value, sortBy: SortPattern | undefined, context: ParseContext): WindowBounds {
  if (!(window instanceof Map)) throw refusal("'window' field must be an object");
  const documents = window.get('documents');
  const range = window.get('range');
  const unit = window.get('unit');
  if (documents !== undefined && range !== undefined) throw refusal("Window bounds can specify either 'documents' or 'unit', not both.");
  if (range === undefined && unit !== undefined) throw refusal("Window bounds can only specify 'unit' with range-based bounds.");
  if (documents !== undefined) return parseDocuments(window, documents, { sortBy, context });
  if (range !== undefined) return parseRange(window, range, { sortBy, context });
  if (window.size > 0) throw refusal("'window' field can only contain 'documents' as the only argument or 'range' with an optional 'unit' field");
  return wholePartition;
}

type Surroundings = { readonly sortBy: SortPattern | undefined; readonly context: ParseContext };

function parseDocuments(window: Document, documents: Value, { sortBy, context }: Surroundings): WindowBounds {
  if (window.size > 1) throw refusal("'window' field that specifies documents cannot have other fields");
  const [lower, upper] = twoBounds(documents).map((bound) =>
    parseBound(bound, context, (value) => {
      if (!isInt32Integral(value)) throw refusal('Numeric document-based bounds must be an integer');
      return coerceToInt(value);
    }),
  ) as [Bound<number>, Bound<number>];
  assertForward(lower, upper);
  if ((lower !== 'unbounded' || upper !== 'unbounded') && sortBy === undefined) throw new DocumentError(5_339_901, 'Document-based bounds require a sortBy');
  return { kind: 'documents', lower, upper };
}

function parseRange(window: Document, range: Value, { sortBy, context }: Surroundings): WindowBounds {
  const unit = window.get('unit');
  if (unit !== undefined && window.size > 2) throw refusal("'window' field that specifies unit cannot have other fields besides 'range'");
  if (unit !== undefined && typeof unit !== 'string') throw refusal("'unit' must be a string");
  if (unit === undefined && window.size > 1) throw refusal("'window' field that specifies range cannot have other fields besides 'unit'");
  const [lower, upper] = twoBounds(range).map((bound) =>
    parseBound(bound, context, (value) => {
      if (unit !== undefined && !isInt32Integral(value)) throw refusal("With 'unit', range-based bounds must be an integer");
      if (!isNumeric(value)) throw refusal('Range-based bounds expression must be a number');
      return value;
    }),
  ) as [Bound<Numeric>, Bound<Numeric>];
  assertForward(lower, upper);
  if (unit !== undefined && !isTimeUnit(unit)) throw refusal(`unknown time unit value: ${unit}`);
  if (sortBy?.length !== 1) throw new DocumentError(5_339_902, 'Range-based bounds require sortBy a single field');
  if (sortBy[0]!.descending) throw new DocumentError(8_947_401, 'Range-based bounds require an ascending sortBy');
  return { kind: 'range', lower, upper, unit };
}

function twoBounds(value: Value): readonly Value[] {
  if (Array.isArray(value) && value.length === 2) return value;
  throw refusal(`Window bounds must be a 2-element array: ${shellText(value)}`);
}

function parseBound<T>(value: Value, context: ParseContext, read: (value: Maybe) => T): Bound<T> {
  if (typeof value === 'string') {
    if (value === 'unbounded' || value === 'current') return value;
    throw refusal("Window bounds must be 'unbounded', 'current', or a number.");
  }
  const { constant } = parseExpression(value, context);
  if (constant === undefined) throw refusal('Window bounds expression must be a constant.');
  return read(constant.value);
}

function assertForward(lower: Bound<Numeric>, upper: Bound<Numeric>): void {
  const from = lower === 'current' ? int32(0) : lower;
  const to = upper === 'current' ? int32(0) : upper;
  if (from === 'unbounded' || to === 'unbounded' || compareValues(from, to) <= 0) return;
  throw new DocumentError(5_339_900, `Lower bound must not exceed upper bound: [${shellText(from)}, ${shellText(to)}]`);
}

function refusal(text: string): DocumentError {
  return new DocumentError('FailedToParse', text);
}

/** From which document to which (exclusive) a window reaches, by places in the partition. */
export type Reach = { readonly from: number; readonly to: number };

/**
 * The windows of a partition's documents, whose values of the single sort field are `positions` (for ranges only).
 * Throws DocumentError where a range meets a value that it cannot add to: 5429413, 5429414, 5429513.
 */
export function reachOf(bounds: WindowBounds, count: number, positions: readonly Maybe[]): (index: number) => Reach {
  if (bounds.kind === 'documents') {
    const { lower, upper } = bounds;
    return (index) => ({
      from: clamp(lower === 'unbounded' ? 0 : index + (lower === 'current' ? 0 : lower), count),
      to: clamp(upper === 'unbounded' ? count : index + 1 + (upper === 'current' ? 0 : upper), count),
    });
  }
  return (index) => rangeOf(bounds, index, positions);
}

function clamp(place: number, count: number): number {
  return Math.max(0, Math.min(place, count));
}

type RangeBounds = Extract<WindowBounds, { readonly kind: 'range' }>;

/** `current` is the very document, not its equals, which a bound of 0 takes in. */
function rangeOf({ lower, upper, unit }: RangeBounds, index: number, positions: readonly Maybe[]): Reach {
  const base = baseOf(positions[index], unit);
  const threshold = (bound: Numeric): Value => thresholdAt(base, bound, unit);
  let from = index;
  if (lower !== 'current') {
    const least = lower === 'unbounded' ? undefined : threshold(lower);
    from = firstPlace(positions, (value) => (least === undefined ? canonicalTypeOf(value) >= canonicalTypeOf(base) : compareValues(value, least) >= 0));
  }
  let to = index + 1;
  if (upper !== 'current') {
    const greatest = upper === 'unbounded' ? undefined : threshold(upper);
    to = firstPlace(positions, (value) => canonicalTypeOf(value) > canonicalTypeOf(base) || (greatest !== undefined && compareValues(value, greatest) > 0));
  }
  return { from, to: Math.max(from, to) };
}

/** Throws DocumentError: 5429413, 5429414, 5429513. */
function baseOf(position: Maybe, unit: TimeUnit | undefined): Numeric | DateTime {
  if (unit !== undefined) {
    if (position instanceof DateTime) return position;
    throw new DocumentError(5_429_513, `Invalid range: Expected the sortBy field to be a Date, but it was ${typeNameOfMaybe(position)}`);
  }
  if (position instanceof DateTime) throw new DocumentError(5_429_413, 'Invalid range: For windows that involve date or time ranges, a unit must be provided.');
  if (isNumeric(position)) return position;
  throw new DocumentError(5_429_414, `Invalid range: Expected the sortBy field to be a number, but it was ${typeNameOfMaybe(position)}`);
}

function thresholdAt(base: Numeric | DateTime, bound: Numeric, unit: TimeUnit | undefined): Value {
  if (base instanceof DateTime) return new DateTime(addToDate(base.ms, unit!, BigInt(coerceToInt(bound)), utc));
  return addDecimal(toDecimal(base), toDecimal(bound));
}

/** The first place in order from which a test holds. */
function firstPlace(values: readonly Maybe[], test: (value: Maybe) => boolean): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (test(values[middle])) to = middle;
    else from = middle + 1;
  }
  return from;
}
