// Values to BSON bytes. Source: the BSON specification 1.1 (bsonspec.org).

import { unreachable } from '../../kernel/assert.ts';
import { BsonError, maxDepth } from './bson-error.ts';
import { GrowingBytes } from './growing-bytes.ts';
import {
  Binary, BsonSymbol, BsonUndefined, Code, CodeWithScope, DateTime, DBPointer, Decimal128, Int32, MaxKey, MinKey, ObjectId,
  RegularExpression, Timestamp, type Document, type Value,
} from './types.ts';

/** Up to this length a loop over the characters is quicker than a call into Node.js. */
const shortText = 32;

class Writer extends GrowingBytes {
  private depth = 0;

  constructor() {
    super({ initialBytes: 64 * 1_024, retainedBytes: 4 * 1_024 * 1_024 });
  }

  /** The encoded bytes of one document, in memory of their own. */
  encode(document: Document): Uint8Array {
    this.position = 0;
    this.depth = 0;
    this.document(document);
    return this.taken();
  }

  private document(document: Document): void {
    const start = this.open();
    for (const [name, value] of document) {
      const typeAt = this.position;
      this.name(name);
      const type = this.value(value);
      // Not in one assignment: the value may have moved the bytes to a larger buffer.
      this.bytes[typeAt] = type;
    }
    this.close(start);
  }

  private array(array: readonly Value[]): void {
    const start = this.open();
    for (let index = 0; index < array.length; index += 1) {
      const typeAt = this.position;
      this.index(index);
      const type = this.value(array[index]!);
      this.bytes[typeAt] = type;
    }
    this.close(start);
  }

  private open(): number {
    if (this.depth > maxDepth) throw new BsonError('too_deep', 'BSONObj exceeds maximum nested object depth');
    this.depth += 1;
    this.reserve(5);
    const start = this.position;
    this.position = start + 4;
    return start;
  }

  private close(start: number): void {
    this.reserve(1);
    this.bytes[this.position++] = 0;
    this.view.setInt32(start, this.position - start, true);
    this.depth -= 1;
  }

  /** Leaves one byte for the type, then writes the name and its NUL. */
  private name(name: string): void {
    this.reserve(name.length * 3 + 2);
    const { bytes } = this;
    let at = this.position + 1;
    for (let index = 0; index < name.length; index += 1) {
      const unit = name.charCodeAt(index);
      if (unit === 0) throw nulWithin('field name');
      if (unit >= 0x80) {
        this.position += 1;
        this.cstring(name, 'field name');
        return;
      }
      bytes[at++] = unit;
    }
    bytes[at] = 0;
    this.position = at + 1;
  }

  private index(index: number): void {
    this.reserve(13);
    let at = this.position + 1;
    if (index < 10) {
      this.bytes[at++] = 48 + index;
    } else {
      at += this.bytes.write(String(index), at, 'latin1');
    }
    this.bytes[at] = 0;
    this.position = at + 1;
  }

  private cstring(text: string, what: string): void {
    if (text.includes('\0')) throw nulWithin(what);
    this.reserve(text.length * 3 + 1);
    this.position += this.bytes.write(text, this.position, 'utf8');
    this.bytes[this.position++] = 0;
  }

  private string(text: string): void {
    this.reserve(text.length * 3 + 5);
    const start = this.position + 4;
    const end = start + (text.length <= shortText ? this.shortText(text, start) : this.bytes.write(text, start, 'utf8'));
    this.bytes[end] = 0;
    this.view.setInt32(start - 4, end - start + 1, true);
    this.position = end + 1;
  }

  private shortText(text: string, start: number): number {
    const { bytes } = this;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) return bytes.write(text, start, 'utf8');
      bytes[start + index] = unit;
    }
    return text.length;
  }

  /** Writes the value without its type and name; gives the type. */
  private value(value: Value): number {
    switch (typeof value) {
      case 'number':
        this.reserve(8);
        this.view.setFloat64(this.position, value, true);
        this.position += 8;
        return 0x01;
      case 'string':
        this.string(value);
        return 0x02;
      case 'boolean':
        this.reserve(1);
        this.bytes[this.position++] = value ? 1 : 0;
        return 0x08;
      case 'bigint':
        this.int64(value);
        return 0x12;
      default:
        return this.object(value);
    }
  }

  private object(value: Exclude<Value, number | string | boolean | bigint>): number {
    if (value === null) return 0x0a;
    if (value instanceof Int32) {
      this.int32(value.value);
      return 0x10;
    }
    if (value instanceof Map) {
      this.document(value);
      return 0x03;
    }
    if (Array.isArray(value)) {
      this.array(value);
      return 0x04;
    }
    if (value instanceof ObjectId) {
      this.raw(value.bytes);
      return 0x07;
    }
    if (value instanceof DateTime) {
      this.int64(value.ms);
      return 0x09;
    }
    return this.rareObject(value);
  }

  private rareObject(value: Exclude<Value, number | string | boolean | bigint | null | Int32 | Document | Value[] | ObjectId | DateTime>): number {
    if (value instanceof Decimal128) {
      this.raw(value.bytes);
      return 0x13;
    }
    if (value instanceof Binary) {
      this.binary(value);
      return 0x05;
    }
    if (value instanceof Timestamp) {
      this.int64(value.value);
      return 0x11;
    }
    if (value instanceof RegularExpression) {
      this.cstring(value.pattern, 'regular expression');
      this.cstring(value.options, 'regular expression');
      return 0x0b;
    }
    if (value instanceof Code) {
      this.string(value.code);
      return 0x0d;
    }
    if (value instanceof CodeWithScope) {
      this.codeWithScope(value);
      return 0x0f;
    }
    if (value instanceof BsonSymbol) {
      this.string(value.value);
      return 0x0e;
    }
    if (value instanceof DBPointer) {
      this.string(value.namespace);
      this.raw(value.id.bytes);
      return 0x0c;
    }
    if (value instanceof MinKey) return 0xff;
    if (value instanceof MaxKey) return 0x7f;
    if (value instanceof BsonUndefined) return 0x06;
    return unreachable(value);
  }

  private int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value, true);
    this.position += 4;
  }

  /** The low 64 bits, so signed and unsigned alike. */
  private int64(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.position, value, true);
    this.position += 8;
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  private binary(value: Binary): void {
    const { length } = value.bytes;
    // The old binary type repeats its length within its payload.
    const isOld = value.subtype === 2;
    this.int32(isOld ? length + 4 : length);
    this.reserve(1);
    this.bytes[this.position++] = value.subtype;
    if (isOld) this.int32(length);
    this.raw(value.bytes);
  }

  private codeWithScope(value: CodeWithScope): void {
    this.reserve(4);
    const start = this.position;
    this.position += 4;
    this.string(value.code);
    this.document(value.scope);
    this.view.setInt32(start, this.position - start, true);
  }
}

function nulWithin(what: string): BsonError {
  return new BsonError('unfit', `a ${what} in BSON cannot contain a NUL byte`);
}

const writer = new Writer();

/** The document's bytes. Throws a BsonError for a NUL in a name or a regular expression, and for nesting too deep. */
export function encodeDocument(document: Document): Uint8Array {
  return writer.encode(document);
}
