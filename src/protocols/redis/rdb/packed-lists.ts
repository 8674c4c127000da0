// The byte forms in which Redis keeps and dumps small collections: listpacks (7.0), and the older ziplists, zipmaps and
// intsets. Each gives its elements one after the other.

import { ByteReader } from './byte-reader.ts';

export function readListpack(bytes: Buffer): Buffer[] {
  const reader: ByteReader = new ByteReader(bytes);
  reader.expect(Number(reader.unsigned(4)) === bytes.length);
  const count = Number(reader.unsigned(2));
  const elements: Buffer[] = [];
  for (let head = reader.byte(); head !== 0xff; head = reader.byte()) {
    const start = reader.position - 1;
    elements.push(listpackElement(reader, head));
    reader.take(backLengthBytes(reader.position - start));
  }
  reader.expect(reader.isAtEnd && (count === 0xffff || count === elements.length));
  return elements;
}

function listpackElement(reader: ByteReader, head: number): Buffer {
  if (head < 0x80) return textOf(BigInt(head));
  if (head < 0xc0) return Buffer.from(reader.take(head & 0x3f));
  if (head < 0xe0) return textOf(BigInt.asIntN(13, BigInt(((head & 0x1f) << 8) | reader.byte())));
  if (head < 0xf0) return Buffer.from(reader.take(((head & 0x0f) << 8) | reader.byte()));
  if (head === 0xf0) return Buffer.from(reader.take(Number(reader.unsigned(4))));
  const width = listpackWidths[head - 0xf1];
  reader.expect(width !== undefined);
  return textOf(reader.signed(width));
}

const listpackWidths = [2, 3, 4, 8];

function backLengthBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : length < 268_435_456 ? 4 : 5;
}

/** What `readListpack` reads, with integers and lengths in the shortest form, as Redis writes it. */
export function writeListpack(elements: readonly Buffer[], integerOf: (element: Buffer) => bigint | undefined): Buffer {
  const parts: Buffer[] = [Buffer.alloc(6)];
  for (const element of elements) {
    const integer = element.length <= 20 ? integerOf(element) : undefined;
    const encoded = integer === undefined ? listpackString(element) : listpackInteger(integer);
    const length = encoded.reduce((sum, part) => sum + part.length, 0);
    parts.push(...encoded, backLength(length));
  }
  parts.push(Buffer.of(0xff));
  const bytes = Buffer.concat(parts);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(Math.min(elements.length, 0xffff), 4);
  return bytes;
}

function listpackString(element: Buffer): Buffer[] {
  const { length } = element;
  if (length < 64) return [Buffer.of(0x80 | length), element];
  if (length < 4096) return [Buffer.of(0xe0 | (length >> 8), length & 0xff), element];
  const head = Buffer.of(0xf0, 0, 0, 0, 0);
  head.writeUInt32LE(length, 1);
  return [head, element];
}

function listpackInteger(value: bigint): Buffer[] {
  if (value >= 0n && value < 128n) return [Buffer.of(Number(value))];
  if (value >= -4096n && value < 4096n) {
    const bits = Number(BigInt.asUintN(13, value));
    return [Buffer.of(0xc0 | (bits >> 8), bits & 0xff)];
  }
  const at = listpackWidths.findIndex((width) => BigInt.asIntN(8 * width, value) === value);
  return [Buffer.of(0xf1 + at), integerBytes(value, listpackWidths[at]!)];
}

/** The lowest byte first. */
export function integerBytes(value: bigint, width: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return bytes.subarray(0, width);
}

/** The length of an entry, to be read from behind: seven bits a byte, the lowest last. */
function backLength(length: number): Buffer {
  const bytes = Buffer.alloc(backLengthBytes(length));
  let rest = length;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = (rest & 0x7f) | (index === 0 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
  return bytes;
}

export function readZiplist(bytes: Buffer): Buffer[] {
  const reader: ByteReader = new ByteReader(bytes);
  reader.expect(Number(reader.unsigned(4)) === bytes.length);
  reader.take(4);
  const count = Number(reader.unsigned(2));
  const elements: Buffer[] = [];
  for (let previous = reader.byte(); previous !== 0xff; previous = reader.byte()) {
    if (previous === 0xfe) reader.take(4);
    elements.push(ziplistElement(reader, reader.byte()));
  }
  reader.expect(reader.isAtEnd && (count === 0xffff || count === elements.length));
  return elements;
}

function ziplistElement(reader: ByteReader, head: number): Buffer {
  if (head < 0x40) return Buffer.from(reader.take(head));
  if (head < 0x80) return Buffer.from(reader.take(((head & 0x3f) << 8) | reader.byte()));
  if (head === 0x80) return Buffer.from(reader.take(reader.bigEndian(4)));
  if (head >= 0xf1 && head <= 0xfd) return textOf(BigInt((head & 0x0f) - 1));
  const width = { 0xc0: 2, 0xd0: 4, 0xe0: 8, 0xf0: 3, 0xfe: 1 }[head];
  reader.expect(width !== undefined);
  return textOf(reader.signed(width));
}

/** Fields and values of a hash as Redis kept it before 2.6. */
export function readZipmap(bytes: Buffer): Buffer[] {
  const reader: ByteReader = new ByteReader(bytes);
  reader.byte();
  const elements: Buffer[] = [];
  for (let head = reader.byte(); head !== 0xff; head = reader.byte()) {
    elements.push(Buffer.from(reader.take(zipmapLength(reader, head))));
    const length = zipmapLength(reader, reader.byte());
    const free = reader.byte();
    elements.push(Buffer.from(reader.take(length)));
    reader.take(free);
  }
  reader.expect(reader.isAtEnd);
  return elements;
}

function zipmapLength(reader: ByteReader, head: number): number {
  reader.expect(head !== 0xff);
  return head === 0xfe ? Number(reader.unsigned(4)) : head;
}

export function readIntset(bytes: Buffer): Buffer[] {
  const reader: ByteReader = new ByteReader(bytes);
  const width = Number(reader.unsigned(4));
  const count = Number(reader.unsigned(4));
  reader.expect((width === 2 || width === 4 || width === 8) && bytes.length === 8 + width * count);
  return Array.from({ length: count }, () => textOf(reader.signed(width)));
}

/** The numbers in order, each in as few bytes as the widest needs. */
export function writeIntset(numbers: readonly bigint[]): Buffer {
  const width = [2, 4, 8].find((candidate) => numbers.every((number) => BigInt.asIntN(8 * candidate, number) === number))!;
  const sorted = [...numbers].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return Buffer.concat([integerBytes(BigInt(width), 4), integerBytes(BigInt(numbers.length), 4), ...sorted.map((number) => integerBytes(number, width))]);
}

function textOf(value: bigint): Buffer {
  return Buffer.from(value.toString(), 'latin1');
}
