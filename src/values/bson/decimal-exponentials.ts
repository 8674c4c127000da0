// Exponentials, logarithms, powers and hyperbolic functions of decimal128, step by step as Intel's decimal library computes
// them for MongoDB (bid128_exp, _log, _log2, _log10, _pow, _sinh, …), so that the last digit and the exponent are the same.

import {
  decimalDigits, decimalInfinity, decimalNaN, decimalNegativeInfinity, digitsOf, minExponent, packParts, partsOf, roundParts, type DecimalParts,
} from './decimal-parts.ts';
import {
  absDecimal, addDecimal, decimalFromInteger, decimalFromString, divideDecimal, fusedMultiplyAddDecimal, isInfiniteDecimal, isNaNDecimal, isNegativeDecimal, isZeroDecimal,
  multiplyDecimal, negateDecimal, sqrtDecimal, subtractDecimal,
} from './decimal.ts';
import { decimalOfQuadruple, integerOf, one, Real, realOf, toQuadruple } from './quadruple.ts';
import type { Decimal128 } from './types.ts';

const decimalOne = packParts(false, 1n, 0);
const decimalZero = packParts(false, 0n, 0);
/** The library adds it to spread a result over 34 digits, and gives it for some zeros. */
const leastZero = packParts(false, 0n, minExponent);
const decimalHalf = packParts(false, 5n, -1);
/** Below this magnitude a function is x or 1 as far as 34 digits tell; the library then only adds this much, relatively. */
const tiny = new Real('1e-40');
const decimalTiny = packParts(false, 1n, -40);

function infinityOf(negative: boolean): Decimal128 {
  return negative ? decimalNegativeInfinity : decimalInfinity;
}

// ---- Exponentials

/** Beyond ±11,000 a quadruple's exponential would leave its range: the rest is multiplied as a decimal. */
const expLimit = new Real(11_000);
const expOfLimit = decimalFromString('1.735005819277738509638425077349642E+4777')!;
const expOfMinusLimit = decimalFromString('5.763669429168183696272822960961269E-4778')!;

export function expDecimal(decimal: Decimal128): Decimal128 {
  if (isNaNDecimal(decimal)) return decimalNaN;
  if (isInfiniteDecimal(decimal)) return isNegativeDecimal(decimal) ? decimalZero : decimalInfinity;
  if (isZeroDecimal(decimal)) return decimalOne;
  const x = realOf(partsOf(decimal));
  if (x.gt(15_000)) return decimalInfinity;
  if (x.lt(-15_000)) return leastZero;
  const high = toQuadruple(x);
  const low = toQuadruple(x.minus(high));
  if (high.gt(expLimit)) return multiplyDecimal(expOfParts(toQuadruple(high.minus(expLimit)), low), expOfLimit);
  if (high.lt(expLimit.negated())) return multiplyDecimal(expOfParts(toQuadruple(high.plus(expLimit)), low), expOfMinusLimit);
  return expOfParts(high, low);
}

/** e^(high + low), as e^high × (1 + low). */
function expOfParts(high: Real, low: Real): Decimal128 {
  const power = expOf(high);
  return decimalOfQuadruple(toQuadruple(power.plus(toQuadruple(power.times(low)))));
}

function expOf(x: Real): Real {
  return x.abs().lt('1e-90') ? one : toQuadruple(x.exp());
}

// ---- Logarithms

type Logarithm = {
  readonly of: (x: Real) => Real;
  /** What a small relative change of x changes, per its size: 1 / ln(base). */
  readonly slope: Real;
  /** The logarithm of 10^4464: beyond it (below its inverse) decimals leave the range of quadruples. */
  readonly ofScale: Real;
  /** Applied to the quadruple that `of` gave. */
  readonly finish: (log: Real) => Real;
};

const scaleDigits = 4_464;
const ln10 = new Real(10).ln();
const ln2 = new Real(2).ln();
const unchanged = (log: Real): Real => log;
const perLn10 = toQuadruple(one.div(ln10));

