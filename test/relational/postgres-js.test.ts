// The `postgres` driver (postgres.js): tagged templates, transactions, savepoints, pipelines, cursors, dynamic parts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import postgres from 'postgres';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('postgres_js');
const sql = postgres(database.url, { max: 3, onnotice: () => {} });
database.beforeDrop(() => sql.end());

await sql`create table track (id integer primary key, title text not null, seconds integer, artists text[] default '{}')`;

test('rows are inserted, changed and deleted with dynamic parts', async () => {
  const tracks = [
    { id: 1, title: 'One', seconds: 60 },
    { id: 2, title: 'Two', seconds: null },
    { id: 3, title: 'Three', seconds: 180 },
  ];
  const inserted = await sql`insert into track ${sql(tracks)} returning id`;
  assert.deepEqual([...inserted], [{ id: 1 }, { id: 2 }, { id: 3 }]);

  const updated = await sql`update track set ${sql({ title: 'Second', artists: ['x', 'y'] })} where id = ${2}`;
  assert.equal(updated.count, 1);
  assert.deepEqual([...(await sql`select ${sql(['title', 'artists'])} from track where id in ${sql([2])}`)], [{ title: 'Second', artists: ['x', 'y'] }]);

  const deleted = await sql`delete from ${sql('track')} where seconds > ${100}`;
  assert.equal(deleted.count, 1);
});

test('a transaction commits as a whole, and a thrown error rolls it back', async () => {
  await sql.begin(async (tx) => {
    await tx`insert into track (id, title) values (10, 'Ten')`;
    await tx`insert into track (id, title) values (11, 'Eleven')`;
  });
  const failing = sql.begin(async (tx) => {
    await tx`delete from track`;
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.deepEqual([...(await sql`select id from track where id >= 10 order by id`)], [{ id: 10 }, { id: 11 }]);
});

test('a savepoint takes back a part of a transaction', async () => {
  await sql.begin('isolation level repeatable read', async (tx) => {
    await tx`insert into track (id, title) values (20, 'kept')`;
    await tx.savepoint('part', (part) => part`insert into track (id, title) values (20, 'again')`).catch((error: postgres.PostgresError) => {
      assert.equal(error.code, '23505');
    });
    await tx`insert into track (id, title) values (21, 'kept too')`;
  });
  assert.deepEqual([...(await sql`select id from track where id in (20, 21) order by id`)], [{ id: 20 }, { id: 21 }]);
});

test('statements of one transaction are pipelined', async () => {
  const answers = await sql.begin((tx) => [tx`select 1 as n`, tx`select 2 as n`, tx`select 3 as n`]);
  assert.deepEqual(
    answers.map((rows) => rows[0]?.n),
    [1, 2, 3],
  );
});

test('a cursor hands a large result over in parts', async () => {
  const sizes: number[] = [];
  for await (const rows of sql`select n from generate_series(1, 1000) as n`.cursor(300)) sizes.push(rows.length);
  assert.deepEqual(sizes, [300, 300, 300, 100]);
});

test('types come back as JavaScript values', async () => {
  const [row] = await sql`select 1::int2, 2.5::float8 as float8, true as bool, '{"a": [1]}'::jsonb, '2026-01-02'::date, null as nothing, 9007199254740993::int8`;
  assert.deepEqual({ ...row }, {
    int2: 1, float8: 2.5, bool: true, jsonb: { a: [1] }, date: new Date('2026-01-02T00:00:00Z'), nothing: null, int8: '9007199254740993',
  });
});

test('a statement is described without being run', async () => {
  const { types, columns } = await sql`insert into track (id, title) values (${1}, ${'x'}) returning seconds`.describe();
  assert.equal(types.length, 2);
  assert.deepEqual(
    columns.map((column) => column.name),
    ['seconds'],
  );
});

test('the simple protocol takes a whole script', async () => {
  const answers = await sql`create table one (id int); insert into one values (1), (2); select count(*)::int from one`.simple();
  assert.deepEqual([...(answers as unknown as postgres.Row[][]).at(-1) ?? []], [{ count: 2 }]);
});
