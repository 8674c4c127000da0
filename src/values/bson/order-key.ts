// Values as bytes that stand in the order of the values: memcmp of two keys is `compareValues` of their values, so that
// PostgreSQL's bytea sorts and compares documents' `_id` as the documents' own order does. One way only: a key tells
// neither int from double, nor 1.0 from 1.00.
//
//   key      = rank value            rank: of the type, never 00, so that 00 ends documents and arrays before any element
//   document = (rank name 00 value)* 00
//   array    = (rank value)* 00
//   text     = UTF-8 with 00 as 00 ff, then 00: what follows a text never begins with ff
//   number   = the double next to it towards zero, as 8 bytes in order; then 02 where that is the number itself, else
//              01 (negative) or 03 (positive) and the number's decimal digits. NaN is eight zeros.

import { unreachable } from '../../kernel/assert.ts';
import { canonicalTypeOf } from './compare.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { compareParts, partsOf, partsOfDouble, partsOfInteger, type DecimalParts } from './decimal-parts.ts';
import {
  Binary, BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, MaxKey, MinKey, ObjectId,
  RegularExpression, Timestamp, type Document, type Value,
} from './types.ts';

/** Ranks begin at -1. */
const rankOffset = 2;

const exact = 0x02;
const belowDouble = 0x01;
const aboveDouble = 0x03;
/** Keeps the exponent of ten of every decimal positive in two bytes. */
const exponentOffset = 0x80_00;

/** What the keys of a type's values begin with; `rank`: one of `typeRanks`. */
export function firstByteOf(rank: number): number {
  return rank + rankOffset;
}

class KeyWriter extends GrowingBytes {
  constructor() {
    super({ initialBytes: 1_024, retainedBytes: 64 * 1_024 });
  }

  keyOf(value: Value): Uint8Array {
    this.position = 0;
    this.ranked(value);
    return this.taken();
  }

  private byte(byte: number): void {
    this.reserve(1);
    this.bytes[this.position++] = byte;
  }

  private rank(value: Value): void {
    this.byte(firstByteOf(canonicalTypeOf(value)));
  }

  private ranked(value: Value): void {
    this.rank(value);
    this.value(value);
  }

  private document(document: Document): void {
    for (const [name, value] of document) {
      this.rank(value);
      this.text(name);
      this.value(value);
    }
    this.byte(0);
  }

  private value(value: Value): void {
    switch (typeof value) {
      case 'number':
        return this.double(value);
      case 'bigint':
        return this.exactNumber(partsOfInteger(value), Number(value));
      case 'string':
        return this.text(value);
      case 'boolean':
        return this.byte(value ? 1 : 0);
      default:
        return this.object(value);
    }
  }

  private object(value: Exclude<Value, number | string | boolean | bigint>): void {
    // One value each, which its rank tells.
    if (value === null || value instanceof MinKey || value instanceof MaxKey || value instanceof BsonUndefined) return;
    if (value instanceof Int32) return this.double(value.value);
    if (value instanceof ObjectId) return this.raw(value.bytes);
    if (value instanceof Map) return this.document(value);
    if (Array.isArray(value)) {
      for (const element of value) this.ranked(element);
      return this.byte(0);
    }
    if (value instanceof DateTime) return this.word(BigInt.asUintN(64, value.ms) ^ (1n << 63n));
    if (value instanceof Timestamp) return this.word(value.value);
    if (value instanceof Binary) return this.binary(value);
    if (value instanceof Decimal128) return this.decimal(value);
    if (value instanceof BsonSymbol) return this.text(value.value);
    if (value instanceof Code) return this.text(value.code);
    if (value instanceof RegularExpression) {
      this.text(value.pattern);
      return this.text(value.options);
    }
    if (value instanceof CodeWithScope) {
      this.text(value.code);
      return this.document(value.scope);
    }
    if (value instanceof DBPointer) {
      this.length(Buffer.byteLength(value.namespace));
      this.text(value.namespace);
      return this.raw(value.id.bytes);
    }
    return unreachable(value);
  }

  private text(text: string): void {
    this.reserve(text.length * 3 + 1);
    if (text.includes('\0')) return this.textWithNul(text);
    this.position += this.bytes.write(text, this.position, 'utf8');
    this.bytes[this.position++] = 0;
  }

