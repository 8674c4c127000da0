// The keys of Redis clients, read by MongoDB's driver as the collection `entries` of their keyspace.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { MongoClient, type Binary, type Collection, type Document } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { codeOf } from '../mongodb/support/mongodb.ts';

type Entry = { _id: string | Binary } & Document;

let client: MongoClient;
let redis: Redis;
let entries: Collection<Entry>;
const prefix = `entries-${process.pid}`;

before(async () => {
  const urls = await sharedServer();
  client = await MongoClient.connect(urls.mongodb);
  redis = new Redis(urls.redis, { enableReadyCheck: false });
  entries = client.db('keyspace0').collection<Entry>('entries');
});

after(async () => {
  await redis.del(...(await redis.keys(`${prefix}*`)));
  redis.disconnect();
  await client.close();
});

test('each kind of key is a document, found by its key', async () => {
  const expiresAt = Date.now() + 3_600_000;
  await redis.set(`${prefix}:s`, 'ä "text"', 'PXAT', expiresAt);
  await redis.set(`${prefix}:b`, Buffer.from('ff00', 'hex'));
  await redis.hset(`${prefix}:h`, 'z', '1', 'a', '2', '$oid', 'x');
  await redis.rpush(`${prefix}:l`, 'one', 'two', 'three');
  await redis.sadd(`${prefix}:m`, 'b', 'a');
  await redis.zadd(`${prefix}:z`, 2.5, 'late', '-inf', 'early');
  const found = await entries.find({ _id: { $in: ['s', 'h', 'l', 'm', 'z', 'none'].map((name) => `${prefix}:${name}`) } }).sort({ _id: 1 }).toArray();
  const byName = Object.fromEntries(found.map(({ _id, ...rest }) => [String(_id).slice(prefix.length + 1), rest]));
  assert.deepEqual(byName, {
    h: { type: 'hash', value: { z: '1', a: '2', $oid: 'x' }, expiresAt: null },
    l: { type: 'list', value: ['one', 'two', 'three'], expiresAt: null },
    m: { type: 'set', value: ['a', 'b'], expiresAt: null },
    s: { type: 'string', value: 'ä "text"', expiresAt: new Date(expiresAt) },
    z: { type: 'zset', value: [{ member: 'early', score: Number.NEGATIVE_INFINITY }, { member: 'late', score: 2.5 }], expiresAt: null },
  });
  assert.equal(((await entries.findOne({ _id: `${prefix}:b` }))!['value'] as Binary).toString('hex'), 'ff00');
  assert.deepEqual(Object.keys(found[0]!), ['_id', 'type', 'value', 'expiresAt']);
});

test('conditions on the value and pipelines run over them; a key that has expired is never seen', async () => {
  await redis.set(`${prefix}:gone`, 'x', 'PX', 1);
  await new Promise((resolve) => void setTimeout(resolve, 5));
  assert.equal(await entries.findOne({ _id: `${prefix}:gone` }), null);
  assert.equal(await entries.countDocuments({ _id: { $regex: `^${prefix}:` } as never, 'value.member': 'late' }), 1);
  const kinds = await entries.aggregate([{ $match: { _id: { $in: [`${prefix}:s`, `${prefix}:b`, `${prefix}:l`] } } }, { $group: { _id: '$type', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]).toArray();
  assert.deepEqual(kinds, [{ _id: 'list', n: 1 }, { _id: 'string', n: 2 }]);
  const { facetdb } = await entries.find({ _id: `${prefix}:s` }).explain();
  assert.deepEqual(facetdb.residual, []);
  assert.match(JSON.stringify(facetdb.plan), /keys_pkey/u);
});

test('it is read only, and only by who may read the view', async () => {
  assert.equal(await codeOf(entries.insertOne({ _id: 'x' })), 166);
  assert.equal(await codeOf(entries.updateOne({ _id: `${prefix}:s` }, { $set: { value: 'y' } })), 166);
  assert.equal(await codeOf(entries.deleteMany({})), 166);
  assert.equal(await codeOf(entries.drop()), 115);
  assert.equal(await codeOf(client.db('keyspace0').collection('other').insertOne({})), 13);
  assert.equal(await codeOf(client.db('keyspace0').dropDatabase()), 13);
  assert.deepEqual((await client.db('keyspace0').listCollections().toArray()).map(({ name, type }) => [name, type]), [['entries', 'view']]);

  const { postgres, mongodb } = await sharedServer();
  const sql = await connectClient(postgres);
  const role = `keys_reader_${process.pid}`;
  await sql.query(`create role ${role} login password 'secret'; grant usage on schema keyspace0 to ${role}`);
  const url = new URL(mongodb);
  [url.username, url.password] = [role, 'secret'];
  const reader = await MongoClient.connect(url.href);
  const theirs = reader.db('keyspace0').collection<Entry>('entries');
  assert.equal(await codeOf(theirs.findOne({ _id: `${prefix}:s` })), 13);
  await sql.query(`grant select on keyspace0.entries, keyspace0.hashes, keyspace0.lists, keyspace0.sets, keyspace0.sorted_sets to ${role}`);
  assert.equal((await theirs.findOne({ _id: `${prefix}:s` }))!['value'], 'ä "text"');
  await reader.close();
  await sql.query(`drop owned by ${role}; drop role ${role}`);
  await sql.end();
});
