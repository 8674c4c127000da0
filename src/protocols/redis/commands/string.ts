// The string commands.

import { partOf, rangeWithin, stringsOf, entriesOf, writePart, type Entry, type ExpiryTime } from '../../../facets/keyvalue/index.ts';
import { bigintArgument, integerArgument, wordOf } from '../arguments.ts';
import { type Command, type KeyCommand, type KeyContext, type KeyReads, allArguments, oneKey } from '../command.ts';
import { block, double, integer, key, oneOf, text, unixTime, word } from '../command-syntax.ts';
import { longestCommonSubsequence } from '../longest-common-subsequence.ts';
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../long-double.ts';
import { isInt64, parseInt64 } from '../numbers.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';
import { type ExpiryForm, checkStringLength, expiryTime, parseSetOptions, rangeArguments } from '../set-options.ts';

const noBytes = Buffer.alloc(0);
const int64Min = -(2n ** 63n);

const get: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'string');
  return entry === undefined ? null : unit.valueOf(entry);
};

/** Plain SET is blind: the key need not be read to be replaced. */
const set: KeyCommand = (context, args) => {
  const { unit, space } = context;
  const [key, value] = args as [Buffer, Buffer];
  if (args.length === 2) {
    unit.replaceUnseen(space, key, value, undefined);
    unit.note(space, '$', 'set', key);
    return ok;
  }
  const { condition, returnsOld, keepsExpiry, expiry } = parseSetOptions(args.slice(2), 'set');
  const expiresAt = expiry && expiryTime(expiry.time, expiry.form, { command: 'set', nowMs: unit.nowMs });
  if (condition === undefined && !returnsOld && !keepsExpiry) {
    setWithExpiry(context, { key, value, expiresAt });
    return ok;
  }
  const found = returnsOld ? unit.findKind(space, key, 'string') : unit.find(space, key);
  const old = returnsOld && found !== undefined ? unit.valueOf(found) : null;
  if (condition !== undefined && (found === undefined) !== (condition === 'NX')) return old;
  unit.setString(unit.entry(space, key), value, keepsExpiry ? found?.expiresAt : expiresAt);
  noteSet(context, key, expiresAt);
  return returnsOld ? old : ok;
};

/** Whether SET's options (`args` are key, value, options) leave it no reason to look at the key. */
function isBlindSet(args: readonly Buffer[]): boolean {
  return args.length === 2 || !args.slice(2).some((option) => ['NX', 'XX', 'GET', 'KEEPTTL'].includes(wordOf(option)));
}

/** Only its option GET reads. */
function readsOfSet(args: readonly Buffer[]): KeyReads {
  return args.slice(2).some((option) => wordOf(option) === 'GET') ? 'all' : 'none';
}

function setWithExpiry(context: KeyContext, { key, value, expiresAt }: { key: Buffer; value: Buffer; expiresAt: ExpiryTime | undefined }): void {
  context.unit.replaceUnseen(context.space, key, value, expiresAt);
  noteSet(context, key, expiresAt);
}

function noteSet({ unit, space }: KeyContext, key: Buffer, expiresAt: ExpiryTime | undefined): void {
  unit.note(space, '$', 'set', key);
  if (expiresAt !== undefined) unit.note(space, 'g', 'expire', key);
}

function settingFor(command: string, form: ExpiryForm): KeyCommand {
  return (context, [key, time, value]) => {
    const expiresAt = expiryTime(time!, form, { command, nowMs: context.unit.nowMs });
    setWithExpiry(context, { key: key!, value: value!, expiresAt });
    return ok;
  };
}

const setnx: KeyCommand = (context, [key, value]) => {
  const { unit, space } = context;
  if (unit.find(space, key!) !== undefined) return 0;
  unit.setString(unit.entry(space, key!), value!, undefined);
  noteSet(context, key!, undefined);
  return 1;
};

const getset: KeyCommand = (context, [key, value]) => {
  const { unit, space } = context;
  const old = get(context, [key!]) as Reply;
  unit.setString(unit.entry(space, key!), value!, undefined);
  noteSet(context, key!, undefined);
  return old;
};

const getdel: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'string');
  if (entry === undefined) return null;
  const value = unit.valueOf(entry);
  unit.remove(entry);
  unit.note(space, 'g', 'del', key!);
  return value;
};

