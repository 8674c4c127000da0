// Writes what a unit of work changed: a handful of statements, whatever the number of keys.

import type { Step } from '../../engine/client.ts';
import type { Statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Element, Entry } from './entry.ts';
import type { ExpiryTime } from './expiry-time.ts';
import { isLongKey, keyIdentity } from './key-identity.ts';
import { type CollectionKind, kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';
import { ListRuns } from './list-runs.ts';
import { statementsOf } from './space-statements.ts';

/**
 * The steps that write these entries, in slices that are executed one after the other: very many elements would take long to be encoded, and
 * everybody else would wait. The order matters: rows make room (deleted, renamed) before others take their
 * keys, and every statement touches its rows in the order of their keys, so that two writers cannot deadlock on it.
 */
export function* flushSlices(entries: Iterable<Entry>): Generator<Step[]> {
  const bySpace = new Map<number, Entry[]>();
  for (const entry of entries) {
    const ofSpace = bySpace.get(entry.space);
    if (ofSpace === undefined) bySpace.set(entry.space, [entry]);
    else ofSpace.push(entry);
  }
  let steps: Step[] = [];
  for (const [space, ofSpace] of bySpace) {
    // Names are strings of one character a byte: they compare as the keys do, and quicker.
    ofSpace.sort((left, right) => (left.name < right.name ? -1 : 1));
    steps.push(...rowSteps(space, ofSpace));
    const collections = ofSpace.filter(({ kind }) => kind !== undefined && kind !== 'string');
    if (collections.length === 0) continue;
    // Items are dropped first: a position that was popped may have been pushed to again.
    steps.push(...listSteps(space, collections));
    for (const { step, isFull } of elementSteps(space, collections)) {
      steps.push(step);
      if (!isFull) continue;
      yield steps;
      steps = [];
    }
  }
  if (steps.length > 0) yield steps;
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
  const [strings, collections] = [replaced.filter(({ kind }) => kind === 'string'), replaced.filter(({ kind }) => kind !== 'string')];
  if (overwritten.length > 0) steps.push({ statement: statements.overwriteStrings, values: stringColumns(overwritten) });
  if (strings.length > 0) steps.push({ statement: statements.replaceStrings, values: stringColumns(strings) });
  if (collections.length > 0) steps.push({ statement: statements.replaceCollections, values: [identities(collections), kinds(collections), expiries(collections), ...collectionColumns(collections)] });
  if (inserted.length > 0) steps.push({ statement: statements.insertKeys, values: [identities(inserted), kinds(inserted), stringValues(inserted), expiries(inserted), ...collectionColumns(inserted), longKeys(inserted)] });
  if (upserted.length > 0) steps.push({ statement: statements.upsertStrings, values: [...stringColumns(upserted), longKeys(upserted)] });
  return steps;
}

function stringColumns(entries: readonly Entry[]): unknown[][] {
  return [identities(entries), stringValues(entries), expiries(entries)];
}

/** What only collections have: empty where there are none. */
function collectionColumns(entries: readonly Entry[]): unknown[][] {
  if (entries.every(({ kind }) => kind === 'string')) return [[], [], []];
  return [entries.map(({ ref }) => ref), entries.map(sizeColumn), entries.map(edgeColumn)];
}

function kinds(entries: readonly Entry[]): number[] {
  return entries.map(({ kind }) => kindNumber(kind!));
}

function identities(entries: readonly Entry[]): Buffer[] {
  return entries.map(({ key }) => keyIdentity(key));
}

// Columns that are mostly null: empty where all of it is.

function expiries(entries: readonly Entry[]): (ExpiryTime | undefined)[] {
  return entries.some(({ expiresAt }) => expiresAt !== undefined) ? entries.map(({ expiresAt }) => expiresAt) : [];
}

function stringValues(entries: readonly Entry[]): (Buffer | undefined)[] {
  return entries.some(({ value }) => value !== undefined) ? entries.map(({ value }) => value) : [];
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

type ElementStep = { readonly step: Step; /** It has as much as one slice should have. */ readonly isFull: boolean };

function* elementSteps(space: number, entries: readonly Entry[]): Generator<ElementStep> {
  const statements = statementsOf(space);
  for (const kind of ['hash', 'set', 'zset', 'list'] as const) {
    const ofKind = entries.filter((entry) => entry.kind === kind);
    if (ofKind.length === 0) continue;
    if (kind !== 'list') yield* inSteps(removedElements(ofKind), (gone) => ({ statement: statements[`deleteElements.${kind}`], values: gone.columns }));
    yield* inSteps(putRows[kind](ofKind), (put) => ({ statement: statements[putStatements[kind]], values: put.columns }));
  }
}

const putStatements = { hash: 'putFields', set: 'putMembers', zset: 'putScores', list: 'putItems' } as const;

/** A row's columns, the bytes last of which tell how long it is. */
type Row = readonly [ref: number, ...columns: (Buffer | number)[]];

const putRows: Readonly<Record<CollectionKind, (entries: readonly Entry[]) => Generator<Row>>> = {
  hash: (entries) => elementRows(entries, ({ member, value, number }) => [member, value!, number!]),
  set: (entries) => elementRows(entries, ({ member }) => [member]),
  zset: (entries) => elementRows(entries, ({ member, score }) => [member, score!]),
  list: itemRows,
};

function* elementRows(entries: readonly Entry[], columnsOf: (element: Element) => (Buffer | number)[]): Generator<Row> {
  for (const entry of entries) {
    const ref = refOf(entry);
    for (const element of entry.unread) yield [ref, ...columnsOf(element)];
    for (const name of entry.changedElements) {
      const element = entry.elements.get(name);
      if (element !== null && element !== undefined) yield [ref, ...columnsOf(element)];
    }
  }
}

function* removedElements(entries: readonly Entry[]): Generator<Row> {
  for (const entry of entries) {
    const ref = refOf(entry);
    for (const name of entry.changedElements) if ((entry.elements.get(name) ?? null) === null) yield [ref, Buffer.from(name, 'latin1')];
  }
}

function* itemRows(entries: readonly Entry[]): Generator<Row> {
  for (const entry of entries) {
    const ref = refOf(entry);
    for (const { member, number } of entry.unread) yield [ref, number!, member];
    for (const position of entry.changedItems) yield [ref, entry.storedPosition(position), entry.items.get(position)!];
  }
}

/** Rows as columns, so many at a time as one slice should have. */
function* inSteps(rows: Iterable<Row>, stepOf: (rows: { readonly columns: unknown[][] }) => Step): Generator<ElementStep> {
  let columns: unknown[][] = [];
  let bytes = 0;
  for (const row of rows) {
    for (const [index, value] of row.entries()) {
      (columns[index] ??= []).push(value);
      if (typeof value !== 'number') bytes += value.length;
    }
    if (columns[0]!.length < keyvalueLimits.writtenElements && bytes < keyvalueLimits.writtenBytes) continue;
    yield { step: stepOf({ columns }), isFull: true };
    columns = [];
    bytes = 0;
  }
  if (columns.length > 0) yield { step: stepOf({ columns }), isFull: false };
}

function listSteps(space: number, entries: readonly Entry[]): Step[] {
  const statements = statementsOf(space);
  const gone: { ref: number; first: number; last: number }[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'list') continue;
    for (const [first, last] of entry.removedRanges) gone.push({ ref: refOf(entry), first, last });
  }
  const steps: Step[] = [];
  if (gone.length > 0) {
    steps.push({ statement: statements.deleteItems, values: [gone.map(({ ref }) => ref), gone.map(({ first }) => first), gone.map(({ last }) => last)] });
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
