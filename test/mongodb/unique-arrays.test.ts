// Unique indexes over arrays: no two documents share an element, whoever writes it and however.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Collection, Decimal128, type Document, Double, Long, MongoClient, MongoServerError } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';

const database = `unique_arrays_${process.pid}`;
let client: MongoClient;
let things: Collection<Document>;

before(async () => {
  client = await MongoClient.connect((await sharedServer()).mongodb);
  things = client.db(database).collection('things');
});
beforeEach(async () => {
  await things.drop();
});
after(async () => {
  await client.db(database).dropDatabase();
  await client.close();
});

function refuses(work: Promise<unknown>): Promise<void> {
  return assert.rejects(work, (error) => error instanceof MongoServerError && error.code === 11_000);
}

test('an element belongs to one document', async () => {
  await things.createIndex({ a: 1 }, { unique: true });
  await things.insertMany([{ _id: 1, a: [1, 2] }, { _id: 2, a: 5 }, { _id: 3, a: ['x', 1.5] }] as never);
  for (const a of [2, [2, 3], [0, 2], [5], [4, 5], 'x', ['x'], 1.5]) await refuses(things.insertOne({ a }));
  await refuses(things.updateOne({ _id: 2 as never }, { $set: { a: 2 } }));
  await refuses(things.updateOne({ _id: 2 as never }, { $set: { a: [9, 1] } }));
  await refuses(things.updateMany({ _id: { $in: [2, 3] } } as never, { $set: { a: [7] } }));
  await things.insertOne({ a: [3, 3, 4] });
  await things.updateOne({ _id: 1 as never }, { $set: { a: [1, 2, 6] } });
  await things.deleteOne({ _id: 1 as never });
  await things.insertOne({ a: [2, 1] });
  const bulk = await things.insertMany([{ _id: 10, a: [20] }, { _id: 11, a: [20, 21] }, { _id: 12, a: 22 }] as never, { ordered: false }).catch((error: unknown) => error as { insertedCount: number; code: number });
  assert.deepEqual([bulk.insertedCount, 'code' in bulk ? bulk.code : undefined], [2, 11_000]);
  await things.dropIndex('a_1');
  await things.insertOne({ a: [2, 3] });
});

test('compound, descending, sparse and partial ones', async () => {
  await things.createIndex({ a: -1, b: 1 }, { unique: true });
  await things.insertMany([{ a: [1, 2], b: 1 }, { a: 5, b: [1, 2] }, { a: 1, b: 9 }]);
  for (const document of [{ a: 1, b: 1 }, { a: [2, 3], b: 1 }, { a: 5, b: 2 }, { a: [5, 6], b: 1 }]) await refuses(things.insertOne(document));
  await things.insertMany([{ a: [1, 2], b: 2 }, { a: 5, b: 3 }]);
  await things.drop();
  await things.createIndex({ a: 1 }, { unique: true, sparse: true });
  await things.createIndex({ c: 1 }, { unique: true, partialFilterExpression: { d: { $gt: 5 } } });
  await things.insertMany([{ a: [1] }, {}, {}, { c: [1, 2], d: 6 }, { c: [2, 3], d: 1 }]);
  await refuses(things.insertOne({ a: [0, 1] }));
  await refuses(things.insertOne({ c: [2], d: 7 }));
  await things.insertOne({ c: [2], d: 2 });
});

test('an index is not made over documents that share an element', async () => {
  await things.insertMany([{ a: [1, 2] }, { a: [2, 3] }]);
  await refuses(things.createIndex({ a: 1 }, { unique: true }));
  assert.equal((await things.indexes()).length, 1);
  await things.deleteOne({ a: 3 });
  await things.createIndex({ a: 1 }, { unique: true });
});

test('of many who write one element at once, one succeeds', async () => {
  await things.createIndex({ a: 1 }, { unique: true });
  const outcomes = await Promise.allSettled(Array.from({ length: 24 }, (_, index) => things.insertOne({ a: index % 3 === 0 ? 7 : [7, 100 + index] })));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal(await things.countDocuments({ a: 7 }), 1);
});

test('documents are equal whatever the types of the numbers in them', async () => {
  await things.createIndex({ a: 1 }, { unique: true });
  const half = Decimal128.fromString('0.50');
  await things.insertMany([{ a: { n: 1, l: Long.fromNumber(5), t: 'x'.repeat(200) } }, { a: { h: half, z: new Double(-0) } }, { a: [{ n: 1 }, { n: [2, 3] }] }, { a: [[1, { b: 1 }]] }] as never);
  for (const a of [{ n: new Double(1), l: 5, t: 'x'.repeat(200) }, { h: 0.5, z: 0 }, { n: Long.fromNumber(1) }, [[Decimal128.fromString('1.0'), { b: new Double(1) }]], { n: [new Double(2), 3] }]) await refuses(things.insertOne({ a }));
  for (const a of [{ n: 2, l: 5, t: 'x'.repeat(200) }, { h: 0.5, z: 1 }, { n: '1' }, [[1, { b: 2 }]], { n: [3, 2] }, {}, [[]]]) await things.insertOne({ a });
});
