// Many clients define collections and indexes at a time, as the processes of one service do when they start.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

const several = Array.from({ length: 6 }, (_, index) => index);

async function indexNames(collection: string): Promise<string[]> {
  return (await own.db.collection(collection).indexes()).map(({ name }) => name ?? '').toSorted((a, b) => (a < b ? -1 : 1));
}

test('the same index, of a collection that nobody has made', async () => {
  await Promise.all(several.map(() => own.db.collection('same').createIndex({ a: 1, b: -1 }, { unique: true })));
  assert.deepEqual(await indexNames('same'), ['_id_', 'a_1_b_-1']);
});

test('different indexes of one collection', async () => {
  await Promise.all(several.map((index) => own.db.collection('different').createIndex({ [`field${index}`]: 1 })));
  assert.deepEqual(await indexNames('different'), ['_id_', ...several.map((index) => `field${index}_1`)]);
});

test('while documents are written, and indexes dropped', async () => {
  const things = own.db.collection('things');
  await Promise.all(several.flatMap((index) => [things.insertOne({ index }), things.createIndex({ [`field${index}`]: 1 }), index % 2 === 0 ? things.dropIndexes() : things.updateMany({}, { $inc: { index: 1 } })]));
  assert.equal(await things.countDocuments(), several.length);
});

test('collections and databases', async () => {
  await Promise.all(several.map((index) => own.db.createCollection(`made${index % 2}`)));
  await Promise.all(several.map((index) => own.db.collection(`written${index % 2}`).insertOne({ index })));
  const names = (await own.db.listCollections().toArray()).map(({ name }) => name);
  for (const name of ['made0', 'made1', 'written0', 'written1']) assert.ok(names.includes(name), name);
});