const natural: Logarithm = { of: (x) => x.ln(), slope: one, ofScale: toQuadruple(ln10.times(scaleDigits)), finish: unchanged };
const binary: Logarithm = { of: (x) => x.ln().div(ln2), slope: toQuadruple(one.div(ln2)), ofScale: toQuadruple(ln10.times(scaleDigits).div(ln2)), finish: unchanged };
const common: Logarithm = { of: (x) => x.ln(), slope: one, ofScale: new Real(scaleDigits), finish: (log) => toQuadruple(log.times(perLn10)) };

/** -Infinity of zero, NaN of what is negative. */
export function lnDecimal(decimal: Decimal128): Decimal128 {
  return logarithm(decimal, natural);
}

/** As `lnDecimal`, to the base 10. */
export function log10Decimal(decimal: Decimal128): Decimal128 {
  return logarithm(decimal, common);
}

/** As `lnDecimal`, to the base 2. */
export function log2Decimal(decimal: Decimal128): Decimal128 {
  return logarithm(decimal, binary);
}

function logarithm(decimal: Decimal128, kind: Logarithm): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return decimalNaN;
  if (parts.kind === 'finite' && parts.coefficient === 0n) return decimalNegativeInfinity;
  if (parts.negative) return decimalNaN;
  return parts.kind === 'infinity' ? decimalInfinity : decimalOfQuadruple(logarithmOf(parts, kind));
}

function logarithmOf(parts: DecimalParts, { of, slope, ofScale, finish }: Logarithm): Real {
  const magnitude = digitsOf(parts.coefficient) + parts.exponent;
  const scale = magnitude > scaleDigits + 1 ? 1 : magnitude <= -scaleDigits ? -1 : 0;
  const x = realOf({ ...parts, exponent: parts.exponent - scale * scaleDigits });
  const quadruple = toQuadruple(x);
  const log = toQuadruple(of(quadruple));
  if (scale !== 0) return toQuadruple(finish(log).plus(ofScale.times(scale)));
  return finish(toQuadruple(log.minus(lostOf(x, quadruple, slope))));
}

/** Near 1, what the logarithm has too much because x was rounded to a quadruple. */
function lostOf(x: Real, quadruple: Real, slope: Real): Real {
  const distance = toQuadruple(quadruple.minus(1));
  if (distance.abs().gte(0.5)) return new Real(0);
  const lost = toQuadruple(distance.minus(toQuadruple(x.minus(1))));
  return toQuadruple(toQuadruple(lost.times(slope)).div(quadruple));
}

// ---- Powers

/** `base` to the power of `exponent`, to all 34 digits: 2^3 is 8.000000000000000000000000000000000. The cases of C99's pow. */
export function powDecimal(base: Decimal128, exponent: Decimal128): Decimal128 {
  return addDecimal(rawPower(base, exponent), leastZero);
}

function rawPower(base: Decimal128, exponent: Decimal128): Decimal128 {
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
  if (!x.negative && realOf(x).eq(2)) return powerOfTwo(realOf(y));
  if (!x.negative && realOf(x).eq(10)) return decimalPowerOfTen(exponent);
  return powerOf(realOf(x).abs(), realOf(y), negative);
}

function powerToInfinity(x: DecimalParts, negative: boolean): Decimal128 {
  if (x.kind === 'infinity') return negative ? decimalZero : decimalInfinity;
  const magnitude = realOf(x).abs();
  if (magnitude.eq(1)) return decimalOne;
  return magnitude.gt(1) === negative ? decimalZero : decimalInfinity;
}

/** exp is beyond the decimals above the first and below the second. */
const largestPower = 14_150;
const smallestPower = -14_230;

function powerOf(x: Real, y: Real, negative: boolean): Decimal128 {
  const power = x.ln().times(y);
  if (power.gt(largestPower)) return infinityOf(negative);
  if (power.lt(smallestPower)) return packParts(false, 0n, minExponent);
  const { coefficient, exponent } = integerOf((power.abs().lt('1e-90') ? one : power.exp()).toSignificantDigits(decimalDigits));
  return roundParts(negative, coefficient, exponent);
}

