// Arithmetic of decimal128: exact where 34 digits hold the result, else rounded half to even, with the exponents that
// the standard prefers (so 1.20 + 1 is 2.20). Source: IEEE 754-2008, sections 5 and 6.3, and decNumber's "General Decimal
// Arithmetic" for texts.

import {
  compareParts, decimalDigits, decimalInfinity, decimalNaN, decimalNegativeInfinity, digitsOf, maxExponent, minExponent, packParts, partsOf, partsOfDouble, powerOfTen,
  roundParts, type DecimalParts,
} from './decimal-parts.ts';
import { Decimal128 } from './types.ts';

const signBit = 0x80;

function isSpecial(parts: DecimalParts): boolean {
  return parts.kind !== 'finite';
}

function infinityOf(negative: boolean): Decimal128 {
  return negative ? decimalNegativeInfinity : decimalInfinity;
}

export function isNaNDecimal(decimal: Decimal128): boolean {
  return (decimal.bytes[15]! & 0x7c) === 0x7c;
}

export function isInfiniteDecimal(decimal: Decimal128): boolean {
  return (decimal.bytes[15]! & 0x7c) === 0x78;
}

export function isZeroDecimal(decimal: Decimal128): boolean {
  const parts = partsOf(decimal);
  return parts.kind === 'finite' && parts.coefficient === 0n;
}

/** True for whatever has a minus sign: -0 and -Infinity too. */
export function isNegativeDecimal(decimal: Decimal128): boolean {
  return (decimal.bytes[15]! & signBit) !== 0;
}

function withSignByte(decimal: Decimal128, byte: number): Decimal128 {
  const bytes = decimal.bytes.slice();
  bytes[15] = byte;
  return new Decimal128(bytes);
}

export function negateDecimal(decimal: Decimal128): Decimal128 {
  return isNaNDecimal(decimal) ? decimal : withSignByte(decimal, decimal.bytes[15]! ^ signBit);
}

export function absDecimal(decimal: Decimal128): Decimal128 {
  return isNegativeDecimal(decimal) ? withSignByte(decimal, decimal.bytes[15]! & ~signBit) : decimal;
}

/** Negative, zero or positive, by value: 1.0 equals 1.00, -0 equals 0, NaN equals itself and comes first. */
export function compareDecimal(a: Decimal128, b: Decimal128): number {
  return compareParts(partsOf(a), partsOf(b));
}

// ---- Texts

const finiteText = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const specialText = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;

/** Digits beyond these only say whether there is more than a half. */
const keptDigits = 2 * decimalDigits;

/**
 * The decimal that a text says, as `-1.20E+5`, `.5`, `5.`, `inf`, `NaN` in any case; rounded where it says more than a
 * decimal holds, or refused if it must be `exact`. Undefined for any other text.
 */
