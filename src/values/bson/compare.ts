// The order of values, and when two are equal: numbers by what they are worth whatever their type, other types one
// after the other. Source: MongoDB's manual, "Comparison/Sort Order".

import { createHash } from 'node:crypto';
import { unreachable } from '../../kernel/assert.ts';
import { compareParts, partsOf, partsOfDouble, partsOfInteger, type DecimalParts } from './decimal-parts.ts';
import {
  Binary, BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, isNumeric, MaxKey, MinKey, ObjectId,
  RegularExpression, Timestamp, type Document, type Maybe, type Numeric,
} from './types.ts';

/** Where the type of a value stands among the others; types with one number compare by value. A missing field stands with undefined. */
export const typeRanks = {
  minKey: -1, missing: 0, null: 5, number: 10, string: 15, document: 20, array: 25, binary: 30, objectId: 35, boolean: 40, date: 45,
  timestamp: 47, regularExpression: 50, dbPointer: 55, code: 60, codeWithScope: 65, maxKey: 127,
} as const;

/** The rank of the value's type: one of `typeRanks`. */
export function canonicalTypeOf(value: Maybe): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return typeRanks.number;
    case 'string':
      return typeRanks.string;
    case 'boolean':
      return typeRanks.boolean;
    case 'undefined':
      return typeRanks.missing;
    default:
      return rankOfObject(value);
  }
}

function rankOfObject(value: Exclude<Maybe, number | bigint | string | boolean | undefined>): number {
  if (value === null) return typeRanks.null;
  if (value instanceof Int32 || value instanceof Decimal128) return typeRanks.number;
  if (value instanceof Map) return typeRanks.document;
  if (Array.isArray(value)) return typeRanks.array;
  if (value instanceof ObjectId) return typeRanks.objectId;
  if (value instanceof DateTime) return typeRanks.date;
  if (value instanceof Binary) return typeRanks.binary;
  if (value instanceof BsonSymbol) return typeRanks.string;
  if (value instanceof Timestamp) return typeRanks.timestamp;
  if (value instanceof RegularExpression) return typeRanks.regularExpression;
  if (value instanceof Code) return typeRanks.code;
  if (value instanceof CodeWithScope) return typeRanks.codeWithScope;
  if (value instanceof DBPointer) return typeRanks.dbPointer;
  if (value instanceof MinKey) return typeRanks.minKey;
  if (value instanceof MaxKey) return typeRanks.maxKey;
  if (value instanceof BsonUndefined) return typeRanks.missing;
  return unreachable(value);
}

/** Negative, zero or positive as `a` stands before, with or after `b`. Total: NaN equals itself and is the smallest number. */
export function compareValues(a: Maybe, b: Maybe): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  const rank = canonicalTypeOf(a);
  const difference = rank - canonicalTypeOf(b);
  return difference === 0 ? compareWithin(rank, a, b) : difference;
}

export function equalValues(a: Maybe, b: Maybe): boolean {
  return a === b || compareValues(a, b) === 0;
}

// The rank tells the type; the casts below follow from it.
function compareWithin(rank: number, a: Maybe, b: Maybe): number {
  switch (rank) {
    case typeRanks.number:
      return compareNumbers(a as Numeric, b as Numeric);
    case typeRanks.string:
      return compareTexts(textOf(a as string | BsonSymbol), textOf(b as string | BsonSymbol));
    case typeRanks.document:
      return compareDocuments(a as Document, b as Document);
    case typeRanks.array:
      return compareArrays(a as Maybe[], b as Maybe[]);
    case typeRanks.objectId:
      return compareBytes((a as ObjectId).bytes, (b as ObjectId).bytes);
    case typeRanks.boolean:
      return Number(a) - Number(b);
    case typeRanks.date:
      return compareBigInts((a as DateTime).ms, (b as DateTime).ms);
    case typeRanks.binary:
      return compareBinaries(a as Binary, b as Binary);
    case typeRanks.timestamp:
      return compareBigInts((a as Timestamp).value, (b as Timestamp).value);
    default:
      return compareRare(rank, a, b);
  }
}

function compareRare(rank: number, a: Maybe, b: Maybe): number {
  switch (rank) {
    case typeRanks.regularExpression:
      return compareExpressions(a as RegularExpression, b as RegularExpression);
    case typeRanks.code:
      return compareTexts((a as Code).code, (b as Code).code);
    case typeRanks.codeWithScope:
      return compareTexts((a as CodeWithScope).code, (b as CodeWithScope).code) || compareDocuments((a as CodeWithScope).scope, (b as CodeWithScope).scope);
    case typeRanks.dbPointer:
      return comparePointers(a as DBPointer, b as DBPointer);
    default:
      // MinKey, MaxKey, null, and missing with undefined: one value each.
      return 0;
  }
}

function textOf(value: string | BsonSymbol): string {
  return typeof value === 'string' ? value : value.value;
}

/** By code points, which is the order of UTF-8's bytes; UTF-16 puts the characters of surrogate pairs too early. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareBigInts(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareDocuments(a: Document, b: Document): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const other = others.next();
    if (other.done) return 1;
    const [otherName, otherValue] = other.value;
    const rank = canonicalTypeOf(value);
    const difference = rank - canonicalTypeOf(otherValue) || compareTexts(name, otherName) || compareWithin(rank, value, otherValue);
    if (difference !== 0) return difference;
  }
  return a.size - b.size;
}

function compareArrays(a: readonly Maybe[], b: readonly Maybe[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = compareValues(a[index], b[index]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareBinaries(a: Binary, b: Binary): number {
  return binarySize(a) - binarySize(b) || a.subtype - b.subtype || compareBytes(a.bytes, b.bytes);
}

/** As stored: the old binary type repeats its length within its payload. */
function binarySize(binary: Binary): number {
  return binary.subtype === 2 ? binary.bytes.length + 4 : binary.bytes.length;
}

