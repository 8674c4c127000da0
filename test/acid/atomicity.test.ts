// Atomicity: whatever dies inside a transaction, nothing of the transaction is there afterwards, for rows and tables alike.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startServer } from '../support/server.ts';
import { connectClient, withClient } from '../support/with-client.ts';
import { kill, victims } from './torture/victims.ts';

const setUp = `
  create table account (id integer primary key, balance integer check (balance >= 0));
  insert into account values (1, 100), (2, 100);
`;
const atFirst = { rows: '2', sum: '200', table_made: false };

const database = await testDatabase('atomicity');
const client = await database.connect();
await client.query(setUp);

test('a statement that fails half-way leaves nothing', async () => {
  // The 991st row breaks the constraint; 990 had been written.
  await assert.rejects(client.query('insert into account select n, 1000 - n from generate_series(11, 1100) as n'), { code: '23514' });
  await isAsAtFirst(database.url);
});

test('a connection that breaks inside a transaction takes it along', async () => {
  const broken = await insideTransaction(database.url);
  broken.connection.stream.destroy();
  await isAsAtFirst(database.url);
});

test('a session that is terminated inside a transaction takes it along', async () => {
  const terminated = await insideTransaction(database.url);
  const { rows } = await terminated.query<{ pid: number }>('select pg_backend_pid() as pid');
  await client.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await isAsAtFirst(database.url);
});

test('kill -9 inside a transaction', async (t) => {
  let server = await startServer();
  await withClient(server.urls.postgres, (client) => client.query(`${setUp} create table witness (victim text)`));
  for (const victim of victims) {
    await t.test(victim, async () => {
      await insideTransaction(server.urls.postgres);
      // This commit forces the log, with the writes of the open transaction, to disk.
      await withClient(server.urls.postgres, (client) => client.query('insert into witness values ($1)', [victim]));
      await kill(victim, server);
      if (!server.running) server = await startServer({ dataDir: server.dataDir });
      await isAsAtFirst(server.urls.postgres);
      const { rowCount } = await withClient(server.urls.postgres, (client) => client.query('select from witness where victim = $1', [victim]));
      assert.equal(rowCount, 1);
    });
  }
  await server.stop();
});

/** A client that has changed, inserted, deleted and created, and has not committed. */
async function insideTransaction(url: string): Promise<pg.Client> {
  const client = await connectClient(url);
  await client.query('begin');
  await client.query('update account set balance = balance - 60 where id = 1');
  await client.query('insert into account select n, 7 from generate_series(10, 500) as n');
  await client.query('delete from account where id = 2');
  await client.query('create table made_inside as select * from account');
  return client;
}

async function isAsAtFirst(url: string): Promise<void> {
  // A session that ends holds its locks for a moment, and a killed PostgreSQL takes one to come back.
  const open = `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
  await eventually('the transaction is over', () => withClient(url, async (client) => (await client.query(open)).rowCount === 0).catch(() => false));
  const look = `select count(*) as rows, sum(balance), to_regclass('made_inside') is not null as table_made from account`;
  assert.deepEqual(await withClient(url, async (client) => (await client.query(look)).rows), [atFirst]);
}
