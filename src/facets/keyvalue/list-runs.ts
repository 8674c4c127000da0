// Where the items of an uneven list are stored. A list's items have contiguous positions, until something is put in or
// taken out far from both ends: renumbering the shorter side of a million items took seconds. From then on the list is
// a sequence of runs, each of contiguous positions. What lies near a run's end is moved; elsewhere the run is split, and
// a new item begins a run in a region of its own, where it has room on both sides.
//
// Offsets count the items from the left end, positions are those of the store.

import { assert } from '../../kernel/assert.ts';
import { keyvalueLimits } from './limits.ts';

export type Run = { readonly first: number; readonly count: number };
export type Range = { readonly first: number; readonly last: number };

/** What has to be moved in the store before the runs hold. `by`: so many positions to the right, negative: to the left. */
export type Move = Range & { readonly by: number };

/** `move`: what to move first; `position`: where the new item goes. */
export type Insertion = { readonly move: Move | undefined; readonly position: number; readonly runs: ListRuns };
/** `move`: what closes the gap, in place of the item that is removed. */
export type Removal = { readonly move: Move | undefined; readonly position: number; readonly runs: ListRuns };

/** `moved`: so many items; `room`: where nothing may be; `replaces`: runs that become others. */
type Way = {
  readonly moved: number;
  readonly room: Range;
  readonly move: Move | undefined;
  readonly position: number;
  readonly replaces: readonly number[];
  readonly by: readonly Run[];
};

const { itemsShifted, runsBeforeShifting, listRegion } = keyvalueLimits;

export class ListRuns {
  readonly runs: readonly Run[];

  constructor(runs: readonly Run[]) {
    this.runs = runs;
  }

  /** Of an even list. */
  static even(first: number, count: number): ListRuns {
    return new ListRuns([{ first, count }]);
  }

  get size(): number {
    return this.runs.reduce((sum, { count }) => sum + count, 0);
  }

  positionOf(offset: number): number {
    const { run, within } = this.#place(offset);
    return this.runs[run]!.first + within;
  }

  offsetOf(position: number): number {
    let before = 0;
    for (const { first, count } of this.runs) {
      if (position >= first && position < first + count) return before + position - first;
      before += count;
    }
    assert(false, 'a position of the list');
  }

  /** The positions of the items from one offset to another, both included, in the order of the list. */
  rangesOf(from: number, to: number): Range[] {
    const ranges: Range[] = [];
    let before = 0;
    for (const { first, count } of this.runs) {
      const start = Math.max(from - before, 0);
      const end = Math.min(to - before, count - 1);
      if (start <= end) ranges.push({ first: first + start, last: first + end });
      before += count;
    }
    return ranges;
  }

  /** With one item more at an end. */
  pushed(end: 'left' | 'right'): ListRuns {
    const { runs } = this;
    // Nothing of the list is beyond its ends: the runs of a region are in the order of its positions.
    if (end === 'left') return new ListRuns([{ first: runs[0]!.first - 1, count: runs[0]!.count + 1 }, ...runs.slice(1)]);
    const last = runs.at(-1)!;
    return new ListRuns([...runs.slice(0, -1), { first: last.first, count: last.count + 1 }]);
  }

  /** With the items from one offset to another only. */
  cut(from: number, to: number): ListRuns {
    return new ListRuns(this.rangesOf(from, to).map(({ first, last }) => ({ first, count: last - first + 1 })));
  }

