// exp, log, pow and the functions of angles, of doubles, each rounded to the nearest double. JavaScript leaves the last digit
// to the engine, and V8's differs from that of C's library, which MongoDB uses, for every tenth or so argument: Math.log(3)
// is 1.0986122886681096 where C says 1.0986122886681098. The hyperbolic functions follow C's library step by step.

import { exactAngle } from './decimal-angles.ts';
import { partsOfDouble } from './decimal-parts.ts';
import { add, divide, doubleDouble, exactProduct, exactSum, multiply, negate, scale, squareRoot, subtract, type DoubleDouble } from './double-double.ts';

const zero = doubleDouble(0);
const one = doubleDouble(1);
const ln2 = doubleDouble(0.6931471805599453, 2.3190468138462996e-17);

/** 1/n! and 1/n, to the number of terms that the longest series takes. */
const inverseFactorials: DoubleDouble[] = [one];
const inverses: DoubleDouble[] = [zero];
for (let n = 1; n <= 28; n += 1) {
  inverseFactorials.push(divide(inverseFactorials[n - 1]!, doubleDouble(n)));
  inverses.push(divide(one, doubleDouble(n)));
}

/** c₀ + c₁x + c₂x² + … */
function polynomial(x: DoubleDouble, coefficients: readonly DoubleDouble[]): DoubleDouble {
  return coefficients.reduceRight((sum, coefficient) => add(multiply(sum, x), coefficient), zero);
}

// ---- exp, log, pow

const expHalvings = 8;
const expCoefficients = inverseFactorials.slice(1, 12);

/** e^x as a mantissa near 1 and a power of two. `x` is within ±750. */
function expParts(x: DoubleDouble): { mantissa: DoubleDouble; exponent: number } {
  const exponent = Math.round(x.high / ln2.high);
  const rest = scale(subtract(x, multiply(ln2, doubleDouble(exponent))), 2 ** -expHalvings);
  // e^x - 1, and then (1 + y)² - 1 = 2y + y² as often as x was halved: the 1 would cost digits.
  let less = multiply(rest, polynomial(rest, expCoefficients));
  for (let count = 0; count < expHalvings; count += 1) less = add(scale(less, 2), multiply(less, less));
  return { mantissa: add(one, less), exponent };
}

/** In two steps, as 2^exponent itself may be beyond the doubles. */
function timesPowerOfTwo(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

const largestExponent = 709.782712893384;
const smallestExponent = -745.2;

function expOfDoubleDouble(x: DoubleDouble): number {
  if (x.high > largestExponent + 1) return Infinity;
  if (x.high < smallestExponent) return 0;
  const { mantissa, exponent } = expParts(x);
  return timesPowerOfTwo(mantissa.high, exponent);
}

export function exp(x: number): number {
  return Number.isFinite(x) ? expOfDoubleDouble(doubleDouble(x)) : Math.exp(x);
}

const view = new DataView(new ArrayBuffer(8));

/** The exponent of the largest power of two that is no larger than the number. */
function binaryExponent(x: number): number {
  view.setFloat64(0, x);
  const biased = (view.getUint16(0) >>> 4) & 0x7ff;
  return biased === 0 ? binaryExponent(x * 2 ** 54) - 54 : biased - 1_023;
}

/** `mantissa` between √½ and √2. */
function splitDouble(x: number): { mantissa: number; exponent: number } {
  const exponent = binaryExponent(x);
  const mantissa = timesPowerOfTwo(x, -exponent);
  return mantissa > Math.SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent };
}

/** Nearer to 1 than this, log is the series of log(1 + x). */
const seriesDistance = 2 ** -9;
const log1pCoefficients = inverses.slice(1, 14).map((inverse, index) => (index % 2 === 0 ? inverse : negate(inverse)));