const getex: KeyCommand = ({ unit, space }, [key, ...options]) => {
  const { expiry, persists } = parseSetOptions(options, 'getex');
  const entry = unit.findKind(space, key!, 'string');
  if (entry === undefined) return null;
  const expiresAt = expiry && expiryTime(expiry.time, expiry.form, { command: 'getex', nowMs: unit.nowMs });
  const value = unit.valueOf(entry);
  if (expiresAt !== undefined && expiresAt <= unit.nowMs) {
    unit.remove(entry);
    unit.note(space, 'g', 'del', key!);
  } else if (expiresAt !== undefined) {
    unit.setExpiry(entry, expiresAt);
    unit.note(space, 'g', 'expire', key!);
  } else if (persists && entry.expiresAt !== undefined) {
    unit.setExpiry(entry, undefined);
    unit.note(space, 'g', 'persist', key!);
  }
  return value;
};

const mget: KeyCommand = ({ unit, space }, keys) => stringsOf(unit, space, keys).map((value) => value ?? null);

const mset: KeyCommand = (context, args) => {
  for (const { key, value } of pairsOf('mset', args)) setWithExpiry(context, { key, value, expiresAt: undefined });
  return ok;
};

const msetnx: KeyCommand = (context, args) => {
  const { unit, space } = context;
  const pairs = pairsOf('msetnx', args);
  const entries = entriesOf(unit, space, pairs.map(({ key }) => key));
  if (entries.some((entry) => entry.kind !== undefined)) return 0;
  for (const [index, { key, value }] of pairs.entries()) {
    unit.setString(entries[index]!, value, undefined);
    noteSet(context, key, undefined);
  }
  return 1;
};

function pairsOf(command: string, args: readonly Buffer[]): { readonly key: Buffer; readonly value: Buffer }[] {
  if (args.length % 2 !== 0) throw new RedisError(`ERR wrong number of arguments for '${command}' command`);
  const pairs = [];
  for (let index = 0; index < args.length; index += 2) pairs.push({ key: args[index]!, value: args[index + 1]! });
  return pairs;
}

const append: KeyCommand = ({ unit, space, connection }, [key, tail]) => {
  const entry = unit.findKind(space, key!, 'string');
  if (entry !== undefined) checkStringLength(entry.size + tail!.length, connection.server.bulkBytes);
  const target = unit.entry(space, key!);
  writePart(unit, target, target.size, tail!);
  unit.note(space, '$', 'append', key!);
  return target.size;
};

const strlen: KeyCommand = ({ unit, space }, [key]) => unit.findKind(space, key!, 'string')?.size ?? 0;

const getrange: KeyCommand = ({ unit, space }, [key, from, to]) => {
  const { start, end } = rangeArguments(from!, to!);
  const entry = unit.findKind(space, key!, 'string');
  const range = entry && rangeWithin(entry.size, start, end);
  return range === undefined ? noBytes : partOf(unit, entry!, range.first, range.last);
};

const setrange: KeyCommand = ({ unit, space, connection }, [key, offsetText, part]) => {
  const offset = integerArgument(offsetText!);
  if (offset < 0) throw new RedisError('ERR offset is out of range');
  const entry = unit.findKind(space, key!, 'string');
  const length = entry?.size ?? 0;
  if (part!.length === 0) return length;
  checkStringLength(offset + part!.length, connection.server.bulkBytes);
  const target = unit.entry(space, key!);
  writePart(unit, target, offset, part!);
  unit.note(space, '$', 'setrange', key!);
  return target.size;
};

function increase({ unit, space }: KeyContext, key: Buffer, change: bigint): Reply {
  const entry = unit.findKind(space, key, 'string');
  const before = entry === undefined ? 0n : parseInt64(unit.valueOf(entry));
  if (before === undefined) throw redisErrors.notAnInteger;
  const after = before + change;
  if (!isInt64(after)) throw redisErrors.increaseOverflow;
  unit.setString(unit.entry(space, key), Buffer.from(after.toString(), 'latin1'), entry?.expiresAt);
  unit.note(space, '$', 'incrby', key);
  return after;
}

const decrby: KeyCommand = (context, [key, change]) => {
  const decrease = bigintArgument(change!);
  if (decrease === int64Min) throw new RedisError('ERR decrement would overflow');
  return increase(context, key!, -decrease);
};

