// Sorted sets: changes of scores. Their order is `sorted-set-order.ts`'s, what several of them make together `sorted-set-algebra.ts`'s.

import type { Entry } from './entry.ts';
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

/** -0 is stored as 0, as Redis does in all but its large sets. */
function withoutSign(score: number): number {
  return score + 0;
}
