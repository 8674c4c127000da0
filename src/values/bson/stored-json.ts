// BSON bytes to the JSON that stands beside them in PostgreSQL, where SQL sees documents and indexes are made of them.
// It is Extended JSON, with plain numbers where a plain number tells its type:
//
//   int                     1
//   double                  1.5, 1.0, 1500000000000000000000.0: always with a fraction, which jsonb keeps
//   -0, NaN, ±Infinity      {"$numberDouble":"-0.0"}, {"$numberDouble":"NaN"}, …
//   long, decimal           {"$numberLong":"1"}, {"$numberDecimal":"1.20"}
//   date                    {"$date":{"$numberLong":"1700000000000"}}
//   all others              as canonical Extended JSON; texts and names escaped as json-escape.ts says
//
// This is done for every document that is written, so it goes from bytes to bytes without values in between.

import { documentSize, decodeElement } from './decode.ts';
import { wrapperNames } from './json-escape.ts';
import { doubleDigits, jsonOf } from './json-values.ts';

const initialCapacity = 64 * 1_024;
/** A larger buffer is given back after use: one large document should not cost its memory for ever. */
const retainedCapacity = 4 * 1_024 * 1_024;

const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;
const hexDigits = Buffer.from('0123456789abcdef');

/** 1 for the bytes that a JSON text holds as they are: ASCII without controls, quotes and backslashes. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0));

const oidOpening = Buffer.from('{"$oid":"');
const longOpening = Buffer.from('{"$numberLong":"');
const dateOpening = Buffer.from('{"$date":{"$numberLong":"');
const closing = Buffer.from('"}');
const twoClosings = Buffer.from('"}}');
const trueText = Buffer.from('true');
const falseText = Buffer.from('false');
const nullText = Buffer.from('null');
/** U+FDD0 in UTF-8. */
const escapeBytes = Buffer.from('\ufdd0');

class JsonWriter {
  private out = Buffer.allocUnsafeSlow(initialCapacity);
  private at = 0;
  private isAscii = true;
  private bytes: Buffer = this.out;
  private view: DataView = new DataView(new ArrayBuffer(0));

  jsonOf(bytes: Uint8Array): string {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.isAscii = true;
    this.members(0, true);
    const json = this.out.toString(this.isAscii ? 'latin1' : 'utf8', 0, this.at);
    if (this.out.length > retainedCapacity) this.out = Buffer.allocUnsafeSlow(initialCapacity);
    this.bytes = this.out;
    return json;
  }

  private reserve(count: number): void {
    const needed = this.at + count;
    if (needed <= this.out.length) return;
    const full = this.out;
    this.out = Buffer.allocUnsafeSlow(Math.max(needed, full.length * 2));
    full.copy(this.out, 0, 0, this.at);
  }

  /** The document or array at `start`; gives where it ends. */
  private members(start: number, hasNames: boolean): number {
    const { bytes } = this;
    let position = start + 4;
    this.reserve(2);
    this.out[this.at++] = hasNames ? 0x7b : 0x5b;
    for (let type = bytes[position++]!; type !== 0; type = bytes[position++]!) {
      const nameEnd = this.endOfName(position);
      if (hasNames) {
        this.name(position, nameEnd);
        this.out[this.at++] = 0x3a;
      }
      position = this.value(type, nameEnd + 1);
      this.reserve(2);
      this.out[this.at++] = 0x2c;
    }
    // The last comma becomes the bracket.
    if (this.out[this.at - 1] === 0x2c) this.at -= 1;
    this.out[this.at++] = hasNames ? 0x7d : 0x5d;
    return position;
  }

  private endOfName(start: number): number {
    const { bytes } = this;
    let end = start;
    while (bytes[end] !== 0) end += 1;
    return end;
  }

  private name(start: number, end: number): void {
    if (this.bytes[start] === 0x24 && wrapperNames.has(this.bytes.toString('latin1', start, end))) {
      this.reserve((end - start) + 8);
      this.out[this.at++] = quote;
      this.escape();
      this.bytes.copy(this.out, this.at, start, end);
      this.at += end - start;
      this.out[this.at++] = quote;
      return;
    }
    this.text(start, end);
  }

