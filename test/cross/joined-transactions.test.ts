// One transaction, opened by one driver and joined by others: nothing of it is seen before the commit, everything after it,
// nothing after a rollback.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import type { ClientSession, Db } from 'mongodb';
import type pg from 'pg';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from '../mongodb/support/mongodb.ts';

let own: OwnDatabase;
let db: Db;
let redis: Redis;
let outsider: Redis;
let sql: pg.Client;
const key = `joined:${process.pid}`;

before(async () => {
  const urls = await sharedServer();
  own = await ownDatabase();
  ({ db } = own);
  await db.createCollection('orders');
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  outsider = new Redis(urls.redis, { enableReadyCheck: false });
  sql = await connectClient(urls.postgres);
});

after(async () => {
  await outsider.del(key, `${key}:list`);
  redis.disconnect();
  outsider.disconnect();
  await sql.end();
  await own.close();
});

async function shareOf(session: ClientSession): Promise<string> {
  const { token } = await db.command({ shareTransaction: 1 }, { session });
  assert.match(token as string, /^[\w-]{43}$/);
  return token as string;
}

async function ordersInSql(): Promise<number> {
  const { rows } = await sql.query<{ n: number }>(`select count(*)::int as n from "${db.databaseName}".orders`);
  return rows[0]!.n;
}

test('a MongoDB transaction takes a Redis connection in, and both commit at once', async () => {
  const session = own.client.startSession();
  session.startTransaction();
  await db.collection('orders').insertOne({ sku: 'a' }, { session });
  await redis.call('FACETDB', 'JOIN', await shareOf(session));
  await redis.hset(key, 'stock', 7);
  await redis.rpush(`${key}:list`, 'one', 'two');
  assert.equal(await redis.hincrby(key, 'stock', -1), 6);
  assert.deepEqual([await outsider.exists(key), await ordersInSql()], [0, 0]);
  await session.commitTransaction();
  assert.deepEqual([await outsider.hget(key, 'stock'), await outsider.lrange(`${key}:list`, 0, -1), await ordersInSql()], ['6', ['one', 'two'], 1]);
  await assert.rejects(redis.hset(key, 'stock', 1), /the transaction has ended/u);
  await redis.call('FACETDB', 'LEAVE');
  assert.equal(await redis.hset(key, 'other', 1), 1);
  await session.endSession();
});

test('another MongoDB connection joins by its comment, and a rollback undoes what all did', async () => {
  const session = own.client.startSession();
  session.startTransaction();
  await db.collection('orders').insertOne({ sku: 'b' }, { session });
  const token = await shareOf(session);
  const comment = `facetdb:transaction=${token}`;
  await redis.call('FACETDB', 'JOIN', token);
  await redis.set(key, 'replaced');
  await db.collection('orders').updateOne({ sku: 'b' }, { $set: { joined: true } }, { comment });
  assert.equal(await db.collection('orders').countDocuments({ joined: true }, { comment }), 1);
  assert.equal(await db.collection('orders').countDocuments({ joined: true }), 0);
  await session.abortTransaction();
  await redis.call('FACETDB', 'LEAVE');
  assert.deepEqual([await redis.hget(key, 'stock'), await db.collection('orders').countDocuments({ joined: true })], ['6', 0]);
  assert.equal(await codeOf(db.collection('orders').findOne({}, { comment })), 251);
  await session.endSession();
});

test('a token that nobody gave, and one of another role, are refused alike', async () => {
  await assert.rejects(redis.call('FACETDB', 'JOIN', 'x'.repeat(43)), /no open transaction of this role has this token/u);
  assert.equal(await codeOf(db.collection('orders').findOne({}, { comment: 'facetdb:transaction=nothing' })), 251);
});
