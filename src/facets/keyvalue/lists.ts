// Lists: items at contiguous positions from `entry.edge` on. What a command changes in the middle renumbers the shorter
// side, up to `wholeElements` items; of a longer list the runs say which few items move (`list-runs.ts`).

import type { Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { ListRuns } from './list-runs.ts';
import { type Search, copyItems, evenOut, findMatches, moveMatchesOut, searchItems, shiftItems } from './list-statements.ts';
import type { Unit } from './unit.ts';

export type ListEnd = 'left' | 'right';

/** The position of the item at an index (negative: from the end), or undefined when there is none. */
export function positionAt(entry: Entry, index: number): number | undefined {
  const fromStart = index < 0 ? entry.size + index : index;
  return fromStart < 0 || fromStart >= entry.size ? undefined : entry.edge + fromStart;
}

export function itemAt(unit: Unit, entry: Entry, position: number): Buffer {
  return unit.items(entry, position, position)[0]!;
}

/** The positions from one index to another, as LRANGE and LTRIM read them; `last < first` when there are none. */
export function positionsBetween({ edge, size }: Entry, start: number, stop: number): { readonly first: number; readonly last: number } {
  const first = Math.max(start < 0 ? size + start : start, 0);
  const last = Math.min(stop < 0 ? size + stop : stop, size - 1);
  return { first: edge + first, last: edge + last };
}

/** The list to push to: the one that is there, or a new one. */
export function listToFill(unit: Unit, space: number, key: Buffer): Entry {
  const entry = unit.findKind(space, key, 'list');
  if (entry !== undefined) return entry;
  const created = unit.entry(space, key);
  unit.createCollection(created, 'list');
  return created;
}

/** Takes up to `count` items from an end, in the order in which they leave. */
export function popItems(unit: Unit, entry: Entry, end: ListEnd, count: number): Buffer[] {
  const first = entry.edge;
  const last = entry.edge + entry.size - 1;
  const taken = Math.min(count, entry.size);
  if (end === 'left') {
    const items = unit.items(entry, first, first + taken - 1);
    unit.cutItems(entry, first + taken, last);
    return items;
  }
  const items = unit.items(entry, last - taken + 1, last).toReversed();
  unit.cutItems(entry, first, last - taken);
  return items;
}

/** Keeps the items from one position to another. Of a long list little is kept by copying it: the rest is freed later. */
export function trimItems(unit: Unit, entry: Entry, first: number, last: number): void {
  const kept = last - first + 1;
  const removed = entry.size - kept;
  if (kept <= 0 || removed <= kept || removed <= keyvalueLimits.itemsDeletedAtOnce) return unit.cutItems(entry, first, last);
  const ref = copyItems(unit, entry, first, last);
  unit.cutItems(entry, first, last);
  unit.continueAs(entry, ref);
}

/** Takes an item from an end of `source` and adds it to an end of the list of `target`, which may be the same key. */
export function moveItem(unit: Unit, source: Entry, target: Entry, ends: { readonly from: ListEnd; readonly to: ListEnd }): Buffer {
  const position = ends.from === 'left' ? source.edge : source.edge + source.size - 1;
  const item = itemAt(unit, source, position);
  if (source === target && ends.from === ends.to) {
    unit.setItem(source, position, item);
    return item;
  }
  if (target.kind === undefined) unit.createCollection(target, 'list');
  // First in, then out: a list of one item that turns around must not vanish between the two.
  unit.pushItem(target, ends.to, item);
  if (ends.from === 'left') unit.cutItems(source, position + 1, source.edge + source.size - 1);
  else unit.cutItems(source, source.edge, position - 1);
  return item;
}

/** The indexes of items that equal a value, in the order of the search. */
export function findItems(unit: Unit, entry: Entry, search: Search): number[] {
  const { value, rank, count, compared } = search;
  const { edge, size } = entry;
  if (size > keyvalueLimits.wholeElements) return searchItems(unit, entry, search);
  const items = unit.items(entry, edge, edge + size - 1);
  const looks = Math.min(compared === 0 ? size : compared, size);
  const found: number[] = [];
  let skipped = Math.abs(rank) - 1;
  for (let look = 0; look < looks && (count === 0 || found.length < count); look++) {
    const index = rank > 0 ? look : size - 1 - look;
    if (!items[index]!.equals(value)) continue;
    if (skipped > 0) skipped -= 1;
    else found.push(index);
  }
  return found;
}

/** Inserts before or after the first item that equals the pivot; false when there is none. */
export function insertItem(unit: Unit, entry: Entry, { side, pivot, value }: { readonly side: 'before' | 'after'; readonly pivot: Buffer; readonly value: Buffer }): boolean {
  const [found] = findItems(unit, entry, { value: pivot, rank: 1, count: 1, compared: 0 });
  if (found === undefined) return false;
  const index = side === 'before' ? found : found + 1;
  if (entry.size > keyvalueLimits.wholeElements) {
    insertIntoLong(unit, entry, index, value);
    return true;
  }
  const end = entry.edge + entry.size - 1;
  if (index <= entry.size >> 1) insertFrom(unit, entry, { value, at: entry.edge + index - 1, first: entry.edge, step: -1 });
  else insertFrom(unit, entry, { value, at: entry.edge + index, first: end, step: 1 });
  return true;
}

/** Puts a value at a position; the items from there to the end of the list move outwards by one. `first` is the outermost. */
function insertFrom(unit: Unit, entry: Entry, { value, at, first, step }: { value: Buffer; at: number; first: number; step: -1 | 1 }): void {
  const count = (first - at) * step + 1;
  const end = step === 1 ? 'right' : 'left';
  if (count === 0) return unit.pushItem(entry, end, value);
  const items = unit.items(entry, Math.min(at, first), Math.max(at, first));
  if (step === -1) items.reverse();
  // `items` begins at the insertion point.
  unit.pushItem(entry, end, items.at(-1)!);
  for (let index = 0; index < count - 1; index++) unit.setItem(entry, at + step * (index + 1), items[index]!);
  unit.setItem(entry, at, value);
}

function insertIntoLong(unit: Unit, entry: Entry, index: number, value: Buffer): void {
  if (index === 0) return unit.pushItem(entry, 'left', value);
  if (index === entry.size) return unit.pushItem(entry, 'right', value);
  const { move, runs } = runsOf(entry).insert(index);
  if (move === undefined) unit.requireSettled(entry);
  else shiftItems(unit, entry, move);
  unit.placeItems(entry, runs);
  unit.setItem(entry, entry.edge + index, value);
}

/** Of an even list, too. */
function runsOf({ runs, edge, size }: Entry): ListRuns {
  return runs instanceof ListRuns ? runs : ListRuns.even(edge, size);
}

/** Removes items that equal a value: the first `count`, with a negative count the last ones, with 0 all. Gives their number. */
export function removeItems(unit: Unit, entry: Entry, value: Buffer, count: number): number {
  if (entry.size > keyvalueLimits.wholeElements) return removeFromLong(unit, entry, value, count);
  const { edge, size } = entry;
  const found = findItems(unit, entry, { value, rank: count < 0 ? -1 : 1, count: Math.abs(count), compared: 0 });
  if (found.length === 0) return 0;
  const gone = new Set(found);
  const first = Math.min(...found);
  const last = Math.max(...found);
  const items = unit.items(entry, edge, edge + size - 1);
  if (size - first <= last + 1) {
    let next = first;
    for (let index = first; index < size; index++) if (!gone.has(index)) unit.setItem(entry, edge + next++, items[index]!);
    unit.cutItems(entry, edge, edge + next - 1);
  } else {
    let next = last;
    for (let index = last; index >= 0; index--) if (!gone.has(index)) unit.setItem(entry, edge + next--, items[index]!);
    unit.cutItems(entry, edge + next + 1, edge + size - 1);
  }
  return found.length;
}

function removeFromLong(unit: Unit, entry: Entry, value: Buffer, limit: number): number {
  const { itemsRemovedApart, runsBeforeShifting } = keyvalueLimits;
  const most = limit === 0 ? itemsRemovedApart + 1 : Math.min(Math.abs(limit), itemsRemovedApart + 1);
  const found = searchItems(unit, entry, { value, rank: limit < 0 ? -1 : 1, count: most, compared: 0 });
  const runs = runsOf(entry);
  if (found.length > itemsRemovedApart || runs.runs.length > 2 * runsBeforeShifting + itemsRemovedApart) return removeMany(unit, entry, value, limit);
  const [only, ...others] = found;
  if (only === undefined) return 0;
  if (others.length === 0) removeOne(unit, entry, runs, only);
  else {
    unit.requireSettled(entry);
    const gone = found.map((index) => runs.positionOf(index));
    unit.placeItems(entry, runs.without(found.toSorted((left, right) => left - right)), gone);
  }
  return found.length;
}

function removeOne(unit: Unit, entry: Entry, before: ListRuns, index: number): void {
  const { move, position, runs } = before.remove(index);
  if (move === undefined) {
    unit.requireSettled(entry);
    return unit.placeItems(entry, runs, [position]);
  }
  shiftItems(unit, entry, move, position);
  unit.placeItems(entry, runs);
}

/** Removes what a good part of the list may be, and renumbers the shorter side of the rest. */
function removeMany(unit: Unit, entry: Entry, value: Buffer, limit: number): number {
  if (entry.runs !== undefined) {
    evenOut(unit, entry);
    unit.placeItems(entry, ListRuns.even(0, entry.size));
  }
  const { count, first, last } = findMatches(unit, entry, value, limit);
  if (count === 0) return 0;
  const { edge, size } = entry;
  if (count === size) {
    unit.remove(entry);
    return count;
  }
  const end = edge + size - 1;
  const movesRight = last - edge < end - first;
  moveMatchesOut(unit, entry, movesRight ? { value, first, last, from: edge, to: last, movesRight } : { value, first, last, from: first, to: end, movesRight });
  unit.placeItems(entry, ListRuns.even(movesRight ? edge + count : edge, size - count));
  return count;
}
