// Functions of angles and their inverses of decimal128, step by step as Intel's decimal library computes them for MongoDB
// (bid128_sin, _acos, _atan2, …), so that the last digit and the exponent are the same.

import { decimalNaN, digitsOf, minExponent, packParts, partsOf, partsOfDouble, powerOfTen, type DecimalParts } from './decimal-parts.ts';
import {
  absDecimal, addDecimal, compareDecimal, decimalFromString, divideDecimal, fusedMultiplyAddDecimal, isNegativeDecimal, negateDecimal, subtractDecimal,
} from './decimal.ts';
import { doubleDouble, type DoubleDouble } from './double-double.ts';
import { decimalOfQuadruple, one, Real, realOf, toQuadruple, workingDigits } from './quadruple.ts';
import type { Decimal128 } from './types.ts';

const decimalOne = packParts(false, 1n, 0);
/** Below this magnitude a function is x, or what it is at 0, as far as 34 digits tell; the library then only adds this much, relatively. */
const tiny = new Real('1e-40');
const decimalTiny = packParts(false, 1n, -40);
const decimalMinusTiny = packParts(true, 1n, -40);

const decimalPi = decimalFromString('3.141592653589793238462643383279503')!;
const decimalHalfPi = decimalFromString('1.570796326794896619231321691639751')!;
const decimalQuarterPi = decimalFromString('0.785398163397448309615660845819876')!;
const decimalThreeQuartersPi = decimalFromString('2.356194490192344928846982537459627')!;

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
const quadruplePi = toQuadruple(pi);
const quadrupleHalfPi = toQuadruple(halfPi);

// ---- sin, cos, tan

/** Decimals with a lower exponent are small enough as they are; with one below the second, the function is known. */
const smallExponent = -35;
const tinyExponent = -52;

type Reduced = { readonly quadrant: number; readonly angle: Real };

/**
 * x less the nearest multiple of π/2, within ±π/4, and that multiple's number modulo 4; right however large x is. The
 * library cuts the share of π/2 to 113 bits before it makes it an angle.
 */
function reduceAngle(parts: DecimalParts): Reduced {
  if (parts.exponent < smallExponent) return { quadrant: 0, angle: toQuadruple(realOf(parts)) };
  const { quadrant, angle } = restOfTurns(parts);
  return { quadrant, angle: toQuadruple(toQuadruple(angle.div(halfPi), 'truncate').times(quadrupleHalfPi)) };
}

/** As `reduceAngle`, to the working digits. */
function restOfTurns({ negative, coefficient, exponent }: DecimalParts): Reduced {
  const places = workingDigits + 20 + Math.max(-exponent, digitsOf(coefficient) + exponent);
  const scaled = coefficient * powerOfTen(exponent + places);
  const quarter = piTo(places) / 2n;
  const turns = (2n * scaled + quarter) / (2n * quarter);
  const angle = new Real(`${scaled - turns * quarter}e-${places}`).toSignificantDigits(workingDigits);
  const quadrant = Number(turns & 3n);
  return negative ? { quadrant: (4 - quadrant) % 4, angle: angle.negated() } : { quadrant, angle };
}

/** For doubles: x less the nearest multiple of π/2, and that multiple's number modulo 4; right however large x is. */
export function exactAngle(parts: DecimalParts): { quadrant: number; angle: DoubleDouble } {
  const { quadrant, angle } = restOfTurns(parts);
  const high = angle.toNumber();
  // The exact value of the double: of a number the library would take the shortest text.
  return { quadrant, angle: doubleDouble(high, angle.minus(realOf(partsOfDouble(high))).toNumber()) };
}

/** Below this, x and the next term of its series are all that the working digits can tell. */
const seriesLimit = new Real('1e-20');

function sineOf(angle: Real): Real {
  return toQuadruple(angle.abs().lt(seriesLimit) ? angle.minus(angle.pow(3).div(6)) : angle.sin());
}

function tangentOf(angle: Real): Real {
  return toQuadruple(angle.abs().lt(seriesLimit) ? angle.plus(angle.pow(3).div(3)) : angle.sin().div(angle.cos()));
}

/** sin and cos of any angle are ±sin or ±cos of the reduced one, by its quadrant. */
function sineOfQuadrant({ quadrant, angle }: Reduced): Real {
  const value = (quadrant & 1) === 0 ? sineOf(angle) : toQuadruple(angle.cos());
  return (quadrant & 2) === 0 ? value : value.negated();
}

/** `ofTiny` is for zero and for what is nearly zero. */
function ofAngle(decimal: Decimal128, ofTiny: (isZero: boolean) => Decimal128, calculate: (reduced: Reduced) => Real): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite') return decimalNaN;
  const isZero = parts.coefficient === 0n;
  return isZero || parts.exponent < tinyExponent ? ofTiny(isZero) : decimalOfQuadruple(calculate(reduceAngle(parts)));
}

/** Of an angle in radians, as those below; NaN of an infinity. */
export function sinDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, (isZero) => (isZero ? decimal : fusedMultiplyAddDecimal(decimal, decimalMinusTiny, decimal)), sineOfQuadrant);
}

export function cosDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, () => addDecimal(decimalOne, decimalMinusTiny), ({ quadrant, angle }) => sineOfQuadrant({ quadrant: (quadrant + 1) % 4, angle }));
}

