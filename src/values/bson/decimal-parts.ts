// What a decimal128's bytes say, and back. Source: IEEE 754-2008, section 3.5.2 (binary integer decimal encoding).

import { Decimal128 } from './types.ts';

/** A finite value is ±coefficient × 10^exponent; the other kinds have coefficient 0 and exponent 0. */
export type DecimalParts = {
  readonly kind: 'finite' | 'infinity' | 'nan';
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
};

/** The largest number of digits of a coefficient. */
export const decimalDigits = 34;
const largestCoefficient = 10n ** 34n - 1n;
export const minExponent = -6_176;
export const maxExponent = 6_111;

const low64 = (1n << 64n) - 1n;
const low49 = (1n << 49n) - 1n;

const nanParts: DecimalParts = { kind: 'nan', negative: false, coefficient: 0n, exponent: 0 };

/** Powers of ten are asked for again and again; those of every decimal128's digits are kept. */
const powers = Array.from({ length: 77 }, (_, index) => 10n ** BigInt(index));

/** 10^exponent; the exponent is whole and not negative. */
export function powerOfTen(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent);
}

/** The parts as they are stored, so 1.0 and 1.00 differ. */
export function partsOf(decimal: Decimal128): DecimalParts {
  const { bytes } = decimal;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const top = view.getUint32(12, true);
  const negative = top >>> 31 === 1;
  const combination = (top >>> 26) & 0x1f;
  if (combination === 0x1f) return negative ? { ...nanParts, negative } : nanParts;
  if (combination === 0x1e) return { kind: 'infinity', negative, coefficient: 0n, exponent: 0 };
  // A coefficient of the other form is beyond 34 digits, and such a one counts as zero.
  if (combination >= 0x18) return { kind: 'finite', negative, coefficient: 0n, exponent: ((top >>> 15) & 0x3fff) + minExponent };
  const exponent = ((top >>> 17) & 0x3fff) + minExponent;
  const high = view.getBigUint64(8, true) & low49;
  const low = view.getBigUint64(0, true);
  const coefficient = high === 0n ? low : (high << 64n) | low;
  return { kind: 'finite', negative, coefficient: coefficient > largestCoefficient ? 0n : coefficient, exponent };
}

function decimalOf(high: bigint, low: bigint): Decimal128 {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, low, true);
  view.setBigUint64(8, high, true);
  return new Decimal128(bytes);
}

export const decimalNaN = decimalOf(0x7cn << 56n, 0n);
export const decimalInfinity = decimalOf(0x78n << 56n, 0n);
export const decimalNegativeInfinity = decimalOf(0xf8n << 56n, 0n);

/** Packs parts that fit: the coefficient within 34 digits, the exponent within its range. `roundParts` makes them fit. */
export function packParts(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  const sign = negative ? 1n << 63n : 0n;
  const high = sign | (BigInt(exponent - minExponent) << 49n) | (coefficient >> 64n);
  return decimalOf(high, coefficient & low64);
}

/**
 * The decimal nearest to ±coefficient × 10^exponent, ties to even, whatever the size of the two: an infinity beyond the
 * largest, fewer digits below the smallest. What is exact keeps its exponent where that is possible.
 */
export function roundParts(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  const surplus = coefficient > largestCoefficient ? digitsOf(coefficient) - decimalDigits : 0;
  const dropped = Math.max(surplus, minExponent - exponent);
  if (dropped <= 0) return clampParts(negative, coefficient, exponent);
  const rounded = dropDigits(coefficient, dropped);
  // Rounding up may have made one digit more: 99…9 becomes 100…0.
  if (rounded > largestCoefficient) return clampParts(negative, rounded / 10n, exponent + dropped + 1);
  return clampParts(negative, rounded, exponent + dropped);
}

/** Divides by 10^count, half to even. */
function dropDigits(coefficient: bigint, count: number): bigint {
  // More digits than there are leave less than a half.
  if (count > digitsOf(coefficient)) return 0n;
  const unit = powerOfTen(count);
  const quotient = coefficient / unit;
  const twice = (coefficient - quotient * unit) * 2n;
  return twice > unit || (twice === unit && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** An exponent beyond the largest is brought down by adding zeros to the coefficient while there is room. */
function clampParts(negative: boolean, coefficient: bigint, exponent: number): Decimal128 {
  if (exponent <= maxExponent) return packParts(negative, coefficient, exponent);
  if (coefficient === 0n) return packParts(negative, 0n, maxExponent);
  const zeros = exponent - maxExponent;
  if (digitsOf(coefficient) + zeros <= decimalDigits) return packParts(negative, coefficient * powerOfTen(zeros), maxExponent);
  return negative ? decimalNegativeInfinity : decimalInfinity;
}

/** A whole number as it is. */
export function partsOfInteger(value: bigint): DecimalParts {
  return { kind: 'finite', negative: value < 0n, coefficient: value < 0n ? -value : value, exponent: 0 };
}

const doubleView = new DataView(new ArrayBuffer(8));

/** A finite double as coefficient × 10^exponent, exactly: up to 767 digits. */
export function partsOfDouble(value: number): DecimalParts {
  if (Number.isInteger(value)) return partsOfInteger(BigInt(value));
  doubleView.setFloat64(0, value);
  const bits = doubleView.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  let mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  let exponent = Math.max(biased, 1) - 1_075;
  while ((mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  // Of a fraction, the exponent is negative: m / 2^n = m × 5^n / 10^n.
  return { kind: 'finite', negative: value < 0, coefficient: mantissa * 5n ** BigInt(-exponent), exponent };
}

/** By value; NaN first. */
export function compareParts(a: DecimalParts, b: DecimalParts): number {
  if (a.kind === 'nan' || b.kind === 'nan') return Number(b.kind === 'nan') - Number(a.kind === 'nan');
  const leftSign = signOf(a);
  const rightSign = signOf(b);
  if (leftSign !== rightSign) return leftSign - rightSign;
  return leftSign === 0 ? 0 : leftSign * compareMagnitudes(a, b);
}

function signOf(parts: DecimalParts): number {
  if (parts.kind === 'finite' && parts.coefficient === 0n) return 0;
  return parts.negative ? -1 : 1;
}

function compareMagnitudes(a: DecimalParts, b: DecimalParts): number {
  if (a.kind !== b.kind) return a.kind === 'infinity' ? 1 : -1;
  if (a.kind === 'infinity') return 0;
  const shift = a.exponent - b.exponent;
  if (shift === 0) return compareCoefficients(a.coefficient, b.coefficient);
  const leading = digitsOf(a.coefficient) + shift - digitsOf(b.coefficient);
  if (leading !== 0) return leading;
  return shift > 0 ? compareCoefficients(a.coefficient * powerOfTen(shift), b.coefficient) : compareCoefficients(a.coefficient, b.coefficient * powerOfTen(-shift));
}

/** The number of decimal digits; 1 for zero. */
export function digitsOf(coefficient: bigint): number {
  return coefficient.toString().length;
}

function compareCoefficients(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
