// Encodes replies as RESP2 or RESP3 ("RESP protocol specification") into the output of one connection.

import { Buffer } from 'node:buffer';
import { assert } from '../../kernel/assert.ts';
import { formatDouble } from './numbers.ts';
import { Double, Listing, Pairs, Push, Replies, type Reply, Status, Verbatim, nilArray } from './reply.ts';

const firstBytes = 1024;
const chunkBytes = 64 * 1024;
/** Bulk strings from this length on are written by reference. */
const spliceBytes = 16 * 1024;
/** Up to this length, a text of ASCII is written quicker here than by the encoder. */
const shortText = 32;
/** Up to this length, the bytes of a field are copied quicker one by one. */
const copiedField = 48;
/** A type byte, the digits of a length, CR LF. */
const longestHeader = 20;

export class ReplyWriter {
  /** 2 or 3. */
  protocol = 2;
  #chunk: Buffer = Buffer.alloc(0);
  #start = 0;
  #offset = 0;
  #full: Buffer[] = [];
  #fullBytes = 0;

  get isEmpty(): boolean {
    return this.#offset === this.#start && this.#full.length === 0;
  }

  /** Bytes that were written since the last `take`. */
  get length(): number {
    return this.#fullBytes + this.#offset - this.#start;
  }

  /** What was written since the last call. */
  take(): Buffer[] {
    this.#closeChunk();
    const taken = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    return taken;
  }

  write(reply: Reply): void {
    switch (typeof reply) {
      case 'number':
      case 'bigint':
        return this.#line(`:${reply}\r\n`);
      case 'string':
        return this.#text(reply);
      case 'boolean':
        return this.#line(this.protocol === 3 ? (reply ? '#t\r\n' : '#f\r\n') : reply ? ':1\r\n' : ':0\r\n');
      case 'symbol':
        assert(reply === nilArray, 'a reply');
        return this.#line(this.protocol === 3 ? '_\r\n' : '*-1\r\n');
      default:
        return this.#object(reply);
    }
  }

  #object(reply: Exclude<Reply, number | bigint | string | boolean | symbol>): void {
    if (reply === null) return this.#line(this.protocol === 3 ? '_\r\n' : '$-1\r\n');
    if (Buffer.isBuffer(reply)) return this.#bulk(reply);
    if (reply instanceof Status) return this.#line(`+${reply.text}\r\n`);
    if (Array.isArray(reply)) return this.#items(0x2a, reply);
    if (reply instanceof Error) return this.#line(`-${reply.message}\r\n`);
    if (reply instanceof Double) return this.#double(reply.value);
    if (reply instanceof Map) return this.#pairs([...reply]);
    if (reply instanceof Pairs) return this.#pairs(reply.pairs);
    if (reply instanceof Set) return this.#items(this.protocol === 3 ? 0x7e : 0x2a, [...(reply as ReadonlySet<Reply>)]);
    if (reply instanceof Push) return this.#items(this.protocol === 3 ? 0x3e : 0x2a, reply.items);
    if (reply instanceof Verbatim) {
      if (this.protocol === 2) return this.#text(reply.text);
      return this.#line(`=${Buffer.byteLength(reply.text) + 4}\r\ntxt:${reply.text}\r\n`);
    }
    if (reply instanceof Listing) return this.#listing(reply);
    assert(reply instanceof Replies, 'a reply');
    for (const item of reply.items) this.write(item);
  }

  // Piece by piece

  /** Begins a reply of so many items, or pairs. */
  header(kind: 'array' | 'set' | 'map', count: number): void {
    if (this.protocol === 3) this.#header({ array: 0x2a, set: 0x7e, map: 0x25 }[kind], count);
    else this.#header(0x2a, kind === 'map' ? count * 2 : count);
  }

  /** Writes a row of a listing. */
  row({ rows, form }: Listing, index: number): void {
    if (form === 'nested') this.#header(0x2a, 2);
    rows.field(index, 0, this.#field);
    if (form === 'map') rows.field(index, 1, this.#field);
    else if (form === 'flat' || form === 'nested') this.#double(rows.score(index));
  }

  #listing(listing: Listing): void {
    this.header(listing.kind, listing.count);
    for (let index = 0; index < listing.rows.length; index++) this.row(listing, index);
  }

  readonly #field = (buffer: Buffer, start: number, length: number): void => {
    if (length > copiedField) return this.#bulk(buffer.subarray(start, start + length));
    this.#header(0x24, length);
    this.#reserve(length + 2);
    for (let at = 0; at < length; at++) this.#chunk[this.#offset + at] = buffer[start + at]!;
    this.#offset += length;
    this.#lineEnd();
  };

  #items(type: number, items: readonly Reply[]): void {
    this.#header(type, items.length);
    for (const item of items) this.write(item);
  }

  #pairs(pairs: readonly (readonly [Reply, Reply])[]): void {
    this.#line(this.protocol === 3 ? `%${pairs.length}\r\n` : `*${pairs.length * 2}\r\n`);
    for (const [key, value] of pairs) {
      this.write(key);
      this.write(value);
    }
  }

  #double(value: number): void {
    const text = formatDouble(value);
    if (this.protocol === 3) this.#line(`,${text}\r\n`);
    else this.#text(text);
  }

  #text(text: string): void {
    this.#line(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }

  #bulk(bytes: Buffer): void {
    this.#header(0x24, bytes.length);
    if (bytes.length >= spliceBytes) {
      this.#closeChunk();
      this.#full.push(bytes);
      this.#fullBytes += bytes.length;
      this.#reserve(2);
    } else {
      this.#reserve(bytes.length + 2);
      this.#chunk.set(bytes, this.#offset);
      this.#offset += bytes.length;
    }
    this.#lineEnd();
  }

  /** A line of a type byte and a count: most of what is written is bulk strings and arrays, and this is their beginning. */
  #header(type: number, count: number): void {
    this.#reserve(longestHeader);
    this.#chunk[this.#offset] = type;
    let digits = 1;
    for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    const end = this.#offset + digits;
    for (let at = end, rest = count; at > this.#offset; at--, rest = Math.floor(rest / 10)) this.#chunk[at] = 0x30 + (rest % 10);
    this.#offset = end + 1;
    this.#lineEnd();
  }

  /** Room for it was reserved. */
  #lineEnd(): void {
    this.#chunk[this.#offset] = 0x0d;
    this.#chunk[this.#offset + 1] = 0x0a;
    this.#offset += 2;
  }

  #line(text: string): void {
    this.#reserve(text.length * 3);
    if (text.length > shortText || !this.#ascii(text)) this.#offset += this.#chunk.write(text, this.#offset);
  }

  /** Writes text of one byte a character; false, with nothing written, if it has others. */
  #ascii(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#chunk[this.#offset + index] = code;
    }
    this.#offset += text.length;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#offset >= bytes) return;
    this.#closeChunk();
    // A quiet connection has no buffer at all; a busy one gets larger ones.
    this.#chunk = Buffer.allocUnsafe(Math.max(bytes, Math.min(Math.max(this.#chunk.length * 2, firstBytes), chunkBytes)));
    this.#start = 0;
    this.#offset = 0;
  }

  #closeChunk(): void {
    if (this.#offset > this.#start) this.#full.push(this.#chunk.subarray(this.#start, this.#offset));
    this.#fullBytes += this.#offset - this.#start;
    this.#start = this.#offset;
  }
}