function logOfMantissa(x: number): DoubleDouble {
  const distance = doubleDouble(x - 1);
  if (Math.abs(distance.high) < seriesDistance) return multiply(distance, polynomial(distance, log1pCoefficients));
  // One step of Newton's method doubles the digits of the engine's result.
  const guess = Math.log(x);
  const { mantissa, exponent } = expParts(doubleDouble(guess));
  const power = scale(mantissa, 2 ** exponent);
  const error = divide(subtract(doubleDouble(x), power), power);
  return add(doubleDouble(guess), subtract(error, scale(multiply(error, error), 0.5)));
}

function logOfDouble(x: number): DoubleDouble {
  const { mantissa, exponent } = splitDouble(x);
  return add(multiply(ln2, doubleDouble(exponent)), logOfMantissa(mantissa));
}

export function log(x: number): number {
  return x > 0 && x < Infinity ? logOfDouble(x).high : Math.log(x);
}

const log10Of2High = 3.01029995663611771306e-1;
const log10Of2Low = 3.69423907715893078616e-13;
const perLn10 = 4.34294481903251816668e-1;

/** As C's library computes it from `log`. */
export function log10(x: number): number {
  if (!(x > 0 && x < Infinity)) return Math.log10(x);
  const exponent = binaryExponent(x);
  const shifted = exponent < 0 ? exponent + 1 : exponent;
  return shifted * log10Of2Low + perLn10 * log(timesPowerOfTwo(x, -shifted)) + shifted * log10Of2High;
}

const maxExactBits = 256;

/** The power of a double that is an integer times a power of two, where it has few enough digits to be exact. */
function exactPower(base: number, exponent: number): number | undefined {
  if (!Number.isInteger(exponent) || exponent < 2 || exponent > maxExactBits) return undefined;
  let mantissa = base;
  let shift = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift -= 1;
  }
  while (mantissa % 2 === 0) {
    mantissa /= 2;
    shift += 1;
  }
  if (Math.log2(Math.abs(mantissa)) * exponent > maxExactBits) return undefined;
  return timesPowerOfTwo(Number(BigInt(mantissa) ** BigInt(exponent)), shift * exponent);
}

/** As C's pow: ±1 to whatever power is 1 where JavaScript says NaN. */
export function pow(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent))) return 1;
  const isPlain = Number.isFinite(base) && Number.isFinite(exponent) && base !== 0 && exponent !== 0;
  if (!isPlain || (base < 0 && !Number.isInteger(exponent))) return base ** exponent;
  const exact = exactPower(base, exponent);
  if (exact !== undefined) return exact;
  const logarithm = logOfDouble(Math.abs(base));
  // Far beyond the doubles; the exact product below must not overflow.
  if (Math.abs(logarithm.high * exponent) > 1_000) return base ** exponent;
  const magnitude = expOfDoubleDouble(multiply(logarithm, doubleDouble(exponent)));
  return base < 0 && exponent % 2 !== 0 ? -magnitude : magnitude;
}

// ---- sin, cos, tan

const halfPi = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33] as const;
const sineCoefficients = inverseFactorials.filter((_, index) => index % 2 === 1).map((inverse, index) => (index % 2 === 0 ? inverse : negate(inverse)));
const cosineCoefficients = inverseFactorials.filter((_, index) => index % 2 === 0).map((inverse, index) => (index % 2 === 0 ? inverse : negate(inverse)));

type SineAndCosine = { readonly sine: DoubleDouble; readonly cosine: DoubleDouble };

/** Beyond this the multiple of π/2 needs more digits of π than the three doubles have. */
const largeAngle = 1e6;

function sineAndCosine(x: number): SineAndCosine {
  const { quadrant, angle } = Math.abs(x) < largeAngle ? reduceAngle(x) : exactAngle(partsOfDouble(x));
  const square = multiply(angle, angle);
  const sine = multiply(angle, polynomial(square, sineCoefficients));
  const cosine = polynomial(square, cosineCoefficients);
  if (quadrant === 0) return { sine, cosine };
  if (quadrant === 1) return { sine: cosine, cosine: negate(sine) };
  if (quadrant === 2) return { sine: negate(sine), cosine: negate(cosine) };
  return { sine: negate(cosine), cosine: sine };
}

