// Writes what a unit of work changed: a handful of statements, whatever the number of keys.

import type { Step } from '../../engine/client.ts';
import type { Statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Element, Entry } from './entry.ts';
import type { ExpiryTime } from './expiry-time.ts';
import { isLongKey, keyIdentity } from './key-identity.ts';
import { type CollectionKind, kindNumber } from './kinds.ts';
import { ListRuns } from './list-runs.ts';
import { statementsOf } from './space-statements.ts';

/**
 * The steps that write these entries. The order matters: rows make room (deleted, renamed) before others take their
 * keys, and every statement touches its rows in the order of their keys, so that two writers cannot deadlock on it.
 */
export function flushSteps(entries: Iterable<Entry>): Step[] {
  const bySpace = new Map<number, Entry[]>();
  for (const entry of entries) {
    const ofSpace = bySpace.get(entry.space);
    if (ofSpace === undefined) bySpace.set(entry.space, [entry]);
    else ofSpace.push(entry);
  }
  const steps: Step[] = [];
  for (const [space, ofSpace] of bySpace) {
    // Names are strings of one character a byte: they compare as the keys do, and quicker.
    ofSpace.sort((left, right) => (left.name < right.name ? -1 : 1));
    steps.push(...rowSteps(space, ofSpace));
    const collections = ofSpace.filter(({ kind }) => kind !== undefined && kind !== 'string');
    if (collections.length > 0) steps.push(...elementSteps(space, collections), ...itemSteps(space, collections));
  }
  return steps;
}

function rowSteps(space: number, entries: readonly Entry[]): Step[] {
  const statements = statementsOf(space);
  const gone: Buffer[] = [];
  const renamed: Entry[] = [];
  const updated: Entry[] = [];
  const overwritten: Entry[] = [];
  const replaced: Entry[] = [];
  const inserted: Entry[] = [];
  const upserted: Entry[] = [];
  for (const entry of entries) {
    if (entry.renamedFrom !== undefined) {
      if (entry.stored !== false) gone.push(keyIdentity(entry.key));
      if (entry.kind === undefined) gone.push(keyIdentity(entry.renamedFrom));
      else renamed.push(entry);
    } else if (entry.kind === undefined) {
      if (entry.stored !== false) gone.push(keyIdentity(entry.key));
      continue;
    }
    if (entry.rowChange === 'none' || entry.kind === undefined) continue;
    if (entry.rowChange === 'all' && entry.kind === 'string' && entry.storedKind === 'string') overwritten.push(entry);
    else if (entry.stored === 'unknown') upserted.push(entry);
    else if (entry.stored || entry.renamedFrom !== undefined) (entry.rowChange === 'all' ? replaced : updated).push(entry);
    else inserted.push(entry);
  }
  const steps: Step[] = [];
  if (gone.length > 0) steps.push({ statement: statements.deleteKeys, values: [gone] });
  if (renamed.length > 0) {
    const values = [
      renamed.map(({ renamedFrom }) => keyIdentity(renamedFrom!)),
      renamed.map(({ key }) => keyIdentity(key)),
      renamed.map(({ key }) => (isLongKey(key) ? key : null)),
    ];
    steps.push({ statement: statements.renameKeys, values });
  }
  if (updated.length > 0) {
    const values = [identities(updated), expiries(updated), updated.map(sizeColumn), updated.map(edgeColumn)];
    steps.push({ statement: statements.updateKeys, values });
  }
  for (const entry of entries) {
    // `overlay` counts from 1.
    for (const { offset, bytes } of entry.patches) steps.push({ statement: statements.patchString, values: [keyIdentity(entry.key), bytes, offset + 1] });
  }
  for (const [isString, statement, rows] of [
    [true, statements.overwriteStrings, overwritten], [true, statements.replaceStrings, replaced], [false, statements.replaceCollections, replaced],
    [true, statements.insertStrings, inserted], [false, statements.insertCollections, inserted],
    [true, statements.upsertStrings, upserted],
  ] as const) {
    const ofKind = rows.filter(({ kind }) => (kind === 'string') === isString);
    if (ofKind.length === 0) continue;
    const columns = isString ? stringColumns(ofKind) : collectionColumns(ofKind);
    steps.push({ statement, values: rows === replaced || rows === overwritten ? columns.slice(0, -1) : columns });
  }
  return steps;
}

/** With the long keys last, which a row that is there has already. */
function stringColumns(entries: readonly Entry[]): unknown[][] {
  return [identities(entries), entries.map(({ value }) => value), expiries(entries), longKeys(entries)];
}

