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

/** True when the payload's version can be read and its checksum is right. */
export function isIntact(payload: Buffer): boolean {
  if (payload.length < footerBytes) return false;
  const checksumAt = payload.length - 8;
  if (payload.readUInt16LE(checksumAt - 2) > rdbVersion) return false;
  return crc64(payload.subarray(0, checksumAt)).equals(payload.subarray(checksumAt));
}

/** The value of a payload that is intact; undefined when its contents are not. */
export function readPayload(payload: Buffer, longestString: number): RdbValue | undefined {
  const reader: ByteReader = new ByteReader(payload.subarray(0, payload.length - footerBytes));
  try {
    const value = readValue(reader, longestString);
    reader.expect(reader.isAtEnd);
    return value;
  } catch (error) {
    if (error instanceof BadData) return undefined;
    throw error;
  }
}

function readValue(reader: ByteReader, longest: number): RdbValue {
  const type = reader.byte();
  const string = (): Buffer => readString(reader, longest);
  switch (type) {
    case rdbTypes.string:
      return { kind: 'string', value: string() };
    case rdbTypes.list:
      return listOf(repeat(reader, string));
    case rdbTypes.listZiplist:
      return listOf(readZiplist(string()));
    case rdbTypes.listQuicklist:
      return listOf(repeat(reader, () => readZiplist(string())).flat());
    case rdbTypes.listQuicklist2:
      return listOf(repeat(reader, () => readNode(reader, string)).flat());
    case rdbTypes.set:
      return setOf(repeat(reader, string));
    case rdbTypes.setIntset:
      return setOf(readIntset(string()));
    case rdbTypes.zset:
      return sortedSetOf(repeat(reader, () => ({ member: string(), score: readTextScore(reader) })));
    case rdbTypes.zset2:
      return sortedSetOf(repeat(reader, () => ({ member: string(), score: reader.take(8).readDoubleLE() })));
    case rdbTypes.zsetZiplist:
      return sortedSetOf(pairs(readZiplist(string())).map(([member, score]) => ({ member, score: scoreOf(score) })));
    case rdbTypes.zsetListpack:
      return sortedSetOf(pairs(readListpack(string())).map(([member, score]) => ({ member, score: scoreOf(score) })));
    case rdbTypes.hash:
      return hashOf(repeat(reader, () => [string(), string()]).flat());
    case rdbTypes.hashZipmap:
      return hashOf(readZipmap(string()));
    case rdbTypes.hashZiplist:
      return hashOf(readZiplist(string()));
    case rdbTypes.hashListpack:
      return hashOf(readListpack(string()));
    default:
      throw new BadData(`type ${type}`);
  }
}

function repeat<Item>(reader: ByteReader, read: () => Item): Item[] {
  const items: Item[] = [];
  const count = readLength(reader);
  // One by one: a count that the bytes do not keep is found out before anything of its size is made.
  while (items.length < count) items.push(read());
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
  if ('length' in found) return Buffer.from(reader.take(found.length));
  if (found.encoding <= 2) return Buffer.from(reader.signed(2 ** found.encoding).toString(), 'latin1');
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

function setOf(members: Buffer[]): RdbValue {
  expectDistinct(members);
  return { kind: 'set', members };
}

function sortedSetOf(members: { member: Buffer; score: number }[]): RdbValue {
  expectDistinct(members.map(({ member }) => member));
  if (members.some(({ score }) => Number.isNaN(score))) throw new BadData('a score is a number');
  return { kind: 'zset', members };
}

function hashOf(elements: readonly Buffer[]): RdbValue {
  const fields = pairs(elements).map(([field, value]) => ({ field, value }));
  expectDistinct(fields.map(({ field }) => field));
  return { kind: 'hash', fields };
}

function expectSome(count: number): void {
  if (count === 0) throw new BadData('a collection is never empty');
}

function expectDistinct(members: readonly Buffer[]): void {
  expectSome(members.length);
  if (new Set(members.map((member) => member.toString('latin1'))).size < members.length) throw new BadData('an element comes twice');
}