/** Beyond ±11,000 as with `expDecimal`. */
const twoToLimit = decimalFromString('2.137727301617594663994741880109512E+3311')!;
const twoToMinusLimit = decimalFromString('4.677865129211340627076550713009785E-3312')!;

function powerOfTwo(y: Real): Decimal128 {
  if (y.gt(25_000)) return decimalInfinity;
  if (y.lt(-25_000)) return leastZero;
  const high = toQuadruple(y);
  const low = toQuadruple(y.minus(high));
  if (high.gt(expLimit)) return multiplyDecimal(twoToParts(toQuadruple(high.minus(expLimit)), low), twoToLimit);
  if (high.lt(expLimit.negated())) return multiplyDecimal(twoToParts(toQuadruple(high.plus(expLimit)), low), twoToMinusLimit);
  return twoToParts(high, low);
}

function twoToParts(high: Real, low: Real): Decimal128 {
  const power = toQuadruple(new Real(2).pow(high));
  const rest = toQuadruple(toQuadruple(power.times(toQuadruple(ln2))).times(low));
  return decimalOfQuadruple(toQuadruple(power.plus(rest)));
}

/** The whole part is exact, only the fraction is computed. */
function decimalPowerOfTen(exponent: Decimal128): Decimal128 {
  const y = realOf(partsOf(exponent));
  if (y.abs().gt(6_400)) return y.isNegative() ? leastZero : decimalInfinity;
  const whole = y.toNearest(1, Real.ROUND_HALF_EVEN).toNumber();
  const fraction = partsOf(subtractDecimal(exponent, decimalFromInteger(BigInt(whole))));
  const power = partsOf(decimalOfQuadruple(toQuadruple(new Real(10).pow(toQuadruple(realOf(fraction))))));
  return roundParts(false, power.coefficient, power.exponent + whole);
}

// ---- Hyperbolic functions

/** Above this the exponential of the other sign is nothing beside this one's. */
const largeAngle = 64;

export function sinhDecimal(decimal: Decimal128): Decimal128 {
  if (isNaNDecimal(decimal) || isInfiniteDecimal(decimal)) return decimal;
  const x = realOf(partsOf(decimal));
  if (x.abs().lte(tiny)) return fusedMultiplyAddDecimal(decimal, decimalTiny, decimal);
  if (x.abs().lte(1)) return decimalOfQuadruple(toQuadruple(toQuadruple(x).sinh()));
  const sinh = halfExponentials(absDecimal(decimal), negateDecimal);
  return x.isNegative() ? negateDecimal(sinh) : sinh;
}

export function coshDecimal(decimal: Decimal128): Decimal128 {
  if (isNaNDecimal(decimal) || isInfiniteDecimal(decimal)) return absDecimal(decimal);
  const x = realOf(partsOf(decimal));
  if (x.abs().lte(tiny)) return addDecimal(decimalOne, decimalTiny);
  if (x.abs().lte(1)) return decimalOfQuadruple(toQuadruple(toQuadruple(x).cosh()));
  return halfExponentials(absDecimal(decimal), (inverse) => inverse);
}

/** e^x / 2 and e^-x / 2, the latter with the sign that `signed` gives it, for an x above 1. */
function halfExponentials(x: Decimal128, signed: (inverse: Decimal128) => Decimal128): Decimal128 {
  if (realOf(partsOf(x)).gt(largeAngle)) return halfExponential(realOf(partsOf(x)));
  const power = expDecimal(x);
  return fusedMultiplyAddDecimal(power, decimalHalf, signed(multiplyDecimal(decimalHalf, divideDecimal(decimalOne, power))));
}

function halfExponential(x: Real): Decimal128 {
  if (x.gt(largestPower)) return decimalInfinity;
  const whole = x.toNearest(1, Real.ROUND_HALF_EVEN);
  const isBeyond = whole.gt(expLimit);
  const half = toQuadruple(toQuadruple(expOf(isBeyond ? whole.minus(expLimit) : whole).times(expOf(toQuadruple(x.minus(whole))))).div(2));
  return isBeyond ? multiplyDecimal(decimalOfQuadruple(half), expOfLimit) : decimalOfQuadruple(half);
}

