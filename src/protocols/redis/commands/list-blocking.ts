// The list commands that wait until there is an item. Within MULTI they answer at once.

import { Blocked, type BlockedOptions, type Entry, type ListEnd, type Unit } from '../../../facets/keyvalue/index.ts';
import type { KeyCommand, KeyContext } from '../command.ts';
import { type Reply, nilArray } from '../reply.ts';
import { timeoutArgument } from '../timeout-argument.ts';
import { type Move, endArgument, moveBetween, multiPopArguments, popFirst, popNoted, popWithKey } from './list-items.ts';

export const blpop = poppingOrWaiting('left');
export const brpop = poppingOrWaiting('right');

function poppingOrWaiting(end: ListEnd): KeyCommand {
  return (context, args) => {
    const timeoutMs = timeoutArgument(args.at(-1)!);
    return popOrWait(context, { keys: args.slice(0, -1), timeoutMs, pop: (unit, entry) => [entry.key, popNoted(unit, entry, end, 1)[0]!] });
  };
}

export const blmpop: KeyCommand = (context, [timeout, ...args]) => {
  const { keys, end, count } = multiPopArguments(args);
  return popOrWait(context, { keys, timeoutMs: timeoutArgument(timeout!), pop: (unit, entry) => popWithKey(unit, entry, end, count) });
};

export const blmove: KeyCommand = (context, [source, target, from, to, timeout]) => {
  const move = { space: context.space, source: source!, target: target!, from: endArgument(from), to: endArgument(to) };
  return moveOrWait(context, move, timeoutArgument(timeout!));
};

export const brpoplpush: KeyCommand = (context, [source, target, timeout]) =>
  moveOrWait(context, { space: context.space, source: source!, target: target!, from: 'right', to: 'left' }, timeoutArgument(timeout!));

type Popping = { readonly keys: readonly Buffer[]; readonly timeoutMs: number; readonly pop: (unit: Unit, entry: Entry) => Reply };

function popOrWait({ unit, space, inTransaction }: KeyContext, { keys, timeoutMs, pop }: Popping): Reply | Blocked {
  const popped = popFirst(unit, space, keys, (entry) => pop(unit, entry));
  if (popped !== undefined) return popped;
  if (inTransaction) return nilArray;
  return waitFor({ space, keys, timeoutMs, retry: (later, entry) => (entry.kind === 'list' ? pop(later, entry) : undefined) });
}

function moveOrWait({ unit, space, inTransaction }: KeyContext, move: Move, timeoutMs: number): Reply | Blocked {
  const moved = moveBetween(unit, move);
  if (moved !== undefined) return moved;
  if (inTransaction) return null;
  return waitFor({ space, keys: [move.source], timeoutMs, retry: (later, entry) => (entry.kind === 'list' ? moveBetween(later, move) : undefined) });
}

function waitFor(options: Omit<BlockedOptions, 'timeoutReply'>): Blocked {
  return new Blocked({ ...options, timeoutReply: nilArray });
}
