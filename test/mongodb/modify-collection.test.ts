// collMod, and what it answers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Document } from 'mongodb';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

async function modify(command: Document): Promise<Document> {
  const { $clusterTime: _clock, operationTime: _time, ok: _ok, ...reply } = await own.db.command(command);
  return reply;
}

test('indexes: hidden, and when their documents expire', async () => {
  await own.db.collection('things').createIndex({ at: 1 });
  assert.deepEqual(await modify({ collMod: 'things', index: { name: 'at_1', hidden: true } }), { hidden_old: false, hidden_new: true });
  assert.deepEqual(await modify({ collMod: 'things', index: { keyPattern: { at: 1 }, expireAfterSeconds: 60 } }), { expireAfterSeconds_new: 60 });
  assert.deepEqual(await modify({ collMod: 'things', index: { name: 'at_1', expireAfterSeconds: 70, hidden: false } }), { expireAfterSeconds_old: 60, expireAfterSeconds_new: 70, hidden_old: true, hidden_new: false });
  assert.deepEqual(await modify({ collMod: 'things', index: { name: 'at_1', hidden: false } }), {});
  assert.deepEqual((await own.db.collection('things').indexes())[1], { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 70 });
  for (const [code, index] of [[27, { name: 'absent', hidden: true }], [72, {}], [72, { name: '_id_', expireAfterSeconds: 5 }], [72, { name: 'at_1', expireAfterSeconds: -1 }], [2, { name: '_id_', hidden: true }], [72, { name: 'at_1' }], [72, { hidden: true }], [40_415, { name: 'at_1', nonsense: 1 }]] as const) {
    assert.equal(await codeOf(own.db.command({ collMod: 'things', index })), code, JSON.stringify(index));
  }
});

test('views and capped collections are defined anew', async () => {
  const { db } = own;
  await db.collection<Document & { _id: number }>('numbers').insertMany([{ _id: 1 }, { _id: 2 }]);
  await db.createCollection('seen', { viewOn: 'numbers', pipeline: [{ $match: { _id: 1 } }] });
  await modify({ collMod: 'seen', viewOn: 'numbers', pipeline: [{ $match: { _id: 2 } }] });
  assert.deepEqual(await db.collection('seen').find().toArray(), [{ _id: 2 }]);
  const capped = await db.createCollection<Document & { _id: number }>('log', { capped: true, size: 1_000, max: 2 });
  await modify({ collMod: 'log', cappedMax: 4 });
  await capped.insertMany([1, 2, 3, 4, 5].map((_id) => ({ _id })));
  assert.equal(await capped.countDocuments(), 4);
  assert.equal(await codeOf(db.command({ collMod: 'numbers', cappedSize: 5 })), 72);
  assert.equal(await codeOf(db.command({ collMod: 'numbers', viewOn: 'x' })), 72);
  assert.equal(await codeOf(db.command({ collMod: 'numbers', validator: { a: 1 } })), 115);
  assert.equal(await codeOf(db.command({ collMod: 'absent' })), 26);
});

test('the definitions of views are the collection system.views, with which they are dropped', async () => {
  const { db } = own;
  const systemViews = db.collection<Document & { _id: string }>('system.views');
  await db.dropCollection('seen');
  assert.equal(await systemViews.countDocuments(), 0);
  assert.deepEqual(await db.listCollections({ name: 'system.views' }).toArray(), []);
  await db.createCollection('shown', { viewOn: 'numbers', pipeline: [{ $match: { _id: { $gt: 1 } } }] });
  const definition = { _id: `${db.databaseName}.shown`, viewOn: 'numbers', pipeline: [{ $match: { _id: { $gt: 1 } } }] };
  assert.deepEqual(await systemViews.find({ viewOn: 'numbers' }).toArray(), [definition]);
  assert.deepEqual((await db.listCollections({ name: 'system.views' }, { nameOnly: true }).toArray()), [{ name: 'system.views', type: 'collection' }]);
  for (const write of [{ insert: 'system.views', documents: [{}] }, { update: 'system.views', updates: [{ q: {}, u: { $set: { a: 1 } } }] }, { delete: 'system.views', deletes: [{ q: {}, limit: 0 }] }, { findAndModify: 'system.views', remove: true }]) {
    assert.equal(await codeOf(db.command(write)), 73, JSON.stringify(write));
  }
  assert.equal((await db.command({ drop: 'system.views' }))['nIndexesWas'], 1);
  assert.deepEqual(await db.listCollections({ name: { $in: ['shown', 'system.views'] } }).toArray(), []);
});
