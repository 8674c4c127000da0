// Numbers of 113 bits (IEEE 754's binary128) on the way to and from decimal128. MongoDB computes the functions of decimals
// whose results are no fractions in that type, with Intel's decimal library; to give the same last digit, every step is
// computed to many more digits and rounded to 113 bits where the library rounds.

import { Decimal } from 'decimal.js';

import { decimalInfinity, decimalNaN, decimalNegativeInfinity, packParts, powerOfTen, roundParts, type DecimalParts } from './decimal-parts.ts';
import type { Decimal128 } from './types.ts';

/** Digits of every intermediate result: enough for a few dozen to cancel. */
export const workingDigits = 80;

export const Real = Decimal.clone({ precision: workingDigits, rounding: Decimal.ROUND_HALF_EVEN, minE: -100_000, maxE: 100_000, toExpNeg: -1, toExpPos: 1 });
export type Real = Decimal;

export const one = new Real(1);

const quadrupleBits = 113;
const minBinaryExponent = -16_494;
const maxBinaryLength = 16_384;

/** A finite decimal, exactly. */
export function realOf({ negative, coefficient, exponent }: Pick<DecimalParts, 'negative' | 'coefficient' | 'exponent'>): Real {
  return new Real(`${negative ? '-' : ''}${coefficient}e${exponent}`);
}

type Binary = { readonly mantissa: bigint; readonly exponent: number };

type BitRounding = 'nearest' | 'truncate';

/** The quadruple nearest to a number, or the next one towards zero; ±Infinity beyond the largest. */
export function toQuadruple(real: Real, rounding: BitRounding = 'nearest'): Real {
  if (!real.isFinite() || real.isZero()) return real;
  const { mantissa, exponent } = binaryOf(real, rounding);
  if (bitsOf(mantissa) + exponent > maxBinaryLength) return new Real(real.isNegative() ? -Infinity : Infinity);
  const power = new Real(2).pow(Math.abs(exponent));
  const magnitude = exponent < 0 ? new Real(mantissa.toString()).div(power) : new Real(mantissa.toString()).times(power);
  return real.isNegative() ? magnitude.negated() : magnitude;
}

/** The decimal of a quadruple: exact with no more digits than needed, or rounded to 34. */
export function decimalOfQuadruple(quadruple: Real): Decimal128 {
  if (quadruple.isNaN()) return decimalNaN;
  if (!quadruple.isFinite()) return quadruple.isNegative() ? decimalNegativeInfinity : decimalInfinity;
  const negative = quadruple.isNegative();
  if (quadruple.isZero()) return packParts(negative, 0n, 0);
  const { mantissa, exponent } = binaryOf(quadruple, 'nearest');
  if (exponent >= 0) return roundParts(negative, mantissa << BigInt(exponent), 0);
  let places = -exponent;
  let odd = mantissa;
  while (places > 0 && (odd & 1n) === 0n) {
    odd >>= 1n;
    places -= 1;
  }
  return roundParts(negative, odd * 5n ** BigInt(places), -places);
}

/** The digits of a finite number as an integer, and the exponent of ten that belongs to them. */
export function integerOf(real: Real): { coefficient: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = real.abs().toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function bitsOf(value: bigint): number {
  const text = value.toString(16);
  return (text.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(text[0]!, 16));
}

/** mantissa × 2^exponent, of 113 bits at most. */
function binaryOf(real: Real, rounding: BitRounding): Binary {
  const { coefficient, exponent } = integerOf(real);
  const divisor = exponent < 0 ? powerOfTen(-exponent) : 1n;
  const dividend = exponent < 0 ? coefficient : coefficient * powerOfTen(exponent);
  // Two bits more than needed, the last of which also tells of a remainder.
  const shift = quadrupleBits + 2 - (bitsOf(dividend) - bitsOf(divisor));
  const scaled = shift >= 0 ? dividend << BigInt(shift) : dividend;
  const unit = shift >= 0 ? divisor : divisor << BigInt(-shift);
  const quotient = scaled / unit;
  const sticky = quotient * unit === scaled ? quotient << 1n : (quotient << 1n) | 1n;
  return roundBits(sticky, -shift - 1, rounding);
}

function roundBits(value: bigint, exponent: number, rounding: BitRounding): Binary {
  const surplus = Math.max(bitsOf(value) - quadrupleBits, minBinaryExponent - exponent);
  if (surplus <= 0) return { mantissa: value, exponent };
  const half = 1n << BigInt(surplus - 1);
  const rest = value & ((1n << BigInt(surplus)) - 1n);
  const cut = value >> BigInt(surplus);
  const isUp = rounding === 'nearest' && (rest > half || (rest === half && (cut & 1n) === 1n));
  return { mantissa: isUp ? cut + 1n : cut, exponent: exponent + surplus };
}
