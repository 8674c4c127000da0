// Values as MongoDB's error messages print them.

import type { Maybe, Value } from '../../../values/bson/types.ts';
import { BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, Decimal128, Int32, MaxKey, MinKey, ObjectId, RegularExpression, Timestamp, Binary, DBPointer } from '../../../values/bson/types.ts';
import { decimalToString } from '../../../values/bson/decimal.ts';

/** A value in the notation of MongoDB's messages: `{ a: 1, b: [ "x" ] }`. */
export function shellText(value: Maybe): string {
  if (value === undefined) return 'MISSING';
  switch (typeof value) {
    case 'number':
      return doubleText(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'string':
      return `"${value}"`;
    default:
      return objectText(value);
  }
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
}

function objectText(value: Exclude<Value, number | bigint | string | boolean>): string {
  if (value === null) return 'null';
  if (value instanceof Map) return value.size === 0 ? '{}' : `{ ${[...value].map(([name, field]) => `${name}: ${shellText(field)}`).join(', ')} }`;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(shellText).join(', ')} ]`;
  if (value instanceof Int32) return String(value.value);
  if (value instanceof Decimal128) return decimalToString(value);
  if (value instanceof ObjectId) return `ObjectId('${hex(value.bytes)}')`;
  if (value instanceof DateTime) return `new Date(${value.ms})`;
  if (value instanceof Timestamp) return `Timestamp(${value.value >> 32n}, ${value.value & 0xffffffffn})`;
  if (value instanceof Binary) return `BinData(${value.subtype}, ${hex(value.bytes).toUpperCase()})`;
  if (value instanceof RegularExpression) return `/${value.pattern}/${value.options}`;
  if (value instanceof Code) return value.code;
  if (value instanceof CodeWithScope) return `CodeWScope( ${value.code}, ${shellText(value.scope)})`;
  if (value instanceof BsonSymbol) return `"${value.value}"`;
  if (value instanceof DBPointer) return `DBRef('${value.namespace}',${hex(value.id.bytes)})`;
  if (value instanceof MinKey) return 'MinKey';
  if (value instanceof MaxKey) return 'MaxKey';
  return value instanceof BsonUndefined ? 'undefined' : '';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A value as messages of running expressions print it, which is plainer: `{a: 1, b: ["x"]}`. */
export function valueText(value: Maybe): string {
  if (typeof value === 'number') return doubleText(value).replace(/\.0$/, '');
  if (value instanceof Map) return `{${[...value].map(([name, field]) => `${name}: ${valueText(field)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (value instanceof ObjectId) return hex(value.bytes);
  if (value instanceof DateTime) return dateText(value);
  return shellText(value);
}

function dateText({ ms }: DateTime): string {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
