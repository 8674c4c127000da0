// Numbers that operators take as their arguments: whole, within bounds, whatever their type.

import { decimalToDouble, decimalToInteger, isInfiniteDecimal, isNaNDecimal, isZeroDecimal } from '../../../values/bson/decimal.ts';
import { BsonUndefined, Decimal128, Int32, isNumeric, type Maybe, type Numeric, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';

const minLong = -(2n ** 63n);
const maxLong = 2n ** 63n - 1n;

/**
 * A number that stands for a whole one of 64 bits. `name` is that of the field, for the message.
 * Throws DocumentError: FailedToParse.
 */
export function parseLong(name: string, value: Value): bigint {
  if (!isNumeric(value)) throw refusal('Expected a number in', name, value);
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Decimal128) return wholeLong(value) ?? raise('Cannot represent as a 64-bit integer', name, value);
  if (Number.isNaN(value)) throw refusal('Expected an integer, but found NaN in', name, value);
  if (value >= 2 ** 63 || value < -(2 ** 63)) throw refusal('Cannot represent as a 64-bit integer', name, value);
  if (!Number.isInteger(value)) throw refusal('Expected an integer', name, value);
  return BigInt(value);
}

/** As `parseLong`, and not negative. */
export function parseNonNegativeLong(name: string, value: Value): bigint {
  const long = parseLong(name, value);
  if (long < 0n) throw refusal('Expected a non-negative number in', name, value);
  return long;
}

/** As `parseLong`, of 32 bits. */
export function parseInt32(name: string, value: Value): number {
  const long = parseLong(name, value);
  if (long < -2_147_483_648n || long > 2_147_483_647n) throw new DocumentError('FailedToParse', `Cannot represent ${name}: ${shellText(value)} in an int`);
  return Number(long);
}

/** As `parseInt32`, and not negative. */
export function parseNonNegativeInt32(name: string, value: Value): number {
  const int = parseInt32(name, value);
  if (int < 0) throw refusal('Expected a non-negative number in', name, value);
  return int;
}

function refusal(what: string, name: string, value: Value): DocumentError {
  return new DocumentError('FailedToParse', `${what}: ${name}: ${shellText(value)}`);
}

function raise(what: string, name: string, value: Value): never {
  throw refusal(what, name, value);
}

/** The number cut to a whole one, or undefined for NaN, infinities and what 64 bits do not hold. */
export function truncatedLong(value: Numeric): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Decimal128) return isFiniteDecimal(value) ? withinLong(decimalToInteger(value, 'truncate')) : undefined;
  return Number.isFinite(value) ? withinLong(BigInt(Math.trunc(value))) : undefined;
}

/** The number if it is whole and 64 bits hold it. */
export function wholeLong(value: Numeric): bigint | undefined {
  if (value instanceof Decimal128) return isFiniteDecimal(value) ? withinLong(decimalToInteger(value)) : undefined;
  return typeof value === 'number' && !Number.isInteger(value) ? undefined : truncatedLong(value);
}

/** Held within 64 bits, NaN as 0; a double cut to a whole number, a decimal rounded. */
export function clampedLong(value: Numeric): bigint {
  const number = doubleOf(value);
  if (Number.isNaN(number)) return 0n;
  const whole = value instanceof Decimal128 ? decimalToInteger(value, 'half-even') : truncatedLong(value);
  return withinLong(whole) ?? (number < 0 ? minLong : maxLong);
}

function withinLong(value: bigint | undefined): bigint | undefined {
  return value !== undefined && value >= minLong && value <= maxLong ? value : undefined;
}

function isFiniteDecimal(value: Decimal128): boolean {
  return !isNaNDecimal(value) && !isInfiniteDecimal(value);
}

export function isNaNValue(value: Maybe): boolean {
  return typeof value === 'number' ? Number.isNaN(value) : value instanceof Decimal128 && isNaNDecimal(value);
}

/** The nearest double. */
export function doubleOf(value: Numeric): number {
  if (value instanceof Decimal128) return decimalToDouble(value);
  return Number(value instanceof Int32 ? value.value : value);
}

/** Cut to 32 bits at either end; NaN is 0. */
export function clampedInt32(value: Numeric): number {
  const number = doubleOf(value);
  if (Number.isNaN(number)) return 0;
  return Math.trunc(Math.min(Math.max(number, -2_147_483_648), 2_147_483_647));
}

/** Whether a value counts as true where MongoDB asks: all but false, null, undefined, missing and zero. */
export function isTruthy(value: Maybe): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (value instanceof Int32) return value.value !== 0;
  if (value instanceof Decimal128) return !isZeroDecimal(value);
  return value !== undefined && value !== null && !(value instanceof BsonUndefined);
}
