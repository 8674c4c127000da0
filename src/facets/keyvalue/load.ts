// Fetches what a unit of work lacks. All of it goes out as one request.

import type { Connection, Step } from '../../engine/client.ts';
import type { DataRow } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry, Element } from './entry.ts';
import { keyIdentity } from './key-identity.ts';
import { type CollectionKind, kindOfNumber } from './kinds.ts';
import { ListRuns, type Run } from './list-runs.ts';
import type { KeyMapping } from './mapped/key-mappings.ts';
import { mappedStep } from './mapped/load-mapped.ts';
import type { Needs } from './needs.ts';
import { keyColumns, statementsOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

/** Asks for the needs (other than `settle`) and gives them to the unit. */
export async function load(connection: Connection, unit: Unit, needs: Needs): Promise<void> {
  const steps: Step[] = [];
  const putBack = setChangesAside(needs.wholes);
  for (const [space, keys] of needs.keys) steps.push(...keySteps(unit, space, keys));
  for (const [space, entries] of bySpace(needs.values)) steps.push(valueStep(space, entries));
  for (const { space, kind, entries } of byKind(needs.elements.keys())) steps.push(elementStep(needs, space, kind, entries));
  for (const { space, kind, entries } of byKind(needs.wholes)) steps.push(wholeStep(space, kind, entries));
  for (const [space, entries] of bySpace(needs.runs)) steps.push(runsStep(space, entries));
  steps.push(...rangeSteps(needs));
  for (const { step, onRow } of needs.questions) steps.push({ ...step, onRow });
  for (const { steps: general } of needs.general.values()) steps.push(...general);
  await connection.execute(steps);
  putBack();
  // A long value that went away between two statements: without a lock the key is gone for this read.
  for (const entry of needs.values) if (entry.value === undefined) entry.kind = undefined;
  for (const { entry, signature, answer } of needs.questions) entry.answers.set(signature, answer());
  for (const [signature, { answer }] of needs.general) unit.answerGeneral(signature, answer());
}

/** Keys of the store, and keys that stand for rows elsewhere. */
function keySteps(unit: Unit, space: number, keys: ReadonlyMap<string, Buffer>): Step[] {
  const { mappings } = unit;
  if (mappings === undefined) return [keyStep(unit, space, keys)];
  const own = new Map<string, Buffer>();
  const mapped = new Map<KeyMapping, Entry[]>();
  for (const [name, key] of keys) {
    const mapping = mappings.find(space, key);
    if (mapping === undefined) {
      own.set(name, key);
      continue;
    }
    const entry = unit.adopt(space, key, name);
    entry.mapping = mapping;
    const entries = mapped.get(mapping);
    if (entries === undefined) mapped.set(mapping, [entry]);
    else entries.push(entry);
  }
  const steps = own.size === 0 ? [] : [keyStep(unit, space, own)];
  for (const [mapping, entries] of mapped) steps.push(mappedStep(mapping, entries));
  return steps;
}

function keyStep(unit: Unit, space: number, keys: ReadonlyMap<string, Buffer>): Step {
  const byIdentity = new Map<string, Entry>();
  const identities: Buffer[] = [];
  for (const [name, key] of keys) {
    const identity = keyIdentity(key);
    identities.push(identity);
    byIdentity.set(identity === key ? name : identity.toString('latin1'), unit.adopt(space, key, name));
  }
  const statements = statementsOf(space);
  return {
    statement: unit.mode === 'write' ? statements.lockKeys : statements.loadKeys,
    values: [identities],
    onRow: (row) => {
      const entry = byIdentity.get(row.latin1(keyColumns.id));
      assert(entry !== undefined, 'a key that was asked for');
      fillEntry(entry, row);
    },
  };
}

/** Takes over the columns of `keyColumns`. */
function fillEntry(entry: Entry, row: DataRow): void {
  entry.stored = true;
  entry.kind = kindOfNumber(row.int16(keyColumns.kind));
  if (!row.isNull(keyColumns.expiresAt)) entry.expiresAt = row.safeInteger(keyColumns.expiresAt);
  if (!row.isNull(keyColumns.value)) entry.value = copyOf(row, keyColumns.value);
  if (!row.isNull(keyColumns.valueLength)) entry.size = row.int32(keyColumns.valueLength);
  if (!row.isNull(keyColumns.ref)) entry.ref = row.safeInteger(keyColumns.ref);
  if (!row.isNull(keyColumns.size)) entry.size = row.safeInteger(keyColumns.size);
  if (!row.isNull(keyColumns.edge)) entry.edge = row.safeInteger(keyColumns.edge);
  else if (entry.kind === 'list') entry.runs = 'unknown';
  entry.version = String(row.uint32(keyColumns.version));
}

function valueStep(space: number, entries: readonly Entry[]): Step {
  const byIdentity = new Map(entries.map((entry) => [keyIdentity(entry.key).toString('latin1'), entry]));
  return {
    statement: statementsOf(space).loadValues,
    values: [entries.map(({ key }) => keyIdentity(key))],
    onRow: (row) => {
      const entry = byIdentity.get(row.latin1(0));
      if (entry !== undefined) entry.value = copyOf(row, 1);
    },
  };
}

function elementStep(needs: Needs, space: number, kind: CollectionKind, entries: readonly Entry[]): Step {
  const refs: number[] = [];
  const members: Buffer[] = [];
  for (const entry of entries) {
    for (const [name, member] of needs.elements.get(entry)!) {
      refs.push(refOf(entry));
      members.push(member);
      entry.elements.set(name, null);
    }
  }
  const statements = statementsOf(space);
  const statement = { hash: statements.loadFields, set: statements.loadMembers, zset: statements.loadScores, list: undefined }[kind];
  assert(statement !== undefined, 'a list has items, not elements');
  return { statement, values: [refs, members], onRow: elementReader(kind, entries) };
}

function wholeStep(space: number, kind: CollectionKind, entries: readonly Entry[]): Step {
  const statements = statementsOf(space);
  const statement = { hash: statements.loadAllFields, set: statements.loadAllMembers, zset: statements.loadAllScores, list: undefined }[kind];
  assert(statement !== undefined, 'a list is read by positions');
  return { statement, values: [entries.map(refOf)], onRow: elementReader(kind, entries) };
}

/**
 * Prepares entries to be read whole: what was changed in the unit is newer than what the store has, so it is set aside
 * and put back by the function that this gives.
 */
function setChangesAside(entries: Iterable<Entry>): () => void {
  const aside: [Entry, Map<string, Element | null>][] = [];
  for (const entry of entries) {
    aside.push([entry, entry.elements]);
    entry.elements = new Map();
    entry.whole = true;
  }
  return () => {
    for (const [entry, before] of aside) for (const name of entry.changedElements) entry.elements.set(name, before.get(name) ?? null);
  };
}

function rangeSteps(needs: Needs): Step[] {
  const steps: Step[] = [];
  for (const [space, wanted] of groupBy(needs.ranges, ({ entry }) => entry.space)) {
    const ranges = wanted.flatMap(({ entry, first, last }) => entry.storedRanges(first, last).map((range) => ({ entry, ...range })));
    steps.push({
      statement: statementsOf(space).loadItems,
      values: [ranges.map(({ entry }) => refOf(entry)), ranges.map(({ first }) => first), ranges.map(({ last }) => last)],
      onRow: itemReader(ranges.map(({ entry }) => entry)),
    });
  }
  return steps;
}

function runsStep(space: number, entries: readonly Entry[]): Step {
  const byRef = new Map(entries.map((entry) => [refOf(entry), entry]));
  const runs = new Map<Entry, Run[]>(entries.map((entry) => [entry, []]));
  return {
    statement: statementsOf(space).loadRuns,
    values: [entries.map(refOf)],
    onRow: (row) => {
      const entry = byRef.get(row.safeInteger(0))!;
      const ofEntry = runs.get(entry)!;
      ofEntry.push({ first: row.safeInteger(1), count: row.safeInteger(2) });
      entry.runs = new ListRuns(ofEntry);
    },
  };
}

function elementReader(kind: CollectionKind, entries: readonly Entry[]): (row: DataRow) => void {
  const byRef = new Map(entries.map((entry) => [refOf(entry), entry]));
  return (row) => {
    const entry = byRef.get(row.safeInteger(0));
    assert(entry !== undefined, 'a collection that was asked for');
    const member = copyOf(row, 1);
    entry.elements.set(member.toString('latin1'), elementOf(kind, member, row));
  };
}

function elementOf(kind: CollectionKind, member: Buffer, row: DataRow): Element {
  if (kind === 'hash') return { member, value: copyOf(row, 2), number: row.safeInteger(3) };
  return kind === 'zset' ? { member, score: row.float64(2) } : { member };
}

function itemReader(entries: readonly Entry[]): (row: DataRow) => void {
  const byRef = new Map(entries.map((entry) => [refOf(entry), entry]));
  return (row) => {
    const entry = byRef.get(row.safeInteger(0));
    assert(entry !== undefined, 'a list that was asked for');
    const position = entry.positionOfStored(row.safeInteger(1));
    if (!entry.changedItems.has(position)) entry.items.set(position, copyOf(row, 2));
  };
}

/** Elements' statements join on the reference, so one serves all collections of a kind. */
function* byKind(entries: Iterable<Entry>): Generator<{ space: number; kind: CollectionKind; entries: Entry[] }> {
  for (const [space, ofSpace] of bySpace(entries)) {
    for (const [kind, ofKind] of groupBy(ofSpace, (entry) => entry.kind)) {
      assert(kind !== undefined && kind !== 'string' && kind !== 'stream', 'a collection has elements');
      yield { space, kind, entries: ofKind };
    }
  }
}

function bySpace(entries: Iterable<Entry>): Map<number, Entry[]> {
  return groupBy(entries, (entry) => entry.space);
}

function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function refOf(entry: Entry): number {
  assert(entry.ref !== undefined, 'a collection has a reference');
  return entry.ref;
}

/** A copy: the row's bytes are those of the socket's buffer. */
function copyOf(row: DataRow, index: number): Buffer {
  return Buffer.from(row.bytes(index));
}