function collectionColumns(entries: readonly Entry[]): unknown[][] {
  return [
    identities(entries),
    entries.map(({ kind }) => kindNumber(kind!)),
    expiries(entries),
    entries.map(({ ref }) => ref),
    entries.map(sizeColumn),
    entries.map(edgeColumn),
    longKeys(entries),
  ];
}

function identities(entries: readonly Entry[]): Buffer[] {
  return entries.map(({ key }) => keyIdentity(key));
}

// Columns that are mostly null: empty where all of it is.

function expiries(entries: readonly Entry[]): (ExpiryTime | undefined)[] {
  return entries.some(({ expiresAt }) => expiresAt !== undefined) ? entries.map(({ expiresAt }) => expiresAt) : [];
}

function longKeys(entries: readonly Entry[]): (Buffer | null)[] {
  return entries.some(({ key }) => isLongKey(key)) ? entries.map(({ key }) => (isLongKey(key) ? key : null)) : [];
}

/** A string's length is that of its value. */
function sizeColumn(entry: Entry): number | null {
  return entry.kind === 'string' ? null : entry.size;
}

function edgeColumn(entry: Entry): number | null {
  if (entry.kind === 'hash') return entry.edge;
  return entry.kind === 'list' && entry.runs === undefined ? entry.edge : null;
}

function elementSteps(space: number, entries: readonly Entry[]): Step[] {
  const statements = statementsOf(space);
  const steps: Step[] = [];
  for (const kind of ['hash', 'set', 'zset'] as const) {
    const gone: { ref: number; member: Buffer }[] = [];
    const put: { ref: number; element: Element }[] = [];
    for (const entry of entries) {
      if (entry.kind !== kind) continue;
      const ref = refOf(entry);
      for (const name of entry.changedElements) {
        const element = entry.elements.get(name);
        if (element === null || element === undefined) gone.push({ ref, member: Buffer.from(name, 'latin1') });
        else put.push({ ref, element });
      }
    }
    if (gone.length > 0) {
      steps.push({ statement: statements[`deleteElements.${kind}`], values: [gone.map(({ ref }) => ref), gone.map(({ member }) => member)] });
    }
    if (put.length > 0) steps.push(putStep(kind, statements, put));
  }
  return steps;
}

function putStep(
  kind: Exclude<CollectionKind, 'list'>,
  statements: Record<'putFields' | 'putMembers' | 'putScores', Statement>,
  put: readonly { readonly ref: number; readonly element: Element }[],
): Step {
  const refs = put.map(({ ref }) => ref);
  const members = put.map(({ element }) => element.member);
  switch (kind) {
    case 'hash':
      return { statement: statements.putFields, values: [refs, members, put.map(({ element }) => element.value), put.map(({ element }) => element.number)] };
    case 'set':
      return { statement: statements.putMembers, values: [refs, members] };
    case 'zset':
      return { statement: statements.putScores, values: [refs, members, put.map(({ element }) => element.score)] };
  }
}

function itemSteps(space: number, entries: readonly Entry[]): Step[] {
  const statements = statementsOf(space);
  const gone: { ref: number; first: number; last: number }[] = [];
  const put: { ref: number; position: number; value: Buffer }[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'list') continue;
    const ref = refOf(entry);
    for (const [first, last] of entry.removedRanges) gone.push({ ref, first, last });
    for (const position of entry.changedItems) put.push({ ref, position: entry.storedPosition(position), value: entry.items.get(position)! });
  }
  const steps: Step[] = [];
  // Items are dropped first: a position that was popped may have been pushed to again.
  if (gone.length > 0) {
    steps.push({ statement: statements.deleteItems, values: [gone.map(({ ref }) => ref), gone.map(({ first }) => first), gone.map(({ last }) => last)] });
  }
  if (put.length > 0) {
    steps.push({ statement: statements.putItems, values: [put.map(({ ref }) => ref), put.map(({ position }) => position), put.map(({ value }) => value)] });
  }
  for (const entry of entries) if (entry.runsChanged) steps.push(runsStep(statements, entry));
  return steps;
}

function runsStep(statements: Record<'putRuns' | 'deleteRuns', Statement>, entry: Entry): Step {
  const { runs } = entry;
  if (!(runs instanceof ListRuns)) return { statement: statements.deleteRuns, values: [refOf(entry)] };
  return { statement: statements.putRuns, values: [refOf(entry), runs.runs.map(({ first }) => first), runs.runs.map(({ count }) => count)] };
}

function refOf(entry: Entry): number {
  assert(entry.ref !== undefined, 'a collection has a reference');
  return entry.ref;
}
