// What administrators and their tools ask for: checks, copies, digests, states.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { BSON, type Document, Long } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';
import { RawClient } from './support/raw-client.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

async function numbered(name: string, count: number): Promise<Document[]> {
  const documents = Array.from({ length: count }, (_, n) => ({ _id: n as never, list: [n, n + 1], pad: 'x'.repeat(100) }));
  await own.db.collection<Document>(name).insertMany(documents);
  return documents;
}

test('validate reads every document and counts the keys of the indexes', async () => {
  await numbered('checked', 20);
  await own.db.collection('checked').createIndex({ list: 1 });
  const { valid, nrecords, keysPerIndex, errors } = await own.db.command({ validate: 'checked' });
  assert.deepEqual([valid, nrecords, keysPerIndex, errors], [true, 20, { _id_: 20, list_1: 40 }, []]);
  assert.equal(await codeOf(own.db.command({ validate: 'absent' })), 26);
  assert.equal((await own.db.command({ compact: 'checked' }))['ok'], 1);
});

test('a collection becomes a capped one, or is copied into one', async () => {
  const { db } = own;
  await numbered('open', 50);
  await db.collection('open').createIndex({ list: 1 });
  await db.command({ cloneCollectionAsCapped: 'open', toCollection: 'copy', size: 2_000 });
  const kept = await db.collection('copy').find().toArray();
  assert.ok(kept.length > 5 && kept.length < 20 && String(kept.at(-1)?._id) === '49', 'the youngest stay');
  assert.equal(await codeOf(db.command({ cloneCollectionAsCapped: 'open', toCollection: 'copy', size: 2_000 })), 48);
  await db.command({ convertToCapped: 'open', size: 2_000 });
  assert.ok(await db.collection('open').isCapped());
  assert.deepEqual([await db.collection('open').countDocuments(), (await db.collection('open').indexes()).length], [kept.length, 1]);
  assert.equal(await codeOf(db.command({ convertToCapped: 'absent', size: 10 })), 26);
  assert.equal(await codeOf(db.command({ convertToCapped: 'open', size: 0 })), 72);
});

test('dbHash digests the documents in the order of their ids', async () => {
  const documents = await numbered('hashed', 10);
  const digest = createHash('md5');
  for (const document of documents) digest.update(BSON.serialize(document));
  const { collections } = await own.db.command({ dbHash: 1, collections: ['hashed'] });
  assert.deepEqual(collections, { hashed: digest.digest('hex') });
});

test('indexes follow a collection that is renamed, and another of its name has its own', async () => {
  const { db } = own;
  await db.collection('before').createIndex({ x: 1 }, { unique: true });
  await db.collection('before').rename('renamed');
  await db.collection('before').createIndex({ x: 1 }, { unique: true });
  await db.collection('renamed').insertOne({ x: 1 });
  await assert.rejects(db.collection('renamed').insertOne({ x: 1 }), /index: x_1 dup key/);
  await db.collection('renamed').dropIndex('x_1');
  await db.collection('renamed').insertOne({ x: 1 });
  assert.equal((await db.collection('before').indexes()).length, 2);
});

test('the replica set of one, its defaults, its parameters', async () => {
  const admin = own.client.db('admin');
  const { members, myState, set } = await admin.command({ replSetGetStatus: 1 });
  assert.deepEqual([set, myState, members.map((member: Document) => member['stateStr'])], ['facetdb', 1, ['PRIMARY']]);
  assert.equal((await admin.command({ replSetGetConfig: 1 }))['config'].members.length, 1);
  assert.equal((await admin.command({ getDefaultRWConcern: 1 }))['defaultWriteConcern'].w, 'majority');
  for (const [command, code] of [[{ setParameter: 1, quiet: true }, 20], [{ setParameter: 1, nonsense: 1 }, 72], [{ getLog: 5 }, 14], [{ killOp: 1 }, 4], [{ killOp: 1, op: 'x' }, 14], [{ reIndex: 'x' }, 20], [{ logRotate: 1 }, 115]] as const) {
    assert.equal(await codeOf(admin.command(command)), code, JSON.stringify(command));
  }
  await own.db.collection('timed').insertOne({});
  assert.equal((await admin.command({ top: 1 }))['totals'][`${own.db.databaseName}.timed`].insert.count, 1);
});

test('what a field of a command must be', async () => {
  const { db } = own;
  await db.collection('typed').insertOne({});
  for (const [command, code] of [
    [{ find: 'typed', allowPartialResults: 'x' }, 14], [{ create: 'other', validator: 'x' }, 14], [{ create: 'other', timeseries: 5 }, 14],
    [{ insert: 'typed', documents: [{}], stmtId: 1.5 }, 14], [{ ping: 1, nonsense: 1 }, undefined], [{ ping: 1, apiVersion: '1', apiStrict: 1 }, 14], [{ dbStats: 1, freeStorage: 'x' }, 14],
    [{ createIndexes: 'typed', indexes: [{ key: { a: 1 }, name: 'a' }], commitQuorum: 5 }, 339], [{ createIndexes: 'typed', indexes: [{ key: { a: 1 }, name: 'a' }], commitQuorum: true }, 9],
    [{ createIndexes: 'typed', indexes: [{ key: { a: 1 }, name: 'a' }], commitQuorum: 'majority' }, undefined],
  ] as const) assert.equal(await codeOf(db.command(command as Document)), code, JSON.stringify(command));
});

