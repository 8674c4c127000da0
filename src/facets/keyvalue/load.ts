// Fetches what a unit of work lacks. All of it goes out as one request. Values and elements are not copied out of what was
// received: the unit ends soon.

import type { Connection, Step } from '../../engine/client.ts';
import type { DataRow } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry, Element } from './entry.ts';
import { expiryTimeOf } from './expiry-time.ts';
import { keyIdentity } from './key-identity.ts';
import { type CollectionKind, kindOfNumber } from './kinds.ts';
import { ListRuns, type Run } from './list-runs.ts';
import type { KeyMapping } from './mapped/key-mappings.ts';
import { mappedStep } from './mapped/load-mapped.ts';
import type { Needs } from './needs.ts';
import { keyColumns, statementsOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

/** Asks for the needs (other than `settle`), and whatever else goes along, and gives them to the unit. */
export async function load(connection: Connection, unit: Unit, needs: Needs, others: readonly Step[] = []): Promise<void> {
  const steps: Step[] = [];
  const putBack = setChangesAside(needs.wholes);
  // They come with all others, in the order of those.
  for (const entry of needs.wholes) needs.elements.delete(entry);
  for (const [space, entries] of needs.keys) steps.push(...keySteps(unit, space, entries));
  for (const [space, entries] of bySpace(needs.values)) steps.push(valueStep(space, entries));
  steps.push(...namedSteps(needs));
  for (const { space, kind, entries } of byKind(needs.elements.keys())) steps.push(elementStep(needs, space, kind, entries));
  for (const { space, kind, entries } of byKind(needs.wholes)) steps.push(wholeStep(space, kind, entries));
  for (const [space, entries] of bySpace(needs.runs)) steps.push(runsStep(space, entries));
  steps.push(...rangeSteps(needs));
  for (const { step, onRow } of needs.questions) steps.push({ ...step, onRow });
  for (const { steps: general } of needs.general.values()) steps.push(...general);
  steps.push(...others);
  await connection.execute(steps);
  putBack();
  for (const { entry, kind, members } of needs.named) if (entry.kind === kind) noteAbsent(entry, members);
  // A long value that went away between two statements: without a lock the key is gone for this read.
  for (const entry of needs.values) if (entry.value === undefined) entry.kind = undefined;
  for (const { entries, signature, answer } of needs.questions) {
    const given = answer();
    for (const { answers } of entries) answers.set(signature, given);
  }
  for (const [signature, { answer }] of needs.general) unit.answerGeneral(signature, answer());
}

/** Keys of the store, and keys that stand for rows elsewhere. */
function keySteps(unit: Unit, space: number, entries: readonly Entry[]): Step[] {
  const { mappings } = unit;
  if (mappings === undefined) return [keyStep(unit, space, entries)];
  const own: Entry[] = [];
  const mapped = new Map<KeyMapping, Entry[]>();
  for (const entry of entries) {
    const mapping = mappings.find(space, entry.key);
    if (mapping === undefined) {
      own.push(entry);
      continue;
    }
    entry.mapping = mapping;
    entry.isKnown = true;
    const ofMapping = mapped.get(mapping);
    if (ofMapping === undefined) mapped.set(mapping, [entry]);
    else ofMapping.push(entry);
  }
  const steps = own.length === 0 ? [] : [keyStep(unit, space, own)];
  for (const [mapping, ofMapping] of mapped) steps.push(mappedStep(mapping, ofMapping));
  return steps;
}

function keyStep(unit: Unit, space: number, entries: readonly Entry[]): Step {
  const byName = unit.entriesOf(space);
  const long = new Map<string, Entry>();
  const identities: Buffer[] = [];
  for (const entry of entries) {
    const identity = keyIdentity(entry.key);
    identities.push(identity);
    if (identity !== entry.key) long.set(identity.toString('latin1'), entry);
    entry.isKnown = true;
  }
  const statements = statementsOf(space);
  return {
    statement: unit.mode === 'write' ? statements.lockKeys : statements.loadKeys,
    values: [identities],
    onRow: (row) => {
      const identity = row.latin1(keyColumns.id);
      // The identity of a long key is longer than any short key.
      const entry = byName.get(identity) ?? long.get(identity);
      assert(entry !== undefined, 'a key that was asked for');
      fillEntry(entry, row);
    },
  };
}

/** Takes over the columns of `keyColumns`. */
function fillEntry(entry: Entry, row: DataRow): void {
  entry.stored = true;
  entry.kind = row.isNull(keyColumns.kind) ? 'string' : kindOfNumber(row.int16(keyColumns.kind));
  entry.storedKind = entry.kind;
  if (!row.isNull(keyColumns.expiresAt)) entry.expiresAt = expiryTimeOf(row.int64(keyColumns.expiresAt));
  if (!row.isNull(keyColumns.value)) {
    entry.value = row.lasting(keyColumns.value);
    entry.size = entry.value.length;
  } else if (!row.isNull(keyColumns.size)) entry.size = row.safeInteger(keyColumns.size);
  if (!row.isNull(keyColumns.ref)) entry.ref = row.safeInteger(keyColumns.ref);
  if (!row.isNull(keyColumns.edge)) entry.edge = row.safeInteger(keyColumns.edge);
  else if (entry.kind === 'list') entry.runs = 'unknown';
  entry.version = row.uint32(keyColumns.version);
}

function valueStep(space: number, entries: readonly Entry[]): Step {
  const byIdentity = new Map(entries.map((entry) => [keyIdentity(entry.key).toString('latin1'), entry]));
  return {
    statement: statementsOf(space).loadValues,
    values: [entries.map(({ key }) => keyIdentity(key))],
    onRow: (row) => {
      const entry = byIdentity.get(row.latin1(0));
      if (entry !== undefined) entry.value = row.lasting(1);
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

/**
 * Elements by the keys that are fetched in the steps before. A key that came into being between the two statements is
 * not there for this unit, and what was found of it is none of its.
 */
function namedSteps({ named }: Needs): Step[] {
  const steps: Step[] = [];
  const ofStore = named.filter(({ entry }) => entry.mapping === undefined);
  for (const [space, ofSpace] of groupBy(ofStore, ({ entry }) => entry.space)) {
    const statements = statementsOf(space);
    for (const [kind, ofKind] of groupBy(ofSpace, (item) => item.kind)) {
      const statement = { hash: statements.loadFieldsOfKeys, set: statements.loadMembersOfKeys, zset: statements.loadScoresOfKeys }[kind];
      const identities = ofKind.flatMap(({ entry, members }) => {
        const identity = keyIdentity(entry.key);
        return members.map(() => identity);
      });
      let byRef: Map<number | undefined, Entry> | undefined;
      const onRow = (row: DataRow): void => {
        byRef ??= new Map(ofKind.map(({ entry }) => [entry.ref, entry]));
        const entry = byRef.get(row.safeInteger(0));
        if (entry === undefined) return;
        const member = row.lasting(1);
        entry.elements.set(member.toString('latin1'), elementOf(kind, member, row));
      };
      steps.push({ statement, values: [identities, ofKind.flatMap(({ members }) => members)], onRow });
    }
  }
  return steps;
}

function noteAbsent(entry: Entry, members: readonly Buffer[]): void {
  if (entry.whole) return;
  for (const member of members) {
    const name = member.toString('latin1');
    if (!entry.elements.has(name)) entry.elements.set(name, null);
  }
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
    const member = row.lasting(1);
    entry.elements.set(member.toString('latin1'), elementOf(kind, member, row));
  };
}

function elementOf(kind: CollectionKind, member: Buffer, row: DataRow): Element {
  if (kind === 'hash') return { member, value: row.lasting(2), number: row.safeInteger(3) };
  return kind === 'zset' ? { member, score: row.float64(2) } : { member };
}

function itemReader(entries: readonly Entry[]): (row: DataRow) => void {
  const byRef = new Map(entries.map((entry) => [refOf(entry), entry]));
  return (row) => {
    const entry = byRef.get(row.safeInteger(0));
    assert(entry !== undefined, 'a list that was asked for');
    const position = entry.positionOfStored(row.safeInteger(1));
    if (!entry.changedItems.has(position)) entry.items.set(position, row.lasting(2));
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
