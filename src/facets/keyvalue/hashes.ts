// Hashes: fields have numbers, which grow in the order in which they came; `entry.edge` is the next one.

import type { Element, Entry } from './entry.ts';
import type { Unit } from './unit.ts';

export type Field = { readonly field: Buffer; readonly value: Buffer };

/** All fields in the order in which they came. */
export function fieldsOf(unit: Unit, entry: Entry): Element[] {
  const fields = unit.allElements(entry);
  // One that was deleted and came back in this unit of work is where it was first.
  if (entry.changedElements.size > 0) fields.sort((left, right) => left.number! - right.number!);
  return fields;
}

/** The values of fields, undefined for those that there are not. */
export function valuesOf(unit: Unit, entry: Entry, fields: readonly Buffer[]): (Buffer | undefined)[] {
  return unit.elementsOf(entry, fields).map((element) => element?.value);
}

/** The hash to put fields in: the one that is there, or a new one. */
export function hashToFill(unit: Unit, space: number, key: Buffer): Entry {
  const entry = unit.entry(space, key);
  if (entry.kind === undefined) unit.createCollection(entry, 'hash');
  return entry;
}

/** Puts fields in; the last value of one that comes twice stays. Gives how many are new. */
export function putFields(unit: Unit, entry: Entry, fields: readonly Field[]): number {
  const before = entry.size;
  unit.elementsOf(entry, fields.map(({ field }) => field));
  for (const { field, value } of fields) {
    const number = unit.element(entry, field)?.number ?? entry.edge++;
    unit.putElement(entry, { member: field, value, number });
  }
  return entry.size - before;
}

/** Takes fields out; gives how many there were. The hash goes with its last field. */
export function removeFields(unit: Unit, entry: Entry, fields: readonly Buffer[]): number {
  unit.elementsOf(entry, fields);
  let removed = 0;
  for (const field of fields) {
    if (entry.kind === undefined || unit.element(entry, field) === undefined) continue;
    unit.removeElement(entry, field);
    removed += 1;
  }
  return removed;
}
