// BSON bytes to values. Every length, terminator, type and UTF-8 sequence is checked before it is used, since the
// bytes come from the network. Source: the BSON specification 1.1 (bsonspec.org).

import { isUtf8 } from 'node:buffer';
import { BsonError, maxDepth, maxStoredDepth } from './bson-error.ts';
import {
  Binary, bsonUndefined, BsonSymbol, Code, CodeWithScope, DateTime, DBPointer, Decimal128, int32, maxKey, minKey, ObjectId,
  RegularExpression, Timestamp, type Document, type Value,
} from './types.ts';

/** Where one element of a document lies: its value is bytes `start` to `end` (exclusive). `type` is BSON's type byte, unsigned. */
export type RawElement = {
  readonly type: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
};

/** The bytes after the name for types of one size; -1 for those that tell their own. */
const fixedSizes: readonly number[] = [-1, 8, -1, -1, -1, -1, 0, 12, -1, 8, 0, -1, -1, -1, -1, -1, 4, 8, 8, 16];

// Field names repeat from document to document. A name found here costs no new string, and its hash is known to the Map.
const nameCacheSize = 4_096;
const longestCachedName = 40;
/** Up to this length a loop over the bytes is quicker than calls into Node.js. */
const shortText = 128;
/** So is one that copies bytes. */
const shortBytes = 64;
const nameCache: (string | undefined)[] = Array.from({ length: nameCacheSize });

class Reader {
  readonly bytes: Buffer;
  readonly view: DataView;
  position: number;
  /** Of the element being read at each depth, where its name begins: for the text of an error. */
  readonly nameStarts: number[] = [];
  depth = 0;
  /** The greatest depth so far. */
  deepest = 0;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  /** Enters the document at the position, whose bytes may not go beyond `limit`; gives where it ends. */
  enter(limit: number): number {
    const start = this.position;
    if (limit - start < 5) throw this.malformed('BSON size is larger than buffer size');
    const size = this.view.getInt32(start, true);
    if (size < 5) throw this.malformed('Nested BSON object has to be at least 5 bytes');
    const end = start + size;
    if (end > limit) throw this.malformed('BSON size is larger than buffer size');
    if (this.bytes[end - 1] !== 0) throw this.malformed('BSON object not terminated with EOO');
    if (this.depth > maxDepth) throw new BsonError('too_deep', 'BSONObj exceeds maximum nested object depth');
    this.depth += 1;
    if (this.depth > this.deepest) this.deepest = this.depth;
    this.position = start + 4;
    return end;
  }

  /** The type of the next element, the position then at its name; 0 at the end of the document. */
  nextType(end: number): number {
    const type = this.bytes[this.position++]!;
    if (type === 0) {
      if (this.position !== end) throw this.malformed('incorrect BSON length');
      this.depth -= 1;
      return 0;
    }
    if (this.position >= end) throw this.malformed('BSON size is larger than buffer size');
    this.nameStarts[this.depth - 1] = this.position;
    return type;
  }

  /** A name up to its NUL. The document's last byte is 0, so the search ends within it. */
  name(): string {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    let hash = 0;
    let bits = 0;
    for (let byte = bytes[at]!; byte !== 0; byte = bytes[++at]!) {
      hash = (Math.imul(hash, 31) + byte) | 0;
      bits |= byte;
    }
    this.position = at + 1;
    if (bits >= 0x80) return this.utf8(start, at);
    const length = at - start;
    if (length > longestCachedName) return bytes.toString('latin1', start, at);
    const slot = (hash ^ (hash >>> 12)) & (nameCacheSize - 1);
    const cached = nameCache[slot];
    if (cached !== undefined && cached.length === length && this.isAscii(cached, start)) return cached;
    return (nameCache[slot] = bytes.toString('latin1', start, at));
  }

  private isAscii(text: string, start: number): boolean {
    for (let index = 0; index < text.length; index += 1) {
      if (text.charCodeAt(index) !== this.bytes[start + index]) return false;
    }
    return true;
  }

  skipName(): void {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    let bits = 0;
    for (let byte = bytes[at]!; byte !== 0; byte = bytes[++at]!) bits |= byte;
    this.position = at + 1;
    if (bits >= 0x80) this.checkUtf8(start, at);
  }

