// What the list commands do that never wait.

import {
  type Entry, type ListEnd, type Unit,
  entriesOf, findItems, insertItem, itemAt, listToFill, moveItem, popItems, positionAt, positionsBetween, removeItems, rowsOfList, trimItems,
} from '../../../facets/keyvalue/index.ts';
import { integerArgument, positiveArgument, wordOf } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { parseInt64 } from '../numbers.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Listing, type Reply, nilArray, ok } from '../reply.ts';

const zeroRank = new RedisError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const negativeCount = new RedisError("ERR COUNT can't be negative");
const negativeLength = new RedisError("ERR MAXLEN can't be negative");
const noKeys = new RedisError('ERR numkeys should be greater than 0');
const noCount = new RedisError('ERR count should be greater than 0');

export const llen: KeyCommand = ({ unit, space }, [key]) => unit.findKind(space, key!, 'list')?.size ?? 0;

export const lindex: KeyCommand = ({ unit, space }, [key, index]) => {
  const entry = unit.findKind(space, key!, 'list');
  if (entry === undefined) return null;
  const position = positionAt(entry, integerArgument(index!));
  return position === undefined ? null : itemAt(unit, entry, position);
};

export const lrange: KeyCommand = ({ unit, space }, [key, start, stop]) => {
  const from = integerArgument(start!);
  const to = integerArgument(stop!);
  const entry = unit.findKind(space, key!, 'list');
  if (entry === undefined) return [];
  const { first, last } = positionsBetween(entry, from, to);
  const rows = rowsOfList(unit, entry, first, last);
  return rows === undefined ? unit.items(entry, first, last) : new Listing(rows, 'array');
};

export const lpush = pushing('left', { mustExist: false });
export const rpush = pushing('right', { mustExist: false });
export const lpushx = pushing('left', { mustExist: true });
export const rpushx = pushing('right', { mustExist: true });

function pushing(end: ListEnd, { mustExist }: { readonly mustExist: boolean }): KeyCommand {
  return ({ unit, space }, [key, ...values]) => {
    if (unit.findKind(space, key!, 'list') === undefined && mustExist) return 0;
    const entry = listToFill(unit, space, key!);
    for (const value of values) unit.pushItem(entry, end, value);
    notePush(unit, entry, end);
    return entry.size;
  };
}

export const lpop = popping('left');
export const rpop = popping('right');

function popping(end: ListEnd): KeyCommand {
  return ({ unit, space }, args) => {
    const [key, countText] = args;
    if (args.length > 2) throw new RedisError(`ERR wrong number of arguments for '${end === 'left' ? 'lpop' : 'rpop'}' command`);
    const count = countText === undefined ? undefined : positiveArgument(countText);
    const entry = unit.findKind(space, key!, 'list');
    if (entry === undefined) return count === undefined ? null : nilArray;
    if (count === 0) return [];
    const items = popNoted(unit, entry, end, count ?? 1);
    return count === undefined ? items[0]! : items;
  };
}

export const lset: KeyCommand = ({ unit, space }, [key, index, value]) => {
  const entry = unit.findKind(space, key!, 'list');
  if (entry === undefined) throw redisErrors.noSuchKey;
  const position = positionAt(entry, integerArgument(index!));
  if (position === undefined) throw redisErrors.outOfRange;
  unit.setItem(entry, position, value!);
  unit.note(space, 'l', 'lset', key!);
  return ok;
};

export const linsert: KeyCommand = ({ unit, space }, [key, where, pivot, value]) => {
  const side = ({ BEFORE: 'before', AFTER: 'after' } as const)[wordOf(where)];
  if (side === undefined) throw redisErrors.syntax;
  const entry = unit.findKind(space, key!, 'list');
  if (entry === undefined) return 0;
  if (!insertItem(unit, entry, { side, pivot: pivot!, value: value! })) return -1;
  unit.note(space, 'l', 'linsert', key!);
  return entry.size;
};

export const lrem: KeyCommand = ({ unit, space }, [key, countText, value]) => {
  const count = integerArgument(countText!);
  const entry = unit.findKind(space, key!, 'list');
  const removed = entry === undefined ? 0 : removeItems(unit, entry, value!, count);
  if (removed === 0) return 0;
  unit.note(space, 'l', 'lrem', key!);
  noteIfGone(unit, entry!);
  return removed;
};

export const ltrim: KeyCommand = ({ unit, space }, [key, start, stop]) => {
  const from = integerArgument(start!);
  const to = integerArgument(stop!);
  const entry = unit.findKind(space, key!, 'list');
  if (entry === undefined) return ok;
  const { first, last } = positionsBetween(entry, from, to);
  trimItems(unit, entry, first, last);
  unit.note(space, 'l', 'ltrim', key!);
  noteIfGone(unit, entry);
  return ok;
};

