// Collections that the store makes of others by itself: their elements do not pass through the gateway.

import type { Statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry } from './entry.ts';
import type { Unit } from './unit.ts';

/** A collection that no key holds yet. */
export type NewCollection = { readonly ref: number; readonly size: number };

/** What makes it: a statement that gives its reference and its size. */
export type Making = { readonly statement: Statement; readonly values: readonly unknown[]; /** That the store looks at. */ readonly elements: number };

/** Has a collection made of these keys, for this command alone. */
export function askNewCollection(unit: Unit, entries: readonly Entry[], signature: string, { statement, values, elements }: Making): NewCollection {
  return unit.askOnce(entries, signature, () => {
    let made: NewCollection | undefined;
    return {
      step: { statement, values },
      onRow: (row) => (made = { ref: row.safeInteger(0), size: row.safeInteger(1) }),
      answer: () => {
        assert(made !== undefined, 'the statement tells what it made');
        return made;
      },
      elements,
    };
  });
}

/** Makes the key hold it, or removes the key where it has no elements; gives their number. */
export function holdNewCollection(unit: Unit, entry: Entry, kind: 'set' | 'zset', collection: NewCollection): number {
  if (collection.size > 0) unit.holdCollection(entry, kind, collection);
  else if (entry.kind !== undefined) unit.remove(entry);
  return collection.size;
}
