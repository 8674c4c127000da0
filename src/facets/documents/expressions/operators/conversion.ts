// $convert, its shorthands ($toInt, …), $type and $isNumber. What cannot be converted is error 241, which `onError` catches.
// Source: MongoDB's manual, and its server for the texts.

import { absDecimal, compareDecimal, decimalFromInteger, decimalFromString, decimalToDouble, decimalToString, isInfiniteDecimal, isNaNDecimal } from '../../../../values/bson/decimal.ts';
import type { Maybe, TypeName, Value } from '../../../../values/bson/types.ts';
import { DateTime, Decimal128, Int32, int32, isNumeric, ObjectId, typeNameOf, typeNumbers } from '../../../../values/bson/types.ts';
import { DocumentError, documentErrorCodes } from '../../errors.ts';
import {
  coerceToBoolean, coerceToDate, coerceToInt, doubleText, isInt32Integral, isNullish, toDecimal, toDouble, typeNameOfMaybe, wholeDecimal,
} from '../coercions.ts';
import { isoDateText } from '../dates/format-date.ts';
import { parseDateText } from '../dates/parse-date.ts';
import { utc } from '../dates/time-zones.ts';
import type { Expression, ExpressionExample, Operator, PlainOperator, SpecialOperator } from '../expression.ts';
import { fitsInt, fitsLong, twoTo63 } from '../integer-limits.ts';
import { parseNamedOperands } from '../named-operands.ts';
import { parseArguments } from '../parse.ts';

const inConvert = 'in $convert with no onError value';

function failure(text: string): DocumentError {
  return new DocumentError('ConversionFailure', text);
}

// ---- the target type

type Target = TypeName | 'missing';

const namesByNumber = new Map<number, Target>([...Object.entries(typeNumbers).map(([name, number]) => [number, name as Target] as const), [0, 'missing']]);

/** The type that `to` names, by name or number. Throws DocumentError: FailedToParse, BadValue. */
function targetOf(to: Value): Target {
  if (typeof to === 'string') return namedTarget(to);
  if (!isNumeric(to)) throw new DocumentError('FailedToParse', `$convert's 'to' argument must be a string or number, but is ${typeNameOf(to)}`);
  if (!isInt32Integral(to)) throw new DocumentError('FailedToParse', "In $convert, numeric 'to' argument is not an integer");
  const number = coerceToInt(to);
  const target = namesByNumber.get(number);
  if (!target) throw new DocumentError('FailedToParse', `In $convert, numeric value for 'to' does not correspond to a BSON type: ${number}`);
  return target;
}

function namedTarget(name: string): Target {
  if (name === 'missing' || Object.hasOwn(typeNumbers, name)) return name as Target;
  throw new DocumentError('BadValue', `Unknown type name: ${name}`);
}

// ---- the conversions

/** Gives nothing where there is no such conversion. */
type Conversion = (value: Value) => Value | undefined;

const conversions: Partial<Record<Target, Conversion>> = {
  bool: coerceToBoolean,
  int: toInt,
  long: toLong,
  double: toDoubleValue,
  decimal: toDecimalValue,
  string: toText,
  date: toDate,
  objectId: (value) => (value instanceof ObjectId ? value : typeof value === 'string' ? objectIdFromText(value) : undefined),
};

/** Of a value that is not nullish. Throws DocumentError: ConversionFailure. */
function convertTo(target: Target, value: Value): Value {
  const converted = conversions[target]?.(value);
  if (converted === undefined) throw failure(`Unsupported conversion from ${typeNameOf(value)} to ${target} ${inConvert}`);
  return converted;
}

function toInt(value: Value): Value | undefined {
  if (value instanceof Int32) return value;
  if (typeof value === 'boolean') return int32(value ? 1 : 0);
  if (typeof value === 'string') return int32(Number(wholeFromText(value, -2_147_483_648n, 2_147_483_647n)));
  if (typeof value === 'number') {
    assertFinite(value);
    if (!fitsInt(value)) throw overflow(doubleText(value));
    return int32(Math.trunc(value) + 0);
  }
  // The server tells no value for a long.
  if (typeof value === 'bigint') return fitsInt(Number(value)) ? int32(Number(value)) : raise(overflow(''));
  if (!(value instanceof Decimal128)) return undefined;
  const whole = wholeFromDecimal(value);
  return fitsInt(Number(whole)) ? int32(Number(whole)) : raise(overflow(decimalToString(value)));
}

