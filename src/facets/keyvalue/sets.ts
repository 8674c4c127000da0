// Sets: membership, and the algebra of several sets. Sets may stand beside sorted sets, whose members count here.

import type { Element, Entry } from './entry.ts';
import { together } from './several-keys.ts';
import { isSmall } from './small-collection.ts';
import type { Unit } from './unit.ts';

/** Adds members; gives how many are new. */
export function addMembers(unit: Unit, entry: Entry, members: readonly Buffer[]): number {
  const known = entry.kind === undefined ? [] : unit.elementsOf(entry, members);
  if (entry.kind === undefined) unit.createCollection(entry, 'set');
  const before = entry.size;
  for (const [index, member] of members.entries()) if (known[index] === undefined) unit.putElement(entry, { member });
  return entry.size - before;
}

/** Removes elements of a set, sorted set or hash; gives how many were there. */
export function removeMembers(unit: Unit, entry: Entry, members: readonly Buffer[]): number {
  const distinct = new Map<string, Buffer>();
  for (const element of unit.elementsOf(entry, members)) {
    if (element !== undefined) distinct.set(element.member.toString('latin1'), element.member);
  }
  if (distinct.size === entry.size) unit.remove(entry);
  else for (const member of distinct.values()) unit.removeElement(entry, member);
  return distinct.size;
}

/** Makes the key a set of these distinct members, or removes it when there are none; gives their number. */
export function storeMembers(unit: Unit, entry: Entry, members: readonly Buffer[]): number {
  if (members.length === 0) {
    if (entry.kind !== undefined) unit.remove(entry);
    return 0;
  }
  unit.createCollection(entry, 'set');
  for (const member of members) unit.putElement(entry, { member });
  return members.length;
}

/** In which of the elements' collections `other` they are: small ones are read whole, large ones asked about these. */
export function lookUp(unit: Unit, other: Entry, elements: readonly Element[]): (Element | undefined)[] {
  if (isSmall(other)) unit.allElements(other);
  return unit.elementsOf(other, elements.map(({ member }) => member));
}

/** The members that all sets have, in the order of the smallest; at most `limit` of them. */
export function intersection(unit: Unit, entries: readonly (Entry | undefined)[], limit = Number.POSITIVE_INFINITY): Buffer[] {
  const present = entries.filter((entry) => entry !== undefined);
  if (present.length < entries.length) return [];
  const [smallest, ...others] = present.toSorted((left, right) => left.size - right.size);
  readSmall(unit, others);
  let common = unit.allElements(smallest!);
  for (const other of others) {
    const found = lookUp(unit, other, common);
    common = common.filter((_, index) => found[index] !== undefined);
  }
  return common.slice(0, limit).map(({ member }) => member);
}

/** The members that any of the sets has. */
export function union(unit: Unit, entries: readonly (Entry | undefined)[]): Buffer[] {
  const members = new Map<string, Buffer>();
  const all = together(entries.filter((entry) => entry !== undefined), (entry) => unit.allElements(entry));
  for (const elements of all) for (const { member } of elements) members.set(member.toString('latin1'), member);
  return [...members.values()];
}

/** The members of the first set that no other has. */
export function difference(unit: Unit, entries: readonly (Entry | undefined)[]): Buffer[] {
  return differingElements(unit, entries).map(({ member }) => member);
}

/** As `difference`, with what the first collection says of them. */
export function differingElements(unit: Unit, [first, ...others]: readonly (Entry | undefined)[]): Element[] {
  if (first === undefined || others.includes(first)) return [];
  const present = others.filter((other) => other !== undefined);
  readSmall(unit, present);
  let left = unit.allElements(first);
  for (const other of present) {
    const found = lookUp(unit, other, left);
    left = left.filter((_, index) => found[index] === undefined);
  }
  return left;
}

/** Asks for the small ones together. */
function readSmall(unit: Unit, entries: readonly Entry[]): void {
  together(entries.filter(isSmall), (entry) => unit.allElements(entry));
}
