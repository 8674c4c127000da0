// Which arguments of a command are elements of its key: what is named can be fetched with the key, in one round trip.
// `args` begin with the key. Elements too many cost time only, those that are left out a further round trip.

import type { NamedElements } from '../../facets/keyvalue/index.ts';
import type { CommandGroup } from './command.ts';

/** `HGET key field …` */
export function secondArgument(args: readonly Buffer[]): readonly Buffer[] {
  return args.slice(1, 2);
}

/** `ZINCRBY key increment member` */
export function thirdArgument(args: readonly Buffer[]): readonly Buffer[] {
  return args.slice(2, 3);
}

/** `SADD key member …` */
export function allButKey(args: readonly Buffer[]): readonly Buffer[] {
  return args.slice(1);
}

/** `HSET key field value …` */
export function fieldsOfPairs(args: readonly Buffer[]): readonly Buffer[] {
  return args.filter((_, index) => index % 2 === 1);
}

/** `ZADD key [option …] score member …`: the scores and members are an even number at the end, and no option is a score. */
export function membersOfScores(args: readonly Buffer[]): readonly Buffer[] {
  const first = args.findIndex((word, index) => index > 0 && !zaddOptions.has(word.toString('latin1').toUpperCase()));
  return first < 0 ? [] : args.filter((_, index) => index > first && (index - first) % 2 === 1);
}

const zaddOptions: ReadonlySet<string> = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']);

const kindOfGroup: Partial<Record<CommandGroup, NamedElements['kind']>> = { hash: 'hash', set: 'set', sorted_set: 'zset' };

/** Undefined where a command's group is not that of a collection. */
export function namedElements(group: CommandGroup, members: readonly Buffer[]): NamedElements | undefined {
  const kind = kindOfGroup[group];
  return kind === undefined || members.length === 0 ? undefined : { kind, members };
}
