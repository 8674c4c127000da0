// Sorted set commands on ranges: by rank, by score, by the members' bytes; shown, counted, stored, removed.

import {
  type Entry, type Position, type Scored, type Selection, type Unit,
  afterMember, beforeMember, countBefore, elementsOfRange, end, entriesOf, removeScored, scoreBounds, selectedElements, selectedRows, start, storeSelection, together,
} from '../../../facets/keyvalue/index.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import type { Reply } from '../reply.ts';
import { type MemberBound, type MemberRange, type ScoreRange, memberRange, scoreRange } from '../score-range.ts';
import { shapeFor, showScored } from '../scored-reply.ts';

type Order = 'rank' | 'score' | 'member';

/** What is asked for, before any key was looked at. */
type Wanted = {
  readonly range: { readonly by: 'rank'; readonly first: number; readonly last: number } | ({ readonly by: 'score' } & ScoreRange) | ({ readonly by: 'member' } & MemberRange);
  readonly reverse: boolean;
  readonly offset: number;
  /** Negative: all of them. */
  readonly count: number;
  readonly withScores: boolean;
};

/** Undefined where the command's options decide. */
type Form = { readonly order?: Order; readonly reverse?: boolean; readonly stores?: boolean };

export const zrange = showing({});
export const zrevrange = showing({ order: 'rank', reverse: true });
export const zrangebyscore = showing({ order: 'score', reverse: false });
export const zrevrangebyscore = showing({ order: 'score', reverse: true });
export const zrangebylex = showing({ order: 'member', reverse: false });
export const zrevrangebylex = showing({ order: 'member', reverse: true });

function showing(form: Form): KeyCommand {
  return ({ unit, space, connection }, [key, ...args]) => {
    const wanted = wantedRange(args, form);
    const entry = unit.findKind(space, key!, 'zset');
    const selection = entry && selectionOf(unit, entry, wanted);
    const shape = shapeFor(connection, wanted.withScores);
    if (entry === undefined || selection === undefined) return showScored([], shape);
    const isTurned = selection.by === 'ranks' && wanted.reverse;
    const rows = selectedRows(unit, entry, selection);
    if (rows !== undefined) return showScored(isTurned ? rows.reversed() : rows, shape);
    const elements = selectedElements(unit, entry, selection);
    return showScored(isTurned ? elements.toReversed() : elements, shape);
  };
}

export const zrangestore: KeyCommand = ({ unit, space }, [destinationKey, sourceKey, ...args]) => {
  const wanted = wantedRange(args, { stores: true });
  const [destination, source] = entriesOf(unit, space, [destinationKey!, sourceKey!]);
  if (source!.kind !== undefined && source!.kind !== 'zset') throw redisErrors.wrongType;
  const selection = source!.kind === undefined ? undefined : selectionOf(unit, source!, wanted);
  const hadKey = destination!.kind !== undefined;
  const stored = storeSelection(unit, destination!, source!, selection);
  if (stored > 0) unit.note(space, 'z', 'zrangestore', destinationKey!);
  else if (hadKey) unit.note(space, 'g', 'del', destinationKey!);
  return stored;
};

