// Numbers as Redis reads and writes them.

const integerShape = /^(?:0|-?[1-9]\d{0,18})$/u;
const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** A 64-bit integer in Redis's strict form (no plus sign, spaces or leading zeros), or undefined. */
export function parseInt64(bytes: Buffer): bigint | undefined {
  if (bytes.length === 0 || bytes.length > 20) return undefined;
  const text = bytes.toString('latin1');
  if (!integerShape.test(text)) return undefined;
  const value = BigInt(text);
  return value < int64Min || value > int64Max ? undefined : value;
}

export function isInt64(value: bigint): boolean {
  return value >= int64Min && value <= int64Max;
}

const floatShape = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|0x[0-9a-f]+(?:\.[0-9a-f]*)?(?:p[+-]?\d+)?)$/iu;

/** A double as C's `strtod` reads it, infinities too; undefined for NaN, spaces, or anything else. */
export function parseFloat64(bytes: Buffer): number | undefined {
  const text = bytes.toString('latin1');
  if (!floatShape.test(text)) return undefined;
  if (/inf/iu.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/0x/iu.test(text)) return parseHexFloat(text);
  const value = Number(text);
  // What overflows is refused, as `strtod` reports a range error.
  return Number.isFinite(value) ? value : undefined;
}

/**
 * A bound of a score range. Redis reads it with a bare `strtod`: nothing is 0, spaces may lead, a number that is too
 * large is infinite, a zero byte ends it.
 */
export function parseRangeNumber(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(0);
  const given = (end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
  if (given === '') return 0;
  const text = given.replace(/^[ \t\n\v\f\r]+/u, '');
  if (!floatShape.test(text)) return undefined;
  return /inf|0x/iu.test(text) ? parseFloat64(Buffer.from(text)) : Number(text);
}

function parseHexFloat(text: string): number | undefined {
  const match = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/iu.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const mantissa = Number.parseInt(whole + fraction, 16);
  const value = mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** A double as Redis 7.0 prints scores: `%.17g`, whole numbers without a fraction, `inf`, `-inf`, `nan`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (Object.is(value, -0)) return '-0';
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 52) return String(value);
  return formatSignificant(value, 17);
}

/** C's `%.<digits>g`. */
function formatSignificant(value: number, digits: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= digits) {
    const shown = stripZeros(mantissa);
    const magnitude = Math.abs(exponent).toString().padStart(2, '0');
    return `${shown}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  return stripZeros(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

function stripZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/u, '') : text;
}