/** x less the nearest multiple of π/2, and that multiple's number modulo 4. */
function reduceAngle(x: number): { quadrant: number; angle: DoubleDouble } {
  const turns = Math.round(x / halfPi[0]);
  let angle = doubleDouble(x);
  for (const part of halfPi) angle = subtract(angle, exactProduct(turns, part));
  return { quadrant: ((turns % 4) + 4) % 4, angle };
}

/** Zeros keep their sign, and what is next to them its value. */
function isTiny(x: number): boolean {
  return Math.abs(x) < 2 ** -400;
}

export function sin(x: number): number {
  return !Number.isFinite(x) || isTiny(x) ? Math.sin(x) : sineAndCosine(x).sine.high;
}

export function cos(x: number): number {
  return Number.isFinite(x) ? sineAndCosine(x).cosine.high : Math.cos(x);
}

export function tan(x: number): number {
  if (!Number.isFinite(x) || isTiny(x)) return Math.tan(x);
  const { sine, cosine } = sineAndCosine(x);
  return divide(sine, cosine).high;
}

// ---- asin, acos, atan, atan2

/** The angle of the point (x, y) from the engine's guess, by the tangent of what is missing. */
function refineAngle(guess: number, { x, y }: { x: DoubleDouble; y: DoubleDouble }): number {
  const { sine, cosine } = sineAndCosine(guess);
  const across = subtract(multiply(y, cosine), multiply(x, sine));
  const along = add(multiply(x, cosine), multiply(y, sine));
  return add(doubleDouble(guess), divide(across, along)).high;
}

/** √(1 - x²) */
function complement(x: number): DoubleDouble {
  return squareRoot(multiply(exactSum(1, -x), exactSum(1, x)));
}

export function asin(x: number): number {
  if (!(Math.abs(x) < 1) || isTiny(x)) return Math.asin(x);
  return refineAngle(Math.asin(x), { x: complement(x), y: doubleDouble(x) });
}

export function acos(x: number): number {
  if (!(Math.abs(x) < 1)) return Math.acos(x);
  return refineAngle(Math.acos(x), { x: doubleDouble(x), y: complement(x) });
}

export function atan(x: number): number {
  if (!(Math.abs(x) < 1e18) || isTiny(x)) return Math.atan(x);
  return refineAngle(Math.atan(x), { x: one, y: doubleDouble(x) });
}

/** Beyond it one coordinate is nothing beside the other. */
const farRatio = 2 ** 400;

export function atan2(y: number, x: number): number {
  const ratio = Math.abs(y / x);
  if (!(ratio > 1 / farRatio && ratio < farRatio)) return Math.atan2(y, x);
  const exponent = -binaryExponent(x);
  return refineAngle(Math.atan2(y, x), { x: doubleDouble(timesPowerOfTwo(x, exponent)), y: doubleDouble(timesPowerOfTwo(y, exponent)) });
}

// ---- Hyperbolic functions

/** C's library and V8 agree on these three. */
export const { sinh, tanh, atanh } = Math;

export function cosh(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 0.5 * ln2.high || !Number.isFinite(x)) return Math.cosh(x);
  if (magnitude < 22) {
    const power = exp(magnitude);
    return 0.5 * power + 0.5 / power;
  }
  if (magnitude < largestExponent) return 0.5 * exp(magnitude);
  const root = exp(0.5 * magnitude);
  return 0.5 * root * root;
}

const manyBits = 2 ** 28;

export function asinh(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 2 || !Number.isFinite(x)) return Math.asinh(x);
  const result = magnitude > manyBits ? log(magnitude) + ln2.high : log(2 * magnitude + 1 / (Math.sqrt(magnitude * magnitude + 1) + magnitude));
  return x < 0 ? -result : result;
}

export function acosh(x: number): number {
  if (!(x > 2) || x === Infinity) return Math.acosh(x);
  return x > manyBits ? log(x) + ln2.high : log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
}
