// Many clients write the same documents at a time, outside of transactions: none of them is told of the others.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Document } from 'mongodb';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

const several = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('upserts of one document, by its _id and by a unique field', async () => {
  const counters = own.db.collection<Document & { _id: string }>('counters');
  await counters.createIndex({ name: 1 }, { unique: true, sparse: true });
  await Promise.all(several(30).map(() => counters.updateOne({ _id: 'one' }, { $inc: { count: 1 } }, { upsert: true })));
  await Promise.all(several(30).map(() => counters.findOneAndUpdate({ name: 'two' }, { $inc: { count: 1 } }, { upsert: true })));
  assert.deepEqual(await counters.distinct('count'), [30]);
});

test('requests of many updates that meet in different orders', async () => {
  const things = own.db.collection<Document & { _id: number }>('things');
  await things.insertMany(several(20).map((_id) => ({ _id, count: 0 })));
  const updatesFrom = (start: number): Document[] => several(20).map((index) => ({ q: { _id: (index * 7 + start * 3) % 20 }, u: { $inc: { count: 1 } } }));
  await Promise.all(several(8).map((start) => own.db.command({ update: 'things', updates: updatesFrom(start), ordered: start % 2 === 0 })));
  assert.deepEqual(await things.distinct('count'), [8]);
  await Promise.all(several(8).map((start) => own.db.command({ delete: 'things', deletes: updatesFrom(start).map(({ q }) => ({ q, limit: 1 })) })));
  assert.equal(await things.countDocuments(), 0);
});

test('each taker of a queue gets an item of its own', async () => {
  const queue = own.db.collection('queue');
  await queue.insertMany(several(40).map((place) => ({ place, state: 'new' })));
  const taken = await Promise.all(several(40).map(() => queue.findOneAndUpdate({ state: 'new' }, { $set: { state: 'taken' } }, { sort: { place: 1 } })));
  assert.deepEqual(new Set(taken.map((item) => item?.['place'])), new Set(several(40)));
});
