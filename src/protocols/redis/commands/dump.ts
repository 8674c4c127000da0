// DUMP and RESTORE: keys in Redis's own serialisation, to and from any other Redis.

import {
  type ElementRows, type Entry, type Unit,
  expiryTimeOf, fieldsOf, keyvalueLimits, rowsOfHash, rowsOfList, rowsOfSet, selectedElements, selectedRows, storeFields, storeItems, storeWholeSet, storeWholeSortedSet,
} from '../../../facets/keyvalue/index.ts';
import { atOnce } from '../../../kernel/in-turns.ts';
import { bigintArgument, wordOf } from '../arguments.ts';
import { type Command, type KeyCommand, oneKey } from '../command.ts';
import { integer, key, text, word } from '../command-syntax.ts';
import type { Configuration } from '../configuration.ts';
import { isIntact, readPayload } from '../rdb/read.ts';
import type { RdbValue } from '../rdb/value.ts';
import { type PackingLimits, writePayload } from '../rdb/write.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { ok } from '../reply.ts';

const dump: KeyCommand = ({ unit, space, connection }, [key]) => {
  const entry = unit.find(space, key!);
  if (entry === undefined) return null;
  const found = valueOf(unit, entry);
  const write = (): Generator<undefined, Buffer> => written(found, packingLimits(connection.server.configuration));
  const isShort = entry.size <= (entry.kind === 'string' ? keyvalueLimits.longBytes : keyvalueLimits.wholeElements);
  return isShort ? atOnce(write()) : unit.computeOnce(entry, 'dump', write);
};

function packingLimits(configuration: Configuration): PackingLimits {
  return {
    intsetEntries: configuration.integer('set-max-intset-entries'),
    hashEntries: configuration.integer('hash-max-listpack-entries'),
    hashBytes: configuration.integer('hash-max-listpack-value'),
    zsetEntries: configuration.integer('zset-max-listpack-entries'),
    zsetBytes: configuration.integer('zset-max-listpack-value'),
  };
}

/** A value, or the rows of one that is large. */
type Found = RdbValue | { readonly kind: Exclude<RdbValue['kind'], 'string'>; readonly rows: ElementRows };

function valueOf(unit: Unit, entry: Entry): Found {
  const { kind, edge, size } = entry;
  switch (kind) {
    case 'string':
      return { kind, value: unit.valueOf(entry) };
    case 'list': {
      const rows = rowsOfList(unit, entry, edge, edge + size - 1);
      return rows === undefined ? { kind, items: unit.items(entry, edge, edge + size - 1) } : { kind, rows };
    }
    case 'set': {
      const rows = rowsOfSet(unit, entry);
      return rows === undefined ? { kind, members: unit.allElements(entry).map(({ member }) => member) } : { kind, rows };
    }
    case 'zset': {
      const all = { by: 'ranks', first: 0, last: size - 1 } as const;
      const rows = selectedRows(unit, entry, all);
      return rows === undefined ? { kind, members: selectedElements(unit, entry, all) } : { kind, rows };
    }
    case 'hash': {
      const rows = rowsOfHash(unit, entry, 'fieldsAndValues');
      return rows === undefined ? { kind, fields: fieldsOf(unit, entry).map(({ member, value }) => ({ field: member, value: value! })) } : { kind, rows };
    }
    default:
      throw new RedisError('ERR DUMP of a stream is not supported');
  }
}

function* written(found: Found, limits: PackingLimits): Generator<undefined, Buffer> {
  return yield* writePayload('rows' in found ? yield* valueOfRows(found) : found, limits);
}

function* valueOfRows({ kind, rows }: Extract<Found, { readonly rows: ElementRows }>): Generator<undefined, RdbValue> {
  switch (kind) {
    case 'list':
      return { kind, items: yield* eachRow(rows, (index) => rows.bytes(index)) };
    case 'set':
      return { kind, members: yield* eachRow(rows, (index) => rows.bytes(index)) };
    case 'zset':
      return { kind, members: yield* eachRow(rows, (index) => ({ member: rows.bytes(index), score: rows.score(index) })) };
    case 'hash':
      return { kind, fields: yield* eachRow(rows, (index) => ({ field: rows.bytes(index, 0), value: rows.bytes(index, 1) })) };
  }
}

/** A payload up to this length is read in one go. */
const readAtOnceBytes = 64 * 1024;
/** Elements that are looked at before others have their turn. */
const slicedRows = 1_000;

function* eachRow<Item>(rows: ElementRows, itemOf: (index: number) => Item): Generator<undefined, Item[]> {
  const items: Item[] = [];
  for (let index = 0; index < rows.length; index++) {
    items.push(itemOf(index));
    if (index % slicedRows === slicedRows - 1) yield;
  }
  return items;
}

type RestoreOptions = { readonly replaces: boolean; readonly isAbsolute: boolean; readonly idleSeconds: number | undefined };

