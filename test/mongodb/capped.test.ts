// Capped collections: what they hold, in which order, and cursors that wait at their end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Collection, type Document, Long } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { withClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';

type Entry = Document & { _id: number };
let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

async function capped(name: string, options: { readonly size: number; readonly max?: number }, ids: readonly number[] = []): Promise<Collection<Entry>> {
  const collection = await own.db.createCollection<Entry>(name, { capped: true, ...options });
  if (ids.length > 0) await collection.insertMany(ids.map((_id) => ({ _id })));
  return collection;
}

async function idsOf(collection: Collection<Entry>): Promise<number[]> {
  return (await collection.find().toArray()).map(({ _id }) => _id);
}

test('the oldest documents make room, by number and by size', async () => {
  const counted = await capped('counted', { size: 100_000, max: 3 }, [5, 1, 4, 2, 3]);
  assert.deepEqual(await idsOf(counted), [4, 2, 3]);
  assert.deepEqual((await counted.find().sort({ $natural: -1 }).toArray()).map(({ _id }) => _id), [3, 2, 4]);
  assert.equal(await counted.isCapped(), true);
  const sized = await capped('sized', { size: 1_000 });
  for (let id = 0; id < 20; id++) await sized.insertOne({ _id: id, text: 'x'.repeat(200) });
  assert.deepEqual(await idsOf(sized), [16, 17, 18, 19]);
  const statistics = await own.db.command({ collStats: 'sized' });
  assert.deepEqual([statistics['capped'], statistics['max'], statistics['maxSize'], statistics['count']], [true, 0, 1_024, 4]);
  assert.equal(await codeOf(sized.insertOne({ _id: 99, text: 'x'.repeat(2_000) })), 2);
});

test('updates and deletes are free, transactions are not', async () => {
  const collection = await capped('free', { size: 1_000, max: 10 }, [1, 2, 3]);
  await collection.updateOne({ _id: 2 }, { $set: { text: 'longer' } });
  await collection.deleteOne({ _id: 1 });
  assert.deepEqual(await idsOf(collection), [2, 3]);
  const session = own.client.startSession();
  await assert.rejects(session.withTransaction(() => collection.insertOne({ _id: 9 }, { session })), { code: 263 });
  await session.endSession();
});

test('SQL that inserts makes room too', async () => {
  const collection = await capped('by_sql', { size: 10_000, max: 2 }, [1, 2]);
  const { postgres } = await sharedServer();
  await withClient(postgres, async (client) => {
    await client.query(`insert into "${own.db.databaseName}".by_sql (doc) values ('{"_id": 3}'), ('{"_id": 4}')`);
  });
  assert.deepEqual(await idsOf(collection), [3, 4]);
});

test('a tailable cursor goes on with what is inserted, and waits for it', async () => {
  const collection = await capped('tailed', { size: 10_000 }, [1, 2, 3]);
  const { db } = own;
  const { cursor } = await db.command({ find: 'tailed', filter: { _id: { $ne: 2 } }, tailable: true, awaitData: true, batchSize: 1 });
  assert.deepEqual(cursor.firstBatch, [{ _id: 1 }]);
  const next = async (maxTimeMS: number): Promise<Document[]> => (await db.command({ getMore: cursor.id, collection: 'tailed', maxTimeMS })).cursor.nextBatch;
  assert.deepEqual(await next(1_000), [{ _id: 3 }]);
  assert.deepEqual(await next(1), []);
  const [waited] = await Promise.all([next(10_000), collection.insertOne({ _id: 4 })]);
  assert.deepEqual(waited, [{ _id: 4 }]);
  await collection.deleteOne({ _id: 4 });
  assert.equal(await codeOf(next(1)), 136);
});

test('the driver’s cursor stays open', async () => {
  const collection = await capped('streamed', { size: 10_000 }, [1]);
  const cursor = collection.find({}, { tailable: true, awaitData: true, maxAwaitTimeMS: 2_000 });
  assert.deepEqual(await cursor.next(), { _id: 1 });
  const [second] = await Promise.all([cursor.next(), collection.insertOne({ _id: 2 })]);
  assert.deepEqual(second, { _id: 2 });
  await cursor.close();
});

test('only capped collections are tailed, and only with documents in them', async () => {
  await own.db.collection<Entry>('plain').insertOne({ _id: 1 });
  assert.equal(await codeOf(own.db.command({ find: 'plain', tailable: true })), 2);
  await capped('empty', { size: 1_000 });
  const { cursor } = await own.db.command({ find: 'empty', tailable: true });
  assert.deepEqual([cursor.firstBatch, Long.fromValue(cursor.id).isZero()], [[], true]);
});