  /** Puts an item where the item of an offset is, neither at the left end nor after the last one. */
  insert(offset: number): Insertion {
    const { run, within } = this.#place(offset);
    const most = this.#mostMoved();
    const [best] = this.#waysToInsert(run, within)
      .filter(({ moved, room }) => moved <= most && this.#isFree(room))
      .toSorted((left, right) => left.moved - right.moved);
    return best === undefined ? this.#insertApart(run, within) : { move: best.move, position: best.position, runs: this.#replaced(best.replaces, best.by) };
  }

  /** Takes an item out. */
  remove(offset: number): Removal {
    const { run, within } = this.#place(offset);
    const { first, count } = this.runs[run]!;
    const position = first + within;
    const isLeft = within < count - 1 - within;
    const moved = isLeft ? within : count - 1 - within;
    if (moved > this.#mostMoved()) return { move: undefined, position, runs: this.without([offset]) };
    const shrunk = { first: isLeft ? first + 1 : first, count: count - 1 };
    const move = isLeft ? moveOf(first, position - 1, 1) : moveOf(position + 1, first + count - 1, -1);
    return { move, position, runs: this.#replaced([run], [shrunk]) };
  }

  /** Without the items at some offsets, in ascending order; nothing is moved. */
  without(offsets: readonly number[]): ListRuns {
    const kept: Run[] = [];
    let from = 0;
    for (const offset of [...offsets, this.size]) {
      for (const { first, last } of this.rangesOf(from, offset - 1)) kept.push({ first, count: last - first + 1 });
      from = offset + 1;
    }
    return new ListRuns(kept);
  }

  /** The items on one side of the place make room within their run, or go over to the run beside it. */
  #waysToInsert(run: number, within: number): Way[] {
    const { first, count } = this.runs[run]!;
    const at = first + within;
    const end = first + count;
    const rest = count - within;
    const ways: Way[] = [
      { moved: within, room: { first: first - 1, last: first - 1 }, move: moveOf(first, at - 1, -1), position: at - 1, replaces: [run], by: [{ first: first - 1, count: count + 1 }] },
      { moved: rest, room: { first: end, last: end }, move: moveOf(at, end - 1, 1), position: at, replaces: [run], by: [{ first, count: count + 1 }] },
    ];
    const previous = this.runs[run - 1];
    if (previous !== undefined) {
      const start = previous.first + previous.count;
      const by = [{ first: previous.first, count: previous.count + within + 1 }, { first: at, count: rest }];
      ways.push({ moved: within, room: { first: start, last: start + within }, move: moveOf(first, at - 1, start - first), position: start + within, replaces: [run - 1, run], by });
    }
    const next = this.runs[run + 1];
    if (next !== undefined) {
      const start = next.first - rest - 1;
      const by = [{ first, count: within }, { first: start, count: next.count + rest + 1 }];
      ways.push({ moved: rest, room: { first: start, last: next.first - 1 }, move: moveOf(at, end - 1, start + 1 - at), position: start, replaces: [run, run + 1], by });
    }
    return ways;
  }

  #insertApart(run: number, within: number): Insertion {
    const { first, count } = this.runs[run]!;
    const position = this.#freeRegion();
    const parts = [{ first, count: within }, { first: position, count: 1 }, { first: first + within, count: count - within }];
    return { move: undefined, position, runs: this.#replaced([run], parts) };
  }

  /** With other runs in place of some that follow each other. */
  #replaced(which: readonly number[], parts: readonly Run[]): ListRuns {
    const { runs } = this;
    return new ListRuns([...runs.slice(0, which[0]), ...parts.filter(({ count }) => count > 0), ...runs.slice(which.at(-1)! + 1)]);
  }

  /** Many runs are long to write: then more is moved, so that the less are made. */
  #mostMoved(): number {
    return this.runs.length < runsBeforeShifting ? itemsShifted : Math.max(itemsShifted, Math.ceil((2 * this.size) / runsBeforeShifting));
  }

  #isFree(room: Range): boolean {
    return !this.runs.some(({ first, count }) => room.first < first + count && room.last >= first);
  }

  /** The middle of a region that no run is in. */
  #freeRegion(): number {
    const taken = new Set(this.runs.map(({ first }) => Math.round(first / listRegion)));
    let region = 1;
    while (taken.has(region)) region++;
    return region * listRegion;
  }

  #place(offset: number): { readonly run: number; readonly within: number } {
    let within = offset;
    for (const [run, { count }] of this.runs.entries()) {
      if (within < count) return { run, within };
      within -= count;
    }
    assert(false, 'an offset of the list');
  }
}

function moveOf(first: number, last: number, by: number): Move | undefined {
  return first > last ? undefined : { first, last, by };
}
