// Operators on strings. Case is that of ASCII, positions count code points (…CP) or bytes of UTF-8 (…Bytes).
// Source: MongoDB's manual, and its server for the codes.

import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { int32, isNumeric } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToInt, coerceToLong, coerceToString, isInt32Integral, isNullish, typeNameOfMaybe } from '../coercions.ts';
import type { Evaluate, ExpressionExample, Operator, PlainOperator, SpecialOperator } from '../expression.ts';
import { parseNamedOperands } from '../named-operands.ts';
import { valueText } from '../shell-text.ts';

const any = { min: 0, max: Number.POSITIVE_INFINITY } as const;

/** Throws DocumentError: 16702. */
function concat(...operands: Maybe[]): Maybe {
  let text = '';
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    if (typeof operand !== 'string') throw new DocumentError(16702, `$concat only supports strings, not ${typeNameOfMaybe(operand)}`);
    text += operand;
  }
  return text;
}

/** ASCII only, as letters beyond have no case here. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function upperCase(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function strcasecmp(left: Maybe, right: Maybe): Maybe {
  const [a, b] = [upperCase(coerceToString(left)), upperCase(coerceToString(right))];
  return int32(a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

// ---- substrings

function isContinuationByte(bytes: Buffer, index: number): boolean {
  return index < bytes.length && (bytes[index]! & 0xc0) === 0x80;
}

/** Throws DocumentError: 16007, 16034, 16035, 28656, 28657, 50752. */
function substrBytes(value: Maybe, start: Maybe, count: Maybe): Maybe {
  const bytes = Buffer.from(coerceToString(value));
  if (!isNumeric(start)) throw new DocumentError(16034, `$substrBytes:  starting index must be a numeric type (is BSON type ${typeNameOfMaybe(start)})`);
  if (!isNumeric(count)) throw new DocumentError(16035, `$substrBytes:  length must be a numeric type (is BSON type ${typeNameOfMaybe(count)})`);
  const lower = coerceToLong(start);
  if (lower < 0n) throw new DocumentError(50752, `$substrBytes:  starting index must be non-negative (got: ${lower})`);
  const length = coerceToLong(count);
  const from = Math.min(Number(lower), bytes.length);
  const to = length < 0n ? bytes.length : Math.min(from + Number(length), bytes.length);
  if (isContinuationByte(bytes, from)) throw new DocumentError(28656, '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.');
  if (isContinuationByte(bytes, to)) throw new DocumentError(28657, '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.');
  return bytes.toString('utf8', from, to);
}

/** Throws DocumentError: 16007, 34450 to 34455. */
function substrCP(value: Maybe, start: Maybe, count: Maybe): Maybe {
  const text = coerceToString(value);
  if (!isNumeric(start)) throw new DocumentError(34450, `$substrCP: starting index must be a numeric type (is BSON type ${typeNameOfMaybe(start)})`);
  if (!isInt32Integral(start)) throw new DocumentError(34451, `$substrCP: starting index cannot be represented as a 32-bit integral value: ${valueText(start)}`);
  if (!isNumeric(count)) throw new DocumentError(34452, `$substrCP: length must be a numeric type (is BSON type ${typeNameOfMaybe(count)})`);
  if (!isInt32Integral(count)) throw new DocumentError(34453, `$substrCP: length cannot be represented as a 32-bit integral value: ${valueText(count)}`);
  const [from, length] = [coerceToInt(start), coerceToInt(count)];
  if (length < 0) throw new DocumentError(34454, '$substrCP: length must be a nonnegative integer.');
  if (from < 0) throw new DocumentError(34455, '$substrCP: the starting index must be nonnegative integer.');
  return isBasic(text) ? text.slice(from, from + length) : Array.from(text).slice(from, from + length).join('');
}

/** No surrogates: a code unit is a code point. */
function isBasic(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

export function countCodePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}

