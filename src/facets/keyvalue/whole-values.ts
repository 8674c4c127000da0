// Values given as a whole (SORT … STORE, RESTORE): whatever the key held goes. Of very many elements only the store knows from then on.

import type { Element, Entry } from './entry.ts';
import { type Field, putFields } from './hashes.ts';
import { keyvalueLimits } from './limits.ts';
import { storeMembers } from './sets.ts';
import type { Scored } from './sorted-set-order.ts';
import { storeScored } from './sorted-sets.ts';
import type { Unit } from './unit.ts';

/** Makes the key a list of these items, of which there is at least one. */
export function storeItems(unit: Unit, entry: Entry, items: readonly Buffer[]): void {
  unit.createCollection(entry, 'list');
  if (areMany(items)) unit.fillUnread(entry, items.map((member, number) => ({ member, number })));
  else for (const item of items) unit.pushItem(entry, 'right', item);
}

/** Makes the key a hash of these distinct fields, of which there is at least one. */
export function storeFields(unit: Unit, entry: Entry, fields: readonly Field[]): void {
  unit.createCollection(entry, 'hash');
  if (areMany(fields)) unit.fillUnread(entry, fields.map(({ field, value }, number) => ({ member: field, value, number })));
  else putFields(unit, entry, fields);
}

/** Makes the key a set of these distinct members, of which there is at least one. */
export function storeWholeSet(unit: Unit, entry: Entry, members: readonly Buffer[]): void {
  if (!areMany(members)) return void storeMembers(unit, entry, members);
  unit.createCollection(entry, 'set');
  unit.fillUnread(entry, members.map((member): Element => ({ member })));
}

/** Makes the key a sorted set of these distinct elements, of which there is at least one. */
export function storeWholeSortedSet(unit: Unit, entry: Entry, elements: readonly Scored[]): void {
  if (!areMany(elements)) return void storeScored(unit, entry, elements);
  unit.createCollection(entry, 'zset');
  // Without a minus before 0, as elsewhere.
  unit.fillUnread(entry, elements.map(({ member, score }) => ({ member, score: score + 0 })));
}

function areMany(elements: readonly unknown[]): boolean {
  return elements.length > keyvalueLimits.wholeElements;
}