  private textWithNul(text: string): void {
    for (const [index, part] of text.split('\0').entries()) {
      this.reserve(part.length * 3 + 3);
      if (index > 0) {
        this.bytes[this.position++] = 0;
        this.bytes[this.position++] = 0xff;
      }
      this.position += this.bytes.write(part, this.position, 'utf8');
    }
    this.byte(0);
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  private word(word: bigint): void {
    this.reserve(8);
    this.view.setBigUint64(this.position, word);
    this.position += 8;
  }

  private length(length: number): void {
    this.reserve(4);
    this.view.setUint32(this.position, length);
    this.position += 4;
  }

  private binary(value: Binary): void {
    // As stored: the old binary type repeats its length within its payload.
    this.length(value.subtype === 2 ? value.bytes.length + 4 : value.bytes.length);
    this.byte(value.subtype);
    this.raw(value.bytes);
  }

  private double(value: number): void {
    this.doubleBits(value);
    this.byte(exact);
  }

  /** Of negative numbers all bits are turned over, of others the sign bit: then the bits are in order. */
  private doubleBits(value: number): void {
    this.reserve(8);
    const { view, position } = this;
    if (Number.isNaN(value)) {
      view.setUint32(position, 0);
      view.setUint32(position + 4, 0);
    } else {
      // Adding zero makes -0 zero.
      view.setFloat64(position, value + 0);
      const high = view.getUint32(position);
      if (high >>> 31 === 1) {
        view.setUint32(position, ~high);
        view.setUint32(position + 4, ~view.getUint32(position + 4));
      } else {
        view.setUint32(position, high ^ 0x80_00_00_00);
      }
    }
    this.position = position + 8;
  }

  private decimal(value: Decimal128): void {
    const parts = partsOf(value);
    if (parts.kind === 'nan') return this.double(Number.NaN);
    if (parts.kind === 'infinity') return this.double(parts.negative ? -Infinity : Infinity);
    this.exactNumber(parts, Number(`${parts.negative ? '-' : ''}${parts.coefficient}e${parts.exponent}`));
  }

  /** `nearest` is the double nearest to the number. */
  private exactNumber(parts: DecimalParts, nearest: number): void {
    const magnitude: DecimalParts = { ...parts, negative: false };
    const difference = Number.isFinite(nearest) ? compareParts(partsOfDouble(Math.abs(nearest)), magnitude) : 1;
    if (difference === 0) return this.double(nearest);
    const towardsZero = difference > 0 ? doubleBelow(Math.abs(nearest)) : Math.abs(nearest);
    this.doubleBits(parts.negative ? -towardsZero : towardsZero);
    this.byte(parts.negative ? belowDouble : aboveDouble);
    this.digits(magnitude, parts.negative ? 0xff : 0);
  }

  /** The exponent and the digits by pairs, 1 to 100, then 0; every byte turned over by `mask` for negative numbers. */
  private digits(magnitude: DecimalParts, mask: number): void {
    const digits = magnitude.coefficient.toString();
    const stripped = digits.replace(/0+$/, '');
    this.reserve(stripped.length + 4);
    const exponent = magnitude.exponent + digits.length + exponentOffset;
    this.bytes[this.position++] = (exponent >>> 8) ^ mask;
    this.bytes[this.position++] = (exponent & 0xff) ^ mask;
    for (let index = 0; index < stripped.length; index += 2) {
      this.bytes[this.position++] = (Number(stripped.slice(index, index + 2).padEnd(2, '0')) + 1) ^ mask;
    }
    this.bytes[this.position++] = mask;
  }
}

const doubleView = new DataView(new ArrayBuffer(8));

/** The next double towards zero of a positive one, or of infinity. */
export function doubleBelow(value: number): number {
  doubleView.setFloat64(0, value);
  doubleView.setBigUint64(0, doubleView.getBigUint64(0) - 1n);
  return doubleView.getFloat64(0);
}

const writer = new KeyWriter();

/** The value's key: `compareBytes(orderKeyOf(a), orderKeyOf(b))` has the sign of `compareValues(a, b)`. */
export function orderKeyOf(value: Value): Uint8Array {
  return writer.keyOf(value);
}
