// Reads what DUMP wrote, here or by any Redis up to 7.0 (rdb.c, `rdbLoadObject`). Streams and modules are not read.

import { parseFloat64 } from '../numbers.ts';
import { BadData, ByteReader } from './byte-reader.ts';
import { crc64 } from './crc64.ts';
import { decompressLzf } from './lzf.ts';
import { readIntset, readListpack, readZiplist, readZipmap } from './packed-lists.ts';
import { type RdbValue, quicklistNodes, rdbTypes, rdbVersion } from './value.ts';

const footerBytes = 10;
/** LZF's longest reference: 264 bytes out of three. */
const mostExpansion = 88;

/** Elements that are read before others have their turn. */
const slicedElements = 1_000;
/** Longer strings are not copied out of the payload. */
const copiedBytes = 4 * 1024;

type Reading<T> = Generator<undefined, T>;

/** True when the payload's version can be read and its checksum is right. */
export function* isIntact(payload: Buffer): Reading<boolean> {
  if (payload.length < footerBytes) return false;
  const checksumAt = payload.length - 8;
  if (payload.readUInt16LE(checksumAt - 2) > rdbVersion) return false;
  return (yield* crc64([payload.subarray(0, checksumAt)])).equals(payload.subarray(checksumAt));
}

/** The value of a payload that is intact; undefined when its contents are not. */
export function* readPayload(payload: Buffer, longestString: number): Reading<RdbValue | undefined> {
  const reader: ByteReader = new ByteReader(payload.subarray(0, payload.length - footerBytes));
  try {
    const value = yield* readValue(reader, longestString);
    reader.expect(reader.isAtEnd);
    return value;
  } catch (error) {
    if (error instanceof BadData) return undefined;
    throw error;
  }
}

function* readValue(reader: ByteReader, longest: number): Reading<RdbValue> {
  const type = reader.byte();
  const string = (): Buffer => readString(reader, longest);
  switch (type) {
    case rdbTypes.string:
      return { kind: 'string', value: string() };
    case rdbTypes.list:
      return listOf(yield* repeat(reader, string));
    case rdbTypes.listZiplist:
      return listOf(readZiplist(string()));
    case rdbTypes.listQuicklist:
      return listOf((yield* repeat(reader, () => readZiplist(string()), 1)).flat());
    case rdbTypes.listQuicklist2:
      return listOf((yield* repeat(reader, () => readNode(reader, string), 1)).flat());
    case rdbTypes.set:
      return yield* setOf(yield* repeat(reader, string));
    case rdbTypes.setIntset:
      return yield* setOf(readIntset(string()));
    case rdbTypes.zset:
      return yield* sortedSetOf(yield* repeat(reader, () => ({ member: string(), score: readTextScore(reader) })));
    case rdbTypes.zset2:
      return yield* sortedSetOf(yield* repeat(reader, () => ({ member: string(), score: reader.take(8).readDoubleLE() })));
    case rdbTypes.zsetZiplist:
      return yield* sortedSetOf(pairs(readZiplist(string())).map(([member, score]) => ({ member, score: scoreOf(score) })));
    case rdbTypes.zsetListpack:
      return yield* sortedSetOf(pairs(readListpack(string())).map(([member, score]) => ({ member, score: scoreOf(score) })));
    case rdbTypes.hash:
      return yield* hashOf(yield* repeat(reader, (): [Buffer, Buffer] => [string(), string()]));
    case rdbTypes.hashZipmap:
      return yield* hashOf(pairs(readZipmap(string())));
    case rdbTypes.hashZiplist:
      return yield* hashOf(pairs(readZiplist(string())));
    case rdbTypes.hashListpack:
      return yield* hashOf(pairs(readListpack(string())));
    default:
      throw new BadData(`type ${type}`);
  }
}

function* repeat<Item>(reader: ByteReader, read: () => Item, atOnce = slicedElements): Reading<Item[]> {
  const items: Item[] = [];
  const count = readLength(reader);
  // One by one: a count that the bytes do not keep is found out before anything of its size is made.
  while (items.length < count) {
    items.push(read());
    if (items.length % atOnce === 0) yield;
  }
  return items;
}

