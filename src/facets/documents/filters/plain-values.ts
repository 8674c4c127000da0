// Values written as JavaScript literals, for tests.

import { DateTime, Int32, int32, isDocument, RegularExpression, type Document, type Value } from '../../../values/bson/types.ts';

/**
 * Whole numbers are ints, others doubles (`new Double(1)` for a whole double), bigints longs; objects are documents, Dates
 * dates and RegExps regular expressions. Values of BSON stay as they are.
 */
export function toValue(plain: unknown): Value {
  if (typeof plain === 'number') return Number.isInteger(plain) && Math.abs(plain) < 2 ** 31 && !Object.is(plain, -0) ? int32(plain) : plain;
  if (plain instanceof Double) return plain.value;
  if (plain instanceof Date) return new DateTime(BigInt(plain.getTime()));
  if (plain instanceof RegExp) return new RegularExpression(plain.source, plain.flags);
  if (Array.isArray(plain)) return plain.map(toValue);
  if (typeof plain !== 'object' || plain === null || Object.getPrototypeOf(plain) !== Object.prototype) return plain as Value;
  return new Map(Object.entries(plain).map(([name, field]) => [name, toValue(field)]));
}

/** As `toValue`, of an object. */
export function toDocument(plain: object): Document {
  const value = toValue(plain);
  if (isDocument(value)) return value;
  throw new TypeError('not an object');
}

export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Back to JavaScript, numbers without their types: to compare and to print. */
export function toPlain(value: Value): unknown {
  if (value instanceof Int32) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (isDocument(value)) return Object.fromEntries([...value].map(([name, field]) => [name, toPlain(field)]));
  return value;
}