function strLenBytes(value: Maybe): Maybe {
  if (typeof value !== 'string') throw new DocumentError(34473, `$strLenBytes requires a string argument, found: ${typeNameOfMaybe(value)}`);
  return int32(Buffer.byteLength(value));
}

function strLenCP(value: Maybe): Maybe {
  if (typeof value !== 'string') throw new DocumentError(34471, `$strLenCP requires a string argument, found: ${typeNameOfMaybe(value)}`);
  return int32(countCodePoints(value));
}

// ---- $indexOfBytes, $indexOfCP

type IndexOf = {
  readonly name: string;
  readonly inputCode: number;
  readonly tokenCode: number;
  readonly find: (input: string, token: string, start: number, end: number) => number;
};

/** Throws DocumentError: those of the row, 40096, 40097. */
function indexOf({ name, inputCode, tokenCode, find }: IndexOf): PlainOperator['evaluate'] {
  return (...operands) => {
    const [input, token] = operands;
    if (isNullish(input)) return null;
    if (typeof input !== 'string') throw new DocumentError(inputCode, `${name} requires a string as the first argument, found: ${typeNameOfMaybe(input)}`);
    if (typeof token !== 'string') throw new DocumentError(tokenCode, `${name} requires a string as the second argument, found: ${typeNameOfMaybe(token)}`);
    const start = operands.length > 2 ? indexBound(name, 'starting', operands[2]) : 0;
    const end = operands.length > 3 ? indexBound(name, 'ending', operands[3]) : Number.POSITIVE_INFINITY;
    return int32(find(input, token, start, end));
  };
}

function indexBound(name: string, which: 'starting' | 'ending', value: Maybe): number {
  if (!isInt32Integral(value)) {
    throw new DocumentError(40096, `${name}requires an integral ${which} index, found a value of type: ${typeNameOfMaybe(value)}, with value: ${valueText(value)}`);
  }
  const index = coerceToInt(value);
  if (index < 0) throw new DocumentError(40097, `${name} requires a nonnegative ${which} index, found: ${valueText(value)}`);
  return index;
}

function findBytes(input: string, token: string, start: number, end: number): number {
  const bytes = Buffer.from(input);
  const limit = Math.min(end, bytes.length);
  if (start > bytes.length || limit < start) return -1;
  return bytes.subarray(0, limit).indexOf(token, start);
}

/** A token may reach beyond the end, but must start before it. */
function findCodePoints(input: string, token: string, start: number, end: number): number {
  if (input === '' && token === '' && start === 0) return 0;
  let index = 0;
  let unit = 0;
  for (const character of input) {
    if (index >= end) return -1;
    if (index >= start && input.startsWith(token, unit)) return index;
    index += 1;
    unit += character.length;
  }
  return -1;
}

function indexOfExamples(name: string, inputCode: number, tokenCode: number): ExpressionExample[] {
  return [
    { expression: `{"${name}": [null, 1, 1.5]}`, result: 'null' },
    { expression: `{"${name}": [1, "a"]}`, error: inputCode },
    { expression: `{"${name}": ["$none", {"$toInt": "$x"}]}`, document: '{"x": "no number"}', result: 'null' },
    { expression: `{"${name}": ["a", null]}`, error: tokenCode },
    { expression: `{"${name}": ["a", "b", null]}`, error: 40096 },
    { expression: `{"${name}": ["a", "b", 0, 1.5]}`, error: 40096 },
    { expression: `{"${name}": ["a", "b", -1]}`, error: 40097 },
    { expression: `{"${name}": ["a"]}`, error: 28667 },
    { expression: `{"${name}": ["a", "b", 0, 1, 2]}`, error: 28667 },
  ];
}

// ---- $split, $replaceOne, $replaceAll

