// Equality to the bit: an update that writes what is there already changes nothing, but 1 and 1.0 are not the same.

import { Binary, BsonSymbol, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, ObjectId, RegularExpression, Timestamp, typeNameOf } from '../../../values/bson/types.ts';
import type { Document, Value } from '../../../values/bson/types.ts';

/** Whether two values are the same in type, field order and every bit. */
export function isIdentical(a: Value, b: Value): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isIdentical(item, b[index]!));
  if (a instanceof Map) return b instanceof Map && isIdenticalDocument(a, b);
  return typeNameOf(a) === typeNameOf(b) && scalarBits(a) === scalarBits(b as Scalar);
}

function isIdenticalDocument(a: Document, b: Document): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [name, value] of a) {
    const [otherName, otherValue] = others.next().value!;
    if (name !== otherName || !isIdentical(value, otherValue)) return false;
  }
  return true;
}

type Scalar = Exclude<Value, number | bigint | string | boolean | null | Document | Value[]>;

function scalarBits(value: Scalar): string {
  if (value instanceof Int32 || value instanceof Timestamp || value instanceof BsonSymbol) return String(value.value);
  if (value instanceof DateTime) return String(value.ms);
  if (value instanceof Decimal128 || value instanceof ObjectId) return hex(value.bytes);
  if (value instanceof Binary) return `${value.subtype} ${hex(value.bytes)}`;
  if (value instanceof RegularExpression) return JSON.stringify([value.pattern, value.options]);
  if (value instanceof Code) return value.code;
  if (value instanceof CodeWithScope) return JSON.stringify([value.code, scopeBits(value.scope)]);
  if (value instanceof DBPointer) return `${hex(value.id.bytes)} ${value.namespace}`;
  return '';
}

function scopeBits(scope: Document): unknown {
  return [...scope].map(([name, value]) => [name, valueBits(value)]);
}

function valueBits(value: Value): unknown {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(valueBits);
  if (value instanceof Map) return scopeBits(value);
  if (typeof value === 'object') return [typeNameOf(value), scalarBits(value)];
  return [typeof value, Object.is(value, -0) ? '-0' : String(value)];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
