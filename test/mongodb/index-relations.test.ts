// Each index has a relation of its own in PostgreSQL, whatever it and its collection are called.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

const long = 'x'.repeat(100);
const pairs = [['a', 'b.c'], ['a.b', 'c'], ['a', 'x'], ['a', 'x#keys'], ['a', '$position'], [long, long], [long, `${long}y`], [`${long}.${long}`, 'y'], ['q', '"quoted"'], ['q', "it's"], ['q', 'ü😀'], ['q', '.']] as const;

test('indexes with names that look alike are made, listed and dropped each by itself', async () => {
  for (const [at, [collection, name]] of pairs.entries()) {
    await own.db.collection<{ _id: number }>(collection).updateOne({ _id: 1 }, { $set: { [`f${at}`]: [at, -at - 1] } }, { upsert: true });
    assert.equal(await own.db.collection(collection).createIndex({ [`f${at}`]: 1 }, { name, unique: at % 2 === 0 }), name);
  }
  const listed = async (collection: string): Promise<string[]> => (await own.db.collection(collection).indexes()).map((index) => index['name'] as string).filter((name) => name !== '_id_');
  for (const collection of new Set(pairs.map(([one]) => one))) assert.deepEqual(await listed(collection), pairs.filter(([one]) => one === collection).map(([, name]) => name));
  for (const [collection, name] of pairs) {
    await own.db.collection(collection).dropIndex(name);
    assert.ok(!(await listed(collection)).includes(name));
  }
});

test('an index goes with its collection when that is renamed, and is dropped under the new name', async () => {
  const first = own.db.collection<{ _id: number; a: number }>('first');
  await first.insertOne({ _id: 1, a: 1 });
  await first.createIndex({ a: 1 }, { unique: true });
  await first.rename('second');
  // The old names are free for others.
  await first.insertOne({ _id: 1, a: 1 });
  await first.createIndex({ a: 1 }, { unique: true });
  const second = own.db.collection<{ _id: number; a: number }>('second');
  await assert.rejects(second.insertOne({ _id: 2, a: 1 }), { code: 11_000, keyPattern: { a: 1 } });
  await assert.rejects(first.insertOne({ _id: 2, a: 1 }), { code: 11_000, keyPattern: { a: 1 } });
  await second.dropIndex('a_1');
  await second.insertOne({ _id: 2, a: 1 });
  await assert.rejects(first.insertOne({ _id: 2, a: 1 }), { code: 11_000 });
});

test('collections may be called as what PostgreSQL makes for others', async () => {
  await own.db.collection('things').insertOne({ a: 1 });
  for (const name of ['things_pkey', 'things_position_idx', 'things_position_seq', 'things.a_1', 'things_id_not_null']) await own.db.collection(name).insertOne({ a: 1 });
  await own.db.collection('things').createIndex({ a: 1 });
  assert.equal(await own.db.collection('things.a_1').countDocuments(), 1);
});
