// Copies of keys. A collection's elements are copied within the store, whatever their number.

import { type Statement, statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry } from './entry.ts';
import type { CollectionKind } from './kinds.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

const elementTables: Record<CollectionKind, { readonly table: string; readonly columns: string }> = {
  hash: { table: 'hash_fields', columns: 'digest, field, value, number' },
  list: { table: 'list_items', columns: 'position, value' },
  set: { table: 'set_members', columns: 'digest, member' },
  zset: { table: 'sorted_set_members', columns: 'digest, score, member' },
};

const known = new Map<string, Statement>();

/** Copies a collection's elements under a new reference, and gives that. */
function copyStatement(kind: CollectionKind, from: number, to: number): Statement {
  const name = `${kind} ${from} ${to}`;
  let copying = known.get(name);
  if (copying === undefined) {
    const { table, columns } = elementTables[kind];
    // A whole block of references for one: gaps do not matter, and copies are rare.
    copying = statement(
      `with fresh as materialized (select nextval('facetdb.collection_reference') as ref),
       copied as (insert into ${schemaOf(to)}.${table} (ref, ${columns})
         select fresh.ref, ${columns} from fresh, ${schemaOf(from)}.${table} as stored where stored.ref = $1)
       select ref from fresh`,
      ['int8'],
    );
    known.set(name, copying);
  }
  return copying;
}

/**
 * Makes `to` hold what `from` holds, with its expiry, in place of what it held. They may be in different keyspaces.
 * Nothing may have been changed by the command before.
 */
export function copyKey(unit: Unit, from: Entry, to: Entry): void {
  assert(from.kind !== undefined && from.kind !== 'stream' && from !== to, 'a copy is made of another key');
  const { kind, size, edge, expiresAt } = from;
  if (kind === 'string') {
    const value = unit.valueOf(from);
    // What it replaces is deleted first, so that the copy is a new key.
    unit.remove(to);
    return unit.setString(to, value, expiresAt);
  }
  if (from.mapping !== undefined) {
    // The store does not hold its elements.
    unit.remove(to);
    unit.createCollection(to, kind);
    for (const element of unit.allElements(from)) unit.putElement(to, element);
    return;
  }
  unit.requireRuns(from);
  const { runs } = from;
  const ref = copyElements(unit, from, { kind, space: to.space });
  // What it replaces is deleted first, so that the copy is a new key.
  unit.remove(to);
  unit.holdCollection(to, kind, { ref, size });
  Object.assign(to, { edge, runs, runsChanged: runs !== undefined });
  unit.setExpiry(to, expiresAt);
}

function copyElements(unit: Unit, from: Entry, { kind, space }: { readonly kind: CollectionKind; readonly space: number }): number {
  return unit.askOnce([from], `copy to ${space}`, () => {
    let ref = 0;
    return {
      step: { statement: copyStatement(kind, from.space, space), values: [from.ref] },
      onRow: (row) => (ref = row.safeInteger(0)),
      answer: () => ref,
      elements: from.size,
    };
  });
}

const lockCreation = statement(`select pg_advisory_xact_lock(hashtext('facetdb.create_keyspace'))`);
const createKeyspace = statement('call facetdb.create_keyspace($1)', ['int4']);

/** Makes sure that a keyspace exists that nobody may have selected yet. */
export function requireSpace(unit: Unit, space: number): void {
  unit.askGeneral(`require ${space}`, () => ({
    steps: [{ statement: lockCreation, values: [] }, { statement: createKeyspace, values: [space] }],
    answer: () => true,
  }));
}
