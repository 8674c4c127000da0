// Values as MongoDB's error messages print them. Source: MongoDB 7.0, BSONElement::toString in src/mongo/bson/bsonelement.cpp
// and operator<< in src/mongo/db/exec/document_value/value.cpp.

import type { Maybe, Value } from '../../../values/bson/types.ts';
import { BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, Decimal128, Int32, MaxKey, MinKey, ObjectId, RegularExpression, Timestamp, Binary, DBPointer } from '../../../values/bson/types.ts';
import { decimalToString } from '../../../values/bson/decimal.ts';
import { doubleText } from './coercions.ts';
import { isoDateText } from './dates/format-date.ts';

type Composite = Exclude<Value, number | bigint | string | boolean>;

/** A value in the notation of MongoDB's messages about commands and stored documents: `{ a: 1, b: [ "x" ] }`. Long texts are cut off. */
export function shellText(value: Maybe): string {
  if (value === undefined) return 'MISSING';
  switch (typeof value) {
    case 'number':
      return niceDoubleText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'string':
      return `"${cutOff(value, { longest: 159, shown: 150 })}"`;
    default:
      return objectText(value);
  }
}

/** A fraction tells doubles from integers: `1.0`, and so `1e+20.0` and `nan.0`. */
function niceDoubleText(value: number): string {
  const text = doubleText(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** Both in bytes. */
type Lengths = { readonly longest: number; readonly shown: number };

function cutOff(text: string, { longest, shown }: Lengths): string {
  // No character has more than three bytes a unit.
  if (text.length * 3 <= longest) return text;
  const bytes = Buffer.from(text);
  return bytes.length <= longest ? text : `${bytes.toString('utf8', 0, shown)}...`;
}

function objectText(value: Composite): string {
  if (value instanceof Map) return value.size === 0 ? '{}' : `{ ${[...value].map(([name, field]) => `${name}: ${shellText(field)}`).join(', ')} }`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(shellText).join(', ')} ]`;
  if (value instanceof ObjectId) return `ObjectId('${hex(value.bytes)}')`;
  if (value instanceof DateTime) return `new Date(${value.ms})`;
  if (value instanceof Binary) return binaryText(value);
  if (value instanceof Code) return cutOff(value.code, { longest: 79, shown: 70 });
  if (value instanceof CodeWithScope) return `CodeWScope( ${value.code}, ${shellText(value.scope)})`;
  if (value instanceof BsonSymbol) return shellText(value.value);
  if (value instanceof DBPointer) return `DBRef('${value.namespace}',${hex(value.id.bytes)})`;
  return plainText(value);
}

const uuidSubtype = 4;

function binaryText({ subtype, bytes }: Binary): string {
  if (subtype === uuidSubtype && bytes.length === 16) return `UUID("${uuidText(bytes)}")`;
  const shown = bytes.length > 80 ? `${hex(bytes.subarray(0, 70)).toUpperCase()}...` : hex(bytes).toUpperCase();
  return `BinData(${subtype}, ${shown})`;
}

/** `5d5f4d0e-…`, of sixteen bytes. */
export function uuidText(bytes: Uint8Array): string {
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Of the types that all messages print alike. */
function plainText(value: Composite): string {
  if (value === null) return 'null';
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Decimal128) return decimalToString(value);
  if (value instanceof Timestamp) return `Timestamp(${value.value >> 32n}, ${value.value & 0xffffffffn})`;
  if (value instanceof RegularExpression) return `/${value.pattern}/${value.options}`;
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  return value instanceof BsonUndefined ? 'undefined' : '';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const digitsOfStreams = 6;

/** A value as messages of running expressions print it, which is plainer: `{a: 1, b: ["x"]}`, and doubles by six digits. */
export function valueText(value: Maybe): string {
  if (typeof value === 'number') return doubleText(value, digitsOfStreams);
  if (typeof value === 'string') return `"${value}"`;
  if (value === undefined || value === null || typeof value !== 'object') return shellText(value);
  if (value instanceof Map) return `{${[...value].map(([name, field]) => `${name}: ${valueText(field)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (value instanceof ObjectId) return hex(value.bytes);
  if (value instanceof DateTime) return dateText(value);
  if (value instanceof Binary) return `BinData(${value.subtype}, "${hex(value.bytes).toUpperCase()}")`;
  if (value instanceof BsonSymbol) return `Symbol("${value.value}")`;
  if (value instanceof Code) return `Code("${value.code}")`;
  if (value instanceof CodeWithScope) return `CodeWScope("${value.code}", ${shellText(value.scope)})`;
  if (value instanceof DBPointer) return `DBRef("${value.namespace}", ${hex(value.id.bytes)})`;
  return plainText(value);
}

function dateText({ ms }: DateTime): string {
  const year = new Date(Number(ms)).getUTCFullYear();
  return year >= 0 && year <= 9999 ? isoDateText(ms) : 'illegal date';
}
