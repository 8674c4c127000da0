// Sets: membership. What several of them make together is `set-algebra.ts`'s.

import type { Entry } from './entry.ts';
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
