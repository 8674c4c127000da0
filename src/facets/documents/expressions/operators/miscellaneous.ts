// Sizes, parts of timestamps, hashes, metadata, chance; and what is known but refused.

import { createHash, type Hash } from 'node:crypto';

import { canonicalTypeOf } from '../../../../values/bson/compare.ts';
import { isNaNDecimal, isNegativeDecimal } from '../../../../values/bson/decimal.ts';
import { encodeDocument } from '../../../../values/bson/encode.ts';
import type { Maybe, Numeric, Value } from '../../../../values/bson/types.ts';
import { Binary, Code, CodeWithScope, Decimal128, int32, Int32, isNumeric, Timestamp } from '../../../../values/bson/types.ts';
import { isNullish, typeNameOfMaybe, wholeDecimal } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext, PlainOperator } from '../expression.ts';
import { maxLong, minLong, twoTo63 } from '../integer-limits.ts';
import { parseExpression } from '../parse.ts';

// ---- $binarySize, $bsonSize, $tsIncrement, $tsSecond

/** Throws DocumentError 51276. */
function binarySize(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  if (typeof value === 'string') return int32(Buffer.byteLength(value));
  if (value instanceof Binary) return int32(value.bytes.length);
  throw new DocumentError(51276, `$binarySize requires a string or BinData argument, found: ${typeNameOfMaybe(value)}`);
}

/** Throws DocumentError 31393. */
function bsonSize(value: Maybe): Maybe {
  if (isNullish(value)) return null;
  if (!(value instanceof Map)) throw new DocumentError(31393, `$bsonSize requires a document input, found: ${typeNameOfMaybe(value)}`);
  return int32(encodeDocument(value).length);
}

function timestampPart(name: string, code: number, part: (value: bigint) => bigint): PlainOperator['evaluate'] {
  return (value) => {
    if (isNullish(value)) return null;
    if (!(value instanceof Timestamp)) throw new DocumentError(code, ` Argument to ${name} must be a timestamp, but is ${typeNameOfMaybe(value)}`);
    return part(value.value);
  };
}

// ---- $meta

/** Metadata that some query may give a document; what no query gives here is missing. */
const metadataNames: ReadonlySet<string> = new Set([
  'geoNearDistance', 'geoNearPoint', 'indexKey', 'randVal', 'recordId', 'searchHighlights', 'searchScore', 'searchScoreDetails', 'searchSequenceToken',
  'sortKey', 'textScore', 'timeseriesBucketMaxTime', 'timeseriesBucketMinTime', 'vectorSearchScore',
]);

/** Metadata that must come from a query of its own kind (`$text`, `$geoNear`), none of which is supported. */
const unavailableMetadata: ReadonlyMap<string, string> = new Map([
  ['geoNearDistance', 'geoNear distance'], ['geoNearPoint', 'geoNear point'], ['textScore', 'text score'],
]);

/** Throws DocumentError: 17307, 17308, 40218. */
function parseMeta(argument: Value): Expression {
  if (typeof argument !== 'string') throw new DocumentError(17307, '$meta only supports string arguments');
  if (!metadataNames.has(argument)) throw new DocumentError(17308, `Unsupported argument to $meta: ${argument}`);
  const unavailable = unavailableMetadata.get(argument);
  if (unavailable) throw new DocumentError(40218, `query requires ${unavailable} metadata, but it is not available`);
  return { evaluate: ({ metadata }) => metadata?.(argument) };
}

// ---- $rand

/** Throws DocumentError: 10065, 3040501. */
function parseRand(argument: Value): Expression {
  if (!(argument instanceof Map) && !Array.isArray(argument)) throw new DocumentError(10065, 'invalid parameter: expected an object ($rand)');
  const size = Array.isArray(argument) ? argument.length : argument.size;
  if (size > 0) throw new DocumentError(3040501, '$rand does not currently accept arguments');
  return { evaluate: () => Math.random() };
}