export function tanDecimal(decimal: Decimal128): Decimal128 {
  return ofAngle(decimal, () => fusedMultiplyAddDecimal(decimal, decimalTiny, decimal), ({ quadrant, angle }) => {
    const tangent = tangentOf(angle);
    return (quadrant & 1) === 0 ? tangent : toQuadruple(one.negated().div(tangent));
  });
}

// ---- asin, acos

/** Nearer to ±1, the one is computed by way of the other. */
const middle = toQuadruple(new Real('0.7'));

function asinOf(x: Real): Real {
  if (x.abs().lt(seriesLimit)) return x.plus(x.pow(3).div(6));
  return atanOf(x.div(one.plus(one.minus(x).times(one.plus(x)).sqrt()))).times(2);
}

/** For an x that is not near 1. */
function acosOf(x: Real): Real {
  return toQuadruple(halfPi.minus(asinOf(x)));
}

/** The root of 1 - x². */
function complementOf(decimal: Decimal128): Real {
  const square = fusedMultiplyAddDecimal(decimal, decimal, negateDecimal(decimalOne));
  return toQuadruple(toQuadruple(realOf(partsOf(negateDecimal(square)))).sqrt());
}

/** NaN beyond ±1, as acos. */
export function asinDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite' || compareDecimal(absDecimal(decimal), decimalOne) > 0) return decimalNaN;
  const x = toQuadruple(realOf(parts));
  if (x.abs().lt(tiny)) return fusedMultiplyAddDecimal(decimal, decimalTiny, decimal);
  if (x.abs().lte(middle)) return decimalOfQuadruple(toQuadruple(asinOf(x)));
  const angle = acosOf(complementOf(decimal));
  return decimalOfQuadruple(parts.negative ? angle.negated() : angle);
}

export function acosDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind !== 'finite' || compareDecimal(absDecimal(decimal), decimalOne) > 0) return decimalNaN;
  const x = toQuadruple(realOf(parts));
  if (x.abs().lt(tiny)) return decimalHalfPi;
  if (x.abs().lte(middle)) return decimalOfQuadruple(acosOf(x));
  if (compareDecimal(decimal, decimalOne) === 0) return packParts(false, 0n, minExponent);
  const angle = toQuadruple(asinOf(complementOf(decimal)));
  return decimalOfQuadruple(parts.negative ? toQuadruple(quadruplePi.minus(angle)) : angle);
}

// ---- atan, atan2

function atanOf(x: Real): Real {
  if (x.abs().lt(seriesLimit)) return x.minus(x.pow(3).div(3));
  // Of large arguments the library's series converges slowly.
  if (x.abs().gt('1e12')) return (x.isNegative() ? halfPi.negated() : halfPi).minus(atanOf(one.div(x)));
  return x.atan();
}

export function atanDecimal(decimal: Decimal128): Decimal128 {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return decimalNaN;
  if (parts.kind === 'infinity') return decimalOfQuadruple(parts.negative ? quadrupleHalfPi.negated() : quadrupleHalfPi);
  if (parts.coefficient === 0n) return decimal;
  const x = toQuadruple(realOf(parts));
  return x.abs().lt(tiny) ? fusedMultiplyAddDecimal(decimal, decimalMinusTiny, decimal) : decimalOfQuadruple(toQuadruple(atanOf(x)));
}

const farRatio = decimalFromString('1E+36')!;
const nearRatio = decimalFromString('1E-36')!;

/** The angle of the point (x, y), between -π and π. */
export function atan2Decimal(y: Decimal128, x: Decimal128): Decimal128 {
  const [ordinate, abscissa] = [partsOf(y), partsOf(x)];
  if (ordinate.kind === 'nan' || abscissa.kind === 'nan') return decimalNaN;
  const angle = angleOnAxis(ordinate, abscissa) ?? angleBetween(y, x);
  return ordinate.negative ? negateDecimal(angle) : angle;
}

/** The angle of points on an axis or at infinity, for an ordinate that is not negative; undefined for others. */
function angleOnAxis(ordinate: DecimalParts, abscissa: DecimalParts): Decimal128 | undefined {
  if (ordinate.kind === 'infinity') {
    if (abscissa.kind !== 'infinity') return decimalHalfPi;
    return abscissa.negative ? decimalThreeQuartersPi : decimalQuarterPi;
  }
  if (ordinate.coefficient === 0n || abscissa.kind === 'infinity') return abscissa.negative ? decimalPi : packParts(false, 0n, minExponent);
  return abscissa.coefficient === 0n ? decimalHalfPi : undefined;
}

function angleBetween(y: Decimal128, x: Decimal128): Decimal128 {
  const ratio = absDecimal(divideDecimal(y, x));
  if (compareDecimal(ratio, farRatio) > 0) return decimalHalfPi;
  if (compareDecimal(ratio, nearRatio) < 0) return isNegativeDecimal(x) ? decimalPi : ratio;
  const angle = decimalOfQuadruple(toQuadruple(atanOf(toQuadruple(realOf(partsOf(ratio))))));
  return isNegativeDecimal(x) ? subtractDecimal(decimalPi, angle) : angle;
}