  /** A quoted text, with room for one byte more behind it. */
  private text(start: number, end: number): void {
    // Every byte can become six.
    this.reserve((end - start) * 6 + 3);
    const { bytes, out } = this;
    let { at } = this;
    out[at++] = quote;
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index]!;
      if (plain[byte] === 1) {
        out[at++] = byte;
      } else {
        this.at = at;
        index += this.special(byte, index);
        at = this.at;
      }
    }
    out[at++] = quote;
    this.at = at;
  }

  /** A byte that is not plain; gives how many bytes after it were taken with it. */
  private special(byte: number, index: number): number {
    if (byte >= 0x80) {
      this.isAscii = false;
      this.out[this.at++] = byte;
      if (byte !== escapeBytes[0] || this.bytes[index + 1] !== escapeBytes[1] || this.bytes[index + 2] !== escapeBytes[2]) return 0;
      this.at -= 1;
      this.escape();
      this.escape();
      return 2;
    }
    if (byte === 0) {
      this.escape();
      this.out[this.at++] = zero;
      return 0;
    }
    this.out[this.at++] = backslash;
    if (byte === quote || byte === backslash) this.out[this.at++] = byte;
    else this.control(byte);
    return 0;
  }

  private control(byte: number): void {
    this.out[this.at++] = 0x75;
    this.out[this.at++] = zero;
    this.out[this.at++] = zero;
    this.out[this.at++] = hexDigits[byte >>> 4]!;
    this.out[this.at++] = hexDigits[byte & 0xf]!;
  }

  private escape(): void {
    this.isAscii = false;
    this.put(escapeBytes);
  }

  /** Few bytes, for which there is room. */
  private put(bytes: Uint8Array): void {
    const { out } = this;
    let { at } = this;
    for (let index = 0; index < bytes.length; index += 1) out[at++] = bytes[index]!;
    this.at = at;
  }

  /** The value at `start`; gives where it ends. */
  private value(type: number, start: number): number {
    switch (type) {
      case 0x01:
        this.double(start);
        return start + 8;
      case 0x02: {
        const end = start + 4 + this.view.getInt32(start, true);
        this.text(start + 4, end - 1);
        return end;
      }
      case 0x03:
        return this.members(start, true);
      case 0x04:
        return this.members(start, false);
      case 0x07:
        this.objectId(start);
        return start + 12;
      case 0x08:
        this.reserve(5);
        this.put(this.bytes[start] === 1 ? trueText : falseText);
        return start + 1;
      case 0x09:
        this.wrappedInteger(dateOpening, start, twoClosings);
        return start + 8;
      case 0x0a:
        this.reserve(4);
        this.put(nullText);
        return start;
      case 0x10:
        this.reserve(11);
        this.integer(this.view.getInt32(start, true));
        return start + 4;
      case 0x12:
        this.wrappedInteger(longOpening, start, closing);
        return start + 8;
      default:
        return this.rareValue(type, start);
    }
  }

  private rareValue(type: number, start: number): number {
    const end = start + this.rareSize(type, start);
    const json = jsonOf(decodeElement(this.bytes, { type, name: '', start, end }), 'stored');
    this.reserve(json.length * 3);
    const written = this.out.write(json, this.at, 'utf8');
    if (written !== json.length) this.isAscii = false;
    this.at += written;
    return end;
  }

  private rareSize(type: number, start: number): number {
    switch (type) {
      case 0x05:
        return this.view.getInt32(start, true) + 5;
      case 0x0b:
        return this.endOfName(this.endOfName(start) + 1) + 1 - start;
      case 0x0c:
        return this.view.getInt32(start, true) + 16;
      case 0x0d:
      case 0x0e:
        return this.view.getInt32(start, true) + 4;
      case 0x0f:
        return this.view.getInt32(start, true);
      case 0x11:
        return 8;
      case 0x13:
        return 16;
      default:
        return 0;
    }
  }

  private ascii(text: string): void {
    this.reserve(text.length);
    const { out } = this;
    let { at } = this;
    for (let index = 0; index < text.length; index += 1) out[at++] = text.charCodeAt(index);
    this.at = at;
  }

  private double(start: number): void {
    const value = this.view.getFloat64(start, true);
    const isPlain = Number.isFinite(value) && !Object.is(value, -0);
    this.ascii(isPlain ? doubleDigits(value) : jsonOf(value, 'stored'));
  }

  /** An integer within 2^53 either way, for whose digits there is room. */
  private integer(value: number): void {
    const { out } = this;
    let rest = value;
    if (rest < 0) {
      out[this.at++] = 0x2d;
      rest = -rest;
    }
    let digits = 1;
    for (let power = 10; rest >= power; power *= 10) digits += 1;
    const end = this.at + digits;
    for (let at = end - 1; at >= this.at; at -= 1) {
      const quotient = Math.floor(rest / 10);
      out[at] = zero + (rest - quotient * 10);
      rest = quotient;
    }
    this.at = end;
  }

  private wrappedInteger(opening: Uint8Array, start: number, end: Uint8Array): void {
    this.reserve(opening.length + end.length + 20);
    this.put(opening);
    const value = this.view.getInt32(start + 4, true) * 0x1_00_00_00_00 + this.view.getUint32(start, true);
    if (Number.isSafeInteger(value)) this.integer(value);
    else this.ascii(String(this.view.getBigInt64(start, true)));
    this.reserve(end.length);
    this.put(end);
  }

  private objectId(start: number): void {
    this.reserve(oidOpening.length + 26);
    this.put(oidOpening);
    const { bytes, out } = this;
    let { at } = this;
    for (let index = start; index < start + 12; index += 1) {
      const byte = bytes[index]!;
      out[at++] = hexDigits[byte >>> 4]!;
      out[at++] = hexDigits[byte & 0xf]!;
    }
    this.at = at;
    this.put(closing);
  }
}

const writer = new JsonWriter();

/**
 * The stored JSON of a document's bytes, which `validateDocument` or `decodeDocument` accepted: they are not checked again
 * beyond their length. `fromStoredJson` gives an equal document, with the fields in the order that the JSON has.
 */
export function toStoredJson(bytes: Uint8Array): string {
  documentSize(bytes);
  return writer.jsonOf(bytes);
}
