// Union, intersection and difference of several sets, for an answer or into a key. Sets may stand beside sorted sets, whose members count here.
// Small ones are put together in memory, large ones in the store.

import type { Operation } from './algebra-statements.ts';
import type { ElementRows } from './element-rows.ts';
import type { Element, Entry } from './entry.ts';
import { holdNewCollection } from './new-collection.ts';
import { storeMembers } from './sets.ts';
import { together } from './several-keys.ts';
import { isSmall } from './small-collection.ts';
import { type Combination, askCount, askMembers, askStored } from './stored-algebra.ts';
import type { Unit } from './unit.ts';

/** The members that the sets make together; undefined stands for a key that there is not. */
export function combinedMembers(unit: Unit, operation: Operation, entries: readonly (Entry | undefined)[]): Buffer[] | ElementRows {
  const sources = sourcesOf(operation, entries);
  if (sources === undefined) return [];
  return isForStore(operation, sources) ? askMembers(unit, combinationOf(operation, sources)) : inMemory(unit, operation, sources);
}

function inMemory(unit: Unit, operation: Operation, sources: readonly Entry[]): Buffer[] {
  switch (operation) {
    case 'union':
      return union(unit, sources);
    case 'intersection':
      return commonElements(unit, sources).map(({ member }) => member);
    case 'difference':
      return differingElements(unit, sources).map(({ member }) => member);
  }
}

/** Makes the key a set of what the sets make together, or removes it when that is nothing; gives the number of members. */
export function storeCombinedMembers(unit: Unit, destination: Entry, operation: Operation, entries: readonly (Entry | undefined)[]): number {
  const sources = sourcesOf(operation, entries);
  if (sources === undefined) return storeMembers(unit, destination, []);
  if (!isForStore(operation, sources)) return storeMembers(unit, destination, inMemory(unit, operation, sources));
  return holdNewCollection(unit, destination, 'set', askStored(unit, combinationOf(operation, sources), 'set'));
}

/** How many members are in all of the sets, counted up to a limit. */
export function countCommonMembers(unit: Unit, entries: readonly (Entry | undefined)[], limit: number): number {
  const sources = sourcesOf('intersection', entries);
  if (sources === undefined) return 0;
  if (isForStore('intersection', sources)) return askCount(unit, combinationOf('intersection', sources), limit);
  return Math.min(commonElements(unit, sources).length, limit);
}

/** What decides it, in the order in which it is looked at; undefined where nothing is in it. */
export function sourcesOf(operation: Operation, entries: readonly (Entry | undefined)[]): readonly Entry[] | undefined {
  const present = entries.filter((entry) => entry !== undefined);
  switch (operation) {
    case 'union':
      return present.length === 0 ? undefined : [...new Set(present)];
    case 'intersection':
      if (present.length < entries.length) return undefined;
      return [...new Set(present)].toSorted((left, right) => left.size - right.size);
    case 'difference': {
      const [first, ...others] = entries;
      return first === undefined || others.includes(first) ? undefined : [first, ...new Set(others.filter((entry) => entry !== undefined))];
    }
  }
}

/** The elements of a large collection would have to be read. Those of a small one are looked up in the others, whatever their size. */
export function isForStore(operation: Operation, sources: readonly Entry[]): boolean {
  return operation === 'union' ? !sources.every(isSmall) : !isSmall(sources[0]!);
}

function combinationOf(operation: Operation, sources: readonly Entry[]): Combination {
  return { operation, sources: sources.map((entry) => ({ entry, weight: 1 })), aggregate: undefined };
}

function union(unit: Unit, sources: readonly Entry[]): Buffer[] {
  const members = new Map<string, Buffer>();
  const all = together(sources, (entry) => unit.allElements(entry));
  for (const elements of all) for (const { member } of elements) members.set(member.toString('latin1'), member);
  return [...members.values()];
}

/** Elements of the first, which is the smallest. */
function commonElements(unit: Unit, [smallest, ...others]: readonly Entry[]): Element[] {
  readSmall(unit, others);
  let common = unit.allElements(smallest!);
  for (const other of others) {
    const found = lookUp(unit, other, common);
    common = common.filter((_, index) => found[index] !== undefined);
  }
  return common;
}

/** The elements of the first that no other has. */
export function differingElements(unit: Unit, [first, ...others]: readonly Entry[]): Element[] {
  readSmall(unit, others);
  let left = unit.allElements(first!);
  for (const other of others) {
    const found = lookUp(unit, other, left);
    left = left.filter((_, index) => found[index] === undefined);
  }
  return left;
}

/** In which of the elements' collections `other` they are: small ones are read whole, large ones asked about these. */
export function lookUp(unit: Unit, other: Entry, elements: readonly Element[]): (Element | undefined)[] {
  if (isSmall(other)) unit.allElements(other);
  return unit.elementsOf(other, elements.map(({ member }) => member));
}

/** Asks for the small ones together. */
export function readSmall(unit: Unit, entries: readonly Entry[]): void {
  together(entries.filter(isSmall), (entry) => unit.allElements(entry));
}