// ---- $toHashedIndexKey

/** What a hashed index holds for a value: the start of an MD5 over its parts, numbers as whole ones. */
function hashedIndexKey(value: Maybe): bigint {
  const hash = createHash('md5').update(new Uint8Array(4));
  hashValue(hash, value ?? null, undefined);
  return hash.digest().readBigInt64LE(0);
}

function hashValue(hash: Hash, value: Value, name: string | undefined): void {
  hash.update(int32Bytes(canonicalTypeOf(value)));
  if (name !== undefined) hash.update(`${name}\0`);
  if (isNumeric(value)) hash.update(int64Bytes(wholeOf(value)));
  else if (value instanceof Map) hashFields(hash, value);
  else if (Array.isArray(value)) hashFields(hash, value.map((element, index) => [String(index), element]));
  else if (value instanceof CodeWithScope) hashFields(hash.update(`${value.code}\0`), value.scope);
  else hash.update(encodedValue(value));
}

function hashFields(hash: Hash, fields: Iterable<[string, Value]>): void {
  for (const [name, value] of fields) hashValue(hash, value, name);
  hash.update(int32Bytes(0));
}

/** The bytes of a value within a document: behind its length, its type and its empty name, before its end. */
function encodedValue(value: Value): Uint8Array {
  return encodeDocument(new Map([['', value]])).subarray(6, -1);
}

/** Truncated, and held within 64 bits; NaN is 0. 2^63 as a double turns over, as hashes must stay what they were. */
function wholeOf(value: Numeric): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Int32) return BigInt(value.value);
  if (value instanceof Decimal128) return wholeOfDecimal(value);
  if (Number.isNaN(value)) return 0n;
  if (value === twoTo63) return minLong;
  return Number.isFinite(value) ? withinLong(BigInt(Math.trunc(value))) : value > 0 ? maxLong : minLong;
}

function wholeOfDecimal(value: Decimal128): bigint {
  if (isNaNDecimal(value)) return 0n;
  const whole = wholeDecimal(value);
  if (whole === undefined) return isNegativeDecimal(value) ? minLong : maxLong;
  return withinLong(whole);
}

function withinLong(value: bigint): bigint {
  return value > maxLong ? maxLong : value < minLong ? minLong : value;
}

