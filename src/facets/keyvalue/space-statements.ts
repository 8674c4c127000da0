// The SQL of one keyspace: what loads and writes the entries of a unit of work. Each statement serves a whole group.

import { quoteIdentifier } from '../../engine/quoting.ts';
import { type Statement, statement } from '../../engine/client.ts';
import { kindNumber } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';

/** Which columns `loadKeys` gives, in this order. */
export const keyColumns = { id: 0, kind: 1, expiresAt: 2, value: 3, size: 4, ref: 5, edge: 6, version: 7 } as const;

export type SpaceStatements = Readonly<
  Record<
    | 'loadKeys' | 'lockKeys' | 'loadValues'
    | 'loadFields' | 'loadMembers' | 'loadScores' | 'loadFieldsOfKeys' | 'loadMembersOfKeys' | 'loadScoresOfKeys' | 'loadAllFields' | 'loadAllMembers' | 'loadAllScores' | 'loadItems' | 'loadRuns'
    | 'deleteKeys' | 'renameKeys' | 'updateKeys' | 'patchString' | 'overwriteStrings' | 'replaceStrings' | 'replaceCollections' | 'insertKeys' | 'upsertStrings'
    | 'deleteElements.hash' | 'deleteElements.set' | 'deleteElements.zset' | 'deleteItems'
    | 'putFields' | 'putMembers' | 'putScores' | 'putItems' | 'putRuns' | 'deleteRuns',
    Statement
  >
>;

const known = new Map<number, SpaceStatements>();

/** The statements of `keyspace<space>`. */
export function statementsOf(space: number): SpaceStatements {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(schemaOf(space))));
  return statements;
}

/** The quoted name of a keyspace's schema. */
export function schemaOf(space: number): string {
  return quoteIdentifier(`keyspace${space}`);
}