function readNode(reader: ByteReader, string: () => Buffer): Buffer[] {
  const container = readLength(reader);
  reader.expect(container === quicklistNodes.plain || container === quicklistNodes.packed);
  return container === quicklistNodes.plain ? [string()] : readListpack(string());
}

/** A length, or in its place how an integer or a compressed string is encoded. */
function readLengthOrEncoding(reader: ByteReader): { readonly length: number } | { readonly encoding: number } {
  const head = reader.byte();
  switch (head >> 6) {
    case 0:
      return { length: head };
    case 1:
      return { length: ((head & 0x3f) << 8) | reader.byte() };
    case 2:
      reader.expect(head === 0x80 || head === 0x81);
      return { length: head === 0x80 ? reader.bigEndian(4) : reader.bigEndian(4) * 2 ** 32 + reader.bigEndian(4) };
    default:
      return { encoding: head & 0x3f };
  }
}

function readLength(reader: ByteReader): number {
  const found = readLengthOrEncoding(reader);
  if (!('length' in found)) throw new BadData('a length is wanted');
  return found.length;
}

function readString(reader: ByteReader, longest: number): Buffer {
  const found = readLengthOrEncoding(reader);
  if ('length' in found) return found.length > copiedBytes ? reader.take(found.length) : Buffer.from(reader.take(found.length));
  if (found.encoding <= 2) return Buffer.from(reader.take(2 ** found.encoding).readIntLE(0, 2 ** found.encoding).toString(), 'latin1');
  reader.expect(found.encoding === 3);
  const compressedLength = readLength(reader);
  const length = readLength(reader);
  reader.expect(length > 0 && length <= Math.min(longest, compressedLength * mostExpansion));
  const value = decompressLzf(reader.take(compressedLength), length);
  reader.expect(value !== undefined);
  return value;
}

/** A score as old versions wrote it: a length and text, three lengths standing for what is no number. */
function readTextScore(reader: ByteReader): number {
  const length = reader.byte();
  if (length === 255) return Number.NEGATIVE_INFINITY;
  if (length === 254) return Number.POSITIVE_INFINITY;
  reader.expect(length !== 253);
  return scoreOf(reader.take(length));
}

function scoreOf(text: Buffer): number {
  const score = parseFloat64(text);
  if (score === undefined) throw new BadData('a score is a number');
  return score;
}

function pairs(elements: readonly Buffer[]): [Buffer, Buffer][] {
  if (elements.length % 2 !== 0) throw new BadData('an odd number');
  const found: [Buffer, Buffer][] = [];
  for (let index = 0; index < elements.length; index += 2) found.push([elements[index]!, elements[index + 1]!]);
  return found;
}

function listOf(items: Buffer[]): RdbValue {
  expectSome(items.length);
  return { kind: 'list', items };
}

function* setOf(members: Buffer[]): Reading<RdbValue> {
  yield* expectDistinct(members, (member) => member);
  return { kind: 'set', members };
}

function* sortedSetOf(members: { member: Buffer; score: number }[]): Reading<RdbValue> {
  yield* expectDistinct(members, ({ member }) => member);
  if (members.some(({ score }) => Number.isNaN(score))) throw new BadData('a score is a number');
  return { kind: 'zset', members };
}

function* hashOf(elements: readonly [Buffer, Buffer][]): Reading<RdbValue> {
  yield* expectDistinct(elements, ([field]) => field);
  return { kind: 'hash', fields: elements.map(([field, value]) => ({ field, value })) };
}

function expectSome(count: number): void {
  if (count === 0) throw new BadData('a collection is never empty');
}

function* expectDistinct<Item>(items: readonly Item[], memberOf: (item: Item) => Buffer): Reading<void> {
  expectSome(items.length);
  const names = new Set<string>();
  for (const [index, item] of items.entries()) {
    names.add(memberOf(item).toString('latin1'));
    if (names.size <= index) throw new BadData('an element comes twice');
    if (index % slicedElements === 0) yield;
  }
}