  private utf8(start: number, end: number): string {
    this.checkUtf8(start, end);
    return this.bytes.toString('utf8', start, end);
  }

  private checkUtf8(start: number, end: number): void {
    if (!isUtf8(this.bytes.subarray(start, end))) throw this.malformed('Not UTF-8 text');
  }

  /** Reserves `count` bytes for a value, and gives where they begin. At least the document's own terminator must follow. */
  take(count: number, end: number): number {
    const start = this.position;
    if (count < 0 || start + count >= end) throw this.malformed('BSON size is larger than buffer size');
    this.position = start + count;
    return start;
  }

  /** The length of a string with its terminator; the position then behind the string. */
  private stringLength(end: number): number {
    const length = this.view.getInt32(this.take(4, end), true);
    if (length < 1) throw this.malformed('Not null terminated string');
    this.take(length, end);
    if (this.bytes[this.position - 1] !== 0) throw this.malformed('Not null terminated string');
    return length;
  }

  string(end: number): string {
    const { bytes } = this;
    const length = this.stringLength(end);
    const last = this.position - 1;
    const first = this.position - length;
    return this.isShortAscii(first, last) ? bytes.toString('latin1', first, last) : this.utf8(first, last);
  }

  /** False also for a long text, which Node.js checks more quickly. */
  private isShortAscii(first: number, last: number): boolean {
    if (last - first > shortText) return false;
    const { bytes } = this;
    let bits = 0;
    for (let at = first; at < last; at += 1) bits |= bytes[at]!;
    return bits < 0x80;
  }

  skipString(end: number): void {
    const first = this.position + 4;
    this.stringLength(end);
    if (!this.isShortAscii(first, this.position - 1)) this.checkUtf8(first, this.position - 1);
  }

  private cstring(end: number): string {
    const start = this.position;
    this.skipCstring(end);
    return this.bytes.toString('utf8', start, this.position - 1);
  }

  private skipCstring(end: number): void {
    const start = this.position;
    if (start >= end) throw this.malformed('BSON size is larger than buffer size');
    const terminator = this.bytes.indexOf(0, start);
    this.take(terminator + 1 - start, end);
    this.checkUtf8(start, terminator);
  }

  document(limit: number): Document {
    const end = this.enter(limit);
    const document: Document = new Map();
    for (let type = this.nextType(end); type !== 0; type = this.nextType(end)) {
      const name = this.name();
      document.set(name, this.value(type, end));
    }
    return document;
  }

  private array(limit: number): Value[] {
    const end = this.enter(limit);
    const array: Value[] = [];
    for (let type = this.nextType(end); type !== 0; type = this.nextType(end)) {
      this.skipName();
      array.push(this.value(type, end));
    }
    return array;
  }

  value(type: number, end: number): Value {
    switch (type) {
      case 0x01: return this.view.getFloat64(this.take(8, end), true);
      case 0x02: return this.string(end);
      case 0x03: return this.document(end - 1);
      case 0x04: return this.array(end - 1);
      case 0x05: return this.binary(end);
      case 0x07: return new ObjectId(this.copy(12, end));
      case 0x08: return this.boolean(end);
      case 0x09: return new DateTime(this.view.getBigInt64(this.take(8, end), true));
      case 0x0a: this.take(0, end); return null;
      case 0x10: return int32(this.view.getInt32(this.take(4, end), true));
      case 0x12: return this.view.getBigInt64(this.take(8, end), true);
      default: return this.rareValue(type, end);
    }
  }

  private rareValue(type: number, end: number): Value {
    switch (type) {
      case 0x06: this.take(0, end); return bsonUndefined;
      case 0x0b: return new RegularExpression(this.cstring(end), this.cstring(end));
      case 0x0c: return new DBPointer(this.string(end), new ObjectId(this.copy(12, end)));
      case 0x0d: return new Code(this.string(end));
      case 0x0e: return new BsonSymbol(this.string(end));
      case 0x0f: return this.codeWithScope(end);
      case 0x11: return new Timestamp(this.view.getBigUint64(this.take(8, end), true));
      case 0x13: return new Decimal128(this.copy(16, end));
      case 0x7f: this.take(0, end); return maxKey;
      case 0xff: this.take(0, end); return minKey;
      default: throw this.unrecognized(type);
    }
  }