function wantedRange([minimum, maximum, ...options]: readonly Buffer[], form: Form): Wanted {
  let { order, reverse } = form;
  const mayOrder = order === undefined;
  let withScores = false;
  let offset = 0;
  let count = -1;
  for (let index = 0; index < options.length; index++) {
    const word = wordOf(options[index]);
    if (word === 'WITHSCORES' && form.stores !== true) withScores = true;
    else if (word === 'LIMIT' && index + 2 < options.length) {
      offset = integerArgument(options[++index]!);
      count = integerArgument(options[++index]!);
    } else if (word === 'REV' && reverse === undefined) reverse = true;
    else if (mayOrder && order === undefined && (word === 'BYLEX' || word === 'BYSCORE')) order = word === 'BYLEX' ? 'member' : 'score';
    else throw redisErrors.syntax;
  }
  order ??= 'rank';
  reverse ??= false;
  if (count !== -1 && order === 'rank') {
    throw new RedisError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  if (withScores && order === 'member') throw new RedisError('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
  return { range: rangeOf(order, minimum!, maximum!, reverse), reverse, offset, count, withScores };
}

/** Reversed ranges by score and by member name the upper end first. */
function rangeOf(order: Order, first: Buffer, second: Buffer, reverse: boolean): Wanted['range'] {
  if (order === 'rank') return { by: 'rank', first: integerArgument(first), last: integerArgument(second) };
  const [low, high] = reverse ? [second, first] : [first, second];
  return order === 'score' ? { by: 'score', ...scoreRange(low, high) } : { by: 'member', ...memberRange(low, high) };
}

/** Undefined where nothing is in the range. */
function selectionOf(unit: Unit, entry: Entry, { range, reverse, offset, count }: Wanted): Selection | undefined {
  if (range.by === 'rank') {
    const ranks = ranksWithin(entry.size, range.first, range.last, reverse);
    return ranks && { by: 'ranks', ...ranks };
  }
  if (offset < 0) return undefined;
  const { from, to } = range.by === 'score' ? range : memberPositions(unit, entry, range);
  return { by: 'range', range: { from, to, reverse, offset, ...(count < 0 ? {} : { count }) } };
}

/** Ranks in ascending order, both included; negative ones count from the end. Undefined when nothing is in the range. */
function ranksWithin(size: number, start: number, end: number, reverse = false): { readonly first: number; readonly last: number } | undefined {
  const first = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(size - 1, end < 0 ? size + end : end);
  if (first > last || first >= size) return undefined;
  return reverse ? { first: size - 1 - last, last: size - 1 - first } : { first, last };
}

/** Where a range of members begins and ends. It is meant for sets in which all have one score. */
function memberPositions(unit: Unit, entry: Entry, range: MemberRange): ScoreRange {
  const { minimum, maximum } = range;
  if (typeof minimum === 'string' && typeof maximum === 'string') return positionsAt(0, range);
  const { lowest, highest } = scoreBounds(unit, entry);
  return lowest === highest ? positionsAt(lowest, range) : positionsInMixedOrder(unit, entry, range);
}

/** Where all have this score. */
function positionsAt(score: number, { minimum, maximum }: MemberRange): ScoreRange {
  return { from: positionOf(minimum, score, false), to: positionOf(maximum, score, true) };
}

function positionOf(bound: MemberBound, score: number, isUpper: boolean): Position {
  if (bound === 'lowest') return start;
  if (bound === 'highest') return end;
  return bound.isExclusive === isUpper ? beforeMember(score, bound.member) : afterMember(score, bound.member);
}

/** Where scores differ Redis goes by the order of scores all the same: from the first member in the range on, as long as they are. */
function positionsInMixedOrder(unit: Unit, entry: Entry, { minimum, maximum }: MemberRange): ScoreRange {
  const elements = elementsOfRange(unit, entry, { from: start, to: end });
  const first = elements.findIndex(({ member }) => isWithin(member, minimum, 1));
  if (first < 0) return { from: end, to: end };
  const past = elements.find(({ member }, index) => index >= first && !isWithin(member, maximum, -1));
  const from = beforeMember(elements[first]!.score, elements[first]!.member);
  return { from, to: past === undefined ? end : beforeMember(past.score, past.member) };
}

/** `side`: 1 when the bound is a minimum, -1 when it is a maximum. */
function isWithin(member: Buffer, bound: MemberBound, side: 1 | -1): boolean {
  if (typeof bound === 'string') return (bound === 'lowest') === (side === 1);
  const order = Buffer.compare(member, bound.member);
  return order === side || (order === 0 && !bound.isExclusive);
}

export const zcount: KeyCommand = ({ unit, space }, [key, minimum, maximum]) => {
  const range = scoreRange(minimum!, maximum!);
  const entry = unit.findKind(space, key!, 'zset');
  return entry === undefined ? 0 : countWithin(unit, entry, range);
};

export const zlexcount: KeyCommand = ({ unit, space }, [key, minimum, maximum]) => {
  const range = memberRange(minimum!, maximum!);
  const entry = unit.findKind(space, key!, 'zset');
  if (entry === undefined) return 0;
  // Asked at once whether all scores are one, and for what is wanted if that is 0, as in nearly all sets that are used so.
  const guessed = positionsAt(0, range);
  const [positions] = together([() => memberPositions(unit, entry, range), () => (countWithin(unit, entry, guessed), guessed)], (look) => look());
  return countWithin(unit, entry, positions!);
};

function countWithin(unit: Unit, entry: Entry, { from, to }: ScoreRange): number {
  const [past, before] = together([to, from], (position) => countBefore(unit, entry, position));
  return Math.max(0, past! - before!);
}

export const zremrangebyrank = removing('rank', 'zremrangebyrank');
export const zremrangebyscore = removing('score', 'zremrangebyscore');
export const zremrangebylex = removing('member', 'zremrangebylex');

function removing(order: Order, event: string): KeyCommand {
  return ({ unit, space }, [key, minimum, maximum]): Reply => {
    const range = rangeOf(order, minimum!, maximum!, false);
    const entry = unit.findKind(space, key!, 'zset');
    if (entry === undefined) return 0;
    const selection = selectionOf(unit, entry, { range, reverse: false, offset: 0, count: -1, withScores: false });
    const elements: readonly Scored[] = selection === undefined ? [] : selectedElements(unit, entry, selection);
    if (elements.length === 0) return 0;
    removeScored(unit, entry, elements);
    unit.note(space, 'z', event, key!);
    if (entry.kind === undefined) unit.note(space, 'g', 'del', key!);
    return elements.length;
  };
}