/** Throws DocumentError: 40085 to 40087. */
function split(input: Maybe, separator: Maybe): Maybe {
  if (isNullish(input) || isNullish(separator)) return null;
  if (typeof input !== 'string') {
    throw new DocumentError(40085, `$split requires an expression that evaluates to a string as a first argument, found: ${typeNameOfMaybe(input)}`);
  }
  if (typeof separator !== 'string') {
    throw new DocumentError(40086, `$split requires an expression that evaluates to a string as a second argument, found: ${typeNameOfMaybe(separator)}`);
  }
  if (separator === '') throw new DocumentError(40087, '$split requires a non-empty separator');
  return input.split(separator);
}

/** Throws DocumentError: 51744 to 51751. */
function replaceOperator(name: '$replaceOne' | '$replaceAll', result: string): SpecialOperator {
  const replace = name === '$replaceOne' ? replaceOne : replaceAll;
  return {
    name,
    parse: (argument, context) => {
      const operands = parseNamedOperands(argument, context, {
        names: ['input', 'find', 'replacement'],
        notAnObject: (type) => new DocumentError(51751, `${name} requires an object as an argument, found: ${type}`),
        unknown: (field) => new DocumentError(51750, `${name} found an unknown argument: ${field}`),
      });
      const input = operands.required('input', 51749, `${name} requires 'input' to be specified`);
      const find = operands.required('find', 51748, `${name} requires 'find' to be specified`);
      const replacement = operands.required('replacement', 51747, `${name} requires 'replacement' to be specified`);
      const evaluate: Evaluate = (scope) => {
        const values = [input.evaluate(scope), find.evaluate(scope), replacement.evaluate(scope)] as const;
        assertReplaceable(name, 'input', 51746, values[0]);
        assertReplaceable(name, 'find', 51745, values[1]);
        assertReplaceable(name, 'replacement', 51744, values[2]);
        return values.every((value) => typeof value === 'string') ? replace(values[0] as string, values[1] as string, values[2] as string) : null;
      };
      return { evaluate };
    },
    examples: [
      { expression: `{"${name}": {"input": "a-b-c", "find": "-", "replacement": {"$literal": "$"}}}`, result },
      { expression: `{"${name}": {"input": "a", "find": "b", "replacement": "c"}}`, result: '"a"' },
      { expression: `{"${name}": {"input": "", "find": "", "replacement": "c"}}`, result: '"c"' },
      { expression: `{"${name}": {"input": "a", "find": null, "replacement": "c"}}`, result: 'null' },
      { expression: `{"${name}": {"input": 1, "find": 1, "replacement": 1}}`, error: 51746 },
      { expression: `{"${name}": {"input": null, "find": 1, "replacement": 1}}`, error: 51745 },
      { expression: `{"${name}": {"input": null, "find": "$none", "replacement": 1}}`, error: 51744 },
      { expression: `{"${name}": {"input": "a", "find": "b"}}`, error: 51747 },
      { expression: `{"${name}": {"input": "a", "replacement": "b"}}`, error: 51748 },
      { expression: `{"${name}": {}}`, error: 51749 },
      { expression: `{"${name}": {"x": 1}}`, error: 51750 },
      { expression: `{"${name}": ["a", "b", "c"]}`, error: 51751 },
      // Constant operands fail only where a document is read.
      { expression: `{"$and": ["$none", {"${name}": {"input": 1, "find": "a", "replacement": "b"}}]}`, result: 'false' },
      ...(name === '$replaceAll' ? replaceAllExamples : []),
    ],
  };
}

function assertReplaceable(name: string, field: string, code: number, value: Maybe): void {
  if (typeof value === 'string' || isNullish(value)) return;
  throw new DocumentError(code, `${name} requires that '${field}' be a string, found: ${valueText(value)}`);
}

function replaceOne(input: string, find: string, replacement: string): string {
  const index = input.indexOf(find);
  return index < 0 ? input : input.slice(0, index) + replacement + input.slice(index + find.length);
}

/** Where `find` is empty, the replacement stands before, between and behind all characters. */
function replaceAll(input: string, find: string, replacement: string): string {
  return find === '' ? ['', ...Array.from(input), ''].join(replacement) : input.replaceAll(find, () => replacement);
}

