// Small queries that an index serves find documents with arrays on its path from the moment on at which there are any, whoever
// wrote them, and give them in the index's order.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Collection } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';
import { withClient } from '../support/with-client.ts';

type Thing = { _id: number; n: unknown; m?: unknown; pad?: string };
let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

/** Of more than half a megabyte, so that it is no small collection. */
async function filled(name: string): Promise<Collection<Thing>> {
  const things = own.db.collection<Thing>(name);
  await things.insertMany(Array.from({ length: 2_000 }, (_, index) => ({ _id: index, n: (index * 7_919) % 2_003, m: index % 5, pad: 'x'.repeat(400) })));
  await things.createIndex({ n: 1 });
  return things;
}

const found = async (things: Collection<Thing>, filter: object, limit: number): Promise<unknown[]> => (await things.find(filter).limit(limit).toArray()).map(({ n }) => n);

test('in the order of the index, with and without arrays, a second index, a sort and a skip', async () => {
  const things = await filled('ordered');
  const all = Array.from({ length: 2_000 }, (_, index) => (index * 7_919) % 2_003).toSorted((a, b) => a - b);
  const from = (least: number): number[] => all.filter((n) => n >= least);
  const check = async (...arrays: readonly number[][]): Promise<void> => {
    assert.deepEqual(await found(things, { n: { $gte: 700 } }, 30), from(700).slice(0, 30));
    assert.deepEqual(await found(things, { n: { $gte: 700 }, m: { $gte: 0 } }, 1), from(700).slice(0, 1));
    assert.deepEqual(await found(things, { n: { $in: [9, 3, 1_500, 7, 3] } }, 50), [3, 7, 9, 1_500]);
    assert.deepEqual((await things.find({ n: { $lt: 1_000 } }).sort({ n: -1 }).skip(2).limit(5).toArray()).map(({ n }) => n), [...arrays, ...all.filter((n) => n < 1_000).toReversed()].slice(2, 7));
    assert.deepEqual((await things.find({ n: { $gte: 1_990 } }).toArray()).map(({ n }) => n), [...from(1_990), ...arrays]);
  };
  await check();
  await things.createIndex({ m: 1, n: -1 });
  await check();
  await things.insertOne({ _id: -1, n: [-5, 5_000] });
  // Its least element decides in one direction, its greatest in the other.
  await check([-5, 5_000]);
  assert.deepEqual(await found(things, { n: { $gte: 1_999 } }, 101), [...from(1_999), [-5, 5_000]]);
  assert.deepEqual(await found(things, { n: { $lt: 2 } }, 101), [[-5, 5_000], ...all.filter((n) => n < 2)]);
});

test('an array is found once it is committed, and no longer once it is gone, whoever writes it', async () => {
  const things = await filled('written');
  const finds = async (): Promise<unknown[]> => await found(things, { n: { $gte: 9_000 } }, 10);
  assert.deepEqual(await finds(), []);
  const session = own.client.startSession();
  session.startTransaction();
  await things.insertOne({ _id: -1, n: [9_001] }, { session });
  assert.deepEqual(await finds(), []);
  await session.abortTransaction();
  assert.deepEqual(await finds(), []);
  session.startTransaction();
  await things.updateOne({ _id: 1 }, { $set: { n: [9_002] } }, { session });
  assert.deepEqual(await finds(), []);
  await session.commitTransaction();
  await session.endSession();
  assert.deepEqual(await finds(), [[9_002]]);
  await things.updateOne({ _id: 1 }, { $set: { n: 5 } });
  assert.deepEqual(await finds(), []);
  await withClient((await sharedServer()).postgres, (client) => client.query(`update "${own.db.databaseName}".written set doc = jsonb_set(doc, '{n}', '[1, 9003]') where doc @> '{"_id": 2}'`));
  assert.deepEqual(await finds(), [[1, 9_003]]);
});

test('what was acknowledged is found while others write arrays', async () => {
  const things = await filled('raced');
  let written = 0;
  const writing = (async () => {
    for (let index = 0; index < 60; index++) {
      await things.insertOne({ _id: -1 - index, n: index % 2 === 0 ? 5_000 + index : [1, 5_000 + index] });
      written = index + 1;
    }
  })();
  for (let isOver = false; !isOver; ) {
    isOver = written === 60;
    const least = written;
    const counts = await Promise.all(Array.from({ length: 8 }, async () => (await found(things, { n: { $gte: 5_000 } }, 100)).length));
    for (const count of counts) assert.ok(count >= least, `${count} of ${least}`);
  }
  await writing;
});