const incrbyfloat: KeyCommand = ({ unit, space }, [key, change]) => {
  const entry = unit.findKind(space, key!, 'string');
  const before = parseLongDouble(entry === undefined ? Buffer.from('0') : unit.valueOf(entry));
  const by = parseLongDouble(change!);
  if (before === undefined || by === undefined) throw redisErrors.notAFloat;
  const sum = addLongDoubles(before, by);
  if (sum === undefined) throw redisErrors.nanOrInfinity;
  const after = Buffer.from(formatLongDouble(sum), 'latin1');
  unit.setString(unit.entry(space, key!), after, entry?.expiresAt);
  unit.note(space, '$', 'incrbyfloat', key!);
  return after;
};

const lcs: KeyCommand = ({ unit, space, connection }, [left, right, ...options]) => {
  const entries = entriesOf(unit, space, [left!, right!]);
  if (entries.some(({ kind }) => kind !== undefined && kind !== 'string')) {
    throw new RedisError('ERR The specified keys must contain string values');
  }
  const [first, second] = entries.map((entry: Entry) => (entry.kind === undefined ? noBytes : unit.valueOf(entry)));
  return longestCommonSubsequence(first!, second!, { options, memoryBytes: connection.server.bulkBytes });
};

const pairKeys = { first: 1, last: -1, step: 2 } as const;
const ofResult = 'O(N) where N is the length of the returned string.';

