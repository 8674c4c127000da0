// The generic commands: keys whatever they hold. Expiry, SORT and DUMP have files of their own.

import { copyKey, entriesOf, keysWhere, keyvalueLimits, pageOfKeys, randomKeys, requireSpace, scanPositions } from '../../../facets/keyvalue/index.ts';
import { bigintArgument, wordOf } from '../arguments.ts';
import { type Command, type KeyCommand, type KeyContext, type LocalCommand, allArguments, oneKey } from '../command.ts';
import { integer, key, pattern, text, word } from '../command-syntax.ts';
import { literalPrefix } from '../glob.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { type Reply, Status, ok } from '../reply.ts';
import { acceptor, parseCursor, parseScanOptions } from '../scan-options.ts';
import { dumpCommands } from './dump.ts';
import { expiryCommands } from './expiry.ts';
import { objectCommands } from './object.ts';
import { sortCommands } from './sort.ts';

const remove: KeyCommand = ({ unit, space }, keys) => {
  let removed = 0;
  for (const entry of entriesOf(unit, space, keys)) {
    // The same key may be named twice.
    if (entry.kind === undefined) continue;
    unit.remove(entry);
    unit.note(space, 'g', 'del', entry.key);
    removed += 1;
  }
  return removed;
};

const countExisting: KeyCommand = ({ unit, space }, keys) => entriesOf(unit, space, keys).filter(({ kind }) => kind !== undefined).length;

function renaming({ mayReplace }: { readonly mayReplace: boolean }): KeyCommand {
  return ({ unit, space }, [oldKey, newKey]) => {
    const [from, to] = entriesOf(unit, space, [oldKey!, newKey!]);
    if (from!.kind === undefined) throw redisErrors.noSuchKey;
    if (from === to || (to!.kind !== undefined && !mayReplace)) return mayReplace ? ok : 0;
    unit.move(from!, to!);
    unit.note(space, 'g', 'rename_from', oldKey!);
    unit.note(space, 'g', 'rename_to', newKey!);
    return mayReplace ? ok : 1;
  };
}

// Between databases

function databaseArgument(bytes: Buffer): number {
  const number = bigintArgument(bytes);
  if (number !== BigInt.asIntN(32, number)) throw redisErrors.notAnInteger;
  if (number < 0n || number >= BigInt(keyvalueLimits.databases)) throw new RedisError('ERR DB index is out of range');
  return Number(number);
}

const move: KeyCommand = ({ unit, space }, [key, database]) => {
  const target = databaseArgument(database!);
  if (target === space) throw redisErrors.sameObject;
  requireSpace(unit, target);
  const from = unit.find(space, key!);
  if (from === undefined || unit.find(target, key!) !== undefined) return 0;
  copyKey(unit, from, unit.entry(target, key!));
  unit.remove(from);
  unit.note(space, 'g', 'move_from', key!);
  unit.note(target, 'g', 'move_to', key!);
  return 1;
};

function copyOptions(words: readonly Buffer[], space: number): { readonly target: number; readonly replaces: boolean } {
  let target = space;
  let replaces = false;
  for (let index = 0; index < words.length; index++) {
    const word = wordOf(words[index]);
    if (word === 'REPLACE') replaces = true;
    else if (word === 'DB' && index + 1 < words.length) target = databaseArgument(words[++index]!);
    else throw redisErrors.syntax;
  }
  return { target, replaces };
}

const copy: KeyCommand = ({ unit, space }, [key, newKey, ...options]) => {
  const { target, replaces } = copyOptions(options, space);
  if (target === space && key!.equals(newKey!)) throw redisErrors.sameObject;
  if (target !== space) requireSpace(unit, target);
  const from = unit.find(space, key!);
  if (from === undefined) return 0;
  const to = unit.entry(target, newKey!);
  if (to.kind !== undefined && !replaces) return 0;
  copyKey(unit, from, to);
  unit.note(target, 'g', 'copy_to', newKey!);
  return 1;
};

// Looking through the database

const keys: KeyCommand = ({ unit, space }, [pattern]) =>
  keysWhere(unit, space, { prefix: literalPrefix(pattern!), accepts: acceptor(pattern), name: pattern!.toString('latin1') });

const scan: KeyCommand = ({ unit, space }, [cursorText, ...words]) => {
  const cursor = parseCursor(cursorText!);
  const { count, accepts, type } = parseScanOptions(words, { withType: true });
  // A cursor that no page gave is past the end.
  if (cursor >= BigInt(scanPositions)) return ['0', []];
  const page = pageOfKeys(unit, space, { from: Number(cursor), count });
  const found = page.keys.filter(({ key, kind }) => (type === undefined || kind === type) && accepts(key));
  return [String(page.next ?? 0), found.map(({ key }) => key)];
};

const randomkey: KeyCommand = ({ unit, space }) => {
  const found = randomKeys(unit, space);
  return found[Math.floor(Math.random() * found.length)] ?? null;
};

/**
 * DIFFERS: answers at once, whatever the timeout. What a reply has acknowledged is on the store's disk; its replicas
 * are PostgreSQL's, and none of them will report to this server.
 */
const wait: LocalCommand = (_connection, [replicas, timeout]) => {
  bigintArgument(replicas!);
  if (bigintArgument(timeout!, new RedisError('ERR timeout is not an integer or out of range')) < 0n) throw redisErrors.timeoutNegative;
  return 0;
};

