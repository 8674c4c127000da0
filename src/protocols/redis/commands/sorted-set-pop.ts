// Sorted set commands that take elements from an end: ZPOPMIN and ZMPOP, and the forms that wait for some.

import { Blocked, type Entry, type Scored, type Unit, elementsAtEnd, entriesOf, removeScored } from '../../../facets/keyvalue/index.ts';
import { integerArgument, positiveArgument, wordOf } from '../arguments.ts';
import type { KeyCommand, KeyContext } from '../command.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Double, type Reply, nilArray } from '../reply.ts';
import { showScored } from '../scored-reply.ts';
import { timeoutArgument } from '../timeout-argument.ts';

type End = 'min' | 'max';

export const zpopmin = popping('min');
export const zpopmax = popping('max');

function popping(end: End): KeyCommand {
  return ({ unit, space, connection }, args) => {
    if (args.length > 2) throw redisErrors.syntax;
    const [key, countText] = args;
    const count = countText === undefined ? undefined : positiveArgument(countText);
    const entry = unit.findKind(space, key!, 'zset');
    if (entry === undefined || count === 0) return [];
    return showScored(pop(unit, entry, end, count ?? 1), connection.protocol === 3 && count !== undefined ? 'nested' : 'flat');
  };
}

/** Takes up to `count` elements out. */
function pop(unit: Unit, entry: Entry, end: End, count: number): readonly Scored[] {
  const elements = elementsAtEnd(unit, entry, end === 'max', count);
  removeScored(unit, entry, elements);
  unit.note(entry.space, 'z', end === 'min' ? 'zpopmin' : 'zpopmax', entry.key);
  if (entry.kind === undefined) unit.note(entry.space, 'g', 'del', entry.key);
  return elements;
}

type PopFromFirst = {
  readonly keys: readonly Buffer[];
  readonly end: End;
  readonly count: number;
  readonly show: (key: Buffer, elements: readonly Scored[]) => Reply;
};

export const zmpop: KeyCommand = (context, args) => popFromFirst(context, severalPop(args)) ?? nilArray;

export const bzmpop: KeyCommand = (context, [timeout, ...args]) => {
  const wanted = severalPop(args);
  return popOrWait(context, wanted, timeoutArgument(timeout!));
};

export const bzpopmin: KeyCommand = (context, args) => waitingPop(context, args, 'min');
export const bzpopmax: KeyCommand = (context, args) => waitingPop(context, args, 'max');

function waitingPop(context: KeyContext, args: readonly Buffer[], end: End): Reply | Blocked {
  const show = (key: Buffer, [element]: readonly Scored[]): Reply => [key, element!.member, new Double(element!.score)];
  return popOrWait(context, { keys: args.slice(0, -1), end, count: 1, show }, timeoutArgument(args.at(-1)!));
}

function severalPop(args: readonly Buffer[]): PopFromFirst {
  const keyCount = integerArgument(args[0]!, noKeys);
  if (keyCount < 1) throw noKeys;
  if (keyCount + 1 >= args.length) throw redisErrors.syntax;
  const end = wordOf(args[keyCount + 1]).toLowerCase();
  if (end !== 'min' && end !== 'max') throw redisErrors.syntax;
  const [option, countText, ...rest] = args.slice(keyCount + 2);
  let count = 1;
  if (option !== undefined) {
    if (wordOf(option) !== 'COUNT' || countText === undefined) throw redisErrors.syntax;
    count = integerArgument(countText, noCount);
    if (count < 1) throw noCount;
    if (rest.length > 0) throw redisErrors.syntax;
  }
  return { keys: args.slice(1, 1 + keyCount), end, count, show: (key, elements) => [key, showScored(elements, 'nested')] };
}

const noKeys = new RedisError('ERR numkeys should be greater than 0');
const noCount = new RedisError('ERR count should be greater than 0');

/** Pops from the first of the keys that exists. */
function popFromFirst({ unit, space }: KeyContext, { keys, end, count, show }: PopFromFirst): Reply | undefined {
  const entry = entriesOf(unit, space, keys).find(({ kind }) => kind !== undefined);
  if (entry === undefined) return undefined;
  if (entry.kind !== 'zset') throw redisErrors.wrongType;
  return show(entry.key, pop(unit, entry, end, count));
}

function popOrWait(context: KeyContext, wanted: PopFromFirst, timeoutMs: number): Reply | Blocked {
  const reply = popFromFirst(context, wanted);
  if (reply !== undefined) return reply;
  if (context.inTransaction) return nilArray;
  const { end, count, show, keys } = wanted;
  const retry = (unit: Unit, entry: Entry): Reply | undefined =>
    entry.kind === 'zset' ? show(entry.key, pop(unit, entry, end, count)) : undefined;
  return new Blocked({ space: context.space, keys, retry, timeoutMs, timeoutReply: nilArray });
}