/** FREQ counts for a policy of eviction that FacetDB does not have: as in Redis without it, it is checked and has no effect. */
function restoreOptions(words: readonly Buffer[]): RestoreOptions {
  let replaces = false;
  let isAbsolute = false;
  let hint: string | undefined;
  let idleSeconds: number | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = wordOf(words[index]);
    if (word === 'REPLACE') replaces = true;
    else if (word === 'ABSTTL') isAbsolute = true;
    else if ((word === 'IDLETIME' || word === 'FREQ') && index + 1 < words.length && (hint ?? word) === word) {
      hint = word;
      const value = hintOf(word, words[++index]!);
      if (word === 'IDLETIME') idleSeconds = value;
    } else throw redisErrors.syntax;
  }
  return { replaces, isAbsolute, idleSeconds };
}

function hintOf(word: 'IDLETIME' | 'FREQ', bytes: Buffer): number {
  const value = bigintArgument(bytes);
  if (word === 'IDLETIME' && value < 0n) throw new RedisError('ERR Invalid IDLETIME value, must be >= 0');
  if (word === 'FREQ' && (value < 0n || value > 255n)) throw new RedisError('ERR Invalid FREQ value, must be >= 0 and <= 255');
  return Number(value);
}

const restore: KeyCommand = ({ unit, space, connection }, [key, timeText, payload, ...options]) => {
  const { replaces, isAbsolute, idleSeconds } = restoreOptions(options);
  const entry = unit.entry(space, key!);
  if (entry.kind !== undefined && !replaces) throw new RedisError('BUSYKEY Target key name already exists.');
  const time = bigintArgument(timeText!);
  if (time < 0n) throw new RedisError('ERR Invalid TTL value, must be >= 0');
  // What else it could lack, before the payload is read: it is read once.
  unit.prepareCollection();
  const read = (): Generator<undefined, Restored> => restored(payload!, connection.server.bulkBytes);
  const { isIntact: isAsItWas, value } = payload!.length <= readAtOnceBytes ? atOnce(read()) : unit.computeOnce(entry, 'restore', read);
  if (!isAsItWas) throw new RedisError('ERR DUMP payload version or checksum are wrong');
  if (value === undefined) throw new RedisError('ERR Bad data format');
  // A time to live that leads beyond 64 bits comes out before 1970, as in Redis.
  const expiresAt = time === 0n ? undefined : expiryTimeOf(isAbsolute ? time : BigInt.asIntN(64, time + BigInt(unit.nowMs)));
  if (expiresAt !== undefined && expiresAt <= unit.nowMs) {
    // What is restored has expired already: it only makes room.
    if (entry.kind === undefined) return ok;
    unit.remove(entry);
    unit.note(space, 'g', 'del', key!);
    return ok;
  }
  store(unit, entry, value);
  unit.setExpiry(entry, expiresAt);
  unit.note(space, 'g', 'restore', key!);
  if (idleSeconds !== undefined) connection.server.keyvalue.accesses.note(space, key!, idleSeconds);
  return ok;
};

type Restored = { readonly isIntact: boolean; readonly value: RdbValue | undefined };

function* restored(payload: Buffer, longestString: number): Generator<undefined, Restored> {
  if (!(yield* isIntact(payload))) return { isIntact: false, value: undefined };
  return { isIntact: true, value: yield* readPayload(payload, longestString) };
}

function store(unit: Unit, entry: Entry, value: RdbValue): void {
  switch (value.kind) {
    case 'string':
      return unit.setString(entry, value.value, undefined);
    case 'list':
      return storeItems(unit, entry, value.items);
    case 'set':
      return storeWholeSet(unit, entry, value.members);
    case 'zset':
      return storeWholeSortedSet(unit, entry, value.members);
    case 'hash':
      return storeFields(unit, entry, value.fields);
  }
}

export const dumpCommands: readonly Command[] = [
  {
    name: 'dump', group: 'generic', since: '2.6.0', summary: 'Return a serialized version of the value stored at the specified key.', complexity: 'O(N) where N is the size of the whole value.',
    syntax: [key()],
    arity: 2, flags: ['readonly'], keys: oneKey,
    run: dump,
  },
  {
    name: 'restore', group: 'generic', since: '2.6.0', summary: 'Create a key using the provided serialized value, previously obtained using DUMP.', complexity: 'O(N) where N is the size of the whole value.',
    history: [
      ['3.0.0', 'Added the `REPLACE` modifier.'], ['5.0.0', 'Added the `ABSTTL` modifier.'], ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
    ],
    syntax: [
      key(), integer('ttl'), text('serialized-value'), word('REPLACE', { optional: true, since: '3.0.0' }),
      word('ABSTTL', { optional: true, since: '5.0.0' }), integer('seconds', { token: 'IDLETIME', optional: true, since: '5.0.0' }),
      integer('frequency', { token: 'FREQ', optional: true, since: '5.0.0' }),
    ],
    arity: -4, flags: ['write', 'denyoom'], keys: oneKey,
    run: restore,
  },
];
