// The number of bytes that a document takes in BSON, without making them.

import { Binary, BsonSymbol, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, ObjectId, RegularExpression, Timestamp } from '../../../values/bson/types.ts';
import type { Document, Value } from '../../../values/bson/types.ts';

/** Bytes. */
export function sizeOfDocument(document: Document): number {
  let size = 5;
  for (const [name, value] of document) size += 2 + Buffer.byteLength(name) + sizeOfValue(value);
  return size;
}

function sizeOfArray(array: readonly Value[]): number {
  let size = 5;
  array.forEach((item, index) => {
    size += 2 + String(index).length + sizeOfValue(item);
  });
  return size;
}

function sizeOfText(text: string): number {
  return 5 + Buffer.byteLength(text);
}

function sizeOfValue(value: Value): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 8;
    case 'boolean':
      return 1;
    case 'string':
      return sizeOfText(value);
    default:
      return sizeOfObject(value);
  }
}

function sizeOfObject(value: Exclude<Value, number | bigint | boolean | string>): number {
  if (value === null) return 0;
  if (value instanceof Map) return sizeOfDocument(value);
  if (Array.isArray(value)) return sizeOfArray(value);
  if (value instanceof Int32) return 4;
  if (value instanceof DateTime || value instanceof Timestamp) return 8;
  if (value instanceof ObjectId) return 12;
  if (value instanceof Decimal128) return 16;
  if (value instanceof Binary) return 5 + value.bytes.length + (value.subtype === 2 ? 4 : 0);
  if (value instanceof RegularExpression) return 2 + Buffer.byteLength(value.pattern) + Buffer.byteLength(value.options);
  if (value instanceof Code) return sizeOfText(value.code);
  if (value instanceof BsonSymbol) return sizeOfText(value.value);
  if (value instanceof CodeWithScope) return 4 + sizeOfText(value.code) + sizeOfDocument(value.scope);
  if (value instanceof DBPointer) return sizeOfText(value.namespace) + 12;
  return 0;
}