function makeStatements(schema: string): SpaceStatements {
  // What is null costs PostgreSQL nothing to send: of a string, which is what most keys are, only its value is not.
  const isShort = `octet_length(value) <= ${keyvalueLimits.inlineValueBytes}`;
  const columns = `id, nullif(kind, ${kindNumber('string')}::int2) as kind, expires_at, case when ${isShort} then value end as value,
    case when ${isShort} then null else coalesce(size, octet_length(value)) end as size, ref, edge, xmin as version`;
  const wanted = 'unnest($1, $2) as wanted (ref, element)';
  const ofWanted = 'stored.ref = wanted.ref and stored.digest = facetdb.element_digest(wanted.element)';
  const setString = (from: string): string => `kind = 1, value = ${from}.value, expires_at = ${from}.expires_at, ref = null, size = null, edge = null`;
  const deleteElements = (table: string): Statement =>
    statement(`delete from ${schema}.${table} as stored using ${wanted} where ${ofWanted}`, ['int8[]', 'bytea[]']);
  // `offset 0` keeps this a look by the whole primary key. As a join of three, planned while the table was empty, it took the
  // index by `ref` alone, and read a whole hash for one field.
  const ofKeys = (table: string, elementColumns: string): Statement =>
    statement(
      `select stored.ref, ${elementColumns} from unnest($1, $2) as wanted (id, element)
       join ${schema}.keys on keys.id = wanted.id
       cross join lateral (select * from ${schema}.${table} where ref = keys.ref and digest = facetdb.element_digest(wanted.element) offset 0) as stored`,
      ['bytea[]', 'bytea[]'],
    );
  return {
    loadKeys: statement(`select ${columns} from ${schema}.keys where id = any($1)`, ['bytea[]']),
    // In the order of id: two groups that lock the same keys wait for each other instead of deadlocking.
    lockKeys: statement(`select ${columns} from ${schema}.keys where id = any($1) order by id for update`, ['bytea[]']),
    loadValues: statement(`select id, value from ${schema}.keys where id = any($1)`, ['bytea[]']),

    loadFields: statement(`select stored.ref, stored.field, stored.value, stored.number from ${wanted} join ${schema}.hash_fields as stored on ${ofWanted}`, ['int8[]', 'bytea[]']),
    loadMembers: statement(`select stored.ref, stored.member from ${wanted} join ${schema}.set_members as stored on ${ofWanted}`, ['int8[]', 'bytea[]']),
    loadScores: statement(`select stored.ref, stored.member, stored.score from ${wanted} join ${schema}.sorted_set_members as stored on ${ofWanted}`, ['int8[]', 'bytea[]']),
    // By keys, before their references are known.
    loadFieldsOfKeys: ofKeys('hash_fields', 'stored.field, stored.value, stored.number'),
    loadMembersOfKeys: ofKeys('set_members', 'stored.member'),
    loadScoresOfKeys: ofKeys('sorted_set_members', 'stored.member, stored.score'),
    loadAllFields: statement(`select ref, field, value, number from ${schema}.hash_fields where ref = any($1) order by ref, number`, ['int8[]']),
    loadAllMembers: statement(`select ref, member from ${schema}.set_members where ref = any($1)`, ['int8[]']),
    loadAllScores: statement(`select ref, member, score from ${schema}.sorted_set_members where ref = any($1)`, ['int8[]']),
    loadItems: statement(
      `select stored.ref, stored.position, stored.value from unnest($1, $2, $3) as wanted (ref, first, last)
       join ${schema}.list_items as stored on stored.ref = wanted.ref and stored.position between wanted.first and wanted.last`,
      ['int8[]', 'int8[]', 'int8[]'],
    ),

    loadRuns: statement(
      `select stored.ref, run.first, run.count from ${schema}.list_runs as stored
       cross join lateral unnest(stored.firsts, stored.counts) with ordinality as run (first, count, number)
       where stored.ref = any($1) order by stored.ref, run.number`,
      ['int8[]'],
    ),

    deleteKeys: statement(`delete from ${schema}.keys where id = any($1)`, ['bytea[]']),
    renameKeys: statement(
      `update ${schema}.keys as stored set id = renamed.new, long_key = renamed.long_key
       from unnest($1, $2, $3) as renamed (old, new, long_key) where stored.id = renamed.old`,
      ['bytea[]', 'bytea[]', 'bytea[]'],
    ),
    // A collection's columns, or a string's expiry: the value is not written again.
    updateKeys: statement(
      `update ${schema}.keys as stored set expires_at = changed.expires_at, size = changed.size, edge = changed.edge
       from unnest($1, $2, $3, $4) as changed (id, expires_at, size, edge) where stored.id = changed.id`,
      ['bytea[]', 'int8[]', 'int8[]', 'int8[]'],
    ),
    patchString: statement(`update ${schema}.keys set value = overlay(value placing $2 from $3) where id = $1`, ['bytea', 'bytea', 'int4']),
    // An array that is empty stands for a column of nulls (unnest fills up): most strings have no expiry, most keys are short.
    // Of rows that hold strings: it sets no column that a trigger looks at.
    overwriteStrings: statement(`update ${schema}.keys as stored set value = changed.value, expires_at = changed.expires_at from unnest($1, $2, $3) as changed (id, value, expires_at) where stored.id = changed.id`, ['bytea[]', 'bytea[]', 'int8[]']),
    replaceStrings: statement(`update ${schema}.keys as stored set ${setString('changed')} from unnest($1, $2, $3) as changed (id, value, expires_at) where stored.id = changed.id`, ['bytea[]', 'bytea[]', 'int8[]']),
    upsertStrings: statement(
      `insert into ${schema}.keys (id, kind, value, expires_at, long_key) select id, 1, value, expires_at, long_key from unnest($1, $2, $3, $4) as changed (id, value, expires_at, long_key)
       on conflict (id) do update set ${setString('excluded')}`,
      ['bytea[]', 'bytea[]', 'int8[]', 'bytea[]'],
    ),
    replaceCollections: statement(
      `update ${schema}.keys as stored set kind = changed.kind, value = null, expires_at = changed.expires_at, ref = changed.ref, size = changed.size, edge = changed.edge
       from unnest($1, $2, $3, $4, $5, $6) as changed (id, kind, expires_at, ref, size, edge) where stored.id = changed.id`,
      ['bytea[]', 'int2[]', 'int8[]', 'int8[]', 'int8[]', 'int8[]'],
    ),
    // Of every kind at once, so that it is in the order of the keys: another writer waits for the first that it creates too. A key
    // that somebody else created meanwhile is a unique violation: the group is undone and executed again.
    insertKeys: statement(
      `insert into ${schema}.keys (id, kind, value, expires_at, ref, size, edge, long_key) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)`,
      ['bytea[]', 'int2[]', 'bytea[]', 'int8[]', 'int8[]', 'int8[]', 'int8[]', 'bytea[]'],
    ),

    'deleteElements.hash': deleteElements('hash_fields'),
    'deleteElements.set': deleteElements('set_members'),
    'deleteElements.zset': deleteElements('sorted_set_members'),
    deleteItems: statement(
      `delete from ${schema}.list_items as stored using unnest($1, $2, $3) as gone (ref, first, last)
       where stored.ref = gone.ref and stored.position between gone.first and gone.last`,
      ['int8[]', 'int8[]', 'int8[]'],
    ),
    putFields: statement(
      `insert into ${schema}.hash_fields (ref, digest, field, value, number)
       select ref, facetdb.element_digest(field), field, value, number from unnest($1, $2, $3, $4) as changed (ref, field, value, number)
       on conflict (ref, digest) do update set value = excluded.value`,
      ['int8[]', 'bytea[]', 'bytea[]', 'int8[]'],
    ),
    putMembers: statement(
      `insert into ${schema}.set_members (ref, digest, member)
       select ref, facetdb.element_digest(member), member from unnest($1, $2) as changed (ref, member) on conflict (ref, digest) do nothing`,
      ['int8[]', 'bytea[]'],
    ),
    putScores: statement(
      `insert into ${schema}.sorted_set_members (ref, digest, member, score)
       select ref, facetdb.element_digest(member), member, score from unnest($1, $2, $3) as changed (ref, member, score)
       on conflict (ref, digest) do update set score = excluded.score`,
      ['int8[]', 'bytea[]', 'float8[]'],
    ),
    putItems: statement(
      `insert into ${schema}.list_items (ref, position, value) select * from unnest($1, $2, $3)
       on conflict (ref, position) do update set value = excluded.value`,
      ['int8[]', 'int8[]', 'bytea[]'],
    ),
    putRuns: statement(
      `insert into ${schema}.list_runs (ref, firsts, counts) values ($1, $2, $3)
       on conflict (ref) do update set firsts = excluded.firsts, counts = excluded.counts`,
      ['int8', 'int8[]', 'int8[]'],
    ),
    deleteRuns: statement(`delete from ${schema}.list_runs where ref = $1`, ['int8']),
  };
}
