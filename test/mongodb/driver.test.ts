// The main paths of the `mongodb` driver.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Binary, Decimal128, GridFSBucket, Long, MongoServerError, ObjectId, Timestamp, type Collection, type Document } from 'mongodb';
import { withClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;
/** Documents with any `_id`. */
type Thing = Document & { _id: number | string | ObjectId };
let collection: Collection<Thing>;

before(async () => {
  own = await ownDatabase();
  collection = own.db.collection<Thing>('things');
});
after(() => own.close());

async function fresh(documents: readonly Thing[]): Promise<void> {
  await collection.deleteMany({});
  if (documents.length > 0) await collection.insertMany([...documents]);
}

test('every type comes back as it was', async () => {
  const document = {
    _id: new ObjectId(), double: -0.5, long: Long.fromString('9007199254740993'), decimal: Decimal128.fromString('1.20'), text: 'a\0b', empty: '', nothing: null, yes: true,
    date: new Date(-1), bytes: new Binary(Buffer.from([1, 2]), 0), time: new Timestamp({ t: 5, i: 6 }), pattern: /a.b/i, list: [1, [2], {}], nested: { '': 1, 'a.b': 2, $c: 3 },
  };
  await fresh([document]);
  const [found] = await collection.find({}, { promoteLongs: false }).toArray();
  assert.deepEqual(found, document);
});

test('find: filter, sort, skip, limit, projection', async () => {
  await fresh(Array.from({ length: 30 }, (_, index) => ({ _id: index, n: index % 10, list: [index, index + 100] })));
  assert.deepEqual(await collection.find({ n: { $gte: 8 } }).sort({ n: -1, _id: 1 }).skip(1).limit(3).project({ n: 1 }).toArray(), [{ _id: 19, n: 9 }, { _id: 29, n: 9 }, { _id: 8, n: 8 }]);
  assert.deepEqual(await collection.find({ list: 105 }).project({ _id: 1 }).toArray(), [{ _id: 5 }]);
  assert.equal(await collection.countDocuments({ n: 3 }), 3);
  assert.deepEqual((await collection.distinct('n')).length, 10);
});

test('a cursor of several batches; to close it early', async () => {
  await fresh(Array.from({ length: 350 }, (_, index) => ({ _id: index })));
  const ids: unknown[] = [];
  for await (const { _id: id } of collection.find().batchSize(100)) ids.push(id);
  assert.deepEqual(ids, Array.from({ length: 350 }, (_, index) => index));
  const cursor = collection.find().batchSize(10);
  await cursor.next();
  await cursor.close();
  assert.equal(await codeOf(own.db.command({ getMore: Long.fromNumber(4711), collection: 'things' })), 43);
});

test('a batch that is just full leaves its cursor open where a plan cannot know that it is at its end', async () => {
  await fresh([{ _id: 1, n: 1 }, { _id: 2, n: 2 }, { _id: 3, n: 3 }]);
  const rows: readonly (readonly [command: Document, isOpen: boolean])[] = [
    [{ find: 'things', batchSize: 3 }, true],
    [{ find: 'things', batchSize: 4 }, false],
    [{ find: 'things', filter: { n: { $gt: 1 } }, batchSize: 2 }, true],
    [{ find: 'things', filter: { $expr: { $gt: ['$n', 1] } }, batchSize: 2 }, true],
    [{ find: 'things', sort: { n: -1 }, batchSize: 3 }, true],
    [{ find: 'things', limit: 2, batchSize: 2 }, false],
    [{ find: 'things', limit: 4, batchSize: 3 }, true],
    [{ find: 'things', filter: { _id: 2 }, batchSize: 1 }, false],
    [{ find: 'things', filter: { _id: 2, n: 2 }, batchSize: 1 }, true],
    [{ find: 'things', batchSize: 3, singleBatch: true }, false],
    [{ find: 'nothing', batchSize: 1 }, false],
    [{ aggregate: 'things', pipeline: [], cursor: { batchSize: 3 } }, true],
    [{ aggregate: 'things', pipeline: [{ $limit: 2 }], cursor: { batchSize: 2 } }, true],
    [{ aggregate: 'things', pipeline: [{ $group: { _id: '$n' } }], cursor: { batchSize: 3 } }, true],
    [{ aggregate: 'things', pipeline: [], cursor: {} }, false],
  ];
  for (const [command, isOpen] of rows) {
    const { cursor } = await own.db.command(command);
    assert.equal(String(cursor.id) !== '0', isOpen, JSON.stringify(command));
    if (!isOpen) continue;
    const more = await own.db.command({ getMore: Long.fromString(String(cursor.id)), collection: 'things', batchSize: 2 });
    assert.deepEqual({ batch: more['cursor'].nextBatch, id: String(more['cursor'].id) }, { batch: [], id: '0' }, JSON.stringify(command));
  }
});

test('updates say what they did', async () => {
  await fresh([{ _id: 1, n: 1 }, { _id: 2, n: 1 }]);
  assert.deepEqual(pick(await collection.updateMany({ n: 1 }, { $inc: { n: 2 } })), { matchedCount: 2, modifiedCount: 2, upsertedCount: 0 });
  assert.deepEqual(pick(await collection.updateOne({ _id: 1 }, { $set: { n: 3 } })), { matchedCount: 1, modifiedCount: 0, upsertedCount: 0 });
  assert.deepEqual(pick(await collection.updateOne({ _id: 9 }, { $set: { n: 3 } }, { upsert: true })), { matchedCount: 0, modifiedCount: 0, upsertedCount: 1 });
  assert.deepEqual(await collection.findOneAndUpdate({ _id: 9 }, [{ $set: { n: { $add: ['$n', 1] } } }], { returnDocument: 'after' }), { _id: 9, n: 4 });
  assert.deepEqual(await collection.findOneAndDelete({ n: 3 }, { sort: { _id: -1 } }), { _id: 2, n: 3 });
  assert.equal((await collection.deleteMany({})).deletedCount, 2);
});

function pick({ matchedCount, modifiedCount, upsertedCount }: { matchedCount: number; modifiedCount: number; upsertedCount: number }): Document {
  return { matchedCount, modifiedCount, upsertedCount };
}

test('a document that fails in a bulk fails alone', async () => {
  await fresh([{ _id: 1 }]);
  await assert.rejects(collection.insertMany([{ _id: 0 }, { _id: 1 }, { _id: 2 }], { ordered: false }), (error) => error instanceof MongoServerError && error.code === 11_000);
  assert.deepEqual((await collection.find().toArray()).map(({ _id }) => _id), [1, 0, 2]);
  await assert.rejects(collection.insertMany([{ _id: 3 }, { _id: 1 }, { _id: 4 }]), MongoServerError);
  assert.equal(await collection.countDocuments({ _id: { $in: [3, 4] } }), 1);
});

test('pipelines over several collections, and views', async () => {
  await fresh([{ _id: 1, kind: 'a', n: 1 }, { _id: 2, kind: 'b', n: 2 }, { _id: 3, kind: 'a', n: 3 }]);
  await own.db.collection<Thing>('kinds').insertMany([{ _id: 'a', name: 'Aye' }, { _id: 'b', name: 'Bee' }]);
  const sums = [{ $group: { _id: '$kind', sum: { $sum: '$n' } } }, { $lookup: { from: 'kinds', localField: '_id', foreignField: '_id', as: 'kind' } }, { $sort: { _id: 1 } }];
  const result = [{ _id: 'a', sum: 4, kind: [{ _id: 'a', name: 'Aye' }] }, { _id: 'b', sum: 2, kind: [{ _id: 'b', name: 'Bee' }] }];
  assert.deepEqual(await collection.aggregate(sums).toArray(), result);
  await own.db.createCollection('sums', { viewOn: 'things', pipeline: sums });
  assert.deepEqual(await own.db.collection('sums').find({ sum: { $gt: 3 } }).toArray(), result.slice(0, 1));
  assert.equal(await codeOf(own.db.collection<Thing>('sums').insertOne({ _id: 1 })), 166);
  await collection.aggregate([{ $set: { copied: true } }, { $out: 'copy' }]).toArray();
  assert.equal(await own.db.collection('copy').countDocuments({ copied: true }), 3);
});

test('transactions: all or nothing, and conflicts', async () => {
  await fresh([{ _id: 1, n: 1 }]);
  const other = own.db.collection<Thing>('other');
  await own.client.withSession(async (session) => {
    await session.withTransaction(async () => {
      await collection.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
      await other.insertOne({ _id: 1 }, { session });
      assert.equal(await other.countDocuments({}), 0, 'others do not see it yet');
    });
    assert.equal(await other.countDocuments({}), 1);
    session.startTransaction();
    await collection.updateOne({ _id: 1 }, { $set: { n: 100 } }, { session });
    await own.client.withSession(async (rival) => {
      rival.startTransaction();
      const conflict = await collection.updateOne({ _id: 1 }, { $set: { n: 200 } }, { session: rival }).catch((error: unknown) => error);
      assert.ok(conflict instanceof MongoServerError && conflict.code === 112 && conflict.hasErrorLabel('TransientTransactionError'));
    });
    await session.abortTransaction();
  });
  assert.deepEqual(await collection.findOne({ _id: 1 }), { _id: 1, n: 2 });
});

test('indexes: made, used, unique, dropped', async () => {
  await fresh(Array.from({ length: 50 }, (_, index) => ({ _id: index, a: index, u: index })));
  assert.equal(await collection.createIndex({ a: 1 }), 'a_1');
  assert.equal(await collection.createIndex({ u: 1 }, { unique: true }), 'u_1');
  await assert.rejects(collection.insertOne({ _id: 77, u: 5 }), (error) => error instanceof MongoServerError && error.code === 11_000 && /index: u_1 dup key: \{ u: 5 \}/.test(error.message));
  assert.deepEqual((await collection.indexes()).map(({ name }) => name), ['_id_', 'a_1', 'u_1']);
  const explained = await collection.find().sort({ a: 1 }).limit(2).explain('queryPlanner');
  assert.match(JSON.stringify(explained), /order_key/);
  await collection.dropIndex('a_1');
  assert.equal(await codeOf(collection.dropIndex('a_1')), 27);
  assert.equal(await codeOf(collection.find().hint('a_1').toArray()), 2);
  await collection.dropIndexes();
});

test('SQL sees documents, and documents see SQL', async () => {
  await fresh([{ _id: 1, title: 'Stalker' }]);
  const { sharedServer } = await import('../support/shared-server.ts');
  await withClient((await sharedServer()).postgres, async (client) => {
    const table = `${own.db.databaseName}.things`;
    const { rows } = await client.query<{ title: string }>(`select doc->>'title' as title from ${table}`);
    assert.deepEqual(rows, [{ title: 'Stalker' }]);
    await client.query(`update ${table} set doc = doc || '{"year": 1979}'`);
    await client.query(`insert into ${table} (doc) values ('{"_id": 2, "title": "Solaris"}')`);
  });
  assert.deepEqual(await collection.find().sort({ _id: 1 }).toArray(), [{ _id: 1, title: 'Stalker', year: 1979 }, { _id: 2, title: 'Solaris' }]);
  assert.deepEqual(await collection.findOne({ _id: 2 }), { _id: 2, title: 'Solaris' });
});

test('GridFS', async () => {
  const bucket = new GridFSBucket(own.db, { chunkSizeBytes: 1_000 });
  const content = Buffer.from(Array.from({ length: 5_500 }, (_, index) => index % 251));
  const upload = bucket.openUploadStream('bytes');
  await new Promise<void>((resolve, reject) => void upload.on('finish', () => resolve()).on('error', reject).end(content));
  const chunks: Buffer[] = [];
  for await (const chunk of bucket.openDownloadStreamByName('bytes')) chunks.push(chunk as Buffer);
  assert.deepEqual(Buffer.concat(chunks), content);
});

test('misuse has MongoDB’s codes', async () => {
  const { db } = own;
  const cases: [number, Document][] = [
    [59, { nonsense: 1 }],
    [115, { mapReduce: 'things' }],
    [40_415, { find: 'things', nonsense: 1 }],
    [40_414, { insert: 'things' }],
    [14, { find: 'things', filter: 1 }],
    [2, { find: 1 }],
    [51_024, { find: 'things', skip: -1 }],
    [2, { find: 'things', filter: { $nonsense: 1 } }],
    [16, { insert: 'things', documents: [] }],
    [9, { delete: 'things', deletes: [{ q: {}, limit: 5 }] }],
    [9, { aggregate: 'things', pipeline: [] }],
    [40_324, { aggregate: 'things', pipeline: [{ $nonsense: {} }], cursor: {} }],
    [9, { findAndModify: 'things' }],
    [9, { findAndModify: 'things', update: { $v: 1, $set: { n: 1 } } }],
    [115, { find: 'things', collation: { locale: 'de' } }],
    [26, { listIndexes: 'absent' }],
    [26, { renameCollection: `${db.databaseName}.absent`, to: `${db.databaseName}.b` }],
    [67, { createIndexes: 'things', indexes: [{ key: {}, name: 'x' }] }],
    [334, { saslStart: 1, mechanism: 'PLAIN', payload: new Binary(Buffer.alloc(0)) }],
  ];
  for (const [code, command] of cases) {
    const target = 'renameCollection' in command ? own.client.db('admin') : db;
    assert.equal(await codeOf(target.command(command)), code, JSON.stringify(command));
  }
});

test('many cursors may be open at once, and none keeps others from working', async () => {
  await fresh(Array.from({ length: 300 }, (_, index) => ({ _id: index })));
  const cursors = Array.from({ length: 40 }, () => collection.find().batchSize(10));
  for (const cursor of cursors) assert.equal((await cursor.next())?._id, 0);
  assert.equal(await collection.countDocuments(), 300);
  await collection.insertOne({ _id: 1_000 });
  for (const cursor of cursors) assert.deepEqual((await cursor.toArray()).map(({ _id }) => _id), Array.from({ length: 299 }, (_, index) => index + 1));
});
