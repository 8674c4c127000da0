// What the operators of one field say of one value, as closures: the usual types first, all others by the order of BSON.

import { canonicalTypeOf, compareValues, equalValues, hashKeyOf } from '../../../values/bson/compare.ts';
import { BsonSymbol, BsonUndefined, DateTime, Int32, isNumeric, MaxKey, MinKey, ObjectId, RegularExpression, typeNameOf, type Maybe, type Value } from '../../../values/bson/types.ts';
import type { ComparisonFilter, ComparisonOperator, InFilter, Pattern, TypeFilter } from './filter.ts';
import { isNaNValue, truncatedLong } from './numbers.ts';
import { textPredicate } from './pattern.ts';

export type Predicate = (value: Maybe) => boolean;

const accepts: Readonly<Record<ComparisonOperator, (difference: number) => boolean>> = {
  $eq: (difference) => difference === 0,
  $lt: (difference) => difference < 0,
  $lte: (difference) => difference <= 0,
  $gt: (difference) => difference > 0,
  $gte: (difference) => difference >= 0,
};

export function comparisonPredicate({ operator, value }: ComparisonFilter): Predicate {
  const general = generalComparison(operator, value);
  if (typeof value === 'string') return operator === '$eq' ? equalText(value, general) : general;
  if (value instanceof Int32) return numberComparison(operator, value.value, general);
  if (typeof value === 'number' && !Number.isNaN(value)) return numberComparison(operator, value, general);
  if (value instanceof DateTime) return dateComparison(operator, value, general);
  if (value instanceof ObjectId && operator === '$eq') return equalObjectId(value);
  return general;
}

function equalText(text: string, general: Predicate): Predicate {
  return (value) => value === text || (value instanceof BsonSymbol && general(value));
}

function numberComparison(operator: ComparisonOperator, wanted: number, general: Predicate): Predicate {
  const plain = plainComparisons[operator];
  return (value) => {
    if (typeof value === 'number') return plain(value, wanted);
    if (value instanceof Int32) return plain(value.value, wanted);
    return isNumeric(value) && general(value);
  };
}

const plainComparisons: Readonly<Record<ComparisonOperator, (value: number, wanted: number) => boolean>> = {
  $eq: (value, wanted) => value === wanted,
  $lt: (value, wanted) => value < wanted,
  $lte: (value, wanted) => value <= wanted,
  $gt: (value, wanted) => value > wanted,
  $gte: (value, wanted) => value >= wanted,
};

function dateComparison(operator: ComparisonOperator, { ms }: DateTime, general: Predicate): Predicate {
  if (operator === '$eq') return (value) => value instanceof DateTime && value.ms === ms;
  return (value) => value instanceof DateTime && general(value);
}

function equalObjectId(wanted: ObjectId): Predicate {
  return (value) => value instanceof ObjectId && equalValues(value, wanted);
}

/**
 * Values compare within their type's bracket. Null stands for missing and undefined too; MinKey and MaxKey compare
 * with every type; NaN equals itself and is neither below nor above anything.
 */
function generalComparison(operator: ComparisonOperator, wanted: Value): Predicate {
  const rank = canonicalTypeOf(wanted);
  const accept = accepts[operator];
  const isEquality = operator === '$eq';
  const isWantedNaN = isNaNValue(wanted);
  return (value) => {
    if (canonicalTypeOf(value) !== rank) return acrossTypes(operator, value, wanted);
    if (!isEquality && (isWantedNaN || isNaNValue(value))) return isWantedNaN && isNaNValue(value) && accept(0);
    return accept(compareValues(value, wanted));
  };
}

function acrossTypes(operator: ComparisonOperator, value: Maybe, wanted: Value): boolean {
  if (wanted === null) return isAbsent(value) && accepts[operator](0);
  if (wanted instanceof MinKey) return operator === '$gt' || operator === '$gte';
  if (wanted instanceof MaxKey) return operator === '$lt' || operator === '$lte';
  return false;
}

/** Missing, or of BSON's type undefined. */
function isAbsent(value: Maybe): boolean {
  return value === undefined || value instanceof BsonUndefined;
}

const fewValues = 4;

export function inPredicate({ values, patterns }: InFilter): Predicate {
  const listed = values.length <= fewValues ? equalToAny(values) : inSet(values);
  const expressions = patterns.map(patternPredicate);
  const hasNull = values.includes(null);
  return (value) => {
    if (isAbsent(value)) return hasNull;
    if (listed(value)) return true;
    for (const expression of expressions) if (expression(value)) return true;
    return false;
  };
}

function equalToAny(values: readonly Value[]): Predicate {
  const predicates = values.map((value) => comparisonPredicate({ operator: '$eq', path: [], value }));
  return (value) => {
    for (const predicate of predicates) if (predicate(value)) return true;
    return false;
  };
}

function inSet(values: readonly Value[]): Predicate {
  const texts = new Set(values.flatMap((value) => (typeof value === 'string' ? [value] : value instanceof BsonSymbol ? [value.value] : [])));
  const keys = new Set(values.map(hashKeyOf));
  return (value) => (typeof value === 'string' ? texts.has(value) : keys.has(hashKeyOf(value)));
}

/** Texts that have the pattern, and the same regular expression stored as a value. */
export function patternPredicate(pattern: Pattern): Predicate {
  const test = textPredicate(pattern);
  return (value) => {
    if (typeof value === 'string') return test(value);
    if (value instanceof BsonSymbol) return test(value.value);
    return value instanceof RegularExpression && value.pattern === pattern.pattern && value.options === pattern.options;
  };
}

export function typePredicate({ types }: TypeFilter): Predicate {
  return (value) => value !== undefined && types.has(typeNameOf(value));
}

/** The dividend's fraction is cut off; the remainder has the dividend's sign. */
export function modPredicate(divisor: bigint, remainder: bigint): Predicate {
  const small = Number(divisor);
  const isSmall = Number.isSafeInteger(small);
  const wanted = Number(remainder);
  return (value) => {
    if (value instanceof Int32 && isSmall) return value.value % small === wanted;
    const dividend = isNumeric(value) ? truncatedLong(value) : undefined;
    return dividend !== undefined && dividend % divisor === remainder;
  };
}
