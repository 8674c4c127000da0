// Parts of sorted sets, by rank or by place: shown, or stored as another sorted set. That of a large one is copied within the store.

import { assert } from '../../kernel/assert.ts';
import type { ElementRows } from './element-rows.ts';
import type { Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { type NewCollection, askNewCollection, holdNewCollection } from './new-collection.ts';
import { isSmall } from './small-collection.ts';
import { type Range, type Scored, elementsOfRange, elementsOfRanks, limitOf, rangeOfRanks, rangeValues, rowsOfRange, rowsOfRanks } from './sorted-set-order.ts';
import { sortedSetStatements } from './sorted-set-statements.ts';
import { storeScored } from './sorted-sets.ts';
import type { Unit } from './unit.ts';

/** Ranks are both included and both within the set. */
export type Selection = { readonly by: 'ranks'; readonly first: number; readonly last: number } | { readonly by: 'range'; readonly range: Range };

/** Makes the key a sorted set of what is selected of another, or removes it when that is nothing; gives the number of elements. */
export function storeSelection(unit: Unit, destination: Entry, source: Entry, selection: Selection | undefined): number {
  if (selection === undefined) return storeScored(unit, destination, []);
  if (isSmall(source)) return storeScored(unit, destination, selectedElements(unit, source, selection));
  return holdNewCollection(unit, destination, 'zset', askStored(unit, source, selection));
}

/** What is selected, in ascending order by rank, else in the direction of the range. */
export function selectedElements(unit: Unit, source: Entry, selection: Selection): readonly Scored[] {
  return selection.by === 'ranks' ? elementsOfRanks(unit, source, selection.first, selection.last) : elementsOfRange(unit, source, selection.range);
}

/** As `selectedElements`, to be shown; undefined where the set is small. */
export function selectedRows(unit: Unit, source: Entry, selection: Selection): ElementRows | undefined {
  return selection.by === 'ranks' ? rowsOfRanks(unit, source, selection.first, selection.last) : rowsOfRange(unit, source, selection.range);
}

function askStored(unit: Unit, source: Entry, selection: Selection): NewCollection {
  const range = selection.by === 'ranks' ? rangeOfRanks(source.size, selection.first, selection.last) : wholeRange(selection.range);
  if (range === undefined) {
    assert(selection.by === 'ranks', 'only ranks are counted');
    const count = selection.last - selection.first + 1;
    return ask(unit, source, { which: 'storeFromRank', values: [selection.first, count], elements: count });
  }
  const limit = limitOf(unit, source, range);
  if (limit <= 0) return { ref: 0, size: 0 };
  const stored = ask(unit, source, { which: range.reverse ? 'storeDownwards' : 'storeUpwards', values: rangeValues(source, range, limit), elements: range.offset });
  if (stored.size > keyvalueLimits.longElements) unit.takesLong();
  return stored;
}

function wholeRange(range: Range): Required<Range> {
  return { reverse: false, offset: 0, count: Number.POSITIVE_INFINITY, ...range };
}

type Storing = { readonly which: 'storeUpwards' | 'storeDownwards' | 'storeFromRank'; readonly values: readonly unknown[]; readonly elements: number };

function ask(unit: Unit, source: Entry, { which, values, elements }: Storing): NewCollection {
  const signature = [which, ...values.map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : value))].join(' ');
  return askNewCollection(unit, [source], signature, { statement: sortedSetStatements(source.space)[which], values: [source.ref, ...values], elements });
}
