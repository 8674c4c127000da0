// The functions of decimal128 whose results are no fractions: exponentials, logarithms and those of angles. They are
// computed to many more digits and rounded once to a quadruple-precision binary number, then to 34 digits, because the
// server whose results these are to equal computes in that type: log10(100) is 2, exp(1) has 34 digits.

import { Decimal } from 'decimal.js';
import {
  decimalDigits, decimalInfinity, decimalNaN, decimalNegativeInfinity, digitsOf, minExponent, packParts, partsOf, powerOfTen, roundParts, type DecimalParts,
} from './decimal-parts.ts';
import type { Decimal128 } from './types.ts';

/** Digits of every intermediate result: enough for a few dozen to cancel. */
const workingDigits = 80;
const Real = Decimal.clone({ precision: workingDigits, rounding: Decimal.ROUND_HALF_EVEN, minE: -100_000, maxE: 100_000, toExpNeg: -1, toExpPos: 1 });
type Real = Decimal;

const zero = new Real(0);
const one = new Real(1);
const quadBits = 113;
const decimalOne = packParts(false, 1n, 0);
const decimalZero = packParts(false, 0n, 0);

/** Below this, x and the next term of its series are all that 34 digits can tell. */
const tiny = new Real('1e-13');
/** Above this, the exponential of the other sign is nothing beside this one's. */
const huge = new Real('1e20');
/** exp is beyond the decimals above the first and below the second. */
const largestPower = 14_150;
const smallestPower = -14_230;

function realOf({ negative, coefficient, exponent }: DecimalParts): Real {
  return new Real(`${negative ? '-' : ''}${coefficient}e${exponent}`);
}

/** The digits of a finite number as an integer, and the exponent of ten that belongs to them. */
function integerOf(real: Real): { coefficient: bigint; exponent: number } {
  const [mantissa = '0', exponent = '0'] = real.abs().toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function bitsOf(value: bigint): number {
  const text = value.toString(16);
  return (text.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(text[0]!, 16));
}

/** m × 2^exponent, m of 113 bits at most: rounded half to even from coefficient × 10^exponent. */
function toQuad(coefficient: bigint, exponent: number): { mantissa: bigint; exponent: number } {
  const divisor = exponent < 0 ? powerOfTen(-exponent) : 1n;
  const dividend = exponent < 0 ? coefficient : coefficient * powerOfTen(exponent);
  // Two bits more than needed, the last of which also tells of a remainder.
  const shift = quadBits + 2 - (bitsOf(dividend) - bitsOf(divisor));
  const scaled = shift >= 0 ? dividend << BigInt(shift) : dividend;
  const unit = shift >= 0 ? divisor : divisor << BigInt(-shift);
  const quotient = scaled / unit;
  const sticky = quotient * unit === scaled ? quotient << 1n : (quotient << 1n) | 1n;
  return roundBits(sticky, -shift - 1);
}

function roundBits(value: bigint, exponent: number): { mantissa: bigint; exponent: number } {
  const surplus = bitsOf(value) - quadBits;
  if (surplus <= 0) return { mantissa: value, exponent };
  const half = 1n << BigInt(surplus - 1);
  const rest = value & ((1n << BigInt(surplus)) - 1n);
  const cut = value >> BigInt(surplus);
  return { mantissa: rest > half || (rest === half && (cut & 1n) === 1n) ? cut + 1n : cut, exponent: exponent + surplus };
}

/** The decimal of a quadruple-precision number: exact with no more digits than needed, or rounded to 34. */
function fromQuad(negative: boolean, mantissa: bigint, exponent: number): Decimal128 {
  if (exponent >= 0) return roundParts(negative, mantissa << BigInt(exponent), 0);
  let places = -exponent;
  let odd = mantissa;
  while (places > 0 && (odd & 1n) === 0n) {
    odd >>= 1n;
    places -= 1;
  }
  return roundParts(negative, odd * 5n ** BigInt(places), -places);
}

function decimalOf(real: Real): Decimal128 {
  if (real.isNaN()) return decimalNaN;
  if (!real.isFinite()) return real.isNegative() ? decimalNegativeInfinity : decimalInfinity;
  const negative = real.isNegative();
  const { coefficient, exponent } = integerOf(real);
  if (coefficient === 0n) return packParts(negative, 0n, 0);
  const quad = toQuad(coefficient, exponent);
  return fromQuad(negative, quad.mantissa, quad.exponent);
}

/** x + x³ × numerator / denominator: the beginning of the series of an odd function. */
function series(x: Real, numerator: number, denominator: number): Real {
  return x.plus(x.pow(3).times(numerator).div(denominator));
}

// ---- Exponentials and logarithms

export function expDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return decimalNaN;
  if (parts.kind === 'infinity') return parts.negative ? decimalZero : decimalInfinity;
  if (parts.coefficient === 0n) return decimalOne;
  const x = realOf(parts);
  if (x.gt(largestPower)) return decimalInfinity;
  if (x.lt(smallestPower)) return packParts(false, 0n, minExponent);
  return decimalOf(exponential(x));
}

