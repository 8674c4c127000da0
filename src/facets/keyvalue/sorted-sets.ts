// Sorted sets: changes of scores, and the algebra of several. Their order is `sorted-set-order.ts`'s.

import { assert } from '../../kernel/assert.ts';
import type { Element, Entry } from './entry.ts';
import { lookUp } from './sets.ts';
import { together } from './several-keys.ts';
import { isSmall } from './small-collection.ts';
import { type Scored, noteScore } from './sorted-set-order.ts';
import type { Unit } from './unit.ts';

/** The score of one member. */
export function scoreOf(unit: Unit, entry: Entry, member: Buffer): number | undefined {
  return unit.element(entry, member)?.score;
}

/** The scores of several members, in one question. */
export function scoresOf(unit: Unit, entry: Entry, members: readonly Buffer[]): (number | undefined)[] {
  return unit.elementsOf(entry, members).map((element) => element?.score);
}

/** Gives a member, which was looked for, its score. */
export function putScore(unit: Unit, entry: Entry, member: Buffer, score: number): void {
  const before = entry.elements.get(member.toString('latin1')) as Scored | null | undefined;
  const after = { member, score: withoutSign(score) };
  unit.putElement(entry, after);
  noteScore(entry, before ?? undefined, after);
}

/** Removes elements that are there; the key goes with the last one. */
export function removeScored(unit: Unit, entry: Entry, elements: readonly Scored[]): void {
  if (elements.length === entry.size) return unit.remove(entry);
  for (const element of elements) {
    unit.removeElement(entry, element.member);
    noteScore(entry, element, undefined);
  }
}

/** Makes the key a sorted set of these distinct elements, or removes it when there are none; gives their number. */
export function storeScored(unit: Unit, entry: Entry, elements: readonly Scored[]): number {
  if (elements.length === 0) {
    if (entry.kind !== undefined) unit.remove(entry);
    return 0;
  }
  unit.createCollection(entry, 'zset');
  for (const { member, score } of elements) unit.putElement(entry, { member, score: withoutSign(score) });
  return elements.length;
}

/** One of the collections that are put together; a set's members have the score 1. */
export type Source = { readonly entry: Entry | undefined; readonly weight: number };
export type Aggregate = 'sum' | 'min' | 'max';

const combine: Record<Aggregate, (left: number, right: number) => number> = {
  // Infinities of both signs make 0.
  sum: (left, right) => orZero(left + right),
  min: (left, right) => (right < left ? right : left),
  max: (left, right) => (right > left ? right : left),
};

/** The elements that any source has. */
export function unionScored(unit: Unit, sources: readonly Source[], aggregate: Aggregate): Scored[] {
  const present = bySize(sources);
  const all = together(present, ({ entry }) => unit.allElements(entry));
  const scores = new Map<string, Scored>();
  for (const [index, { weight }] of present.entries()) {
    for (const element of all[index]!) {
      const score = orZero(weight * scoreIn(element));
      const name = element.member.toString('latin1');
      const known = scores.get(name);
      scores.set(name, { member: element.member, score: known === undefined ? score : combine[aggregate](known.score, score) });
    }
  }
  return [...scores.values()];
}

/** The elements that all sources have. */
export function intersectionScored(unit: Unit, sources: readonly Source[], aggregate: Aggregate): Scored[] {
  if (sources.some(({ entry }) => entry === undefined)) return [];
  const [smallest, ...others] = bySize(sources);
  assert(smallest !== undefined, 'there is something to intersect');
  together(others.filter(({ entry }) => isSmall(entry)), ({ entry }) => unit.allElements(entry));
  let common: Scored[] = unit.allElements(smallest.entry).map((element) => ({ member: element.member, score: orZero(smallest.weight * scoreIn(element)) }));
  for (const { entry, weight } of others) {
    const found = lookUp(unit, entry, common);
    common = common.flatMap(({ member, score }, index) => {
      const other = found[index];
      return other === undefined ? [] : [{ member, score: combine[aggregate](score, weight * scoreIn(other)) }];
    });
  }
  return common;
}

/** Sums depend on their order: it is Redis's, the smallest collection first. */
function bySize(sources: readonly Source[]): { readonly entry: Entry; readonly weight: number }[] {
  return sources
    .flatMap(({ entry, weight }) => (entry === undefined ? [] : [{ entry, weight }]))
    .toSorted((left, right) => left.entry.size - right.entry.size);
}

/** What an element counts: a set's members count 1. */
export function scoreIn(element: Element): number {
  return element.score ?? 1;
}

/** -0 is stored as 0, as Redis does in all but its large sets. */
function withoutSign(score: number): number {
  return score + 0;
}

function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score;
}
