// A role that is granted select on one table can do just that, through every way in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import type pg from 'pg';
import { connect, isFacetError } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { codeOf } from '../mongodb/support/mongodb.ts';

const role = `one_grant_${process.pid}`;
const schema = `grants_${process.pid}`;
const prefix = `grant${process.pid}:`;
const login = { user: role, password: 'secret' };
let admin: pg.Client;

function as(url: string): string {
  const own = new URL(url);
  own.username = role;
  own.password = login.password;
  return own.href;
}

before(async () => {
  admin = await connectClient((await sharedServer()).postgres);
  await admin.query(`create role ${role} login password 'secret'`);
  await admin.query(`create schema ${schema}`);
  for (const table of ['open', 'closed']) {
    await admin.query(`create table ${schema}.${table} (id int primary key, name text)`);
    await admin.query(`insert into ${schema}.${table} values (1, 'one')`);
  }
  await admin.query(`select facetdb.map_keys('${schema}.open', '${prefix}open:'), facetdb.map_keys('${schema}.closed', '${prefix}closed:')`);
  await admin.query(`grant usage on schema ${schema} to ${role}`);
  await admin.query(`grant select on ${schema}.open to ${role}`);
});

after(async () => {
  await admin.query(`select facetdb.unmap_keys('${prefix}open:'), facetdb.unmap_keys('${prefix}closed:')`);
  await admin.query(`drop schema ${schema} cascade`);
  await admin.query(`drop owned by ${role}; drop role ${role}`);
  await admin.end();
});

test('by SQL', async () => {
  const client = await connectClient(as((await sharedServer()).postgres));
  assert.deepEqual((await client.query(`select * from ${schema}.open`)).rows, [{ id: 1, name: 'one' }]);
  for (const text of [`select * from ${schema}.closed`, `insert into ${schema}.open values (2, 'two')`, `create table ${schema}.mine (id int)`, 'select * from keyspace0.keys']) {
    await assert.rejects(client.query(text), { code: '42501' }, text);
  }
  await client.end();
});

test('by a MongoDB driver', async () => {
  const url = new URL(as((await sharedServer()).mongodb));
  url.searchParams.set('authSource', 'admin');
  const client = await MongoClient.connect(url.href);
  const db = client.db(schema);
  assert.deepEqual(await db.collection<{ _id: number }>('open').find().toArray(), [{ _id: 1, name: 'one' }] as unknown);
  assert.deepEqual(
    await Promise.all([
      codeOf(db.collection('closed').findOne({})), codeOf(db.collection<{ _id: number }>('open').insertOne({ _id: 2 })), codeOf(db.collection('open').deleteMany({})),
      codeOf(db.createCollection('mine')), codeOf(client.db('keyspace0').collection('entries').findOne({})),
    ]),
    [13, 13, 13, 13, 13],
  );
  await client.close();
});

test('by a Redis client', async () => {
  const redis = new Redis(as((await sharedServer()).redis), { enableReadyCheck: false });
  await eventually('the mapping is known', async () => (await redis.hget(`${prefix}open:1`, 'name').catch(() => null)) === 'one');
  for (const [command, ...args] of [['hgetall', `${prefix}closed:1`], ['get', 'anything'], ['set', 'anything', 'x'], ['dbsize']] as const) {
    await assert.rejects(redis.call(command, ...args), /NOPERM/u, command);
  }
  await assert.rejects(redis.hset(`${prefix}open:1`, 'name', 'x'), /NOPERM|read-only|READONLY/u);
  redis.disconnect();
});

test('over HTTP, and by TypeScript over HTTP', async () => {
  const { http } = await sharedServer();
  const authorization = `Basic ${Buffer.from(`${role}:${login.password}`).toString('base64')}`;
  const ask = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await fetch(http + path, { method, headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).status;
  assert.equal(await ask('GET', `/data/${schema}/open/1`), 200);
  const refused = await Promise.all([
    ask('GET', `/data/${schema}/closed/1`), ask('POST', `/data/${schema}/open`, { id: 2 }), ask('DELETE', `/data/${schema}/open/1`), ask('GET', '/keys/0/anything'),
    ask('POST', '/sql', { statement: `delete from ${schema}.open` }), ask('POST', '/commands/keys/0', ['SET', 'anything', 'x']),
  ]);
  for (const status of refused) assert.ok(status === 403 || status === 404, refused.join(' '));
  const db = await connect(http, login);
  assert.deepEqual(await db.sql.query(`select name from ${schema}.open`), [{ name: 'one' }]);
  const attempts: readonly (() => Promise<unknown>)[] = [() => db.sql.query(`select * from ${schema}.closed`).result(), () => db.collection(`${schema}.closed`).findOne(), () => db.keyvalue.set('anything', 'x')];
  for (const attempt of attempts) {
    await assert.rejects(attempt, (error) => isFacetError(error));
  }
  await db.close();
});

test('nothing of what was tried has happened', async () => {
  assert.deepEqual((await admin.query(`select (select count(*)::int from ${schema}.open) as open, (select count(*)::int from ${schema}.closed) as closed`)).rows, [{ open: 1, closed: 1 }]);
});
