// Values given as a whole (SORT … STORE, RESTORE): whatever the key held goes.

import type { Entry } from './entry.ts';
import { type Field, putFields } from './hashes.ts';
import type { Unit } from './unit.ts';

/** Makes the key a list of these items, of which there is at least one. */
export function storeItems(unit: Unit, entry: Entry, items: readonly Buffer[]): void {
  unit.createCollection(entry, 'list');
  for (const item of items) unit.pushItem(entry, 'right', item);
}

/** Makes the key a hash of these fields, of which there is at least one. */
export function storeFields(unit: Unit, entry: Entry, fields: readonly Field[]): void {
  unit.createCollection(entry, 'hash');
  putFields(unit, entry, fields);
}
