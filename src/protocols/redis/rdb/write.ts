// Writes values as Redis 7.0 dumps them (rdb.c, `rdbSaveObject`), small collections packed by its default thresholds.
// Strings are never compressed: every Redis reads them as they are.

import { formatDouble, parseInt64 } from '../numbers.ts';
import { crc64 } from './crc64.ts';
import { integerBytes, writeIntset, writeListpack } from './packed-lists.ts';
import { type RdbValue, quicklistNodes, rdbTypes, rdbVersion } from './value.ts';

/** Up to which number of elements, and how many bytes in each, collections are packed. */
export type PackingLimits = {
  readonly intsetEntries: number;
  readonly hashEntries: number;
  readonly hashBytes: number;
  readonly zsetEntries: number;
  readonly zsetBytes: number;
};

/** A node of a list holds items up to this many bytes. */
const nodeBytes = 8 * 1024;
/** What an item takes in a node besides its bytes, at most. */
const itemOverheadBytes = 11;

/** The reply of DUMP. */
export function writePayload(value: RdbValue, limits: PackingLimits): Buffer {
  const footer = Buffer.alloc(2);
  footer.writeUInt16LE(rdbVersion);
  const body = Buffer.concat([...valueParts(value, limits), footer]);
  return Buffer.concat([body, crc64(body)]);
}

function valueParts(value: RdbValue, limits: PackingLimits): Buffer[] {
  switch (value.kind) {
    case 'string':
      return [typeByte('string'), ...stringParts(value.value)];
    case 'list':
      return listParts(value.items);
    case 'set':
      return setParts(value.members, limits);
    case 'zset': {
      const { members } = value;
      const fits = members.length <= limits.zsetEntries && members.every(({ member }) => member.length <= limits.zsetBytes);
      const packed = fits && members.flatMap(({ member, score }) => [member, Buffer.from(formatDouble(score), 'latin1')]);
      if (packed !== false) return [typeByte('zsetListpack'), ...stringParts(writeListpack(packed, parseInt64))];
      // From the highest to the lowest, so that a reader always inserts at the front.
      return [typeByte('zset2'), lengthPart(members.length), ...members.toReversed().flatMap(({ member, score }) => [...stringParts(member), doublePart(score)])];
    }
    case 'hash': {
      const { fields } = value;
      const elements = fields.flatMap(({ field, value: content }) => [field, content]);
      const fits = fields.length <= limits.hashEntries && elements.every(({ length }) => length <= limits.hashBytes);
      if (fits) return [typeByte('hashListpack'), ...stringParts(writeListpack(elements, parseInt64))];
      return [typeByte('hash'), lengthPart(fields.length), ...elements.flatMap(stringParts)];
    }
  }
}

function setParts(members: readonly Buffer[], { intsetEntries }: PackingLimits): Buffer[] {
  const numbers = members.length <= intsetEntries ? members.map(parseInt64).filter((number) => number !== undefined) : [];
  if (numbers.length === members.length) return [typeByte('setIntset'), ...stringParts(writeIntset(numbers))];
  return [typeByte('set'), lengthPart(members.length), ...members.flatMap(stringParts)];
}

function listParts(items: readonly Buffer[]): Buffer[] {
  const nodes = nodesOf(items);
  const parts = nodes.flatMap((node) => [lengthPart(quicklistNodes.packed), ...stringParts(writeListpack(node, parseInt64))]);
  return [typeByte('listQuicklist2'), lengthPart(nodes.length), ...parts];
}

/** An item that is too long for a node has one of its own. */
function nodesOf(items: readonly Buffer[]): Buffer[][] {
  const nodes: Buffer[][] = [];
  let room = 0;
  for (const item of items) {
    const size = item.length + itemOverheadBytes;
    if (size > room) {
      nodes.push([]);
      room = nodeBytes;
    }
    nodes.at(-1)!.push(item);
    room -= size;
  }
  return nodes;
}

function typeByte(type: keyof typeof rdbTypes): Buffer {
  return Buffer.of(rdbTypes[type]);
}

function lengthPart(length: number): Buffer {
  if (length < 64) return Buffer.of(length);
  if (length < 16_384) return Buffer.of(0x40 | (length >> 8), length & 0xff);
  const part = Buffer.alloc(5, 0x80);
  part.writeUInt32BE(length, 1);
  return part;
}

/** Numbers of up to 32 bits are written as such. */
function stringParts(value: Buffer): Buffer[] {
  const number = value.length <= 11 ? parseInt64(value) : undefined;
  const at = number === undefined ? -1 : integerWidths.findIndex((width) => BigInt.asIntN(8 * width, number) === number);
  if (at < 0) return [lengthPart(value.length), value];
  return [Buffer.of(0xc0 | at), integerBytes(number!, integerWidths[at]!)];
}

const integerWidths = [1, 2, 4];

function doublePart(value: number): Buffer {
  const part = Buffer.alloc(8);
  part.writeDoubleLE(value);
  return part;
}
