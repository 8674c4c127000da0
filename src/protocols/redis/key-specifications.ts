// Where a command's keys stand, as COMMAND INFO tells it: "key specifications" of Redis 7.0, made from the rows' positions.

import type { Command, KeyPositions } from './command.ts';
import { keyFlagsOf } from './key-flags.ts';
import { type Reply, Status } from './reply.ts';

type Where = { readonly begin: Search; readonly find: Search };
type Search = { readonly type: string; readonly spec: readonly (readonly [name: string, value: number])[] };

/** What Redis remarks on a key. */
const notes: Readonly<Record<string, string>> = {
  bitfield: 'This command allows both access and modification of the key',
  getex: 'RW and UPDATE because it changes the TTL',
  set: 'RW and ACCESS due to the optional `GET` argument',
};

const unknown: Search = { type: 'unknown', spec: [] };
const patterns = {
  notes: "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  flags: ['RO', 'access'],
};
const storedResult = {
  notes: "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
  flags: ['OW', 'update'],
};
/** Keys that only the arguments' words tell. */
const elsewhere: Readonly<Record<string, readonly { readonly notes: string; readonly flags: readonly string[] }[]>> = {
  sort: [patterns, storedResult],
  sort_ro: [patterns],
};

export function keySpecificationsOf(command: Command): Reply[] {
  const { name, keys, channels } = command;
  if (keys === undefined) return channels === undefined ? [] : [specification({ flags: ['not_key'], where: range(channels) })];
  const found = placesOf(command, keys).map((where, index) => specification({ notes: notes[name], flags: flagsOf(command, index), where }));
  for (const more of elsewhere[name] ?? []) found.push(specification({ ...more, where: { begin: unknown, find: unknown } }));
  return found;
}

/** A key that is used in another way than those after it has a specification of its own. */
function placesOf(command: Command, keys: KeyPositions): Where[] {
  const counted = keys.countAt === undefined ? [] : [countedAt(keys.countAt)];
  if (keys.first === 0) return counted;
  const single = range({ ...keys, last: keys.first });
  if (counted.length > 0) return [single, ...counted];
  const isAlone = keyFlagsOf(command, 0, []).join() === keyFlagsOf(command, 1, []).join() || keys.last === keys.first;
  return isAlone ? [range(keys)] : [single, range({ ...keys, first: keys.first + 1 })];
}

/** SET has one way with its key or another, depending on its options. */
function flagsOf(command: Command, index: number): readonly string[] {
  return command.name === 'set' ? ['RW', 'access', 'update', 'variable_flags'] : keyFlagsOf(command, index, []);
}

function range({ first, last, step }: KeyPositions): Where {
  return {
    begin: { type: 'index', spec: [['index', first]] },
    find: { type: 'range', spec: [['lastkey', last < 0 ? last : last - first], ['keystep', step], ['limit', 0]] },
  };
}

function countedAt(index: number): Where {
  return { begin: { type: 'index', spec: [['index', index]] }, find: { type: 'keynum', spec: [['keynumidx', 0], ['firstkey', 1], ['keystep', 1]] } };
}

function specification({ notes: remark, flags, where }: { readonly notes?: string | undefined; readonly flags: readonly string[]; readonly where: Where }): Reply {
  return new Map<Reply, Reply>([
    ...(remark === undefined ? [] : [['notes', remark] as const]),
    ['flags', new Set<Reply>(flags.map((flag) => new Status(flag)))],
    ['begin_search', search(where.begin)],
    ['find_keys', search(where.find)],
  ]);
}

function search({ type, spec }: Search): Reply {
  return new Map<Reply, Reply>([['type', type], ['spec', new Map<Reply, Reply>(spec)]]);
}
