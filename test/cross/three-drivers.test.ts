// One transaction, opened by a SQL driver and joined by a MongoDB driver, a Redis client and an HTTP client.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import pg from 'pg';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, ownDatabase } from '../mongodb/support/mongodb.ts';

const schema = `three_${process.pid}`;
const key = `three:${process.pid}`;
let opener: pg.Client;
let outsider: pg.Client;
let own: OwnDatabase;
let redis: Redis;
let http = '';
let authorization = '';

before(async () => {
  const urls = await sharedServer();
  http = urls.http;
  const { username, password } = new URL(urls.postgres);
  authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  opener = await connectClient(urls.postgresRelay!);
  outsider = await connectClient(urls.postgres);
  own = await ownDatabase();
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  await outsider.query(`create schema ${schema}; create table ${schema}.orders (id int primary key, item text)`);
  await own.db.createCollection('audit');
});

after(async () => {
  await redis.del(key);
  redis.disconnect();
  await outsider.query(`drop schema ${schema} cascade`);
  await opener.end();
  await outsider.end();
  await own.close();
});

async function keyOverHttp(token: string, ...command: string[]): Promise<unknown> {
  const response = await fetch(`${http}/commands/keys/0`, { method: 'POST', headers: { authorization, 'content-type': 'application/json', 'facetdb-transaction': token }, body: JSON.stringify(command) });
  const { reply, code } = (await response.json()) as { reply?: unknown; code?: string };
  return code ?? reply;
}

async function seenOutside(): Promise<unknown> {
  const { rows } = await outsider.query<{ n: number }>(`select count(*)::int as n from ${schema}.orders`);
  const fresh = new Redis((await sharedServer()).redis, { enableReadyCheck: false });
  try {
    return [rows[0]!.n, await own.db.collection('audit').countDocuments(), await fresh.hgetall(key)];
  } finally {
    fresh.disconnect();
  }
}

async function workTogether(id: number): Promise<string> {
  await opener.query('begin');
  await opener.query(`insert into ${schema}.orders values ($1, 'from sql')`, [id]);
  const { rows } = await opener.query<{ token: string }>('select facetdb.share_transaction() as token');
  const { token } = rows[0]!;
  await own.db.collection('audit').insertOne({ order: id }, { comment: `facetdb:transaction=${token}` });
  await redis.call('FACETDB', 'JOIN', token);
  await redis.hset(key, String(id), 'from redis');
  assert.equal(await keyOverHttp(token, 'HSET', key, `${id}h`, 'from http'), 1);
  // Each sees what the others did, in whatever order they go on.
  await opener.query(`update ${schema}.orders set item = (select string_agg(field, ',' order by field) from keyspace0.hashes where key = $1) where id = $2`, [key, id]);
  assert.equal(await redis.hlen(key), 2);
  return token;
}

test('rolled back by its opener, nothing is left of what any of them did', async () => {
  const token = await workTogether(1);
  await opener.query('rollback');
  await redis.call('FACETDB', 'LEAVE');
  assert.deepEqual(await seenOutside(), [0, 0, {}]);
  assert.equal(await keyOverHttp(token, 'GET', 'x'), 'transaction_state');
});

test('committed by its opener, all of it is there', async () => {
  const token = await workTogether(2);
  assert.deepEqual(await seenOutside(), [0, 0, {}]);
  await opener.query('commit');
  await redis.call('FACETDB', 'LEAVE');
  assert.deepEqual(await seenOutside(), [1, 1, { 2: 'from redis', '2h': 'from http' }]);
  assert.deepEqual((await outsider.query(`select item from ${schema}.orders`)).rows, [{ item: '2,2h' }]);
  assert.equal(await keyOverHttp(token, 'GET', 'x'), 'transaction_state');
  // A token of an earlier transaction does not open a later one, nor can one be made of it.
  await opener.query('begin');
  const { rows } = await opener.query<{ id: string }>('select pg_current_xact_id()::text as id');
  const [session, , proof] = token.split('.');
  for (const guess of [token, `${session}.${rows[0]!.id}.${proof}`, `${session}.${rows[0]!.id}.`]) assert.equal(await keyOverHttp(guess, 'GET', 'x'), 'transaction_state');
  await opener.query('rollback');
});

test('statements of the joined wait while the opener has one under way', async () => {
  await opener.query('begin');
  const { rows } = await opener.query<{ token: string }>('select facetdb.share_transaction() as token');
  const slow = opener.query('select pg_sleep(0.3), clock_timestamp() as ended');
  const reply = keyOverHttp(rows[0]!.token, 'SET', `${key}:late`, 'x');
  const next = opener.query('select clock_timestamp()');
  assert.equal(await reply, 'OK');
  await Promise.all([slow, next]);
  await opener.query('rollback');
});

test('an error of one of them fails the transaction for all', async () => {
  await opener.query('begin');
  const { rows } = await opener.query<{ token: string }>('select facetdb.share_transaction() as token');
  await assert.rejects(opener.query('select 1/0'), /division by zero/u);
  assert.equal(await keyOverHttp(rows[0]!.token, 'SET', key, 'x'), 'transaction_aborted');
  await assert.rejects(opener.query('select 1'), /current transaction is aborted/u);
  await opener.query('rollback');
});

test('on PostgreSQL’s own port the function says where to go', async () => {
  await assert.rejects(outsider.query('select facetdb.share_transaction()'), { message: /cannot share/u, hint: /postgres-relay-port/u } as object);
});

test('cancelling, COPY and prepared statements pass', async () => {
  const client = new pg.Client({ connectionString: (await sharedServer()).postgresRelay! });
  await client.connect();
  const text = 'x'.repeat(200_000);
  for (let n = 0; n < 5; n++) assert.equal((await client.query({ name: 'echo', text: 'select $1::text as t', values: [text] })).rows[0].t, text);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const sleeping = assert.rejects(client.query('select pg_sleep(60)'), /canceling statement/u);
  const canceller = new pg.Client({ connectionString: (await sharedServer()).postgresRelay! });
  await canceller.connect();
  await canceller.query('select pg_cancel_backend($1)', [rows[0]!.pid]);
  await sleeping;
  await canceller.end();
  await client.end();
  const wrong = new URL((await sharedServer()).postgresRelay!);
  wrong.password = 'wrong';
  await assert.rejects(connectClient(wrong.href), /password authentication failed/u);
});
