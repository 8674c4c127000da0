// Strings: parts of long ones are read and written without the rest.

import { statement, type Statement } from '../../engine/client.ts';
import type { Entry } from './entry.ts';
import { keyIdentity } from './key-identity.ts';
import { keyvalueLimits } from './limits.ts';
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
  unit.mayTouchBytes(last - first + 1);
  return unit.ask(entry, `part ${first} ${last}`, () => {
    let part = Buffer.alloc(0);
    return {
      step: { statement: partStatement(entry.space), values: [keyIdentity(entry.key), first + 1, last - first + 1] },
      onRow: (row) => (part = Buffer.from(row.bytes(0))),
      answer: () => part,
    };
  });
}

/** Writes into the string of a key from an offset on, over what is there; what is between its end and the offset is zeros. */
export function writePart(unit: Unit, entry: Entry, offset: number, part: Buffer): void {
  const { kind, size } = entry;
  const gap = offset - size;
  unit.mayTouchBytes(Math.max(size, offset + part.length));
  if (kind === undefined) return unit.setString(entry, withZerosBefore(part, offset), undefined);
  if (gap <= 0) return unit.patchString(entry, offset, part);
  if (entry.value === undefined && gap > keyvalueLimits.filledBytes) unit.valueOf(entry);
  unit.patchString(entry, size, withZerosBefore(part, gap));
}

function withZerosBefore(part: Buffer, zeros: number): Buffer {
  const bytes = Buffer.alloc(zeros + part.length);
  part.copy(bytes, zeros);
  return bytes;
}

/** The bytes from one position to another, both included; beyond the end of the string they are zeros. */
export function windowOf(unit: Unit, entry: Entry, first: number, last: number): Buffer {
  const window = Buffer.alloc(last - first + 1);
  if (entry.kind !== undefined && first < entry.size) partOf(unit, entry, first, Math.min(last, entry.size - 1)).copy(window);
  return window;
}

const countStatements = new Map<number, Statement>();

function countStatement(space: number): Statement {
  let known = countStatements.get(space);
  if (known === undefined) {
    known = statement(`select bit_count(substring(value from $2 for $3)) from ${schemaOf(space)}.keys where id = $1`, ['bytea', 'int4', 'int4']);
    countStatements.set(space, known);
  }
  return known;
}

/** How many bits are set in the bytes of a long string from one position to another, both included. */
export function countSetBits(unit: Unit, entry: Entry, first: number, last: number): number {
  unit.mayTouchBytes(last - first + 1);
  return unit.ask(entry, `bits ${first} ${last}`, () => {
    let count = 0;
    return {
      step: { statement: countStatement(entry.space), values: [keyIdentity(entry.key), first + 1, last - first + 1] },
      onRow: (row) => (count = row.safeInteger(0)),
      answer: () => count,
    };
  });
}

/**
 * Looks through the bytes of a long string from one position to another, both included, a piece after the other, until
 * `look` gives something. `what` tells one search in the unit from another.
 */
export function searchPieces<T>(unit: Unit, entry: Entry, { first, last, what, look }: { readonly first: number; readonly last: number; readonly what: string; readonly look: (piece: Buffer, start: number) => T | undefined }): T | undefined {
  unit.mayTouchBytes(last - first + 1);
  for (let start = first; start <= last; start += keyvalueLimits.searchedBytes) {
    const length = Math.min(keyvalueLimits.searchedBytes, last - start + 1);
    const found = unit.ask(entry, `search ${what} ${start} ${length}`, () => {
      let answer: T | undefined;
      return {
        step: { statement: partStatement(entry.space), values: [keyIdentity(entry.key), start + 1, length] },
        onRow: (row) => (answer = look(row.bytes(0), start)),
        answer: () => answer,
      };
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Redis's reading of a range's ends: negative ones count from the end. Undefined when nothing is in it. */
export function rangeWithin(length: number, start: number, end: number): { readonly first: number; readonly last: number } | undefined {
  if (start < 0 && end < 0 && start > end) return undefined;
  const first = Math.max(0, start < 0 ? length + start : start);
  const last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
  return first > last ? undefined : { first, last };
}