test('a cursor belongs to its session and its transaction', async () => {
  const { client, db } = own;
  await numbered('long', 20);
  const session = client.startSession();
  const { cursor } = await db.command({ find: 'long', batchSize: 2 }, { session });
  const id = Long.fromValue(cursor.id);
  assert.equal(await codeOf(db.command({ getMore: id, collection: 'long' })), 50_738);
  assert.equal(await codeOf(db.command({ getMore: id, collection: 'other' }, { session })), 13);
  assert.equal(await codeOf(db.command({ getMore: id, collection: 'long', maxTimeMS: 5 }, { session })), 2);
  session.startTransaction();
  assert.equal(await codeOf(db.command({ killCursors: 'long', cursors: [id] }, { session })), 263);
  await session.abortTransaction();
  const { cursorsKilled } = await db.command({ killCursors: 'another', cursors: [id] });
  assert.equal(String(cursorsKilled[0]), String(id));
  await session.endSession();
});

test('what does not go together in a session', async () => {
  const client = await RawClient.connect((await sharedServer()).mongodb);
  const [lsid, database] = [{ id: { $uuid: randomUUID() } }, own.db.databaseName];
  const number = (value: number): unknown => ({ $numberLong: String(value) });
  const begin = { autocommit: false, startTransaction: true };
  await own.db.createCollection('session');
  const insertion = { insert: 'session', documents: [{}], lsid };
  for (const [command, code, on] of [
    [{ find: 'session', txnNumber: number(1) }, 72], [{ find: 'session', lsid, autocommit: false }, 72], [{ find: 'session', lsid, txnNumber: number(1), startTransaction: true }, 72], [{ find: 'session', lsid, txnNumber: 1, ...begin }, 14],
    [{ find: 'session', lsid, txnNumber: number(1), autocommit: true }, 72], [{ find: 'session', lsid, txnNumber: number(1), autocommit: false }, 251], [{ find: 'session', lsid, txnNumber: number(1) }, 50_768],
    [{ ...insertion, txnNumber: number(2), ...begin }, undefined], [{ ...insertion, txnNumber: number(2), ...begin }, 117], [{ ...insertion, txnNumber: number(2) }, 72], [{ ...insertion, txnNumber: number(1) }, 225], [{ ...insertion, txnNumber: number(1), ...begin }, 225],
    [{ createIndexes: 'session', indexes: [{ key: { a: 1 }, name: 'a' }], lsid, txnNumber: number(3), ...begin }, 263], [{ killCursors: 'session', cursors: [], lsid, txnNumber: number(4), ...begin }, 263],
    [{ commitTransaction: 1, lsid }, 125, 'admin'], [{ commitTransaction: 1, lsid, txnNumber: number(9), autocommit: false }, 251, 'admin'], [{ find: 'session', $readPreference: { mode: 'any' } }, 2], [{ ...insertion, writeConcern: { w: {} } }, 9],
  ] as const) assert.equal((await client.command(on ?? database, command)).code, code, JSON.stringify(command));
  client.close();
});

test('the stages that tell of a collection', async () => {
  const told = own.db.collection('told');
  await told.insertMany(Array.from({ length: 5 }, (_, index) => ({ index })));
  await told.find({}, { batchSize: 2 }).toArray();
  const [statistics] = await told.aggregate([{ $collStats: { latencyStats: { histograms: true }, queryExecStats: {}, count: {} } }]).toArray();
  const { reads, writes, commands } = statistics!['latencyStats'];
  // A find and two getMores, and an insert.
  assert.equal(reads.ops, 3);
  assert.equal(writes.ops, 1);
  assert.equal(commands.ops, 0);
  assert.equal(reads.histogram.reduce((sum: number, { count }: { count: number }) => sum + count, 0), 3);
  assert.ok(writes.latency >= writes.histogram[0].micros);
  assert.equal(statistics!['count'], 5);
  assert.deepEqual(Object.keys(statistics!['queryExecStats'].collectionScans), ['total', 'nonTailable']);
  assert.match(statistics!['host'], /:\d+$/);
  assert.deepEqual(await told.aggregate([{ $planCacheStats: {} }]).toArray(), []);
  const counts = [{ $collStats: { count: {} } }, { $project: { _id: 0, count: 1 } }];
  const [nested] = await told.aggregate([{ $limit: 1 }, { $project: { _id: 1 } }, { $lookup: { from: 'told', pipeline: counts, as: 'joined' } }]).toArray();
  assert.deepEqual(nested!['joined'], [{ count: 5 }]);
  assert.deepEqual(await told.aggregate([{ $match: { index: 9 } }, { $unionWith: { coll: 'told', pipeline: counts } }]).toArray(), [{ count: 5 }]);

  const view = await own.db.createCollection('toldView', { viewOn: 'told', pipeline: [{ $match: {} }] });
  const [latencies] = await view.aggregate([{ $collStats: { latencyStats: {} } }]).toArray();
  assert.equal(latencies!['latencyStats'].writes.ops, 0);
  await assert.rejects(view.aggregate([{ $collStats: { count: {} } }]).toArray(), { code: 166 });
  await assert.rejects(view.aggregate([{ $indexStats: {} }]).toArray(), { code: 40602 });
  await assert.rejects(own.db.collection('untold').aggregate([{ $planCacheStats: {} }]).toArray(), { code: 50933 });
  await assert.rejects(own.db.collection('untold').aggregate([{ $collStats: { queryExecStats: {} } }]).toArray(), { code: 26 });
});