/** e^x to the working digits, within the decimals' range. */
function exponential(x: Real): Real {
  return x.abs().lt('1e-90') ? one : x.exp();
}

/** -Infinity of zero, NaN of what is negative. */
export function lnDecimal(decimal: Decimal128): Decimal128 {
  return logarithm(decimal, (x) => x.ln());
}

/** As `lnDecimal`, to the base 10. */
export function log10Decimal(decimal: Decimal128): Decimal128 {
  return logarithm(decimal, (x) => x.log(10));
}

function logarithm(decimal: Decimal128, log: (x: Real) => Real): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return decimalNaN;
  if (parts.kind === 'finite' && parts.coefficient === 0n) return decimalNegativeInfinity;
  if (parts.negative) return decimalNaN;
  return parts.kind === 'infinity' ? decimalInfinity : decimalOf(log(realOf(parts)));
}

/** `base` to the power of `exponent`, to all 34 digits: 2^3 is 8.000000000000000000000000000000000. The cases of C99's pow. */
export function powDecimal(base: Decimal128, exponent: Decimal128): Decimal128 {
  const x = partsOf(base);
  const y = partsOf(exponent);
  if (y.kind === 'finite' && y.coefficient === 0n) return decimalOne;
  if (x.kind === 'finite' && !x.negative && realOf(x).eq(1)) return decimalOne;
  if (x.kind === 'nan' || y.kind === 'nan') return decimalNaN;
  if (y.kind === 'infinity') return powerToInfinity(x, y.negative);
  const isWhole = realOf(y).isInteger();
  const negative = x.negative && isWhole && !realOf(y).mod(2).isZero();
  if (x.kind === 'infinity') return y.negative ? packParts(negative, 0n, 0) : infinityOf(negative);
  if (x.coefficient === 0n) return y.negative ? infinityOf(negative) : packParts(negative, 0n, 0);
  if (x.negative && !isWhole) return decimalNaN;
  return powerOf(realOf(x).abs(), realOf(y), negative);
}

function infinityOf(negative: boolean): Decimal128 {
  return negative ? decimalNegativeInfinity : decimalInfinity;
}

function powerToInfinity(x: DecimalParts, negative: boolean): Decimal128 {
  if (x.kind === 'infinity') return negative ? decimalZero : decimalInfinity;
  const magnitude = realOf(x).abs();
  if (magnitude.eq(1)) return decimalOne;
  return magnitude.gt(1) === negative ? decimalZero : decimalInfinity;
}

function powerOf(x: Real, y: Real, negative: boolean): Decimal128 {
  const power = x.ln().times(y);
  if (power.gt(largestPower)) return infinityOf(negative);
  if (power.lt(smallestPower)) return packParts(false, 0n, minExponent);
  const { coefficient, exponent } = integerOf(exponential(power).toSignificantDigits(decimalDigits));
  const zeros = Math.max(0, Math.min(decimalDigits - digitsOf(coefficient), exponent - minExponent));
  return roundParts(negative, coefficient * powerOfTen(zeros), exponent - zeros);
}

// ---- Angles