export function decimalFromString(text: string, { exact = false }: { readonly exact?: boolean } = {}): Decimal128 | undefined {
  const finite = finiteText.exec(text);
  if (finite === null) return specialFromString(text);
  const [, sign, whole = '', fraction = '', exponentText = '0'] = finite;
  if (whole === '' && fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  // Beyond these bounds every exponent means zero or an infinity, and their sums stay exact.
  const stated = Math.max(-1e9, Math.min(1e9, Number(exponentText)));
  const exponent = stated - fraction.length;
  if (exact && !isExact(digits, exponent)) return undefined;
  const surplus = Math.max(0, digits.length - keptDigits);
  const sticky = surplus > 0 && /[1-9]/.test(digits.slice(keptDigits));
  const kept = BigInt(digits.slice(0, keptDigits));
  if (sticky) return roundParts(sign === '-', kept * 10n + 1n, exponent + surplus - 1);
  return roundParts(sign === '-', kept, exponent + surplus);
}

function specialFromString(text: string): Decimal128 | undefined {
  const special = specialText.exec(text);
  if (special === null) return undefined;
  return special[2] === undefined ? decimalNaN : infinityOf(special[1] === '-');
}

/** Whether no digit but zeros would be lost, and no infinity come of it. */
function isExact(digits: string, exponent: number): boolean {
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return true;
  const lowest = exponent + digits.length - significant.length;
  const highest = exponent + digits.length - 1;
  return significant.length <= decimalDigits && lowest >= minExponent && highest <= maxExponent + decimalDigits - 1;
}

/** Shortest in the sense of the standard: keeps every digit and the exponent, so the text gives the same decimal back. */
export function decimalToString(decimal: Decimal128): string {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind === 'nan') return 'NaN';
  const sign = negative ? '-' : '';
  if (kind === 'infinity') return `${sign}Infinity`;
  const digits = coefficient.toString();
  const adjusted = exponent + digits.length - 1;
  if (exponent > 0 || adjusted < -6) return sign + scientificText(digits, adjusted);
  if (exponent === 0) return sign + digits;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function scientificText(digits: string, exponent: number): string {
  const mantissa = digits.length === 1 ? digits : `${digits[0]!}.${digits.slice(1)}`;
  return `${mantissa}E${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

// ---- From and to other numbers

/** Exact to 34 digits. */
export function decimalFromInteger(value: bigint): Decimal128 {
  return roundParts(value < 0n, value < 0n ? -value : value, 0);
}

/**
 * A double's first 15 digits, all 15 of them (1 is 1.00000000000000), as where MongoDB mixes the two types; or with
 * `digits` 34 its exact value, rounded to 34 digits where it has more.
 */
export function decimalFromDouble(value: number, digits: 15 | 34 = 15): Decimal128 {
  if (Number.isNaN(value)) return decimalNaN;
  if (!Number.isFinite(value)) return infinityOf(value < 0);
  const negative = value < 0 || Object.is(value, -0);
  if (value === 0) return packParts(negative, 0n, 0);
  const parts = partsOfDouble(value);
  const exact = roundParts(negative, parts.coefficient, parts.exponent);
  return digits === 34 ? exact : toPrecision(partsOf(exact), digits);
}

/** Exactly so many digits: rounded, or padded with zeros. */
function toPrecision({ negative, coefficient, exponent }: DecimalParts, digits: number): Decimal128 {
  const surplus = digitsOf(coefficient) - digits;
  if (surplus <= 0) return packParts(negative, coefficient * powerOfTen(-surplus), exponent + surplus);
  const unit = powerOfTen(surplus);
  const quotient = coefficient / unit;
  const twice = (coefficient % unit) * 2n;
  const rounded = twice > unit || (twice === unit && quotient % 2n === 1n) ? quotient + 1n : quotient;
  if (rounded === powerOfTen(digits)) return packParts(negative, rounded / 10n, exponent + surplus + 1);
  return packParts(negative, rounded, exponent + surplus);
}

/** The nearest double; ±Infinity beyond the largest. */
export function decimalToDouble(decimal: Decimal128): number {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind === 'nan') return Number.NaN;
  const magnitude = kind === 'infinity' ? Infinity : Number(`${coefficient}e${exponent}`);
  return negative ? -magnitude : magnitude;
}

/** What `decimalToInteger` does with a fraction: `exact` gives undefined, `truncate` cuts it off, `half-even` rounds to the nearest, ties to even. */
export type IntegerConversion = 'exact' | 'truncate' | 'half-even';

/** The whole number that a decimal is, of any size. Undefined for NaN and infinities, and for fractions where they must not be. */
export function decimalToInteger(decimal: Decimal128, conversion: IntegerConversion = 'exact'): bigint | undefined {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind !== 'finite') return undefined;
  const magnitude = exponent >= 0 ? coefficient * powerOfTen(exponent) : wholePart(coefficient, -exponent, conversion);
  return magnitude === undefined || !negative ? magnitude : -magnitude;
}

function wholePart(coefficient: bigint, places: number, conversion: IntegerConversion): bigint | undefined {
  // Beyond 34 places nothing is left before the point.
  const unit = powerOfTen(Math.min(places, decimalDigits));
  const whole = coefficient / unit;
  const rest = coefficient - whole * unit;
  if (conversion === 'half-even') return places <= decimalDigits && (2n * rest > unit || (2n * rest === unit && whole % 2n === 1n)) ? whole + 1n : whole;
  return conversion === 'truncate' || rest === 0n ? whole : undefined;
}

// ---- Arithmetic

/** Beyond this distance of exponents the smaller operand of a sum only decides a rounding. */
const farApart = 3 * decimalDigits;

export function addDecimal(a: Decimal128, b: Decimal128): Decimal128 {
  const left = partsOf(a);
  const right = partsOf(b);
  return isSpecial(left) || isSpecial(right) ? addSpecials(left, right) : addFinite(left, right);
}

function addFinite(left: DecimalParts, right: DecimalParts): Decimal128 {
  const [high, low] = left.exponent >= right.exponent ? [left, right] : [right, left];
  const sum = alignedSum(high, low);
  if (sum.value !== 0n) return roundParts(sum.value < 0n, sum.value < 0n ? -sum.value : sum.value, sum.exponent);
  return roundParts(left.negative && right.negative, 0n, sum.exponent);
}

function addSpecials(left: DecimalParts, right: DecimalParts): Decimal128 {
  if (left.kind === 'nan' || right.kind === 'nan') return decimalNaN;
  if (left.kind === right.kind && left.negative !== right.negative) return decimalNaN;
  return infinityOf(left.kind === 'infinity' ? left.negative : right.negative);
}

function signed({ negative, coefficient }: DecimalParts): bigint {
  return negative ? -coefficient : coefficient;
}

function alignedSum(high: DecimalParts, low: DecimalParts): { value: bigint; exponent: number } {
  const distance = high.exponent - low.exponent;
  if (high.coefficient === 0n) return { value: signed(low), exponent: low.exponent };
  if (distance <= farApart) return { value: signed(high) * powerOfTen(distance) + signed(low), exponent: low.exponent };
  const nearby = low.coefficient === 0n ? 0n : low.negative ? -1n : 1n;
  const shift = 2 * decimalDigits + 1;
  return { value: signed(high) * powerOfTen(shift) + nearby, exponent: high.exponent - shift };
}

export function subtractDecimal(a: Decimal128, b: Decimal128): Decimal128 {
  return addDecimal(a, negateDecimal(b));
}

export function multiplyDecimal(a: Decimal128, b: Decimal128): Decimal128 {
  const left = partsOf(a);
  const right = partsOf(b);
  const negative = left.negative !== right.negative;
  if (!isSpecial(left) && !isSpecial(right)) return roundParts(negative, left.coefficient * right.coefficient, left.exponent + right.exponent);
  if (left.kind === 'nan' || right.kind === 'nan' || isZeroDecimal(a) || isZeroDecimal(b)) return decimalNaN;
  return infinityOf(negative);
}

/** a × b + c with one rounding only, of three finite decimals. */
export function fusedMultiplyAddDecimal(a: Decimal128, b: Decimal128, c: Decimal128): Decimal128 {
  const left = partsOf(a);
  const right = partsOf(b);
  const product: DecimalParts = {
    kind: 'finite', negative: left.negative !== right.negative, coefficient: left.coefficient * right.coefficient, exponent: left.exponent + right.exponent,
  };
  return addFinite(product, partsOf(c));
}

/** x/0 is an infinity, 0/0 NaN. */
export function divideDecimal(a: Decimal128, b: Decimal128): Decimal128 {
  const left = partsOf(a);
  const right = partsOf(b);
  const negative = left.negative !== right.negative;
  if (left.kind === 'nan' || right.kind === 'nan') return decimalNaN;
  if (left.kind === 'infinity') return right.kind === 'infinity' ? decimalNaN : infinityOf(negative);
  if (right.kind === 'infinity') return packParts(negative, 0n, minExponent);
  if (right.coefficient === 0n) return left.coefficient === 0n ? decimalNaN : infinityOf(negative);
  return quotientOf(left, right, negative);
}

function quotientOf(left: DecimalParts, right: DecimalParts, negative: boolean): Decimal128 {
  const preferred = left.exponent - right.exponent;
  const shift = Math.max(0, decimalDigits + 2 + digitsOf(right.coefficient) - digitsOf(left.coefficient));
  const dividend = left.coefficient * powerOfTen(shift);
  const quotient = dividend / right.coefficient;
  const exponent = preferred - shift;
  // One digit more says that there is a remainder, for the rounding to see.
  if (quotient * right.coefficient !== dividend) return roundParts(negative, quotient * 10n + 1n, exponent - 1);
  return exactResult(negative, quotient, exponent, preferred);
}

/** Takes zeros off an exact result until its exponent is the preferred one. */
function exactResult(negative: boolean, coefficient: bigint, exponent: number, preferred: number): Decimal128 {
  if (coefficient === 0n) return roundParts(negative, 0n, preferred);
  const digits = coefficient.toString();
  const zeros = digits.length - digits.replace(/0+$/, '').length;
  const taken = Math.max(0, Math.min(zeros, preferred - exponent));
  return roundParts(negative, coefficient / powerOfTen(taken), exponent + taken);
}

/** Of the division cut to a whole number, so with the sign of `a`. NaN for a divisor of zero and an infinite `a`. */
export function remainderDecimal(a: Decimal128, b: Decimal128): Decimal128 {
  const left = partsOf(a);
  const right = partsOf(b);
  if (left.kind !== 'finite' || right.kind === 'nan') return decimalNaN;
  if (right.kind === 'infinity') return a;
  if (right.coefficient === 0n) return decimalNaN;
  const distance = left.exponent - right.exponent;
  if (distance >= 0) return packParts(left.negative, scaledRemainder(left.coefficient, distance, right.coefficient), right.exponent);
  if (-distance > decimalDigits) return a;
  return packParts(left.negative, left.coefficient % (right.coefficient * powerOfTen(-distance)), left.exponent);
}

/** coefficient × 10^exponent modulo `divisor`, by squaring: the exponent may be 12,000. */
function scaledRemainder(coefficient: bigint, exponent: number, divisor: bigint): bigint {
  let remainder = coefficient % divisor;
  let power = 10n % divisor;
  for (let rest = exponent; rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) remainder = (remainder * power) % divisor;
    power = (power * power) % divisor;
  }
  return remainder;
}

/** NaN for what is negative; -0 is its own root. */
export function sqrtDecimal(decimal: Decimal128): Decimal128 {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind === 'nan') return decimalNaN;
  const preferred = Math.floor(exponent / 2);
  if (kind === 'finite' && coefficient === 0n) return packParts(negative, 0n, preferred);
  if (negative) return decimalNaN;
  if (kind === 'infinity') return decimal;
  // Of an even exponent and enough digits for a root of 36.
  const shift = 2 * (decimalDigits + 2) + (exponent & 1);
  const radicand = coefficient * powerOfTen(shift);
  const root = integerRoot(radicand);
  const rootExponent = (exponent - shift) / 2;
  if (root * root !== radicand) return roundParts(false, root * 10n + 1n, rootExponent - 1);
  return exactResult(false, root, rootExponent, preferred);
}

/** The largest whole number whose square is no larger, by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
