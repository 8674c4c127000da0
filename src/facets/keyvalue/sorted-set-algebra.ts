// Union, intersection and difference of several sets and sorted sets, with scores, for an answer or into a key. Small ones are put together in
// memory, large ones in the store.

import type { Aggregate, Operation } from './algebra-statements.ts';
import type { ElementRows } from './element-rows.ts';
import type { Element, Entry } from './entry.ts';
import { holdNewCollection } from './new-collection.ts';
import { differingElements, isForStore, lookUp, readSmall, sourcesOf } from './set-algebra.ts';
import { together } from './several-keys.ts';
import { type Scored, compareScored } from './sorted-set-order.ts';
import { storeScored } from './sorted-sets.ts';
import { type Combination, type Source, askScored, askStored } from './stored-algebra.ts';
import type { Unit } from './unit.ts';

/** Scores and weights count in unions and intersections. Undefined stands for a key that there is not. */
export type ScoredCombination = {
  readonly operation: Operation;
  readonly sources: readonly { readonly entry: Entry | undefined; readonly weight: number }[];
  readonly aggregate: Aggregate;
};

/** The elements that they make together, in the order of a sorted set. */
export function combinedScored(unit: Unit, scored: ScoredCombination): Scored[] | ElementRows {
  const combination = combinationOf(scored);
  if (combination === undefined) return [];
  return isLarge(combination) ? askScored(unit, combination) : inMemory(unit, combination).toSorted(compareScored);
}

/** Makes the key a sorted set of what they make together, or removes it when that is nothing; gives the number of elements. */
export function storeCombinedScored(unit: Unit, destination: Entry, scored: ScoredCombination): number {
  const combination = combinationOf(scored);
  if (combination === undefined || !isLarge(combination)) return storeScored(unit, destination, combination === undefined ? [] : inMemory(unit, combination));
  return holdNewCollection(unit, destination, 'zset', askStored(unit, combination, 'zset'));
}

/** Undefined where nothing is in it. */
function combinationOf({ operation, sources, aggregate }: ScoredCombination): Combination | undefined {
  const deciding = sourcesOf(operation, sources.map(({ entry }) => entry));
  if (deciding === undefined) return undefined;
  if (operation === 'difference') return { operation, sources: deciding.map((entry) => ({ entry, weight: 1 })), aggregate };
  // One that is named twice counts twice. Sums depend on their order: it is Redis's, the smallest collection first.
  const present = sources.flatMap(({ entry, weight }): Source[] => (entry === undefined ? [] : [{ entry, weight }]));
  return { operation, sources: present.toSorted((left, right) => left.entry.size - right.entry.size), aggregate };
}

function isLarge({ operation, sources }: Combination): boolean {
  return isForStore(operation, sources.map(({ entry }) => entry));
}

function inMemory(unit: Unit, { operation, sources, aggregate }: Combination): Scored[] {
  switch (operation) {
    case 'union':
      return unionScored(unit, sources, combine[aggregate!]);
    case 'intersection':
      return intersectionScored(unit, sources, combine[aggregate!]);
    case 'difference':
      return differingElements(unit, sources.map(({ entry }) => entry)).map((element) => ({ member: element.member, score: scoreIn(element) }));
  }
}

type Combine = (left: number, right: number) => number;

const combine: Record<Aggregate, Combine> = {
  // Infinities of both signs make 0.
  sum: (left, right) => orZero(left + right),
  min: (left, right) => (right < left ? right : left),
  max: (left, right) => (right > left ? right : left),
};

function unionScored(unit: Unit, sources: readonly Source[], combined: Combine): Scored[] {
  const all = together(sources, ({ entry }) => unit.allElements(entry));
  const scores = new Map<string, Scored>();
  for (const [index, { weight }] of sources.entries()) {
    for (const element of all[index]!) {
      const score = orZero(weight * scoreIn(element));
      const name = element.member.toString('latin1');
      const known = scores.get(name);
      scores.set(name, { member: element.member, score: known === undefined ? score : combined(known.score, score) });
    }
  }
  return [...scores.values()];
}

function intersectionScored(unit: Unit, [smallest, ...others]: readonly Source[], combined: Combine): Scored[] {
  readSmall(unit, others.map(({ entry }) => entry));
  let common: Scored[] = unit.allElements(smallest!.entry).map((element) => ({ member: element.member, score: orZero(smallest!.weight * scoreIn(element)) }));
  for (const { entry, weight } of others) {
    const found = lookUp(unit, entry, common);
    common = common.flatMap(({ member, score }, index) => {
      const other = found[index];
      return other === undefined ? [] : [{ member, score: combined(score, weight * scoreIn(other)) }];
    });
  }
  return common;
}

/** What an element counts: a set's members count 1. */
function scoreIn(element: Element): number {
  return element.score ?? 1;
}

function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}