/** π × 10^places, cut: by Machin's formula. Kept for the most places that were asked for. */
let knownPi = { places: 0, value: 3n };

function piTo(places: number): bigint {
  if (places > knownPi.places) knownPi = { places, value: machin(places) };
  return knownPi.value / powerOfTen(knownPi.places - places);
}

function machin(places: number): bigint {
  const scale = powerOfTen(places + 10);
  return (16n * inverseTangentOfReciprocal(5n, scale) - 4n * inverseTangentOfReciprocal(239n, scale)) / powerOfTen(10);
}

function inverseTangentOfReciprocal(divisor: bigint, scale: bigint): bigint {
  const square = divisor * divisor;
  let term = scale / divisor;
  let sum = term;
  for (let odd = 3n; term !== 0n; odd += 2n) {
    term /= -square;
    sum += term / odd;
  }
  return sum;
}

const pi = new Real(`${piTo(workingDigits + 10)}e-${workingDigits + 10}`);
const halfPi = pi.div(2);

/** x less the nearest multiple of π/2, within ±π/4, and that multiple's number modulo 4; exact however large x is. */
function reduceAngle(parts: DecimalParts): { quadrant: number; angle: Real } {
  const { negative, coefficient, exponent } = parts;
  if (realOf(parts).abs().lt(tiny)) return { quadrant: 0, angle: realOf(parts) };
  const places = workingDigits + 20 + Math.max(0, digitsOf(coefficient) + exponent);
  const scaled = coefficient * powerOfTen(exponent + places);
  const quarter = piTo(places) / 2n;
  const turns = (2n * scaled + quarter) / (2n * quarter);
  const angle = new Real(`${scaled - turns * quarter}e-${places}`).toSignificantDigits(workingDigits);
  const quadrant = Number(turns & 3n);
  return negative ? { quadrant: (4 - quadrant) % 4, angle: angle.negated() } : { quadrant, angle };
}

function sine(angle: Real): Real {
  return angle.abs().lt(tiny) ? series(angle, -1, 6) : angle.sin();
}

/** sin and cos of any angle are ±sin or ±cos of the reduced one, by its quadrant. */
function sineOfQuadrant(quadrant: number, angle: Real): Real {
  const value = (quadrant & 1) === 0 ? sine(angle) : angle.cos();
  return (quadrant & 2) === 0 ? value : value.negated();
}

function ofAngle(decimal: Decimal128, atZero: Decimal128, calculate: (quadrant: number, angle: Real) => Real): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite') return decimalNaN;
  if (parts.coefficient === 0n) return atZero;
  const { quadrant, angle } = reduceAngle(parts);
  return decimalOf(calculate(quadrant, angle));
}

/** Of an angle in radians, as those below; NaN of an infinity. */
export function sinDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, decimal, sineOfQuadrant);
}

export function cosDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, decimalOne, (quadrant, angle) => sineOfQuadrant((quadrant + 1) % 4, angle));
}

export function tanDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, decimal, (quadrant, angle) => sineOfQuadrant(quadrant, angle).div(sineOfQuadrant((quadrant + 1) % 4, angle)));
}

/** A function of all finite numbers: `atInfinity` gives what it is at ±Infinity. */
function ofReal(decimal: Decimal128, atZero: Decimal128, atInfinity: (negative: boolean) => Decimal128, calculate: (x: Real) => Real): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return decimalNaN;
  if (parts.kind === 'infinity') return atInfinity(parts.negative);
  return parts.coefficient === 0n ? atZero : decimalOf(calculate(realOf(parts)));
}

const notANumber = (): Decimal128 => decimalNaN;

function arcTangent(x: Real): Real {
  if (x.abs().lt(tiny)) return series(x, -1, 3);
  // Of large arguments the library's series converges slowly.
  if (x.abs().gt('1e12')) return (x.isNegative() ? halfPi.negated() : halfPi).minus(arcTangent(one.div(x)));
  return x.atan();
}

export function atanDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, (negative) => decimalOf(negative ? halfPi.negated() : halfPi), arcTangent);
}

