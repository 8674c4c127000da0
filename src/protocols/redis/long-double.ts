// INCRBYFLOAT and HINCRBYFLOAT compute with C's `long double`, which on the processors that Redis runs on has a mantissa
// of 64 bits, and print 17 digits after the point. Doubles would differ visibly (0.1 + 0.2), so this does the same
// with big integers: values are read, added and printed with exactly one rounding each.

const mantissaBits = 64;
/** The smallest and largest power of two that the lowest bit of a mantissa stands for. */
const lowestExponent = -16_445;
const highestExponent = 16_384 - mantissaBits;
const maximalTextBytes = 5 * 1024 - 1;
const printedDigits = 17;

/** The value `mantissa × 2^exponent`, or an infinity. */
export type LongDouble = { readonly mantissa: bigint; readonly exponent: number } | 'inf' | '-inf';

const decimalShape = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/iu;
const hexadecimalShape = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/iu;

/** As C's `strtold` reads the whole text; undefined for anything else, for NaN, and for what does not fit. */
export function parseLongDouble(bytes: Buffer): LongDouble | undefined {
  if (bytes.length === 0 || bytes.length > maximalTextBytes) return undefined;
  const text = bytes.toString('latin1');
  const infinity = /^([+-]?)inf(?:inity)?$/iu.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? '-inf' : 'inf';
  const match = decimalShape.exec(text) ?? hexadecimalShape.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const isHexadecimal = /x/iu.test(text);
  const digits = BigInt(`${isHexadecimal ? '0x' : ''}${whole}${fraction}`);
  const magnitude = digits === 0n ? zero : scaled(digits, isHexadecimal, Number(exponentText), fraction.length);
  // What overflows or vanishes is refused, as `strtold` reports a range error.
  if (magnitude === undefined || magnitude === 'inf' || (digits !== 0n && magnitude === zero)) return undefined;
  return sign === '-' ? { ...magnitude, mantissa: -magnitude.mantissa } : magnitude;
}

const zero = { mantissa: 0n, exponent: 0 } as const;
type Finite = Exclude<LongDouble, string>;

function scaled(digits: bigint, isHexadecimal: boolean, exponent: number, fractionDigits: number): Finite | 'inf' | undefined {
  // Far outside of the range: not worth the digits.
  if (Math.abs(exponent) > 4 * maximalTextBytes) return undefined;
  if (isHexadecimal) return rounded(digits, 1n, exponent - 4 * fractionDigits);
  const power = exponent - fractionDigits;
  return power >= 0 ? rounded(digits * 10n ** BigInt(power), 1n, 0) : rounded(digits, 10n ** BigInt(-power), 0);
}

/** The nearest value to `numerator / denominator × 2^exponent`, ties to even. */
function rounded(numerator: bigint, denominator: bigint, exponent: number): Finite | 'inf' {
  let shift = bitLength(numerator) - bitLength(denominator) - mantissaBits;
  if (exponent + shift < lowestExponent) shift = lowestExponent - exponent;
  let mantissa = divideToEven(numerator, denominator, shift);
  if (bitLength(mantissa) > mantissaBits) {
    shift += 1;
    mantissa = divideToEven(numerator, denominator, shift);
  }
  if (mantissa === 0n) return zero;
  if (exponent + shift + bitLength(mantissa) > highestExponent + mantissaBits) return 'inf';
  return { mantissa, exponent: exponent + shift };
}

/** `numerator / (denominator × 2^shift)`, rounded to the nearest integer, ties to even. */
function divideToEven(numerator: bigint, denominator: bigint, shift: number): bigint {
  const dividend = shift < 0 ? numerator << BigInt(-shift) : numerator;
  const divisor = shift > 0 ? denominator << BigInt(shift) : denominator;
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const roundsUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return roundsUp ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The sum, rounded; undefined when it is infinite or not a number. */
export function addLongDoubles(left: LongDouble, right: LongDouble): LongDouble | undefined {
  if (typeof left === 'string' || typeof right === 'string') return undefined;
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = (left.mantissa << BigInt(left.exponent - exponent)) + (right.mantissa << BigInt(right.exponent - exponent));
  const magnitude = rounded(sum < 0n ? -sum : sum, 1n, exponent);
  if (magnitude === 'inf') return undefined;
  return sum < 0n ? { ...magnitude, mantissa: -magnitude.mantissa } : magnitude;
}

/** C's `%.17Lf` without trailing zeros: what Redis stores and answers. */
export function formatLongDouble(value: LongDouble): string {
  if (typeof value === 'string') return value;
  const { mantissa, exponent } = value;
  const magnitude = (mantissa < 0n ? -mantissa : mantissa) * 10n ** BigInt(printedDigits);
  const digits = divideToEven(magnitude, 1n, -exponent).toString().padStart(printedDigits + 1, '0');
  const whole = digits.slice(0, -printedDigits);
  const fraction = digits.slice(-printedDigits).replace(/0+$/u, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return mantissa < 0n && text !== '0' ? `-${text}` : text;
}