function toLong(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'string') return wholeFromText(value, -9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n);
  if (value instanceof DateTime) return value.ms;
  return typeof value === 'number' || value instanceof Decimal128 ? longFromFraction(value) : undefined;
}

function longFromFraction(value: number | Decimal128): bigint {
  if (typeof value === 'number') {
    assertFinite(value);
    if (value < -twoTo63 || value >= twoTo63) throw overflow(doubleText(value));
    return BigInt(Math.trunc(value));
  }
  const whole = wholeFromDecimal(value);
  return fitsLong(whole) ? whole : raise(overflow(decimalToString(value)));
}

function toDoubleValue(value: Value): number | undefined {
  if (value instanceof Decimal128) return doubleFromDecimal(value);
  if (isNumeric(value)) return toDouble(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return doubleFromText(value);
  return value instanceof DateTime ? Number(value.ms) : undefined;
}

function toDecimalValue(value: Value): Decimal128 | undefined {
  if (isNumeric(value)) return toDecimal(value);
  if (typeof value === 'boolean') return decimalFromInteger(value ? 1n : 0n);
  if (typeof value === 'string') return decimalFromText(value);
  return value instanceof DateTime ? decimalFromInteger(value.ms) : undefined;
}

function toText(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return convertedDoubleText(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Decimal128) return decimalToString(value);
  if (value instanceof ObjectId) return Buffer.from(value.bytes).toString('hex');
  return value instanceof DateTime ? isoDateText(value.ms) : undefined;
}

/** `NaN`, `Infinity`, and what `%.16g` prints of the others. */
function convertedDoubleText(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : String(value);
}

function toDate(value: Value): DateTime | undefined {
  if (value instanceof DateTime) return value;
  if (typeof value === 'string') return new DateTime(parseDateText(value, utc));
  if (typeof value === 'bigint') return new DateTime(value);
  if (typeof value === 'number' || value instanceof Decimal128) return new DateTime(longFromFraction(value));
  return value instanceof ObjectId || typeNameOf(value) === 'timestamp' ? new DateTime(coerceToDate(value)) : undefined;
}

// ---- numbers

function raise(error: DocumentError): never {
  throw error;
}

function overflow(text: string): DocumentError {
  return failure(`Conversion would overflow target type ${inConvert}: ${text}`);
}

function assertFinite(value: number): void {
  if (Number.isNaN(value)) throw failure(`Attempt to convert NaN value to integer type ${inConvert}`);
  if (!Number.isFinite(value)) throw failure(`Attempt to convert infinity value to integer type ${inConvert}`);
}

function wholeFromDecimal(value: Decimal128): bigint {
  if (isNaNDecimal(value)) assertFinite(Number.NaN);
  if (isInfiniteDecimal(value)) assertFinite(Number.POSITIVE_INFINITY);
  return wholeDecimal(value) ?? 0n;
}

function doubleFromDecimal(value: Decimal128): number {
  const double = decimalToDouble(value);
  if (isNaNDecimal(value) || isInfiniteDecimal(value)) return double;
  const isLost = !Number.isFinite(double) || (Math.abs(double) < 2.2250738585072014e-308 && compareDecimal(value, decimalFromInteger(0n)) !== 0);
  return isLost ? raise(overflow(decimalToString(value))) : double;
}

function unparsable(text: string, reason: string): DocumentError {
  return failure(`Failed to parse number '${text}' ${inConvert}: ${reason}`);
}

function assertNotHexadecimal(text: string): void {
  if (text.startsWith('0x')) throw failure(`Illegal hexadecimal input ${inConvert}: ${text}`);
}

function wholeFromText(text: string, min: bigint, max: bigint): bigint {
  assertNotHexadecimal(text);
  const [, sign, digits, rest] = /^([+-]?)(\d*)(.*)$/s.exec(text)!;
  if (digits === '' && rest === '') throw unparsable(text, 'No digits');
  if (digits!.length > 20 && BigInt(digits!) >= 2n ** 64n) throw unparsable(text, 'Overflow');
  if (rest !== '') throw unparsable(text, 'Did not consume whole string.');
  const whole = BigInt(`${digits}`) * (sign === '-' ? -1n : 1n);
  if (whole < min || whole > max) throw unparsable(text, 'Overflow');
  return whole;
}

const doublePattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const namedDoublePattern = /^([+-]?)(infinity|inf|nan(?:\(\w*\))?)/i;
const hexadecimalPattern = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?/;

/** As C's strtod reads it. */
function doubleFromText(text: string): number {
  assertNotHexadecimal(text);
  if (text === '') throw unparsable(text, 'Empty string');
  if (/^[ \t-\r]/.test(text)) throw unparsable(text, 'Leading whitespace');
  const { value, length } = prefixedDouble(text);
  if (length === 0) throw unparsable(text, 'Did not consume any digits');
  if (length !== text.length) throw unparsable(text, 'Did not consume whole string.');
  return value;
}

function prefixedDouble(text: string): { value: number; length: number } {
  const named = namedDoublePattern.exec(text);
  if (named) {
    const value = named[2]!.toLowerCase().startsWith('n') ? Number.NaN : Number.POSITIVE_INFINITY;
    return { value: named[1] === '-' ? -value : value, length: named[0].length };
  }
  const hexadecimal = hexadecimalPattern.exec(text);
  if (hexadecimal && (hexadecimal[2] || hexadecimal[3])) return { value: hexadecimalDouble(hexadecimal), length: hexadecimal[0].length };
  const digits = doublePattern.exec(text)?.[0] ?? '';
  const value = Number(digits);
  const isLost = !Number.isFinite(value) || (Math.abs(value) < 2.2250738585072014e-308 && /[1-9]/.test(digits.replace(/e.*/i, '')));
  if (digits !== '' && isLost) throw unparsable(text, 'Out of range');
  return { value, length: digits.length };
}

function hexadecimalDouble([, sign, whole = '', fraction = '', exponent = '0']: RegExpExecArray): number {
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

function decimalFromText(text: string): Decimal128 {
  assertNotHexadecimal(text);
  if (text === '') throw unparsable(text, 'Empty string');
  const value = decimalFromString(text);
  if (value === undefined) throw unparsable(text, 'Failed to parse string to decimal');
  if (isInfiniteDecimal(value) && /\d/.test(text)) throw unparsable(text, 'Conversion from string to decimal would overflow');
  if (isUnderflow(text, value)) throw unparsable(text, 'Conversion from string to decimal would underflow');
  return value;
}

/** Digits were lost because the decimal is smaller than any with 34 of them. */
function isUnderflow(text: string, value: Decimal128): boolean {
  return compareDecimal(absDecimal(value), smallestNormalDecimal) < 0 && decimalFromString(text, { exact: true }) === undefined;
}

const smallestNormalDecimal = decimalFromString('1E-6143')!;

function objectIdFromText(text: string): ObjectId {
  const length = Buffer.byteLength(text);
  const prefix = `Failed to parse objectId '${text}' ${inConvert}`;
  if (length !== 24) throw failure(`${prefix}: Invalid string length for parsing to OID, expected 24 but found ${length}`);
  const bad = /[^0-9a-fA-F]/.exec(text);
  if (bad) throw failure(`${prefix}: Invalid character found in hex string: ${text}`);
  return new ObjectId(Uint8Array.from(Buffer.from(text, 'hex')));
}

// ---- the operators

function isConversionFailure(error: unknown): boolean {
  return error instanceof DocumentError && error.number === documentErrorCodes.ConversionFailure;
}

const convert: SpecialOperator = {
  name: '$convert',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['input', 'to', 'onError', 'onNull'],
      notAnObject: (type) => new DocumentError('FailedToParse', `$convert expects an object of named arguments but found: ${type}`),
      unknown: (field) => new DocumentError('FailedToParse', `$convert found an unknown argument: ${field}`),
    });
    const input = operands.required('input', 'FailedToParse', "Missing 'input' parameter to $convert");
    const to = operands.required('to', 'FailedToParse', "Missing 'to' parameter to $convert");
    const [onError, onNull] = [operands.optional('onError'), operands.optional('onNull')];
    return operands.expression('$convert', (scope) => {
      const type = to.evaluate(scope);
      const value = input.evaluate(scope);
      const target = isNullish(type) ? undefined : targetOf(type);
      if (isNullish(value)) return onNull ? onNull.evaluate(scope) : null;
      if (!target) return null;
      try {
        return convertTo(target, value);
      } catch (error) {
        if (onError && isConversionFailure(error)) return onError.evaluate(scope);
        throw error;
      }
    });
  },
  examples: [
    { expression: '{"$convert": {"input": "12", "to": "int"}}', result: '12' },
    { expression: '{"$convert": {"input": "x", "to": "int", "onError": "no number"}}', result: '"no number"' },
    { expression: '{"$convert": {"input": "x", "to": "int"}}', error: 241 },
    { expression: '{"$convert": {"input": "x", "to": "number"}}', error: 2 },
  ],
};

