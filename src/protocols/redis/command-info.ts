// A command as COMMAND INFO describes it.

import type { Command } from './command.ts';
import { tipsOf } from './command-tips.ts';
import { keySpecificationsOf } from './key-specifications.ts';
import { type Reply, Status } from './reply.ts';

const categoryOfGroup: Readonly<Record<Command['group'], string | undefined>> = {
  bitmap: '@bitmap', cluster: undefined, connection: '@connection', generic: '@keyspace', geo: '@geo', hash: '@hash', hyperloglog: '@hyperloglog',
  list: '@list', pubsub: undefined, scripting: '@scripting', server: undefined, set: '@set', sorted_set: '@sortedset', stream: '@stream',
  string: '@string', transactions: '@transaction',
};

/** Where Redis says something else than the group. */
const ownCategories: Readonly<Record<string, readonly string[]>> = {
  dbsize: ['@keyspace'], flushall: ['@keyspace', '@dangerous'], flushdb: ['@keyspace', '@dangerous'], swapdb: ['@keyspace', '@dangerous'],
  keys: ['@keyspace', '@dangerous'], info: ['@dangerous'], role: ['@admin', '@dangerous'], lastsave: ['@admin', '@dangerous'], restore: ['@keyspace', '@dangerous'],
  sort: ['@set', '@sortedset', '@list', '@dangerous'], sort_ro: ['@set', '@sortedset', '@list', '@dangerous'], wait: ['@connection'],
  'client|kill': ['@connection', '@dangerous'], 'client|list': ['@connection', '@dangerous'], command: ['@connection'],
  asking: ['@connection'], readonly: ['@connection'], readwrite: ['@connection'],
};

const categoryOrder: readonly string[] = [
  '@keyspace', '@read', '@write', '@set', '@sortedset', '@list', '@hash', '@string', '@bitmap', '@hyperloglog', '@geo', '@stream', '@pubsub',
  '@admin', '@fast', '@slow', '@blocking', '@dangerous', '@connection', '@transaction', '@scripting',
];

/** ACL categories, derived as Redis derives them from flags and group. */
export function categoriesOf(command: Command): string[] {
  const { name, group, flags } = command;
  const isContainer = 'subcommands' in command && name !== 'command';
  const has = (flag: (typeof flags)[number]): boolean => flags.includes(flag);
  const container = name.split('|')[0]!;
  if (isContainer) return ['@slow'];
  const own = ownCategories[name] ?? (container === 'command' ? ownCategories[container]! : [categoryOfGroup[group]]);
  const categories = [
    has('write') ? '@write' : undefined,
    has('readonly') && group !== 'scripting' ? '@read' : undefined,
    ...own,
    has('admin') ? '@admin' : undefined,
    has('admin') ? '@dangerous' : undefined,
    has('pubsub') ? '@pubsub' : undefined,
    has('fast') ? '@fast' : '@slow',
    has('blocking') ? '@blocking' : undefined,
  ];
  return categoryOrder.filter((category) => categories.includes(category));
}

/** Ten items: name, arity, flags, first key, last key, step, categories, tips, key specifications, subcommands. */
export function infoOf(command: Command): Reply {
  const { keys, channels, flags } = command;
  const positions = keys ?? channels;
  const shownFlags = keys?.find === undefined || flags.includes('movablekeys') ? flags : [...flags, 'movablekeys'];
  return [
    command.name,
    command.arity,
    statuses(shownFlags),
    positions?.first ?? 0,
    positions?.last ?? 0,
    positions?.step ?? 0,
    statuses(categoriesOf(command)),
    new Set<Reply>(tipsOf(command)),
    new Set<Reply>(keySpecificationsOf(command)),
    new Set<Reply>('subcommands' in command ? command.subcommands.filter((subcommand) => !('unsupported' in subcommand)).map((subcommand) => infoOf(subcommand)) : []),
  ];
}

function statuses(words: readonly string[]): Reply {
  return new Set<Reply>(words.map((word) => new Status(word)));
}
