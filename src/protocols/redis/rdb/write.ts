// Writes values as Redis 7.0 dumps them (rdb.c, `rdbSaveObject`), small collections packed by its default thresholds.
// Strings are never compressed: every Redis reads them as they are.

import { formatDouble, parseInt64 } from '../numbers.ts';
import { crc64 } from './crc64.ts';
import { writeIntset, writeListpack } from './packed-lists.ts';
import { PayloadBytes } from './payload-bytes.ts';
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

/** Elements that are written before others have their turn. */
const slicedElements = 1_000;
const slicedBytes = 1024 * 1024;

/** The reply of DUMP. */
export function* writePayload(value: RdbValue, limits: PackingLimits): Generator<undefined, Buffer> {
  const bytes = new PayloadBytes();
  yield* writeValue(bytes, value, limits);
  bytes.byte(rdbVersion & 0xff);
  bytes.byte(rdbVersion >> 8);
  const { pieces } = bytes;
  const checksum = yield* crc64(pieces);
  return yield* joined([...pieces, checksum]);
}

/** As `Buffer.concat`, which takes long for what is large. */
function* joined(pieces: readonly Buffer[]): Generator<undefined, Buffer> {
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += slicedBytes) {
      end += piece.copy(whole, end, start, Math.min(piece.length, start + slicedBytes));
      yield;
    }
  }
  return whole;
}

function* writeValue(bytes: PayloadBytes, value: RdbValue, limits: PackingLimits): Generator<undefined, void> {
  switch (value.kind) {
    case 'string':
      bytes.byte(rdbTypes.string);
      return bytes.string(value.value);
    case 'list':
      return yield* writeList(bytes, value.items);
    case 'set':
      return yield* writeSet(bytes, value.members, limits);
    case 'zset': {
      const { members } = value;
      const fits = members.length <= limits.zsetEntries && members.every(({ member }) => member.length <= limits.zsetBytes);
      if (fits) return writePacked(bytes, 'zsetListpack', members.flatMap(({ member, score }) => [member, Buffer.from(formatDouble(score), 'latin1')]));
      // From the highest to the lowest, so that a reader always inserts at the front.
      return yield* writeElements(bytes, 'zset2', members.toReversed(), ({ member, score }) => {
        bytes.string(member);
        bytes.double(score);
      });
    }
    case 'hash': {
      const { fields } = value;
      const fits = fields.length <= limits.hashEntries && fields.every(({ field, value: content }) => field.length <= limits.hashBytes && content.length <= limits.hashBytes);
      if (fits) return writePacked(bytes, 'hashListpack', fields.flatMap(({ field, value: content }) => [field, content]));
      return yield* writeElements(bytes, 'hash', fields, ({ field, value: content }) => {
        bytes.string(field);
        bytes.string(content);
      });
    }
  }
}

function writePacked(bytes: PayloadBytes, type: keyof typeof rdbTypes, elements: readonly Buffer[]): void {
  bytes.byte(rdbTypes[type]);
  bytes.string(writeListpack(elements, parseInt64));
}

function* writeElements<Item>(bytes: PayloadBytes, type: keyof typeof rdbTypes, items: readonly Item[], write: (item: Item) => void): Generator<undefined, void> {
  bytes.byte(rdbTypes[type]);
  bytes.length(items.length);
  for (const [index, item] of items.entries()) {
    write(item);
    if (index % slicedElements === slicedElements - 1) yield;
  }
}

function* writeSet(bytes: PayloadBytes, members: readonly Buffer[], { intsetEntries }: PackingLimits): Generator<undefined, void> {
  const numbers = members.length <= intsetEntries ? members.map(parseInt64).filter((number) => number !== undefined) : [];
  if (numbers.length < members.length) return yield* writeElements(bytes, 'set', members, (member) => bytes.string(member));
  bytes.byte(rdbTypes.setIntset);
  bytes.string(writeIntset(numbers));
}

function* writeList(bytes: PayloadBytes, items: readonly Buffer[]): Generator<undefined, void> {
  const nodes = nodesOf(items);
  bytes.byte(rdbTypes.listQuicklist2);
  bytes.length(nodes.length);
  for (const node of nodes) {
    bytes.length(quicklistNodes.packed);
    bytes.string(writeListpack(node, parseInt64));
    yield;
  }
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
