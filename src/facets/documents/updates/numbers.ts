// Numbers as update operators calculate with them: the result has the wider of the two types, an int that overflows
// becomes a long, and a long that overflows is an error of the operator that asked.

import { addDecimal, compareDecimal, decimalFromDouble, decimalFromInteger, decimalToInteger, decimalToString, isInfiniteDecimal, isNaNDecimal, multiplyDecimal } from '../../../values/bson/decimal.ts';
import { Decimal128, Int32, int32, isNumeric, typeNameOf } from '../../../values/bson/types.ts';
import type { Numeric, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { elementText } from './messages.ts';

const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;

/** The sum, or undefined where a long overflows. */
export function addNumbers(a: Numeric, b: Numeric): Numeric | undefined {
  if (a instanceof Decimal128 || b instanceof Decimal128) return addDecimal(decimalOf(a), decimalOf(b));
  if (typeof a === 'number' || typeof b === 'number') return doubleOf(a) + doubleOf(b);
  if (a instanceof Int32 && b instanceof Int32) return intOrLong(a.value + b.value);
  return longWithin(longOf(a) + longOf(b));
}

/** The product, or undefined where a long overflows. */
export function multiplyNumbers(a: Numeric, b: Numeric): Numeric | undefined {
  if (a instanceof Decimal128 || b instanceof Decimal128) return multiplyDecimal(decimalOf(a), decimalOf(b));
  if (typeof a === 'number' || typeof b === 'number') return doubleOf(a) * doubleOf(b);
  if (a instanceof Int32 && b instanceof Int32) return intOrLong(BigInt(a.value) * BigInt(b.value));
  return longWithin(longOf(a) * longOf(b));
}

/** Whether an operator that gives `b` in place of `a` has changed nothing: the same type and an equal number. NaN differs from itself. */
export function isSameNumber(a: Numeric, b: Numeric): boolean {
  if (a instanceof Int32) return b instanceof Int32 && a.value === b.value;
  if (a instanceof Decimal128) return b instanceof Decimal128 && !isNaNDecimal(a) && !isNaNDecimal(b) && compareDecimal(a, b) === 0;
  return typeof a === typeof b && a === b;
}

function intOrLong(value: number | bigint): Int32 | bigint {
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? int32(Number(value)) : BigInt(value);
}

function longWithin(value: bigint): bigint | undefined {
  return value >= longMin && value <= longMax ? value : undefined;
}

export function longOf(value: Int32 | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(value.value);
}

function doubleOf(value: Exclude<Numeric, Decimal128>): number {
  return value instanceof Int32 ? value.value : Number(value);
}

function decimalOf(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  return typeof value === 'number' ? decimalFromDouble(value) : decimalFromInteger(longOf(value));
}

/** A number as the server's messages print it with its type: `(NumberLong)1`. */
export function typedNumberText(value: Numeric): string {
  if (value instanceof Int32) return `(NumberInt)${value.value}`;
  if (typeof value === 'bigint') return `(NumberLong)${value}`;
  return value instanceof Decimal128 ? `(NumberDecimal)${decimalToString(value)}` : `(NumberDouble)${value}`;
}

/** A whole number of 64 bits given as any numeric type. Throws FailedToParse. */
export function parseLong(field: string, value: Value): bigint {
  const refuse = (reason: string): never => {
    throw new DocumentError('FailedToParse', `${reason}: ${elementText(field, value)}`);
  };
  if (!isNumeric(value)) return refuse('Expected a number in');
  if (typeof value === 'bigint' || value instanceof Int32) return longOf(value);
  if (value instanceof Decimal128) {
    const whole = isNaNDecimal(value) || isInfiniteDecimal(value) ? undefined : decimalToInteger(value);
    return whole === undefined || longWithin(whole) === undefined ? refuse('Cannot represent as a 64-bit integer') : whole;
  }
  if (Number.isNaN(value)) return refuse('Expected an integer, but found NaN in');
  if (value >= 2 ** 63 || value < -(2 ** 63)) return refuse('Cannot represent as a 64-bit integer');
  return Number.isInteger(value) ? BigInt(value) : refuse('Expected an integer');
}

/** As `parseLong`, for the operators that say what they expected in their own words. Throws BadValue. */
export function parseLongOr(value: Value, text: string): bigint {
  try {
    return parseLong('', value);
  } catch {
    throw new DocumentError('BadValue', `${text}${typeNameOf(value)}`);
  }
}