/** The angle of the point (x, y), between -π and π. */
export function atan2Decimal(y: Decimal128, x: Decimal128): Decimal128 {
  const [ordinate, abscissa] = [partsOf(y), partsOf(x)];
  if (ordinate.kind === 'nan' || abscissa.kind === 'nan') return decimalNaN;
  const angle = quadrantAngle(ordinate, abscissa);
  if (angle !== undefined) return ordinate.negative ? decimalOf(angle.negated()) : decimalOf(angle);
  const ratio = arcTangent(realOf(ordinate).div(realOf(abscissa)));
  if (!abscissa.negative) return decimalOf(ratio);
  return decimalOf(ordinate.negative ? ratio.minus(pi) : ratio.plus(pi));
}

/** The angle of points on an axis or at infinity, for an ordinate that is not negative; undefined for others. */
function quadrantAngle(ordinate: DecimalParts, abscissa: DecimalParts): Real | undefined {
  const isFlat = ordinate.kind === 'finite' && ordinate.coefficient === 0n;
  if (ordinate.kind === 'infinity') return abscissa.kind === 'infinity' ? halfPi.times(abscissa.negative ? 1.5 : 0.5) : halfPi;
  if (isFlat || abscissa.kind === 'infinity') return abscissa.negative ? pi : zero;
  return abscissa.coefficient === 0n ? halfPi : undefined;
}

/** NaN beyond ±1, as acos. */
export function asinDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, notANumber, (x) => {
    if (x.abs().gt(1)) return new Real(Number.NaN);
    if (x.abs().lt(tiny)) return series(x, 1, 6);
    return arcTangent(x.div(one.plus(one.minus(x).times(one.plus(x)).sqrt()))).times(2);
  });
}

export function acosDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimalOf(halfPi), notANumber, (x) => {
    if (x.abs().gt(1)) return new Real(Number.NaN);
    return x.eq(-1) ? pi : arcTangent(one.minus(x).div(one.plus(x)).sqrt()).times(2);
  });
}

// ---- Hyperbolic functions

export function sinhDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, infinityOf, (x) => {
    if (x.abs().lt(tiny)) return series(x, 1, 6);
    if (x.abs().gt(largestPower)) return new Real(x.isNegative() ? -Infinity : Infinity);
    return exponential(x).minus(exponential(x.negated())).div(2);
  });
}

export function coshDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimalOne, () => decimalInfinity, (x) => {
    if (x.abs().gt(largestPower)) return new Real(Infinity);
    return exponential(x).plus(exponential(x.negated())).div(2);
  });
}

export function tanhDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, (negative) => packParts(negative, 1n, 0), (x) => {
    if (x.abs().lt(tiny)) return series(x, -1, 3);
    if (x.abs().gt(100)) return x.isNegative() ? one.negated() : one;
    const square = exponential(x.times(2));
    return square.minus(1).div(square.plus(1));
  });
}

export function asinhDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, infinityOf, (x) => {
    if (x.abs().lt(tiny)) return series(x, -1, 6);
    const magnitude = x.abs().gt(huge) ? x.abs().times(2).ln() : x.abs().plus(x.times(x).plus(1).sqrt()).ln();
    return x.isNegative() ? magnitude.negated() : magnitude;
  });
}

/** NaN below 1. */
export function acoshDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimalNaN, (negative) => (negative ? decimalNaN : decimalInfinity), (x) => {
    if (x.lt(1)) return new Real(Number.NaN);
    return x.gt(huge) ? x.times(2).ln() : x.plus(x.minus(1).times(x.plus(1)).sqrt()).ln();
  });
}

/** ±Infinity at ±1, NaN beyond. */
export function atanhDecimal(decimal: Decimal128): Decimal128 {
  return ofReal(decimal, decimal, notANumber, (x) => {
    if (x.abs().gt(1)) return new Real(Number.NaN);
    if (x.abs().eq(1)) return new Real(x.isNegative() ? -Infinity : Infinity);
    return x.abs().lt(tiny) ? series(x, 1, 3) : one.plus(x).div(one.minus(x)).ln().div(2);
  });
}