/** `$toInt` and its like: one operand, alone or in an array. Throws DocumentError 50723 while parsing. */
function shorthand(name: string, target: TypeName, examples: readonly ExpressionExample[]): SpecialOperator {
  return {
    name,
    parse: (argument, context) => {
      const operands = parseArguments(name, argument, { min: 0, max: Number.POSITIVE_INFINITY }, context);
      const [operand] = operands;
      if (!operand || operands.length > 1) throw new DocumentError(50723, `${name} requires a single argument, got ${operands.length}`);
      return { evaluate: (scope) => convertedOrNull(target, operand.evaluate(scope)), operator: { name, operands } } satisfies Expression;
    },
    examples,
  };
}

function convertedOrNull(target: TypeName, value: Maybe): Maybe {
  return isNullish(value) ? null : convertTo(target, value);
}

const typeOperator: PlainOperator = {
  name: '$type',
  arguments: 1,
  evaluate: typeNameOfMaybe,
  examples: [
    { expression: '{"$type": 1}', result: '"int"' },
    { expression: '{"$type": "$a"}', result: '"missing"' },
  ],
};

const isNumberOperator: PlainOperator = {
  name: '$isNumber',
  arguments: 1,
  evaluate: isNumeric,
  examples: [
    { expression: '{"$isNumber": 1}', result: 'true' },
    { expression: '{"$isNumber": "1"}', result: 'false' },
  ],
};

