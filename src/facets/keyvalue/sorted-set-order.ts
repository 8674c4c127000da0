// The order of a sorted set: by score, then by the members' bytes. Positions in it, ranks, and ranges. A small set is
// sorted in memory; of a large one the store is asked, by its index on this order and its counts of pieces.

import type { Statement } from '../../engine/client.ts';
import { ElementRows } from './element-rows.ts';
import type { Element, Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { isSmall } from './small-collection.ts';
import { sortedSetStatements } from './sorted-set-statements.ts';
import type { Unit } from './unit.ts';

/** An element of a sorted set. */
export type Scored = Element & { readonly score: number };

/** A place between elements: before every one that has this score and this member or follows them. */
export type Position = { readonly score: number; readonly member: Buffer };

const noBytes = Buffer.alloc(0);

export const start: Position = { score: Number.NEGATIVE_INFINITY, member: noBytes };
/** PostgreSQL sorts NaN after all numbers; no element has it. */
export const end: Position = { score: Number.NaN, member: noBytes };

export function beforeScore(score: number): Position {
  return { score, member: noBytes };
}

export function afterScore(score: number): Position {
  return score === Number.POSITIVE_INFINITY ? end : { score: nextDouble(score), member: noBytes };
}

export function beforeMember(score: number, member: Buffer): Position {
  return { score, member };
}

export function afterMember(score: number, member: Buffer): Position {
  return { score, member: Buffer.concat([member, Buffer.alloc(1)]) };
}

/** The smallest double above a finite one or -inf. */
function nextDouble(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Elements from one position (included) up to another (excluded), as far as `offset` and `count` let them through. */
export type Range = {
  readonly from: Position;
  readonly to: Position;
  readonly reverse?: boolean;
  readonly offset?: number;
  readonly count?: number;
};

/** The elements of a range, in its direction. */
export function elementsOfRange(unit: Unit, entry: Entry, range: Range): readonly Scored[] {
  const { from, to, reverse = false, offset = 0, count = Number.POSITIVE_INFINITY } = range;
  const rows = rowsOfRange(unit, entry, range);
  if (rows !== undefined) return scoredOf(rows);
  if (count <= 0) return [];
  const sorted = sortedElements(unit, entry);
  const first = indexOf(sorted, from);
  const past = Math.max(first, indexOf(sorted, to));
  if (!reverse) return sorted.slice(Math.min(past, first + offset), Math.min(past, first + offset + count));
  return sorted.slice(Math.max(first, past - offset - count), Math.max(first, past - offset)).toReversed();
}

/** As `elementsOfRange`, to be shown; undefined where the set is small. */
export function rowsOfRange(unit: Unit, entry: Entry, range: Range): ElementRows | undefined {
  if (isSmall(entry) || (range.count ?? 1) <= 0) return undefined;
  return askRange(unit, entry, { reverse: false, offset: 0, count: Number.POSITIVE_INFINITY, ...range });
}

/** The number of elements before a position. */
export function countBefore(unit: Unit, entry: Entry, position: Position): number {
  if (Number.isNaN(position.score)) return entry.size;
  if (position === start) return 0;
  if (isSmall(entry)) return indexOf(sortedElements(unit, entry), position);
  const { score, member } = position;
  return unit.ask(entry, `before ${score} ${member.toString('latin1')}`, () => {
    let count = 0;
    return {
      step: { statement: sortedSetStatements(entry.space).countBefore, values: [entry.ref, score, member] },
      onRow: (row) => (count = row.safeInteger(0)),
      answer: () => count,
    };
  });
}

/** The elements from one rank to another, both included and both within the set, in ascending order. */
export function elementsOfRanks(unit: Unit, entry: Entry, first: number, last: number): readonly Scored[] {
  const rows = rowsOfRanks(unit, entry, first, last);
  return rows === undefined ? sortedElements(unit, entry).slice(first, last + 1) : scoredOf(rows);
}

/** As `elementsOfRanks`, to be shown; undefined where the set is small. */
export function rowsOfRanks(unit: Unit, entry: Entry, first: number, last: number): ElementRows | undefined {
  if (isSmall(entry)) return undefined;
  const count = last - first + 1;
  const range = rangeOfRanks(entry.size, first, last);
  if (range === undefined) return askElements(unit, entry, `ranks ${first} ${count}`, { statement: sortedSetStatements(entry.space).elementsFromRank, values: [first, count] }, count);
  const rows = askRange(unit, entry, range);
  return range.reverse ? rows.reversed() : rows;
}

function scoredOf(rows: ElementRows): Scored[] {
  return Array.from({ length: rows.length }, (_, index) => ({ member: Buffer.from(rows.bytes(index)), score: rows.score(index) }));
}

/** Ranks near an end, no further from it than elements of a piece are from its beginning, are found from there on. */
export function rangeOfRanks(size: number, first: number, last: number): Required<Range> | undefined {
  const fromEnd = size - 1 - last;
  const isNearStart = first < keyvalueLimits.elementsOfPiece;
  if (!isNearStart && fromEnd >= keyvalueLimits.elementsOfPiece) return undefined;
  return { from: start, to: end, reverse: !isNearStart, offset: isNearStart ? first : fromEnd, count: last - first + 1 };
}

export type ScoreBounds = { readonly lowest: number; readonly highest: number };

/** The scores at both ends. */
export function scoreBounds(unit: Unit, entry: Entry): ScoreBounds {
  if (isSmall(entry)) {
    const sorted = sortedElements(unit, entry);
    return { lowest: sorted[0]!.score, highest: sorted.at(-1)!.score };
  }
  return unit.ask(entry, 'score bounds', () => {
    let bounds: ScoreBounds | undefined;
    return {
      step: { statement: sortedSetStatements(entry.space).scoreBounds, values: [entry.ref] },
      onRow: (row) => (bounds = { lowest: row.float64(0), highest: row.float64(1) }),
      answer: () => bounds!,
    };
  });
}

type PopWindow = { readonly ref: number | undefined; readonly reverse: boolean; readonly elements: readonly Scored[] };

/** What is next at an end of a large set: removals leave it true. */
const popWindows = new WeakMap<Entry, PopWindow>();

/** Up to `count` elements from the low end, or from the high one. */
export function elementsAtEnd(unit: Unit, entry: Entry, reverse: boolean, count: number): readonly Scored[] {
  if (isSmall(entry)) return elementsOfRange(unit, entry, { from: start, to: end, reverse, count });
  const window = popWindows.get(entry);
  if (window !== undefined && window.ref === entry.ref && window.reverse === reverse) {
    const left = window.elements.filter(({ member }) => entry.elements.get(member.toString('latin1')) !== null);
    if (left.length >= Math.min(count, entry.size)) return left.slice(0, count);
  }
  // One that stands alone wants no more than it takes.
  const ahead = window !== undefined || entry.requests > 1 ? keyvalueLimits.poppedAhead : 0;
  const elements = scoredOf(askRange(unit, entry, { from: start, to: end, reverse, offset: 0, count: count + ahead }));
  popWindows.set(entry, { ref: entry.ref, reverse, elements });
  return elements.slice(0, count);
}

// In memory

/** The elements of a small set in order, kept up to date by `noteScore` while the unit of work lasts. */
const sortedSets = new WeakMap<Entry, { readonly ref: number | undefined; readonly elements: Scored[] }>();

function sortedElements(unit: Unit, entry: Entry): Scored[] {
  const known = sortedSets.get(entry);
  if (known !== undefined && known.ref === entry.ref && known.elements.length === entry.size) return known.elements;
  const elements = (unit.allElements(entry) as Scored[]).toSorted(compareScored);
  sortedSets.set(entry, { ref: entry.ref, elements });
  return elements;
}

/** Keeps what is known of the order true when an element comes, goes or gets another score. */
export function noteScore(entry: Entry, before: Scored | undefined, after: Scored | undefined): void {
  if (after !== undefined) popWindows.delete(entry);
  const known = sortedSets.get(entry);
  if (known === undefined || known.ref !== entry.ref) return;
  const { elements } = known;
  if (before !== undefined) elements.splice(indexOf(elements, before), 1);
  if (after !== undefined) elements.splice(indexOf(elements, after), 0, after);
}

/** The index of the first element that does not come before the position. */
function indexOf(sorted: readonly Scored[], position: Position): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(sorted[middle]!, position)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(element: Scored, position: Position): boolean {
  if (Number.isNaN(position.score)) return true;
  if (element.score !== position.score) return element.score < position.score;
  return Buffer.compare(element.member, position.member) < 0;
}

export function compareScored(left: Scored, right: Scored): number {
  if (left.score !== right.score) return left.score < right.score ? -1 : 1;
  return Buffer.compare(left.member, right.member);
}

// In the store

function askRange(unit: Unit, entry: Entry, range: Required<Range>): ElementRows {
  const { upwards, downwards } = sortedSetStatements(entry.space);
  const { from, to, reverse, offset } = range;
  const limit = limitOf(unit, entry, range);
  const signature = `range ${from.score} ${from.member.toString('latin1')} ${to.score} ${to.member.toString('latin1')} ${reverse} ${offset} ${limit}`;
  const rows = askElements(unit, entry, signature, { statement: reverse ? downwards : upwards, values: rangeValues(entry, range, limit) }, offset);
  if (rows.length > keyvalueLimits.longElements) unit.takesLong();
  return rows;
}

/** How many elements there are is not known before: a range in a large set may be small. One more than may be tells that there are too many. */
export function limitOf(unit: Unit, entry: Entry, { count }: Required<Range>): number {
  const most = Math.min(count, entry.size);
  return unit.mayTakeLong ? most : Math.min(most, keyvalueLimits.longElements + 1);
}

/** Of the statements of ranges, but for the reference. */
export function rangeValues(entry: Entry, { from, to, offset }: Required<Range>, limit: number): readonly unknown[] {
  return [from.score, from.member, to.score, to.member, Math.min(offset, entry.size), limit];
}

/** The first value is the reference. */
function askElements(unit: Unit, entry: Entry, signature: string, { statement, values }: { readonly statement: Statement; readonly values: readonly unknown[] }, looksAt: number): ElementRows {
  return unit.ask(entry, signature, () => {
    const rows = new ElementRows({ bytes: 1, hasScore: true });
    return { step: { statement, values: [entry.ref, ...values] }, onRow: (row) => rows.add(row), answer: () => rows, elements: looksAt };
  });
}