function int32Bytes(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

function int64Bytes(value: bigint): Uint8Array {
  return new Uint8Array(BigInt64Array.of(value).buffer);
}

function parseHashedIndexKey(argument: Value, context: ParseContext): Expression {
  const { evaluate } = parseExpression(argument, context);
  return { evaluate: (scope) => hashedIndexKey(evaluate(scope)) };
}

// ---- Refused

/** JavaScript does not run here, as on a server that is started without it. Throws DocumentError: 31260 to 31264, 31418, 31419, 31432. */
function parseFunction(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(31260, `$function requires an object as an argument, found: ${typeNameOfMaybe(argument)}`);
  assertBody(argument.get('body'), context);
  const passed = argument.get('args');
  if (passed === undefined) throw new DocumentError(31263, 'The args field must be specified.');
  parseExpression(passed, context);
  const language = argument.get('lang');
  if (language === undefined) throw new DocumentError(31418, 'The lang field must be specified.');
  if (language !== 'js') throw new DocumentError(31419, "Currently the only supported language specifier is 'js'.");
  throw new DocumentError(31264, 'Cannot run server-side javascript without the javascript engine enabled');
}

function assertBody(body: Maybe, context: ParseContext): void {
  if (body === undefined) throw new DocumentError(31261, 'The body function must be specified.');
  const { constant } = parseExpression(body, context);
  if (!constant) throw new DocumentError(31432, 'The body function must be a constant expression');
  if (typeof constant.value === 'string' || constant.value instanceof Code) return;
  throw new DocumentError(31262, 'The body function must evaluate to type string or code');
}

export const miscellaneousOperators: readonly Operator[] = [
  {
    name: '$binarySize',
    arguments: 1,
    evaluate: binarySize,
    examples: [
      { expression: '{"$binarySize":"é"}', result: '2' },
      { expression: '{"$binarySize":"$a"}', document: '{"a":{"$binary":{"base64":"AAEC","subType":"00"}}}', result: '3' },
      { expression: '{"$binarySize":null}', result: 'null' },
      { expression: '{"$binarySize":1}', error: 51_276 },
    ],
  },
  {
    name: '$bsonSize',
    arguments: 1,
    evaluate: bsonSize,
    examples: [
      { expression: '{"$bsonSize":"$$ROOT"}', document: '{"a":1}', result: '12' },
      { expression: '{"$bsonSize":"$none"}', result: 'null' },
      { expression: '{"$bsonSize":"a"}', error: 31_393 },
    ],
  },
  {
    name: '$function',
    parse: parseFunction,
    unsupported: 'JavaScript of clients is never run, as with security.javascriptEnabled: false.',
    examples: [
      { expression: '{"$function":{"body":"function() {}","args":[],"lang":"js"}}', error: 31_264 },
      { expression: '{"$function":1}', error: 31_260 },
      { expression: '{"$function":{"args":[],"lang":"js"}}', error: 31_261 },
      { expression: '{"$function":{"body":1,"args":[],"lang":"js"}}', error: 31_262 },
      { expression: '{"$function":{"body":"","lang":"js"}}', error: 31_263 },
      { expression: '{"$function":{"body":{"$code":""},"args":[]}}', error: 31_418 },
      { expression: '{"$function":{"body":"","args":[],"lang":"ts"}}', error: 31_419 },
      { expression: '{"$function":{"body":"$a","args":[],"lang":"js"}}', error: 31_432 },
    ],
  },
  {
    name: '$meta',
    parse: parseMeta,
    examples: [
      { expression: '{"$meta":"indexKey"}', missing: true },
      { expression: '{"$meta":1}', error: 17_307 },
      { expression: '{"$meta":"x"}', error: 17_308 },
      { expression: '{"$meta":"textScore"}', error: 40_218 },
    ],
  },
  {
    name: '$rand',
    parse: parseRand,
    examples: [
      { expression: '{"$lt":[{"$rand":{}},1]}', result: 'true' },
      { expression: '{"$rand":{"a":1}}', error: 3_040_501 },
      { expression: '{"$rand":1}', error: 10_065 },
    ],
  },
  {
    name: '$toHashedIndexKey',
    parse: parseHashedIndexKey,
    examples: [
      { expression: '{"$toHashedIndexKey":"$check"}', document: '{"check":42}', result: '{"$numberLong":"-944302157085130861"}' },
      { expression: '{"$toHashedIndexKey":{"$numberDouble":"42.9"}}', result: '{"$numberLong":"-944302157085130861"}' },
    ],
  },
  {
    name: '$tsIncrement',
    arguments: 1,
    evaluate: timestampPart('$tsIncrement', 5687302, (value) => value & 0xffff_ffffn),
    examples: [
      { expression: '{"$tsIncrement":"$a"}', document: '{"a":{"$timestamp":{"t":5,"i":7}}}', result: '{"$numberLong":"7"}' },
      { expression: '{"$tsIncrement":1}', error: 5_687_302 },
    ],
  },
  {
    name: '$tsSecond',
    arguments: 1,
    evaluate: timestampPart('$tsSecond', 5687301, (value) => value >> 32n),
    examples: [
      { expression: '{"$tsSecond":"$a"}', document: '{"a":{"$timestamp":{"t":4294967295,"i":7}}}', result: '{"$numberLong":"4294967295"}' },
      { expression: '{"$tsSecond":"$none"}', result: 'null' },
      { expression: '{"$tsSecond":1}', error: 5_687_301 },
    ],
  },
];