export const lpos: KeyCommand = ({ unit, space }, [key, value, ...options]) => {
  const search = { value: value!, rank: 1, count: 1, compared: 0 };
  let wantsAll = false;
  for (let index = 0; index < options.length; index += 2) {
    const word = wordOf(options[index]);
    const argument = options[index + 1];
    if (argument === undefined) throw redisErrors.syntax;
    if (word === 'RANK') {
      search.rank = integerArgument(argument);
      if (search.rank === 0) throw zeroRank;
    } else if (word === 'COUNT') {
      search.count = positiveArgument(argument, negativeCount);
      wantsAll = true;
    } else if (word === 'MAXLEN') search.compared = positiveArgument(argument, negativeLength);
    else throw redisErrors.syntax;
  }
  const entry = unit.findKind(space, key!, 'list');
  const found = entry === undefined ? [] : findItems(unit, entry, search);
  return wantsAll ? found : (found[0] ?? null);
};

export const lmove: KeyCommand = ({ unit, space }, [source, target, from, to]) =>
  moveBetween(unit, { space, source: source!, target: target!, from: endArgument(from), to: endArgument(to) }) ?? null;

export const rpoplpush: KeyCommand = ({ unit, space }, [source, target]) =>
  moveBetween(unit, { space, source: source!, target: target!, from: 'right', to: 'left' }) ?? null;

export const lmpop: KeyCommand = ({ unit, space }, args) => {
  const { keys, end, count } = multiPopArguments(args);
  return popFirst(unit, space, keys, (entry) => popWithKey(unit, entry, end, count)) ?? nilArray;
};

// What the commands that may wait do as well

export type Move = { readonly space: number; readonly source: Buffer; readonly target: Buffer; readonly from: ListEnd; readonly to: ListEnd };

/** Moves an item; undefined when the source is empty. */
export function moveBetween(unit: Unit, { space, source, target, from, to }: Move): Buffer | undefined {
  const [sourceEntry, targetEntry] = entriesOf(unit, space, [source, target]);
  if (unit.findKind(space, source, 'list') === undefined) return undefined;
  unit.findKind(space, target, 'list');
  const item = moveItem(unit, sourceEntry!, targetEntry!, { from, to });
  notePush(unit, targetEntry!, to);
  notePop(unit, sourceEntry!, from);
  return item;
}

/** What `pop` gives for the first key that has items; undefined when none has. */
export function popFirst<Popped>(unit: Unit, space: number, keys: readonly Buffer[], pop: (entry: Entry) => Popped): Popped | undefined {
  entriesOf(unit, space, keys);
  for (const key of keys) {
    const entry = unit.findKind(space, key, 'list');
    if (entry !== undefined) return pop(entry);
  }
  return undefined;
}

/** As LMPOP answers: the key, and the items. */
export function popWithKey(unit: Unit, entry: Entry, end: ListEnd, count: number): Reply {
  return [entry.key, popNoted(unit, entry, end, count)];
}

/** Takes items from an end and notes it. */
export function popNoted(unit: Unit, entry: Entry, end: ListEnd, count: number): Buffer[] {
  const items = popItems(unit, entry, end, count);
  notePop(unit, entry, end);
  return items;
}

export type MultiPop = { readonly keys: readonly Buffer[]; readonly end: ListEnd; readonly count: number };

/** Reads `numkeys key [key …] LEFT|RIGHT [COUNT count]`. */
export function multiPopArguments(args: readonly Buffer[]): MultiPop {
  const number = Number(parseInt64(args[0]!) ?? 0);
  if (number < 1) throw noKeys;
  const [where, ...options] = args.slice(1 + number);
  const end = endArgument(where);
  if (options.length === 0) return { keys: args.slice(1, 1 + number), end, count: 1 };
  if (options.length < 2 || wordOf(options[0]) !== 'COUNT') throw redisErrors.syntax;
  const count = positiveArgument(options[1]!, noCount);
  if (count === 0) throw noCount;
  if (options.length > 2) throw redisErrors.syntax;
  return { keys: args.slice(1, 1 + number), end, count };
}

/** `LEFT` or `RIGHT`. */
export function endArgument(word: Buffer | undefined): ListEnd {
  const end = ({ LEFT: 'left', RIGHT: 'right' } as const)[wordOf(word)];
  if (end === undefined) throw redisErrors.syntax;
  return end;
}

function notePush(unit: Unit, { space, key }: Entry, end: ListEnd): void {
  unit.note(space, 'l', end === 'left' ? 'lpush' : 'rpush', key);
}

function notePop(unit: Unit, entry: Entry, end: ListEnd): void {
  unit.note(entry.space, 'l', end === 'left' ? 'lpop' : 'rpop', entry.key);
  noteIfGone(unit, entry);
}

function noteIfGone(unit: Unit, { kind, space, key }: Entry): void {
  if (kind === undefined) unit.note(space, 'g', 'del', key);
}