export function tanhDecimal(decimal: Decimal128): Decimal128 {
  if (isNaNDecimal(decimal) || isZeroDecimal(decimal)) return decimal;
  if (isInfiniteDecimal(decimal)) return packParts(isNegativeDecimal(decimal), 1n, 0);
  const x = toQuadruple(realOf(partsOf(decimal)));
  if (x.abs().lt(tiny)) return fusedMultiplyAddDecimal(decimal, negateDecimal(decimalTiny), decimal);
  return decimalOfQuadruple(toQuadruple(x.abs().gt(largeAngle) ? new Real(x.isNegative() ? -1 : 1) : x.tanh()));
}

/** x - x³ / 6, for which subtracting logarithms would leave too few digits. */
function beginningOfAsinh(x: Real): Real {
  return x.minus(x.pow(3).div(6));
}

function asinhOf(x: Real): Real {
  if (x.abs().lt('1e-20')) return toQuadruple(beginningOfAsinh(x));
  const magnitude = x.abs().plus(x.times(x).plus(1).sqrt()).ln();
  return toQuadruple(x.isNegative() ? magnitude.negated() : magnitude);
}

/** ln(2x) of a large decimal, by its coefficient and exponent. */
function logarithmOfDouble({ coefficient, exponent }: DecimalParts): Decimal128 {
  const log = toQuadruple(toQuadruple(new Real(coefficient.toString()).times(2)).ln());
  return decimalOfQuadruple(toQuadruple(toQuadruple(toQuadruple(ln10).times(exponent)).plus(log)));
}

export function asinhDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite') return decimal;
  if (parts.coefficient === 0n) return packParts(parts.negative, 0n, minExponent);
  if (parts.exponent <= decimalDigits) return decimalOfQuadruple(asinhOf(toQuadruple(realOf(parts))));
  return parts.negative ? negateDecimal(logarithmOfDouble(parts)) : logarithmOfDouble(parts);
}

/** Below this, 1 + 1/32, by way of the square root of x² - 1. */
const nearOne = new Real('1.03125');

/** NaN below 1. */
export function acoshDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan' || parts.negative) return decimalNaN;
  if (parts.kind === 'infinity') return decimalInfinity;
  const x = realOf(parts);
  if (x.lt(1)) return decimalNaN;
  if (x.lt(nearOne)) return decimalOfQuadruple(asinhOf(toQuadruple(realOf(partsOf(rootOfSquareLessOne(decimal))))));
  if (parts.exponent > decimalDigits) return logarithmOfDouble(parts);
  const quadruple = toQuadruple(x);
  return decimalOfQuadruple(toQuadruple(quadruple.plus(quadruple.times(quadruple).minus(1).sqrt()).ln()));
}

function rootOfSquareLessOne(decimal: Decimal128): Decimal128 {
  return sqrtDecimal(fusedMultiplyAddDecimal(decimal, decimal, negateDecimal(decimalOne)));
}

/** Decimals of such exponents are their own inverse hyperbolic tangent. */
const atanhExponent = -51;

/** ±Infinity at ±1, NaN beyond. */
export function atanhDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite') return decimalNaN;
  if (parts.coefficient === 0n) return packParts(parts.negative, 0n, minExponent);
  if (parts.exponent <= atanhExponent) return decimal;
  const magnitude = absDecimal(decimal);
  const rest = subtractDecimal(decimalOne, magnitude);
  if (isZeroDecimal(rest)) return infinityOf(parts.negative);
  if (isNegativeDecimal(rest)) return decimalNaN;
  const quotient = divideDecimal(magnitude, rest);
  const log = toQuadruple(logarithmOfOnePlus(toQuadruple(realOf(partsOf(addDecimal(quotient, quotient))))));
  const result = decimalOfQuadruple(toQuadruple(log.div(2)));
  return parts.negative ? negateDecimal(result) : result;
}

function logarithmOfOnePlus(x: Real): Real {
  return x.lt('1e-20') ? x.minus(x.times(x).div(2)).plus(x.pow(3).div(3)) : x.plus(1).ln();
}
