// DUMP and RESTORE: keys in Redis's own serialisation, to and from any other Redis.

import { type Entry, type Unit, compareScored, expiryTimeOf, fieldsOf, storeFields, storeItems, storeMembers, storeScored } from '../../../facets/keyvalue/index.ts';
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
  return entry === undefined ? null : writePayload(valueOf(unit, entry), packingLimits(connection.server.configuration));
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

function valueOf(unit: Unit, entry: Entry): RdbValue {
  switch (entry.kind) {
    case 'string':
      return { kind: 'string', value: unit.valueOf(entry) };
    case 'list':
      return { kind: 'list', items: unit.items(entry, entry.edge, entry.edge + entry.size - 1) };
    case 'set':
      return { kind: 'set', members: unit.allElements(entry).map(({ member }) => member) };
    case 'zset':
      return { kind: 'zset', members: unit.allElements(entry).map(({ member, score }) => ({ member, score: score! })).sort(compareScored) };
    case 'hash':
      return { kind: 'hash', fields: fieldsOf(unit, entry).map(({ member, value }) => ({ field: member, value: value! })) };
    default:
      throw new RedisError('ERR DUMP of a stream is not supported');
  }
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
  if (!isIntact(payload!)) throw new RedisError('ERR DUMP payload version or checksum are wrong');
  const value = readPayload(payload!, connection.server.bulkBytes);
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

function store(unit: Unit, entry: Entry, value: RdbValue): void {
  switch (value.kind) {
    case 'string':
      return unit.setString(entry, value.value, undefined);
    case 'list':
      return storeItems(unit, entry, value.items);
    case 'set':
      return void storeMembers(unit, entry, value.members);
    case 'zset':
      return void storeScored(unit, entry, value.members);
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