  /** A copy, since the bytes around it are a whole message and would live as long as it. */
  private copy(count: number, end: number): Uint8Array {
    return this.copyOf(this.take(count, end), count);
  }

  private copyOf(start: number, count: number): Uint8Array {
    const copied = new Uint8Array(count);
    if (count > shortBytes) copied.set(this.bytes.subarray(start, start + count));
    else for (let index = 0; index < count; index += 1) copied[index] = this.bytes[start + index]!;
    return copied;
  }

  private boolean(end: number): boolean {
    const byte = this.bytes[this.take(1, end)]!;
    if (byte > 1) throw this.malformed('BSON bool is neither false nor true');
    return byte === 1;
  }

  private binary(end: number): Binary {
    const subtype = this.skipBinary(end);
    const count = this.binaryCount;
    const start = this.position - count;
    return new Binary(this.copyOf(start, count), subtype);
  }

  private binaryCount = 0;

  /** Leaves the number of the payload's bytes in `binaryCount`; gives the subtype. */
  private skipBinary(end: number): number {
    let count = this.view.getInt32(this.take(4, end), true);
    const subtype = this.bytes[this.take(1, end)]!;
    this.take(count, end);
    if (subtype === 2) {
      // The old binary type repeats its length within its payload.
      if (count < 4 || this.view.getInt32(this.position - count, true) !== count - 4) throw this.malformed('Invalid BSON length');
      count -= 4;
    }
    this.binaryCount = count;
    return subtype;
  }

  private codeWithScope(end: number): CodeWithScope {
    const valueEnd = this.codeWithScopeEnd(end);
    const code = this.string(valueEnd);
    const scope = this.document(valueEnd);
    if (this.position !== valueEnd) throw this.malformed('incorrect BSON length');
    return new CodeWithScope(code, scope);
  }

  private codeWithScopeEnd(end: number): number {
    const start = this.position;
    const size = this.view.getInt32(this.take(4, end), true);
    if (size < 14 || start + size >= end) throw this.malformed('BSON size is larger than buffer size');
    return start + size;
  }

  /** Passes over a document, checking all of it. */
  skipDocument(limit: number): void {
    const end = this.enter(limit);
    for (let type = this.nextType(end); type !== 0; type = this.nextType(end)) {
      this.skipName();
      this.skipValue(type, end);
    }
  }

  skipValue(type: number, end: number): void {
    const size = fixedSizes[type] ?? -1;
    if (size >= 0) this.take(size, end);
    else if (type === 0x02 || type === 0x0d || type === 0x0e) this.skipString(end);
    else if (type === 0x03 || type === 0x04) this.skipDocument(end - 1);
    else this.skipRareValue(type, end);
  }

  private skipRareValue(type: number, end: number): void {
    switch (type) {
      case 0x05:
        this.skipBinary(end);
        return;
      case 0x08:
        this.boolean(end);
        return;
      case 0x0b:
        this.skipCstring(end);
        this.skipCstring(end);
        return;
      case 0x0c:
        this.skipString(end);
        this.take(12, end);
        return;
      case 0x0f: {
        const valueEnd = this.codeWithScopeEnd(end);
        this.skipString(valueEnd);
        this.skipDocument(valueEnd);
        if (this.position !== valueEnd) throw this.malformed('incorrect BSON length');
        return;
      }
      case 0x7f:
      case 0xff:
        this.take(0, end);
        return;
      default:
        throw this.unrecognized(type);
    }
  }

  /** Passes over a value by its length alone, trusting what is inside. */
  leapValue(type: number, end: number): void {
    if (type === 0x03 || type === 0x04) {
      const size = end - this.position < 5 ? -1 : this.view.getInt32(this.position, true);
      if (size < 5) throw this.malformed('Nested BSON object has to be at least 5 bytes');
      this.take(size, end);
    } else if (type === 0x02 || type === 0x0d || type === 0x0e) {
      this.stringLength(end);
    } else {
      this.skipValue(type, end);
    }
  }

