// The order of documents that nobody has asked for another: that of their insertion, whatever has changed them since, or that
// of the index that the filter is looked up in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Collection } from 'mongodb';
import { type OwnDatabase, ownDatabase } from './support/mongodb.ts';

type Thing = { _id: number; a?: unknown; b?: unknown; pad?: string };
let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

/** Their `_id`s go up and down. */
const shuffled = (count: number): number[] => Array.from({ length: count }, (_, index) => (index * 7_919) % 10_007);

async function made(name: string, things: readonly Thing[]): Promise<Collection<Thing>> {
  const collection = own.db.collection<Thing>(name);
  await collection.insertMany([...things]);
  return collection;
}

const idsOf = (things: readonly { _id: unknown }[]): unknown[] => things.map(({ _id }) => _id);

for (const [size, pad] of [[60, ''], [3_000, 'x'.repeat(400)]] as const) {
  test(`${size} documents come in the order of insertion, after updates too`, async () => {
    const ids = shuffled(size);
    const things = await made(`things_${size}`, ids.map((_id, n) => ({ _id, a: n % 3, b: n, pad })));
    // PostgreSQL counts then how large the collection is.
    await things.createIndex({ unrelated: 1 });
    // Rows move when they are updated; the space of those that were deleted is used again.
    await things.updateMany({ a: 1 }, { $set: { pad: `${pad}longer` } });
    await things.deleteMany({ b: { $gte: 10, $lt: 20 } });
    await things.updateOne({ _id: ids[0]! }, { $set: { pad: 'y'.repeat(2_000) } });
    await things.insertOne({ _id: 20_000, a: 2, b: -1 });
    const left = [...ids.filter((_, n) => n < 10 || n >= 20), 20_000];
    assert.deepEqual(idsOf(await things.find().toArray()), left);
    assert.deepEqual(idsOf(await things.find().sort({ $natural: -1 }).toArray()), left.toReversed());
    assert.deepEqual(idsOf(await things.find().hint({ $natural: -1 }).limit(3).toArray()), left.slice(-3).toReversed());
    assert.deepEqual(idsOf(await things.find({ b: { $gt: 20 } }).skip(2).limit(2).toArray()), ids.slice(23, 25));
    assert.deepEqual(idsOf(await things.find({ _id: { $gt: 9_990 } }).toArray()), left.filter((id) => id > 9_990).toSorted((x, y) => x - y));
    assert.deepEqual(idsOf(await things.find({ _id: { $in: [ids[3]!, ids[1]!] } }).toArray()), [ids[3]!, ids[1]!].toSorted((x, y) => x - y));
    assert.deepEqual(idsOf(await things.aggregate<Thing>([{ $match: { a: { $lt: 5 } } }, { $skip: 5 }, { $limit: 3 }, { $project: { _id: 1 } }]).toArray()), left.slice(5, 8));
    const [grouped] = await things.aggregate([{ $match: { b: { $gte: 0 } } }, { $group: { _id: null, first: { $first: '$_id' }, last: { $last: '$_id' }, all: { $push: '$_id' } } }]).toArray();
    assert.deepEqual(grouped, { _id: null, first: left[0], last: left.at(-2), all: left.slice(0, -1) });
    assert.deepEqual((await things.distinct('b')).slice(0, 12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21]);
    assert.equal((await things.findOneAndUpdate({ a: 2 }, { $set: { a: 7 } }))?._id, ids[2]);
    assert.equal((await things.findOneAndDelete({ b: { $gt: 30 } }))?._id, ids[31]);
    await things.deleteOne({ a: 0 });
    await things.updateOne({ pad: { $exists: true } }, { $set: { b: 'first' } });
    assert.deepEqual(idsOf(await things.find().limit(2).toArray()), [ids[1], ids[2]]);
    assert.deepEqual(idsOf(await things.find({ b: 'first' }).toArray()), [ids[1]]);
  });
}

test('a filter that an index serves gives the order of the index', async () => {
  const things = await made('indexed', [{ _id: 5, a: 3 }, { _id: 4, a: 1 }, { _id: 3, a: [9, 2] }, { _id: 2, a: 1, b: 1 }, { _id: 1, a: 'x' }, { _id: 0, a: 5 }]);
  await things.createIndex({ a: 1 });
  assert.deepEqual(idsOf(await things.find().toArray()), [5, 4, 3, 2, 1, 0]);
  assert.deepEqual(idsOf(await things.find({ a: { $gt: 0 } }).toArray()), [4, 2, 3, 5, 0]);
  // Within the bounds, [9, 2] stands at 9.
  assert.deepEqual(idsOf(await things.find({ a: { $gt: 2 } }).toArray()), [5, 0, 3]);
  assert.deepEqual(idsOf(await things.find({ a: { $gt: 2 } }).limit(2).toArray()), [5, 0]);
  assert.deepEqual(idsOf(await things.find({ a: 1 }).toArray()), [4, 2]);
  assert.deepEqual(idsOf(await things.find({ a: { $exists: true } }).toArray()), [4, 2, 3, 5, 0, 1]);
  assert.deepEqual(idsOf(await things.find({ a: { $gt: 0 } }).hint({ $natural: 1 }).toArray()), [5, 4, 3, 2, 0]);
  assert.equal((await things.findOneAndUpdate({ a: { $gte: 2 } }, { $set: { b: 2 } }))?._id, 3);
  assert.deepEqual(await things.distinct('a'), [1, 2, 3, 5, 9, 'x']);
  await things.dropIndexes();
  assert.deepEqual(await things.distinct('a'), [3, 1, 9, 2, 'x', 5]);
  await things.createIndex({ a: -1, b: 1 });
  assert.deepEqual(idsOf(await things.find({ a: { $lt: 4 } }).toArray()), [5, 3, 4, 2]);
  await things.createIndex({ b: 1 }, { sparse: true });
  assert.deepEqual(idsOf(await things.find({ b: null }).toArray()), [5, 4, 1, 0]);
});

test('documents with equal keys stay in the order of insertion when they are sorted', async () => {
  const things = await made('equals', shuffled(50).map((_id, n) => ({ _id, a: n % 2 })));
  const all = await things.find().toArray();
  assert.deepEqual(idsOf(await things.find().sort({ a: 1 }).toArray()), idsOf([...all.filter(({ a }) => a === 0), ...all.filter(({ a }) => a === 1)]));
});

test('a record keeps its id', async () => {
  const things = await made('records', [{ _id: 2, a: 1 }, { _id: 1, a: 1 }]);
  const ids = async (): Promise<unknown[]> => (await things.find().showRecordId(true).toArray()).map((thing) => (thing as unknown as { $recordId: unknown }).$recordId);
  const before = await ids();
  assert.deepEqual(before, [1, 2]);
  await things.updateMany({}, { $set: { pad: 'x'.repeat(5_000) } });
  assert.deepEqual(await ids(), before);
});

test('what $lookup joins comes in the order of insertion, with an index and without', async () => {
  const parents = await made('parents', [{ _id: 1, a: 5 }]);
  const children = await made('children', shuffled(8).map((_id) => ({ _id, b: 5 })));
  const joined = async (): Promise<unknown[]> => {
    const [parent] = await parents.aggregate<{ all: Thing[] }>([{ $lookup: { from: 'children', localField: 'a', foreignField: 'b', as: 'all' } }]).toArray();
    return idsOf(parent!.all);
  };
  assert.deepEqual(await joined(), shuffled(8));
  await children.createIndex({ b: 1 });
  assert.deepEqual(await joined(), shuffled(8));
});