export const conversionOperators: readonly Operator[] = [
  convert,
  shorthand('$toBool', 'bool', [
    { expression: '{"$toBool": "false"}', result: 'true' },
    { expression: '{"$toBool": 0}', result: 'false' },
  ]),
  shorthand('$toInt', 'int', [
    { expression: '{"$toInt": -1.9}', result: '-1' },
    { expression: '{"$toInt": "1.5"}', error: 241 },
    { expression: '{"$toInt": ["$$none", 1]}', error: 17276 },
  ]),
  shorthand('$toLong', 'long', [{ expression: '{"$toLong": "12"}', result: '{"$numberLong": "12"}' }]),
  shorthand('$toDouble', 'double', [{ expression: '{"$toDouble": "1.5"}', result: '1.5' }]),
  shorthand('$toDecimal', 'decimal', [
    { expression: '{"$toDecimal": 0.1}', result: '{"$numberDecimal": "0.100000000000000"}' },
    { expression: '{"$toDecimal": "1E-6176"}', result: '{"$numberDecimal": "1E-6176"}' },
    { expression: '{"$toDecimal": "1E-6177"}', error: 241 },
    { expression: '{"$toDecimal": "12345E-6178"}', error: 241 },
    { expression: '{"$toDecimal": "1E6145"}', error: 241 },
    { expression: '{"$toDecimal": "0E-9999"}', result: '{"$numberDecimal": "0E-6176"}' },
  ]),
  shorthand('$toString', 'string', [
    { expression: '{"$toString": 2.5}', result: '"2.5"' },
    { expression: '{"$toString": {"a": 1}}', error: 241 },
  ]),
  shorthand('$toDate', 'date', [
    { expression: '{"$toDate": {"$numberLong": "5"}}', result: '{"$date": {"$numberLong": "5"}}' },
    { expression: '{"$toDate": "2024-02-29"}', result: '{"$date": {"$numberLong": "1709164800000"}}' },
  ]),
  shorthand('$toObjectId', 'objectId', [
    { expression: '{"$toObjectId": "0123456789abcdef01234567"}', result: '{"$oid": "0123456789abcdef01234567"}' },
    { expression: '{"$toObjectId": "0123"}', error: 241 },
  ]),
  typeOperator,
  isNumberOperator,
];
