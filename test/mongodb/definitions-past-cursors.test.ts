// Definitions of a collection that cursors are open on, whose clients ask for nothing: they do not wait for those.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MongoServerError, type Collection, type Document, type FindCursor } from 'mongodb';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

type Opened = { readonly collection: Collection<{ _id: number }>; readonly cursor: FindCursor<Document>; readonly uuid: string };

/** A collection of ten, and a cursor after the second of them. */
async function opened(name: string): Promise<Opened> {
  const collection = own.db.collection<{ _id: number }>(name);
  await collection.insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
  const [{ info } = assert.fail()] = await own.db.listCollections({ name }, { nameOnly: false }).toArray();
  const cursor = collection.find({}, { batchSize: 2 });
  for (const _id of [0, 1]) assert.deepEqual(await cursor.next(), { _id });
  return { collection, cursor, uuid: String(info?.uuid) };
}

async function assertKilled(cursor: FindCursor<Document>, why: string): Promise<void> {
  await assert.rejects(cursor.toArray(), (error) => {
    assert.ok(error instanceof MongoServerError);
    assert.deepEqual({ code: error.code, text: error.message }, { code: 175, text: `Executor error during getMore :: caused by :: ${why}` });
    return true;
  });
}

test('a collection is dropped: its cursors end with that', async () => {
  const { collection, cursor, uuid } = await opened('dropped');
  await collection.drop();
  await assertKilled(cursor, `collection dropped. UUID ${uuid}`);
});

test('another one takes its name: cursors of both end', async () => {
  const [source, replaced] = [await opened('source'), await opened('replaced')];
  await source.collection.rename('replaced', { dropTarget: true });
  const [from, to] = [`${own.db.databaseName}.source`, `${own.db.databaseName}.replaced`];
  await assertKilled(source.cursor, `collection renamed from '${from}' to '${to}'. UUID ${source.uuid}`);
  await assertKilled(replaced.cursor, `collection dropped. UUID ${replaced.uuid}`);
});

test('a pipeline that reads it for another collection ends too', async () => {
  const { collection } = await opened('foreign');
  const { collection: local } = await opened('local');
  const cursor = local.aggregate([{ $lookup: { from: 'foreign', localField: '_id', foreignField: '_id', as: 'found' } }], { batchSize: 2 });
  assert.deepEqual(await cursor.next(), { _id: 0, found: [{ _id: 0 }] });
  await collection.drop();
  assert.equal((await local.find().toArray()).length, 10);
  await cursor.close();
});

test('an index is dropped: cursors go on', async () => {
  const { collection, cursor } = await opened('indexed');
  await collection.createIndex({ a: 1 });
  await collection.dropIndex('a_1');
  assert.deepEqual((await cursor.toArray()).map(({ _id }) => _id), [2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a database is dropped', async () => {
  const other = own.client.db(`${own.db.databaseName}_other`);
  await other.collection<{ _id: number }>('things').insertMany([{ _id: 0 }, { _id: 1 }, { _id: 2 }]);
  const cursor = other.collection('things').find({}, { batchSize: 2 });
  assert.deepEqual(await cursor.next(), { _id: 0 });
  await other.dropDatabase();
  await assert.rejects(cursor.toArray(), { code: 175 });
});
