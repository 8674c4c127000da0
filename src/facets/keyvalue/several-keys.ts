// Several keys at once: asked for together, so that a command on a hundred keys costs the round trips of one.

import type { Entry } from './entry.ts';
import { Missing, type Unit } from './unit.ts';

/** The entries of the keys, in their order, whether there are such keys or not. */
export function entriesOf(unit: Unit, space: number, keys: readonly Buffer[]): Entry[] {
  return together(keys, (key) => unit.entry(space, key));
}

/** As `Unit.findKind` for each; undefined where the key is missing or holds another kind. */
export function stringsOf(unit: Unit, space: number, keys: readonly Buffer[]): (Buffer | undefined)[] {
  const entries = entriesOf(unit, space, keys);
  return together(entries, (entry) => (entry.kind === 'string' ? unit.valueOf(entry) : undefined));
}

/** Looks at each item; what any of them lacks is noted before the command stops. */
export function together<Item, Found>(items: readonly Item[], look: (item: Item) => Found): Found[] {
  const found: Found[] = [];
  let isMissing = false;
  for (const item of items) {
    try {
      found.push(look(item));
    } catch (error) {
      if (error !== Missing.instance) throw error;
      isMissing = true;
    }
  }
  if (isMissing) throw Missing.instance;
  return found;
}
