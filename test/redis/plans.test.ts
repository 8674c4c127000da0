// Whatever PostgreSQL knew of a table when it planned a statement (that it is empty, above all: plans are kept), elements are found by
// the whole key of their index. With the index on the collection alone, one element would cost what the collection is long.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type pg from 'pg';
import { keyLookupParameters } from '../../src/engine/key-lookup-parameters.ts';
import { elementTables } from '../../src/facets/keyvalue/kinds.ts';
import { eventually } from '../support/eventually.ts';
import { sortedSetStatements } from '../../src/facets/keyvalue/sorted-set-statements.ts';
import { statementsOf } from '../../src/facets/keyvalue/space-statements.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

type PlanNode = { readonly 'Node Type': string; readonly 'Relation Name'?: string; readonly 'Index Cond'?: string; readonly Plans?: readonly PlanNode[] };

/** Collections are wanted whole, or an end of them. */
const byCollectionOnly = new Set(['loadAllFields', 'loadAllMembers', 'loadAllScores', 'scoreBounds']);

suite('plans of statements on keys', () => {
  let server: OwnServer;
  let sql: pg.Client;

  before(async () => {
    server = await startOwnServer();
    ({ sql } = server);
    for (const [name, value] of Object.entries(keyLookupParameters)) await sql.query(`set ${name} = ${value}`);
  });
  after(() => server.stop());

  const nodesOf = async (text: string): Promise<PlanNode[]> => {
    const { rows } = await sql.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`explain (generic_plan, format json) ${text}`);
    const below = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(below)];
    return below(rows[0]!['QUERY PLAN'][0].Plan);
  };

  const tables = new Set<string>(Object.values(elementTables));
  const check = async (): Promise<void> => {
    let looks = 0;
    for (const [name, { text, parameterTypes }] of Object.entries({ ...statementsOf(0), ...sortedSetStatements(0) })) {
      const { rows } = await sql.query<{ names: string[] }>('select $1::oid[]::regtype[]::text[] as names', [parameterTypes!.map(({ oid }) => oid)]);
      const typed = text.replaceAll(/\$(\d+)/g, (parameter, number: string) => `${parameter}::${rows[0]!.names[Number(number) - 1]}`);
      for (const node of await nodesOf(typed)) {
        assert.notEqual(node['Node Type'], 'Seq Scan', `${name} reads all of ${node['Relation Name']}`);
        if (!tables.has(node['Relation Name'] ?? '') || !node['Node Type'].startsWith('Index')) continue;
        looks += 1;
        const condition = node['Index Cond'] ?? '';
        assert.match(condition, /\bref = /, name);
        if (!byCollectionOnly.has(name)) assert.match(condition, /\b(digest|position|score)\b/, name);
      }
    }
    assert.ok(looks > 15, `${looks} looks for elements`);
  };

  test('while nothing is known of the tables', check);

  test('a statement that was planned while its table was known to be empty is planned again when that has grown', async () => {
    const { redis } = server;
    await redis.hset('first', 'field', 'value');
    await redis.flushdb();
    for (const table of ['keys', 'hash_fields']) await sql.query(`vacuum analyze keyspace0.${table}`);
    const fields = Array.from({ length: 3_000 }, (_, index) => `f${index}`);
    await redis.hset('hash', 'f0', 'value');
    await redis.hdel('hash', 'f1');
    await redis.hset('hash', ...fields.flatMap((field) => [field, 'value']));
    const isPlannedAgain = async (): Promise<boolean> => {
      await sql.query(`select pg_stat_reset()`);
      await redis.hset('hash', 'f7', 'other');
      await redis.hdel('hash', 'f8');
      await redis.hset('hash', 'f8', 'again');
      await sql.query('select pg_sleep(0.3)');
      const { rows } = await sql.query<{ read: number }>(`select coalesce(sum(idx_tup_read), 0)::int as read from pg_stat_user_indexes where schemaname = 'keyspace0'`);
      return rows[0]!.read > 0 && rows[0]!.read < 100;
    };
    await eventually('few index entries are read for one field', isPlannedAgain, 8_000);
  });

  test('when one collection is nearly all that there is', async () => {
    const members = Array.from({ length: 3_000 }, (_, index) => `m${index}`);
    const { redis } = server;
    await redis.hset('hash', ...members.flatMap((member) => [member, '']));
    await redis.sadd('set', ...members);
    await redis.zadd('scores', ...members.flatMap((member, index) => [index, member]));
    await redis.rpush('list', ...members);
    for (const table of ['keys', 'sorted_set_pieces', ...tables]) await sql.query(`vacuum analyze keyspace0.${table}`);
    await check();
  });
});
