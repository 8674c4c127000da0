// How operators that take "anything numeric" or "anything that has a text" read their operands, and how results that
// may be 32 or 64 bits wide are typed.

import { decimalFromDouble, decimalFromInteger, decimalToDouble, decimalToInteger, decimalToString, isInfiniteDecimal, isNaNDecimal, isZeroDecimal } from '../../../values/bson/decimal.ts';
import type { Maybe, Numeric, Value } from '../../../values/bson/types.ts';
import { BsonSymbol, BsonUndefined, Code, DateTime, Decimal128, Int32, int32, isNumeric, ObjectId, Timestamp, typeNameOf } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { isoDateText } from './dates/format-date.ts';
import { fitsInt, fitsLong, minLong, twoTo63 } from './integer-limits.ts';

/** Null, missing or the deprecated undefined: what most operators answer with null. */
export function isNullish(value: Maybe): value is null | undefined | BsonUndefined {
  return value === null || value === undefined || value instanceof BsonUndefined;
}

/** As error messages name types: those of `$type`, and `missing`. */
export function typeNameOfMaybe(value: Maybe): string {
  return value === undefined ? 'missing' : typeNameOf(value);
}

/** The nearest double. */
export function toDouble(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  return typeof value === 'bigint' ? Number(value) : decimalToDouble(value);
}

/** The exact decimal; of a double its first 15 digits. */
export function toDecimal(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'number') return decimalFromDouble(value);
  return decimalFromInteger(value instanceof Int32 ? BigInt(value.value) : value);
}

/** An int or a long as a BigInt. */
export function toBigInt(value: Int32 | bigint): bigint {
  return value instanceof Int32 ? BigInt(value.value) : value;
}

/** An int where it fits, a long otherwise. `value` is within 64 bits. */
export function intOrLong(value: bigint): Int32 | bigint {
  return value >= -2_147_483_648n && value <= 2_147_483_647n ? int32(Number(value)) : value;
}

/**
 * Of what is no whole number a double is truncated, a decimal rounded. A decimal beyond 64 bits, or none, is the smallest
 * long: the server checks the bounds of doubles alone. Throws DocumentError 16004 for what is no number, 31109 for a double beyond 64 bits.
 */
export function coerceToLong(value: Maybe): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'number') {
    if (!(value >= -twoTo63 && value < twoTo63)) throw outOfRangeForLong(value);
    return BigInt(Math.trunc(value));
  }
  if (!(value instanceof Decimal128)) throw new DocumentError(16004, `can't convert from BSON type ${typeNameOfMaybe(value)} to long`);
  const whole = decimalToInteger(value, 'half-even');
  return whole !== undefined && fitsLong(whole) ? whole : minLong;
}

function outOfRangeForLong(value: number): DocumentError {
  return new DocumentError(31109, `Can't coerce out of range value ${doubleText(value)} to long`);
}

/** Of what is no whole number a double is truncated, a decimal rounded. Throws DocumentError 16003 for what is no number, 31108 beyond 32 bits. */
export function coerceToInt(value: Maybe): number {
  if (value instanceof Int32) return value.value;
  if (!isNumeric(value)) throw new DocumentError(16003, `can't convert from BSON type ${typeNameOfMaybe(value)} to int`);
  const double = toDouble(value);
  if (!fitsInt(double)) throw new DocumentError(31108, `Can't coerce out of range value ${typeof value === 'bigint' ? value : doubleText(double)} to int`);
  return value instanceof Decimal128 ? Number(decimalToInteger(value, 'half-even')) : Math.trunc(double);
}

/** The whole part, or nothing for NaN and the infinities. */
export function wholeDecimal(value: Decimal128): bigint | undefined {
  return isNaNDecimal(value) || isInfiniteDecimal(value) ? undefined : decimalToInteger(value, 'truncate');
}

/** A number without fraction that a 32-bit integer holds. */
export function isInt32Integral(value: Maybe): value is Numeric {
  const whole = exactInteger(value);
  return whole !== undefined && whole >= -2_147_483_648n && whole <= 2_147_483_647n;
}

/** A number without fraction that a 64-bit integer holds. */
export function isInt64Integral(value: Maybe): value is Numeric {
  const whole = exactInteger(value);
  return whole !== undefined && fitsLong(whole);
}

function exactInteger(value: Maybe): bigint | undefined {
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return value instanceof Decimal128 && !isNaNDecimal(value) && !isInfiniteDecimal(value) ? decimalToInteger(value) : undefined;
}

/** What counts as true: everything but false, zeros, null, undefined and missing. */
export function coerceToBoolean(value: Maybe): boolean {
  if (typeof value === 'boolean') return value;
  if (isNullish(value)) return false;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (value instanceof Int32) return value.value !== 0;
  return !(value instanceof Decimal128 && isZeroDecimal(value));
}

/** Dates, timestamps and object ids hold an instant. */
export function isDateLike(value: Maybe): value is DateTime | Timestamp | ObjectId {
  return value instanceof DateTime || value instanceof Timestamp || value instanceof ObjectId;
}

/** Milliseconds since 1970 of what holds an instant. Throws DocumentError 16006. */
export function coerceToDate(value: Maybe): bigint {
  if (value instanceof DateTime) return value.ms;
  if (value instanceof Timestamp) return (value.value >> 32n) * 1_000n;
  if (value instanceof ObjectId) return objectIdTime(value);
  throw new DocumentError(16006, `can't convert from BSON type ${typeNameOfMaybe(value)} to Date`);
}

/** The seconds that an object id starts with, signed, in milliseconds. */
function objectIdTime({ bytes }: ObjectId): bigint {
  return BigInt(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(0)) * 1_000n;
}

/**
 * The text by which string operators read numbers, dates and symbols; empty for null and missing.
 * Throws DocumentError 16007, 18537 for years beyond 9999.
 */
export function coerceToString(value: Maybe): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value === 'bigint') return String(value);
  if (isNullish(value)) return '';
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Decimal128) return decimalToString(value);
  if (value instanceof DateTime) return isoDateText(value.ms);
  if (value instanceof Code) return value.code;
  if (value instanceof BsonSymbol) return value.value;
  if (value instanceof Timestamp) return timestampText(value);
  throw new DocumentError(16007, `can't convert from BSON type ${typeNameOf(value as Value)} to String`);
}

/** `Jul 27 12:34:56:1`: month, day and time in UTC, then the increment in hexadecimal. */
function timestampText({ value }: Timestamp): string {
  const [, day, month, , time] = new Date(Number(value >> 32n) * 1_000).toUTCString().split(' ') as [string, string, string, string, string];
  return `${month} ${day.replace(/^0/, ' ')} ${time}:${(value & 0xffff_ffffn).toString(16)}`;
}

/** A double as C prints it with `%.16g`, or with another number of significant digits. */
export function doubleText(value: number, digits = 16): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < digits) return withoutTrailingZeros(value.toFixed(digits - 1 - exponent));
  return `${withoutTrailingZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