  private unrecognized(type: number): BsonError {
    return this.malformed(`Unrecognized BSON type ${type}`);
  }

  malformed(what: string): BsonError {
    const names = this.nameStarts.slice(0, Math.max(this.depth, 0)).map((start) => this.nameAt(start));
    return new BsonError('malformed', `${what} in element with field name '${names.length === 0 ? '?' : names.join('.')}' in object with ${this.idText()}`);
  }

  private nameAt(start: number): string {
    const end = this.bytes.indexOf(0, start);
    return this.bytes.toString('utf8', start, end < 0 ? this.bytes.length : end);
  }

  /** The `_id` where it is the first element, whole and of a short type: what helps to find the document. */
  private idText(): string {
    const { bytes } = this;
    if (bytes.length < 21 || bytes.toString('latin1', 5, 9) !== '_id\0') return 'unknown _id';
    if (bytes[4] === 0x07) return `_id: ObjectId('${bytes.toString('hex', 9, 21)}')`;
    if (bytes[4] === 0x10) return `_id: ${this.view.getInt32(9, true)}`;
    if (bytes[4] === 0x12) return `_id: ${this.view.getBigInt64(9, true)}`;
    if (bytes[4] === 0x01) return `_id: ${this.view.getFloat64(9, true)}`;
    return 'unknown _id';
  }
}

/**
 * The size in bytes that the document beginning at `offset` claims for itself, its length field and terminator included.
 * Throws a BsonError where there is not so much.
 */
export function documentSize(bytes: Uint8Array, offset = 0): number {
  const available = bytes.length - offset;
  if (available < 5) throw new BsonError('malformed', 'BSON data has to be at least 5 bytes');
  const size = bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24);
  if (size < 5) throw new BsonError('malformed', 'BSON data has to be at least 5 bytes');
  if (size > available) throw new BsonError('malformed', 'Incorrect BSON length');
  return size;
}

function readerOf(bytes: Uint8Array): Reader {
  if (documentSize(bytes) !== bytes.length) throw new BsonError('malformed', 'Incorrect BSON length');
  return new Reader(bytes);
}

/** The document that the bytes are, all of them. Throws a BsonError where they are not a document. */
export function decodeDocument(bytes: Uint8Array): Document {
  return readerOf(bytes).document(bytes.length);
}

/** Throws the BsonError that `decodeDocument` would, without making values. */
export function validateDocument(bytes: Uint8Array): void {
  readerOf(bytes).skipDocument(bytes.length);
}

/**
 * The top-level elements in their order; their values are measured and not decoded. Throws a BsonError where an element
 * goes beyond the document; nested documents and texts are not looked into (see `validateDocument`).
 */
export function* rawElements(bytes: Uint8Array): Generator<RawElement, void, void> {
  const reader = readerOf(bytes);
  const end = reader.enter(bytes.length);
  for (let type = reader.nextType(end); type !== 0; type = reader.nextType(end)) {
    const name = reader.name();
    const start = reader.position;
    reader.leapValue(type, end);
    yield { type, name, start, end: reader.position };
  }
}

/** How many elements the document has: more than `decodeDocument` gives where names come twice. Throws as `rawElements`. */
export function elementCount(bytes: Uint8Array): number {
  const reader = readerOf(bytes);
  const end = reader.enter(bytes.length);
  let count = 0;
  for (let type = reader.nextType(end); type !== 0; type = reader.nextType(end)) {
    reader.skipName();
    reader.leapValue(type, end);
    count += 1;
  }
  return count;
}

/** The value of one element that `rawElements` gave for the same bytes. */
export function decodeElement(bytes: Uint8Array, element: RawElement): Value {
  return new Reader(bytes, element.start).value(element.type, bytes.length);
}

/** A document of so few bytes nests no deeper than MongoDB stores: each level takes a type, a name, a length and an end. */
const shallowBytes = maxStoredDepth * 7;

/** Whether a document nests no deeper than MongoDB stores. Throws a BsonError for what is no document. */
export function isStorableDepth(bytes: Uint8Array): boolean {
  if (bytes.length <= shallowBytes) return true;
  const reader = readerOf(bytes);
  reader.skipDocument(bytes.length);
  return reader.deepest <= maxStoredDepth;
}