const replaceAllExamples: readonly ExpressionExample[] = [
  { expression: '{"$replaceAll": {"input": "a😀", "find": "", "replacement": "-"}}', result: '"-a-😀-"' },
  { expression: '{"$replaceAll": {"input": "aaa", "find": "aa", "replacement": "b"}}', result: '"ba"' },
];

// ---- $trim, $ltrim, $rtrim

/** White space as the server trims it. */
const whitespace = new Set('\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a');

/** Throws DocumentError: 50694 to 50696, 50699, 50700. */
function trimOperator(name: '$trim' | '$ltrim' | '$rtrim', result: string): SpecialOperator {
  const isLeft = name !== '$rtrim';
  const isRight = name !== '$ltrim';
  return {
    name,
    parse: (argument, context) => {
      const operands = parseNamedOperands(argument, context, {
        names: ['input', 'chars'],
        notAnObject: (type) => new DocumentError(50696, `${name} only supports an object as an argument, found ${type}`),
        unknown: (field) => new DocumentError(50694, `${name} found an unknown argument: ${field}`),
      });
      const input = operands.required('input', 50695, `${name} requires an 'input' field`);
      const chars = operands.optional('chars');
      return operands.expression(name, (scope) => {
        const text = input.evaluate(scope);
        if (isNullish(text)) return null;
        if (typeof text !== 'string') throw new DocumentError(50699, `${name} requires its input to be a string, got ${described(text)} instead.`);
        if (!chars) return trimmed(text, whitespace, isLeft, isRight);
        const set = chars.evaluate(scope);
        if (isNullish(set)) return null;
        if (typeof set !== 'string') throw new DocumentError(50700, `${name} requires 'chars' to be a string, got ${described(set)} instead.`);
        return trimmed(text, new Set(set), isLeft, isRight);
      });
    },
    examples: [
      { expression: `{"${name}": {"input": "  ab  "}}`, result },
      { expression: `{"${name}": {"input": "ab", "chars": ""}}`, result: '"ab"' },
      { expression: `{"${name}": {"input": "😀é😀", "chars": "é😀"}}`, result: '""' },
      { expression: `{"${name}": {"input": null, "chars": 1}}`, result: 'null' },
      { expression: `{"${name}": {"input": "a", "chars": "$none"}}`, result: 'null' },
      { expression: `{"${name}": {"input": "a", "x": 1}}`, error: 50694 },
      { expression: `{"${name}": {"chars": "a"}}`, error: 50695 },
      { expression: `{"${name}": "a"}`, error: 50696 },
      { expression: `{"${name}": {"input": 1}}`, error: 50699 },
      { expression: `{"${name}": {"input": "a", "chars": ["a"]}}`, error: 50700 },
      // Constant operands fail even where they would not be evaluated.
      { expression: `{"$and": ["$none", {"${name}": {"input": 1}}]}`, error: 50699 },
    ],
  };
}

function described(value: Value): string {
  return `${valueText(value)} (of type ${typeNameOfMaybe(value)})`;
}

function trimmed(text: string, characters: ReadonlySet<string>, isLeft: boolean, isRight: boolean): string {
  const points = Array.from(text);
  let start = 0;
  let end = points.length;
  while (isLeft && start < end && characters.has(points[start]!)) start += 1;
  while (isRight && end > start && characters.has(points[end - 1]!)) end -= 1;
  return points.slice(start, end).join('');
}

// ---- the rows

