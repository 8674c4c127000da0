// The `pg` driver: parameters, types, results, errors, notices, pools, logins.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('node_pg');
const client = await database.connect();

await client.query(`create table sensor (
  id bigint generated always as identity primary key, label text unique, tags text[], detail jsonb, raw bytea, seen timestamptz, level real
)`);

test('values of every common type go in as parameters and come back the same', async () => {
  const seen = new Date('2026-02-03T04:05:06.789Z');
  const values = ['naïve 🌍', ['a', 'b,c', null, '"quoted"'], { nested: [1, { two: null }] }, Buffer.from([0, 255, 92]), seen, 1.5];
  const { rows } = await client.query(
    'insert into sensor (label, tags, detail, raw, seen, level) values ($1, $2, $3, $4, $5, $6) returning *',
    values,
  );
  // `pg` hands 64-bit integers over as text, for they may not fit a number.
  assert.deepEqual(rows, [{ id: '1', label: values[0], tags: values[1], detail: values[2], raw: values[3], seen, level: 1.5 }]);
});

test('parameters are values, never SQL', async () => {
  const hostile = `'); drop table sensor; --`;
  await client.query('insert into sensor (label) values ($1)', [hostile]);
  const { rows } = await client.query('select label from sensor where label = $1', [hostile]);
  assert.deepEqual(rows, [{ label: hostile }]);
});

test('several statements in one text are one transaction', async () => {
  await assert.rejects(client.query(`insert into sensor (label) values ('first of two'); insert into sensor (label) values ('first of two')`), {
    code: '23505',
  });
  const { rows } = await client.query(`select 1 from sensor where label = 'first of two'`);
  assert.equal(rows.length, 0);
});

test('an error carries everything that PostgreSQL says of it', async () => {
  const error = await client.query(`insert into sensor (label) values ('twice'), ('twice')`).catch((caught: unknown) => caught);
  assert.ok(error instanceof pg.DatabaseError);
  const { severity, code, schema, table, constraint, detail } = error;
  assert.deepEqual(
    { severity, code, schema, table, constraint, detail },
    { severity: 'ERROR', code: '23505', schema: 'public', table: 'sensor', constraint: 'sensor_label_key', detail: 'Key (label)=(twice) already exists.' },
  );
});

test('an error of syntax points at its place, and the connection goes on', async () => {
  await assert.rejects(client.query('select 1 fron sensor x'), { code: '42601', position: '15' });
  assert.deepEqual((await client.query('select 2 as two')).rows, [{ two: 2 }]);
});

test('notices reach the client', async () => {
  const messages: (string | undefined)[] = [];
  client.on('notice', (notice) => messages.push(notice.message));
  await client.query(`do $$ begin raise notice 'half way'; end $$`);
  assert.deepEqual(messages, ['half way']);
});

test('a pool serves more work than it has connections', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  database.beforeDrop(() => pool.end());
  await pool.query('create table hits (n integer)');
  await Promise.all(Array.from({ length: 40 }, (_, n) => pool.query('insert into hits values ($1)', [n])));
  const { rows } = await pool.query('select count(*)::int, count(distinct n)::int as different from hits');
  assert.deepEqual(rows, [{ count: 40, different: 40 }]);
  assert.equal(pool.totalCount, 4);
});

test('a megabyte goes in and comes back', async () => {
  const text = 'x'.repeat(1 << 20);
  const { rows } = await client.query('select $1::text as text, length($1) as length', [text]);
  assert.deepEqual(rows, [{ text, length: 1 << 20 }]);
});

test('a wrong password, an unknown role and an unknown database are refused', async () => {
  const role = await database.createRole('login');
  const refused = async (change: { user?: string; password?: string; database?: string }) => {
    const { hostname, port } = new URL(role.url);
    const stranger = new pg.Client({ host: hostname, port: Number(port), user: role.name, password: role.password, database: database.name, ...change });
    return await stranger.connect().then(
      () => stranger.end().then(() => 'connected'),
      (error: pg.DatabaseError) => error.code,
    );
  };
  assert.equal(await refused({}), 'connected');
  assert.equal(await refused({ password: 'wrong' }), '28P01');
  assert.equal(await refused({ user: 'nobody_of_that_name' }), '28P01');
  assert.equal(await refused({ database: 'nothing_of_that_name' }), '3D000');
});