const typeOf = ({ unit, space }: KeyContext, [key]: readonly Buffer[]): Reply => new Status(unit.find(space, key!)?.kind ?? 'none');

const twoKeys = { first: 1, last: 2, step: 1 } as const;

export const genericCommands: readonly Command[] = [
  {
    name: 'copy', group: 'generic', since: '6.2.0', summary: 'Copy a key', complexity: 'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
    syntax: [
      key('source'), key('destination', { specification: 1 }), integer('destination-db', { token: 'DB', optional: true }),
      word('REPLACE', { optional: true }),
    ],
    arity: -3, flags: ['write', 'denyoom'], keys: twoKeys,
    allKeys: (args) => args.slice(2).some((word) => wordOf(word) === 'DB'),
    reads: 'first',
    run: copy,
  },
  {
    name: 'del', group: 'generic', since: '1.0.0', summary: 'Delete a key', complexity: 'O(N) where N is the number of keys that will be removed. Elements are freed later.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['write'], keys: allArguments,
    run: remove,
  },
  ...dumpCommands,
  {
    name: 'exists', group: 'generic', since: '1.0.0', summary: 'Determine if a key exists', complexity: 'O(N) where N is the number of keys to check.',
    history: [['3.0.3', 'Accepts multiple `key` arguments.']],
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly', 'fast'], keys: allArguments, rowsOnly: true, keepsIdle: true,
    run: countExisting,
  },
  ...expiryCommands,
  {
    name: 'keys', group: 'generic', since: '1.0.0', summary: 'Find all keys matching the given pattern', complexity: 'O(N) with N being the number of keys that begin as the pattern does up to its first special character.',
    syntax: [pattern('pattern')],
    arity: 2, flags: ['readonly'], allKeys: true,
    run: keys,
  },
  {
    name: 'migrate', group: 'generic', since: '2.6.0', summary: 'Atomically transfer a key from a Redis instance to another one.', complexity: 'O(N)',
    arity: -6, flags: ['write', 'movablekeys'], keys: { first: 3, last: 3, step: 1 },
    unsupported: 'FacetDB does not connect to other servers for its clients; use DUMP here and RESTORE there',
  },
  {
    name: 'move', group: 'generic', since: '1.0.0', summary: 'Move a key to another database', complexity: 'O(N) where N is the number of elements',
    syntax: [key(), integer('db')],
    arity: 3, flags: ['write', 'fast'], keys: oneKey, allKeys: true,
    run: move,
  },
  ...objectCommands,
  {
    name: 'randomkey', group: 'generic', since: '1.0.0', summary: 'Return a random key from the keyspace', complexity: 'O(1)',
    arity: 1, flags: ['readonly'], allKeys: true,
    run: randomkey,
  },
  {
    name: 'rename', group: 'generic', since: '1.0.0', summary: 'Rename a key', complexity: 'O(1)',
    syntax: [key(), key('newkey', { specification: 1 })],
    arity: 3, flags: ['write'], keys: twoKeys,
    run: renaming({ mayReplace: true }),
  },
  {
    name: 'renamenx', group: 'generic', since: '1.0.0', summary: 'Rename a key, only if the new key does not exist', complexity: 'O(1)',
    history: [['3.2.0', 'The command no longer returns an error when source and destination names are the same.']],
    syntax: [key(), key('newkey', { specification: 1 })],
    arity: 3, flags: ['write', 'fast'], keys: twoKeys,
    run: renaming({ mayReplace: false }),
  },
  {
    name: 'scan', group: 'generic', since: '2.8.0', summary: 'Incrementally iterate the keys space', complexity: 'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    syntax: [
      integer('cursor'), pattern('pattern', { token: 'MATCH', optional: true }), integer('count', { token: 'COUNT', optional: true }),
      text('type', { token: 'TYPE', optional: true, since: '6.0.0' }),
    ],
    arity: -2, flags: ['readonly'], allKeys: true,
    run: scan,
  },
  ...sortCommands,
  {
    name: 'touch', group: 'generic', since: '3.2.1', summary: 'Alters the last access time of a key(s). Returns the number of existing keys specified.', complexity: 'O(N) where N is the number of keys that will be touched.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['readonly', 'fast'], keys: allArguments, rowsOnly: true,
    run: countExisting,
  },
  {
    name: 'type', group: 'generic', since: '1.0.0', summary: 'Determine the type stored at key', complexity: 'O(1)',
    syntax: [key()],
    arity: 2, flags: ['readonly', 'fast'], keys: oneKey, rowsOnly: true, keepsIdle: true,
    run: typeOf,
  },
  {
    name: 'unlink', group: 'generic', since: '4.0.0', summary: 'Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.', complexity: 'O(1) for each key removed regardless of its size. Elements are freed later.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['write', 'fast'], keys: allArguments,
    run: remove,
  },
  {
    name: 'wait', group: 'generic', since: '3.0.0', summary: 'Wait for the synchronous replication of all the write commands sent in the context of the current connection', complexity: 'O(1)',
    syntax: [integer('numreplicas'), integer('timeout')],
    arity: 3, flags: ['noscript'], ordered: true,
    local: wait,
  },
];