export const stringOperators: readonly Operator[] = [
  {
    name: '$concat',
    arguments: any,
    stopsAtNull: true,
    evaluate: concat,
    examples: [
      { expression: '{"$concat": ["a", "b"]}', result: '"ab"' },
      { expression: '{"$concat": ["a", "$missing"]}', result: 'null' },
      { expression: '{"$concat": []}', result: '""' },
      { expression: '{"$concat": "a"}', result: '"a"' },
      { expression: '{"$concat": ["a", 1]}', error: 16702 },
      { expression: '{"$concat": ["$missing", 1]}', result: 'null' },
      { expression: '{"$concat": ["$missing", {"$strLenCP": "$missing"}]}', result: 'null' },
      { expression: '{"$concat": ["$missing", "a", 1]}', error: 16702 },
      { expression: '{"$concat": ["$missing", {"$concat": ["$missing", "a"]}, 1]}', error: 16702 },
      { expression: '{"$concat": ["$undefined", 1]}', error: 16702, document: '{"undefined": {"$symbol": "a"}}' },
    ],
  },
  {
    name: '$toLower',
    arguments: 1,
    evaluate: (value) => lowerCase(coerceToString(value)),
    examples: [
      { expression: '{"$toLower": "ÄBC"}', result: '"Äbc"' },
      { expression: '{"$toLower": true}', error: 16007 },
    ],
  },
  {
    name: '$toUpper',
    arguments: 1,
    evaluate: (value) => upperCase(coerceToString(value)),
    examples: [
      { expression: '{"$toUpper": "äbc"}', result: '"äBC"' },
      { expression: '{"$toUpper": null}', result: '""' },
      { expression: '{"$toUpper": {"$date": {"$numberLong": "0"}}}', result: '"1970-01-01T00:00:00.000Z"' },
      { expression: '{"$toUpper": {"$numberDouble": "Infinity"}}', result: '"INF"' },
      { expression: '{"$toUpper": [["a"]]}', error: 16007 },
      { expression: '{"$toUpper": ["a", "b"]}', error: 16020 },
    ],
  },
  {
    name: '$strcasecmp',
    arguments: 2,
    evaluate: strcasecmp,
    examples: [
      { expression: '{"$strcasecmp": ["abc", "ABD"]}', result: '-1' },
      { expression: '{"$strcasecmp": ["a", null]}', result: '1' },
      { expression: '{"$strcasecmp": ["$missing", ""]}', result: '0' },
      { expression: '{"$strcasecmp": [12, "12"]}', result: '0' },
      { expression: '{"$strcasecmp": ["a", {}]}', error: 16007 },
    ],
  },
  ...['$substr', '$substrBytes'].map(
    (name): PlainOperator => ({
      name,
      arguments: 3,
      evaluate: substrBytes,
      examples: [
        { expression: `{"${name}": ["hello", 1, 3]}`, result: '"ell"' },
        { expression: `{"${name}": ["hello", 1, -1]}`, result: '"ello"' },
        { expression: `{"${name}": ["hello", 9, 1]}`, result: '""' },
        { expression: `{"${name}": [null, 0, 1]}`, result: '""' },
        { expression: `{"${name}": [12345, 1.9, {"$numberDecimal": "2.5"}]}`, result: '"23"' },
        { expression: `{"${name}": ["a", "b", 1]}`, error: 16034 },
        { expression: `{"${name}": ["a", 0, null]}`, error: 16035 },
        { expression: `{"${name}": [true, 0, 1]}`, error: 16007 },
        { expression: `{"${name}": ["é", 1, 1]}`, error: 28656 },
        { expression: `{"${name}": ["é", 0, 1]}`, error: 28657 },
        { expression: `{"${name}": ["a", {"$numberDouble": "NaN"}, 1]}`, error: 31109 },
        { expression: `{"${name}": ["a", {"$numberDecimal": "NaN"}, 1]}`, error: 50752 },
        { expression: `{"${name}": ["abc", 1, {"$numberDecimal": "Infinity"}]}`, result: '"bc"' },
        { expression: `{"${name}": ["a", -1, 1]}`, error: 50752 },
        { expression: `{"${name}": ["a", 1]}`, error: 16020 },
      ],
    }),
  ),
  {
    name: '$substrCP',
    arguments: 3,
    evaluate: substrCP,
    examples: [
      { expression: '{"$substrCP": ["a😀b", 1, 1]}', result: '"😀"' },
      { expression: '{"$substrCP": ["a😀b", 1, {"$numberLong": "9"}]}', result: '"😀b"' },
      { expression: '{"$substrCP": ["$missing", 1, 1]}', result: '""' },
      { expression: '{"$substrCP": [{}, 1, 1]}', error: 16007 },
      { expression: '{"$substrCP": ["a", null, 1]}', error: 34450 },
      { expression: '{"$substrCP": ["a", 0.5, 1]}', error: 34451 },
      { expression: '{"$substrCP": ["a", 0, "b"]}', error: 34452 },
      { expression: '{"$substrCP": ["a", 0, {"$numberLong": "2147483648"}]}', error: 34453 },
      { expression: '{"$substrCP": ["a", -1, -1]}', error: 34454 },
      { expression: '{"$substrCP": ["a", -1, 1]}', error: 34455 },
    ],
  },
  {
    name: '$strLenBytes',
    arguments: 1,
    evaluate: strLenBytes,
    examples: [
      { expression: '{"$strLenBytes": "é"}', result: '2' },
      { expression: '{"$strLenBytes": "$missing"}', error: 34473 },
    ],
  },
  {
    name: '$strLenCP',
    arguments: 1,
    evaluate: strLenCP,
    examples: [
      { expression: '{"$strLenCP": "é😀"}', result: '2' },
      { expression: '{"$strLenCP": null}', error: 34471 },
    ],
  },
  {
    name: '$indexOfBytes',
    arguments: { min: 2, max: 4 },
    stopsAtNull: true,
    evaluate: indexOf({ name: '$indexOfBytes', inputCode: 40091, tokenCode: 40092, find: findBytes }),
    examples: [
      { expression: '{"$indexOfBytes": ["éb", "b"]}', result: '2' },
      { expression: '{"$indexOfBytes": ["abab", "ab", 1]}', result: '2' },
      { expression: '{"$indexOfBytes": ["abab", "ab", 1, 3]}', result: '-1' },
      { expression: '{"$indexOfBytes": ["ab", "", 2]}', result: '2' },
      { expression: '{"$indexOfBytes": ["ab", "", 3]}', result: '-1' },
      ...indexOfExamples('$indexOfBytes', 40091, 40092),
    ],
  },
  {
    name: '$indexOfCP',
    arguments: { min: 2, max: 4 },
    stopsAtNull: true,
    evaluate: indexOf({ name: '$indexOfCP', inputCode: 40093, tokenCode: 40094, find: findCodePoints }),
    examples: [
      { expression: '{"$indexOfCP": ["éb", "b"]}', result: '1' },
      { expression: '{"$indexOfCP": ["a😀b😀", "😀", 2]}', result: '3' },
      { expression: '{"$indexOfCP": ["abab", "ab", 1, 3]}', result: '2' },
      { expression: '{"$indexOfCP": ["", ""]}', result: '0' },
      { expression: '{"$indexOfCP": ["ab", "", 2]}', result: '-1' },
      ...indexOfExamples('$indexOfCP', 40093, 40094),
    ],
  },
  {
    name: '$split',
    arguments: 2,
    evaluate: split,
    examples: [
      { expression: '{"$split": ["a,b", ","]}', result: '["a", "b"]' },
      { expression: '{"$split": [",a,", ","]}', result: '["", "a", ""]' },
      { expression: '{"$split": ["", ","]}', result: '[""]' },
      { expression: '{"$split": [1, null]}', result: 'null' },
      { expression: '{"$split": [1, ","]}', error: 40085 },
      { expression: '{"$split": ["a", 1]}', error: 40086 },
      { expression: '{"$split": ["a", ""]}', error: 40087 },
    ],
  },
  replaceOperator('$replaceOne', '"a$b-c"'),
  replaceOperator('$replaceAll', '"a$b$c"'),
  trimOperator('$trim', '"ab"'),
  trimOperator('$ltrim', '"ab  "'),
  trimOperator('$rtrim', '"  ab"'),
];