function compareExpressions(a: RegularExpression, b: RegularExpression): number {
  return compareTexts(a.pattern, b.pattern) || compareTexts(a.options, b.options);
}

function comparePointers(a: DBPointer, b: DBPointer): number {
  return Buffer.byteLength(a.namespace) - Buffer.byteLength(b.namespace) || compareTexts(a.namespace, b.namespace) || compareBytes(a.id.bytes, b.id.bytes);
}

/** Exact across the four types: no value is rounded to compare it. */
export function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Decimal128) return b instanceof Decimal128 ? compareParts(partsOf(a), partsOf(b)) : compareDecimalToBinary(a, plainOf(b));
  if (b instanceof Decimal128) return -compareDecimalToBinary(b, plainOf(a));
  const left = plainOf(a);
  const right = plainOf(b);
  if (left < right) return -1;
  if (left > right) return 1;
  return left === right ? 0 : nanFirst(left) - nanFirst(right);
}

function plainOf(value: number | bigint | Int32): number | bigint {
  return value instanceof Int32 ? value.value : value;
}

/** JavaScript compares numbers with bigints exactly; what is left is NaN, and equality across the two types. */
function nanFirst(value: number | bigint): number {
  return Number.isNaN(value) ? 0 : 1;
}

function compareDecimalToBinary(decimal: Decimal128, other: number | bigint): number {
  const parts = partsOf(decimal);
  if (typeof other === 'bigint') return compareParts(parts, partsOfInteger(other));
  if (Number.isNaN(other)) return parts.kind === 'nan' ? 0 : 1;
  if (parts.kind === 'nan') return -1;
  if (!Number.isFinite(other)) return compareParts(parts, { kind: 'infinity', negative: other < 0, coefficient: 0n, exponent: 0 });
  return compareParts(parts, partsOfDouble(other));
}

/**
 * V8 hashes strings beyond 16,383 characters by their length alone, so that a Map of many of one length is searched one
 * by one. A key that is longer than this is replaced by its digest.
 */
const longestKey = 4_096;

/** A text that two values share exactly when they are equal: for groups and sets. */
export function hashKeyOf(value: Maybe): string {
  const key = keyOf(value);
  return key.length > longestKey ? `h${createHash('sha256').update(key, 'utf16le').digest('base64')}` : key;
}

function keyOf(value: Maybe): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return numberKey(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'bigint':
      return exactKey(value);
    case 'undefined':
      return 'u';
    default:
      return objectKey(value);
  }
}

function numberKey(value: number): string {
  return `n${value};`;
}

function exactKey(value: bigint): string {
  const double = Number(value);
  return BigInt(double) === value ? numberKey(double) : strippedKey(partsOfInteger(value));
}

function strippedKey({ negative, coefficient, exponent }: DecimalParts): string {
  const digits = coefficient.toString();
  const stripped = digits.replace(/0+$/, '');
  return `d${negative ? '-' : ''}${stripped}e${exponent + digits.length - stripped.length};`;
}

function decimalKey(decimal: Decimal128): string {
  const parts = partsOf(decimal);
  if (parts.kind === 'nan') return numberKey(Number.NaN);
  if (parts.kind === 'infinity') return numberKey(parts.negative ? -Infinity : Infinity);
  const double = Number(`${parts.negative ? '-' : ''}${parts.coefficient}e${parts.exponent}`);
  if (Number.isFinite(double) && compareParts(parts, partsOfDouble(double)) === 0) return numberKey(double);
  return strippedKey(parts);
}

function objectKey(value: Exclude<Maybe, number | bigint | string | boolean | undefined>): string {
  if (value === null) return 'z';
  if (isNumeric(value)) return value instanceof Int32 ? numberKey(value.value) : decimalKey(value);
  if (value instanceof Map) return documentKey(value);
  if (Array.isArray(value)) return `a${value.length}:${value.map(keyOf).join('')}`;
  if (value instanceof ObjectId) return `i${bytesKey(value.bytes)}`;
  if (value instanceof DateTime) return `D${value.ms};`;
  if (value instanceof Binary) return `b${value.subtype};${bytesKey(value.bytes)}`;
  if (value instanceof BsonSymbol) return keyOf(value.value);
  if (value instanceof Timestamp) return `T${value.value};`;
  if (value instanceof RegularExpression) return `r${keyOf(value.pattern)}${keyOf(value.options)}`;
  if (value instanceof Code) return `c${keyOf(value.code)}`;
  if (value instanceof CodeWithScope) return `C${keyOf(value.code)}${documentKey(value.scope)}`;
  if (value instanceof DBPointer) return `p${keyOf(value.namespace)}${bytesKey(value.id.bytes)}`;
  if (value instanceof MinKey) return 'm';
  if (value instanceof MaxKey) return 'M';
  if (value instanceof BsonUndefined) return 'u';
  return unreachable(value);
}

function bytesKey(bytes: Uint8Array): string {
  return `${bytes.length}:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
}

function documentKey(document: Document): string {
  let key = `o${document.size}:`;
  for (const [name, value] of document) key += `${name.length}:${name}${keyOf(value)}`;
  return key;
}
