// Strings: parts of long ones are read without the rest.

import { statement, type Statement } from '../../engine/client.ts';
import type { Entry } from './entry.ts';
import { keyIdentity } from './key-identity.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

const partStatements = new Map<number, Statement>();

function partStatement(space: number): Statement {
  let known = partStatements.get(space);
  if (known === undefined) {
    known = statement(`select substring(value from $2 for $3) from ${schemaOf(space)}.keys where id = $1`, ['bytea', 'int4', 'int4']);
    partStatements.set(space, known);
  }
  return known;
}

/** The bytes of a string from one position to another, both included and both within it. */
export function partOf(unit: Unit, entry: Entry, first: number, last: number): Buffer {
  if (entry.value !== undefined) return entry.value.subarray(first, last + 1);
  return unit.ask(entry, `part ${first} ${last}`, () => {
    let part = Buffer.alloc(0);
    return {
      step: { statement: partStatement(entry.space), values: [keyIdentity(entry.key), first + 1, last - first + 1] },
      onRow: (row) => (part = Buffer.from(row.bytes(0))),
      answer: () => part,
    };
  });
}

/** Redis's reading of a range's ends: negative ones count from the end. Undefined when nothing is in it. */
export function rangeWithin(length: number, start: number, end: number): { readonly first: number; readonly last: number } | undefined {
  if (start < 0 && end < 0 && start > end) return undefined;
  const first = Math.max(0, start < 0 ? length + start : start);
  const last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
  return first > last ? undefined : { first, last };
}