export const stringCommands: readonly Command[] = [
  {
    name: 'append', group: 'string', since: '2.0.0', summary: 'Append a value to a key', complexity: 'O(N) where N is the length of the value.',
    syntax: [key(), text('value')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: append,
  },
  {
    name: 'decr', group: 'string', since: '1.0.0', summary: 'Decrement the integer value of a key by one', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: (context, [key]) => increase(context, key!, -1n),
  },
  {
    name: 'decrby', group: 'string', since: '1.0.0', summary: 'Decrement the integer value of a key by the given number', complexity: 'O(1)',
    syntax: [key(), integer('decrement')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: decrby,
  },
  {
    name: 'get', group: 'string', since: '1.0.0', summary: 'Get the value of a key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: get,
  },
  {
    name: 'getdel', group: 'string', since: '6.2.0', summary: 'Get the value of a key and delete the key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['write', 'fast'], keys: oneKey,
    reads: 'all',
    run: getdel,
  },
  {
    name: 'getex', group: 'string', since: '6.2.0', summary: 'Get the value of a key and optionally set its expiration', complexity: 'O(1)',
    syntax: [
      key(),
      oneOf('expiration', [
        integer('seconds', { token: 'EX' }), integer('milliseconds', { token: 'PX' }), unixTime('unix-time-seconds', { token: 'EXAT' }),
        unixTime('unix-time-milliseconds', { token: 'PXAT' }), word('PERSIST'),
      ], { optional: true }),
    ],
    arity: -2, flags: ['write', 'fast'], keys: oneKey,
    reads: 'all',
    run: getex,
  },
  {
    name: 'getrange', group: 'string', since: '2.4.0', summary: 'Get a substring of the string stored at a key', complexity: ofResult,
    syntax: [key(), integer('start'), integer('end')],
    arity: 4, flags: ['readonly'], keys: oneKey,
    run: getrange,
  },
  {
    name: 'getset', group: 'string', since: '1.0.0', summary: 'Set the string value of a key and return its old value', complexity: 'O(1)',
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    syntax: [key(), text('value')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    reads: 'all',
    run: getset,
  },
  {
    name: 'incr', group: 'string', since: '1.0.0', summary: 'Increment the integer value of a key by one', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: (context, [key]) => increase(context, key!, 1n),
  },
  {
    name: 'incrby', group: 'string', since: '1.0.0', summary: 'Increment the integer value of a key by the given amount', complexity: 'O(1)',
    syntax: [key(), integer('increment')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: (context, [key, change]) => increase(context, key!, bigintArgument(change!)),
  },
  {
    name: 'incrbyfloat', group: 'string', since: '2.6.0', summary: 'Increment the float value of a key by the given amount', complexity: 'O(1)',
    syntax: [key(), double('increment')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: incrbyfloat,
  },
  {
    name: 'lcs', group: 'string', since: '7.0.0', summary: 'Find longest common substring', complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
    syntax: [
      key('key1'), key('key2'), word('LEN', { optional: true }), word('IDX', { optional: true }), integer('len', { token: 'MINMATCHLEN', optional: true }),
      word('WITHMATCHLEN', { optional: true }),
    ],
    arity: -3, flags: ['readonly'], keys: { first: 1, last: 2, step: 1 },
    run: lcs,
  },
  {
    name: 'mget', group: 'string', since: '1.0.0', summary: 'Get the values of all the given keys', complexity: 'O(N) where N is the number of keys to retrieve.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly', 'fast'], keys: allArguments,
    run: mget,
  },
  {
    name: 'mset', group: 'string', since: '1.0.1', summary: 'Set multiple keys to multiple values', complexity: 'O(N) where N is the number of keys to set.',
    syntax: [block('key_value', [key(), text('value')], { multiple: true })],
    arity: -3, flags: ['write', 'denyoom'], keys: pairKeys, blind: true,
    run: mset,
  },
  {
    name: 'msetnx', group: 'string', since: '1.0.1', summary: 'Set multiple keys to multiple values, only if none of the keys exist', complexity: 'O(N) where N is the number of keys to set.',
    syntax: [block('key_value', [key(), text('value')], { multiple: true })],
    arity: -3, flags: ['write', 'denyoom'], keys: pairKeys,
    run: msetnx,
  },
  {
    name: 'psetex', group: 'string', since: '2.6.0', summary: 'Set the value and expiration in milliseconds of a key', complexity: 'O(1)',
    syntax: [key(), integer('milliseconds'), text('value')],
    arity: 4, flags: ['write', 'denyoom'], keys: oneKey, blind: true,
    run: settingFor('psetex', 'PX'),
  },
  {
    name: 'set', group: 'string', since: '1.0.0', summary: 'Set the string value of a key', complexity: 'O(1)',
    history: [
      ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'], ['6.0.0', 'Added the `KEEPTTL` option.'],
      ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'], ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
    ],
    syntax: [
      key(), text('value'), oneOf('condition', [word('NX'), word('XX')], { optional: true, since: '2.6.12' }),
      word('GET', { optional: true, since: '6.2.0' }),
      oneOf('expiration', [
        integer('seconds', { token: 'EX', since: '2.6.12' }), integer('milliseconds', { token: 'PX', since: '2.6.12' }),
        unixTime('unix-time-seconds', { token: 'EXAT', since: '6.2.0' }), unixTime('unix-time-milliseconds', { token: 'PXAT', since: '6.2.0' }),
        word('KEEPTTL', { since: '6.0.0' }),
      ], { optional: true }),
    ],
    arity: -3, flags: ['write', 'denyoom'], keys: oneKey, blind: isBlindSet,
    reads: readsOfSet,
    run: set,
  },
  {
    name: 'setex', group: 'string', since: '2.0.0', summary: 'Set the value and expiration of a key', complexity: 'O(1)',
    syntax: [key(), integer('seconds'), text('value')],
    arity: 4, flags: ['write', 'denyoom'], keys: oneKey, blind: true,
    run: settingFor('setex', 'EX'),
  },
  {
    name: 'setnx', group: 'string', since: '1.0.0', summary: 'Set the value of a key, only if the key does not exist', complexity: 'O(1)',
    syntax: [key(), text('value')],
    arity: 3, flags: ['write', 'denyoom', 'fast'], keys: oneKey,
    run: setnx,
  },
  {
    name: 'setrange', group: 'string', since: '2.2.0', summary: 'Overwrite part of a string at key starting at the specified offset', complexity: 'O(N) where N is the length of the whole value.',
    syntax: [key(), integer('offset'), text('value')],
    arity: 4, flags: ['write', 'denyoom'], keys: oneKey,
    run: setrange,
  },
  {
    name: 'strlen', group: 'string', since: '2.2.0', summary: 'Get the length of the value stored in a key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true,
    run: strlen,
  },
  {
    name: 'substr', group: 'string', since: '1.0.0', summary: 'Get a substring of the string stored at a key', complexity: ofResult,
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    syntax: [key(), integer('start'), integer('end')],
    arity: 4, flags: ['readonly'], keys: oneKey,
    run: getrange,
  },
];
