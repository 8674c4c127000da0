// Where the language of filters, updates and projections meets the commands: which of its errors end a command and which
// only a statement of it, and what findAndModify and find ask beyond it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Document, type IndexSpecification, MongoServerError, Timestamp } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';
import { RawClient } from './support/raw-client.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

async function fresh(documents: readonly Document[]): Promise<void> {
  const collection = own.db.collection('things');
  await collection.drop();
  if (documents.length > 0) await collection.insertMany([...documents]);
}

test('an error of a statement is the statement’s own, with its own text', async () => {
  await fresh([{ _id: 1, a: [1, 2] }]);
  const cases: readonly (readonly [code: number, text: string, statement: Document])[] = [
    [2, 'unknown operator: $foo', { q: { a: { $foo: 1 } }, u: { $set: { b: 1 } } }],
    [2, 'Failed to parse $size. Expected a number in: $size: "x"', { q: { a: { $size: 'x' } }, u: { $set: { b: 1 } } }],
    [2, 'Failed to parse bit position. Expected a number in: 0: "x"', { q: { a: { $bitsAllSet: ['x'] } }, u: { $set: { b: 1 } } }],
    [2, 'Error parsing array filter :: caused by :: unknown operator: $foo', { q: {}, u: { $set: { 'a.$[e]': 1 } }, arrayFilters: [{ e: { $foo: 1 } }] }],
    [224, 'Error parsing array filter :: caused by :: $expr is not allowed in this context', { q: {}, u: { $set: { 'a.$[e]': 1 } }, arrayFilters: [{ $expr: true }] }],
    [9, 'Unknown modifier: $foo. Expected a valid update modifier or pipeline-style update specified as an array', { q: {}, u: { $foo: { b: 1 } } }],
    [14, "Cannot apply $inc to a value of non-numeric type. {_id: 1} has the field 'a' of non-numeric type array", { q: {}, u: { $inc: { a: 1 } } }],
    [66, "Performing an update on the path '_id' would modify the immutable field '_id'", { q: {}, u: { $set: { _id: 2 } } }],
  ];
  for (const [code, text, statement] of cases) {
    const reply = await own.db.command({ update: 'things', updates: [statement, { q: { _id: 1 }, u: { $set: { c: 1 } } }], ordered: false });
    const [{ index, code: number, errmsg }, ...others] = reply['writeErrors'] as [Document, ...Document[]];
    assert.deepEqual({ index, number, errmsg, others, n: reply['n'] as number }, { index: 0, number: code, errmsg: text, others: [], n: 1 }, JSON.stringify(statement));
  }
});

test('findAndModify and find refuse what they cannot give', async () => {
  await fresh([{ _id: 1, a: [1, 2], n: 5 }]);
  const positional = { findAndModify: 'things', query: { a: 2 }, update: { $set: { n: 6 } }, fields: { 'a.$': 1 } };
  const sortKey = { k: { $meta: 'sortKey' } };
  const cases: readonly (readonly [code: number, command: Document])[] = [
    [2, { ...positional, new: true }],
    [2, { ...positional, findAndModify: 'absent', new: true }],
    [31_254, { ...positional, fields: { a: 1, n: 0 } }],
    [2, { ...positional, fields: sortKey }],
    [2, { ...positional, sort: { $natural: 2 } }],
    [2, { ...positional, sort: { $natural: 1, a: 1 } }],
    [72, { ...positional, fields: {}, update: [{ $lookup: { from: 'others', localField: 'a', foreignField: 'a', as: 'b' } }] }],
    [2, { find: 'things', projection: sortKey }],
    [4_890_500, { find: 'things', let: { x: '$a' } }],
    [4_890_500, { find: 'things', let: { x: { $add: [1, '$$ROOT.a'] } } }],
    [17_276, { find: 'things', let: { x: '$$y', y: 1 } }],
    [13_103, { find: 'things', sort: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`f${index}`, 1])) }],
  ];
  for (const [code, command] of cases) assert.equal(await codeOf(own.db.command(command)), code, JSON.stringify(command));
  const { cursor } = await own.db.command({ find: 'things', let: { x: { $literal: '$a' }, y: { $size: [['$$x', 2]] } }, filter: { $expr: { $eq: ['$$y', 2] } } });
  assert.equal((cursor as { firstBatch: Document[] }).firstBatch.length, 1);
  const { value } = await own.db.command(positional);
  assert.deepEqual(value, { _id: 1, a: [2] });
  const sorted = await own.db.command({ findAndModify: 'things', query: {}, sort: { n: 1 }, fields: { ...sortKey, _id: 0, n: 1 }, update: { $inc: { n: 1 } } });
  assert.deepEqual(sorted['value'], { n: 6, k: [6] });
});

test('a document nests no deeper than 180 levels', async () => {
  const nested = (levels: number): Document => (levels === 1 ? {} : { a: nested(levels - 1) });
  const { writeErrors } = await own.db.command({ insert: 'deep', documents: [nested(180), nested(181), { ...nested(180), _id: 1 }], ordered: false });
  assert.deepEqual((writeErrors as Document[]).map(({ index, code }) => [index as number, code as number]), [[1, 15]]);
});

test('returnKey gives the first key that the index has of a document within what is looked for', async () => {
  await fresh([{ _id: 1, a: [7, 3, 9], b: 1 }, { _id: 2, a: { n: 1 } }, { _id: 3, b: 2, s: [{ x: 2, y: 'b' }, { x: 1 }, 5] }, { _id: 4, a: [], b: 3 }]);
  const things = own.db.collection('things');
  await things.createIndexes([{ key: { a: 1 } }, { key: { a: -1, b: 1 } }, { key: { 's.x': 1, 's.y': 1 } }]);
  const keys = async (options: Document): Promise<Document[]> => (await own.db.command({ find: 'things', returnKey: true, ...options }))['cursor'].firstBatch;
  const none = { 's.x': null, 's.y': null };
  assert.deepEqual(await keys({ filter: { _id: 1 }, hint: { a: 1 } }), [{ a: 3 }]);
  assert.deepEqual(await keys({ filter: { _id: 1 }, hint: { a: -1, b: 1 } }), [{ a: 9, b: 1 }]);
  assert.deepEqual(await keys({ filter: { a: { $gt: 3 } }, hint: { a: 1 } }), [{ a: 7 }]);
  assert.deepEqual(await keys({ filter: { a: 9 } }), [{ a: 9 }]);
  assert.deepEqual(await keys({ hint: { a: 1 }, min: { a: 8 }, max: { a: 10 } }), [{ a: 9 }]);
  assert.deepEqual(await keys({ hint: { 's.x': 1, 's.y': 1 } }), [none, none, none, none]);
  assert.deepEqual(await keys({ filter: { 's.x': { $gt: 0 } }, hint: { 's.x': 1, 's.y': 1 } }), [{ 's.x': 1, 's.y': null }]);
  assert.deepEqual(await keys({ filter: { b: 1 } }), [{}]);
});

test('a duplicate key is named by the entry of the index', async () => {
  await fresh([{ _id: 1, a: [1, 5], b: 'x' }, { _id: 2, c: { d: 1 } }]);
  await own.db.collection('things').createIndexes([{ key: { a: 1, b: -1 }, unique: true }, { key: { 'c.d': 1 }, unique: true, sparse: true }, { key: { e: 1 }, unique: true, partialFilterExpression: { f: 1 } }]);
  const cases: readonly (readonly [document: Document, keyValue: Document, text: string])[] = [
    [{ a: [3, 1], b: 'x' }, { a: 1, b: 'x' }, 'index: a_1_b_-1 dup key: { a: 1, b: "x" }'],
    [{ a: [1, 3, 5, 6], b: 'x', _id: 1 }, { _id: 1 }, 'index: _id_ dup key: { _id: 1 }'],
    [{ a: [0, 5], b: 'x' }, { a: 5, b: 'x' }, 'index: a_1_b_-1 dup key: { a: 5, b: "x" }'],
    [{ a: 7, c: [{ d: 1 }] }, { 'c.d': 1 }, 'index: c.d_1 dup key: { c.d: 1 }'],
    [{ b: 1 }, { a: null, b: 1 }, 'index: a_1_b_-1 dup key: { a: null, b: 1 }'],
    [{ a: 8, f: 1 }, { e: null }, 'index: e_1 dup key: { e: null }'],
  ];
  await own.db.command({ insert: 'things', documents: [{ b: 1 }, { a: 9, f: 1 }] });
  for (const [document, keyValue, text] of cases) {
    const { writeErrors } = await own.db.command({ insert: 'things', documents: [document] });
    const [{ errmsg, keyValue: found }] = writeErrors as [Document];
    assert.deepEqual([found, (errmsg as string).slice((errmsg as string).indexOf('index:'))], [keyValue, text]);
  }
});

test('an index that cannot be made names the first duplicate', async () => {
  await own.db.command({ insert: 'doubled', documents: [{ _id: 1, a: [1, 5], b: 'y' }, { _id: 2, a: [0, 5], b: 'y' }, { _id: 3, a: 'z', b: 'x' }] });
  for (const [key, keyValue] of [[{ b: -1 }, { b: 'y' }], [{ a: 1, b: 1 }, { a: 5, b: 'y' }], [{ c: 1 }, { c: null }]]) {
    await assert.rejects(own.db.collection('doubled').createIndex(key as IndexSpecification, { unique: true }), (error) => {
      assert.ok(error instanceof MongoServerError);
      assert.deepEqual([error.code, error['keyPattern'], error['keyValue']], [11_000, key, keyValue]);
      return true;
    });
  }
});

test('min and max are bounds in the order of an index, across types', async () => {
  await fresh([{ _id: 1, a: 5 }, { _id: 2, a: 'x' }, { _id: 3 }, { _id: 4, a: [7, 9] }, { _id: 5, a: Number.NaN }, { _id: 6, a: { b: 1 } }]);
  const things = own.db.collection('things');
  await things.createIndex({ a: 1 });
  await things.createIndex({ a: -1, _id: 1 });
  const within = async (options: Document): Promise<unknown> => {
    const code = await codeOf(own.db.command({ find: 'things', ...options }));
    return code ?? (await own.db.command({ find: 'things', ...options }))['cursor'].firstBatch.map(({ _id: id }: Document) => id as number);
  };
  const up = { a: 1 };
  const down = { a: -1, _id: 1 };
  const cases: readonly (readonly [options: Document, expected: readonly number[] | number])[] = [
    [{ min: { a: 5 }, hint: up }, [1, 4, 2, 6]],
    [{ max: { a: 5 }, hint: up }, [3, 5]],
    [{ min: { a: 5 }, max: { a: 'x' }, hint: 'a_1' }, [1, 4]],
    [{ min: { a: null }, max: { a: 5 }, hint: up, sort: { _id: -1 } }, [5, 3]],
    [{ min: { a: 'x', _id: 2 }, max: { a: 5, _id: 1 }, hint: down }, [2, 4]],
    [{ min: { _id: 5 }, hint: { _id: 1 } }, [5, 6]],
    [{ min: { a: 5 } }, 51_173],
    [{ min: { _id: 5 }, hint: up }, 51_174],
    [{ min: { a: 5 }, hint: down }, 51_174],
    [{ min: { a: 5 }, max: { a: 5 }, hint: up }, 51_175],
    [{ min: { a: 5, _id: 1 }, max: { a: 'x', _id: 1 }, hint: down }, 51_175],
    [{ min: { a: 5 }, max: { b: 6 }, hint: up }, 51_176],
    [{ min: { a: 7.5 }, max: { a: 8.5 }, hint: up }, []],
    [{ min: { a: 8 }, max: { a: 9.5 }, hint: up, limit: 1 }, [4]],
    [{ min: { a: 5 }, hint: { $natural: 1 } }, 291],
    [{ min: { a: 5 }, hint: 'none' }, 2],
  ];
  for (const [options, expected] of cases) assert.deepEqual(await within(options), expected, JSON.stringify(options));
});

test('a write of one document takes the first along the index, in a large collection too', async () => {
  const pad = 'x'.repeat(300);
  const large = own.db.collection('large');
  await large.insertMany(Array.from({ length: 2_000 }, (_, at) => ({ _id: at, n: 2_000 - at, k: at % 7, pad })) as never);
  await large.createIndexes([{ key: { n: 1 } }, { key: { k: -1, n: -1 } }]);
  assert.equal((await large.findOneAndUpdate({ n: { $gt: 100 } }, { $set: { seen: 1 } }))?.['n'], 101);
  assert.equal((await large.findOneAndDelete({ n: { $lte: 50 } }))?.['n'], 1);
  assert.equal((await large.findOneAndUpdate({ k: { $gte: 5 } }, { $set: { seen: 1 } }))?.['n'], 1_994);
  assert.equal(await large.findOneAndUpdate({ n: { $gt: 5_000 } }, { $set: { seen: 1 } }), null);
  await Promise.all(Array.from({ length: 20 }, () => large.deleteOne({ n: { $gte: 500, $lt: 520 } })));
  assert.equal(await large.countDocuments({ n: { $gte: 500, $lt: 520 } }), 0);
});

test('$natural, as a sort or a hint, says which of several documents is written', async () => {
  const documents = [1, 2, 3].map((id) => ({ _id: id, a: 1 }));
  const written = async (command: Document): Promise<unknown> => {
    await fresh(documents);
    await own.db.command(command);
    const left = await own.db.collection<{ _id: number; a: number }>('things').find({ a: 1 }).toArray();
    return [1, 2, 3].find((id) => !left.some(({ _id }) => _id === id));
  };
  const [change, query] = [{ $set: { a: 2 } }, { a: 1 }];
  for (const [direction, id] of [[1, 1], [-1, 3]] as const) {
    const natural = { $natural: direction };
    const commands: readonly Document[] = [
      { findAndModify: 'things', query, update: change, sort: natural },
      { findAndModify: 'things', query, update: change, hint: natural },
      { findAndModify: 'things', query, remove: true, sort: natural },
      { update: 'things', updates: [{ q: query, u: change, hint: natural }] },
      { delete: 'things', deletes: [{ q: query, limit: 1, hint: natural }] },
    ];
    for (const command of commands) assert.equal(await written(command), id, JSON.stringify(command));
  }
});

test('empty timestamps at the top of what is stored become the time, each later than the one before', async () => {
  await fresh([]);
  const empty = new Timestamp(0n);
  const things = own.db.collection<Document & { _id: number | Timestamp }>('things');
  await things.insertMany([{ _id: 1, t: empty, u: empty, in: { t: empty }, list: [empty] }, { _id: empty, t: empty }]);
  await things.updateOne({ _id: 1 }, { $currentDate: { v: { $type: 'timestamp' } }, $set: { s: empty } });
  await things.replaceOne({ _id: 2 }, { t: empty }, { upsert: true });
  const [first, second, third] = [await things.findOne({ _id: 1 }), await things.findOne({ _id: empty }), await things.findOne({ _id: 2 })];
  const times = [first?.['t'], first?.['u'], second?.['t'], first?.['v'], third?.['t']] as Timestamp[];
  assert.deepEqual(times.toSorted((a, b) => a.compare(b)), times);
  assert.equal(new Set(times.map(String)).size, 5);
  assert.ok(Math.abs(times[0]!.getHighBits() - Date.now() / 1_000) < 60);
  assert.deepEqual([first?.['in'], first?.['list'], first?.['s']], [{ t: empty }, [empty], empty]);
});

test('a reference may be an _id; other names that begin with $ may not', async () => {
  await fresh([]);
  const insert = async (id: unknown): Promise<Document> => await own.db.command({ insert: 'things', documents: [{ _id: id }] });
  for (const id of [{ $ref: 'c', $id: 1 }, { $ref: 'c', $id: 1, $db: 'd', more: 1 }, { a: { $ref: 'c', $id: 2 } }]) assert.equal((await insert(id))['n'], 1, JSON.stringify(id));
  for (const id of [{ $ref: 1, $id: 1 }, { $id: 1 }, { $ref: 'c' }, { a: 1, $ref: 'c', $id: 1 }, { a: { $b: 1 } }, { a: [{ $b: 1 }] }, { $ref: 'c', $id: 1, $x: 1 }]) {
    const { writeErrors } = (await insert(id)) as { writeErrors: Document[] };
    assert.equal(writeErrors[0]?.['code'], 52, JSON.stringify(id));
  }
});

test('$meta shows the key of the index by which find came upon a document', async () => {
  await fresh([{ _id: 1, a: 10, b: 'x' }, { _id: 2, a: 20, b: 'y' }, { _id: 3, a: 30, b: 'z' }]);
  await own.db.collection('things').createIndex({ a: 1, b: 1 });
  const key = { $meta: 'indexKey' };
  const find = async (options: Document): Promise<Document[]> => ((await own.db.command({ find: 'things', ...options }))['cursor'] as { firstBatch: Document[] }).firstBatch;
  assert.deepEqual(await find({ filter: { a: { $gt: 20 } }, projection: { _id: 0, a: 1, k: key } }), [{ a: 30, k: { a: 30, b: 'z' } }]);
  assert.deepEqual(await find({ filter: { a: { $gt: 20 } }, projection: { _id: 0, a: 0, k: key } }), [{ b: 'z', k: { a: 30, b: 'z' } }]);
  assert.deepEqual(await find({ sort: { a: -1 }, limit: 1, projection: { k: key, b: 1 } }), [{ _id: 3, b: 'z', k: { a: 30, b: 'z' } }]);
  assert.deepEqual(await find({ filter: { a: 20 }, sort: { b: 1, a: 1 }, projection: { k: { $ifNull: [key, 'none'] } } }), [{ _id: 2, k: { a: 20, b: 'y' } }]);
  assert.deepEqual(await find({ filter: { _id: 2 }, projection: { k: key } }), [{ _id: 2, a: 20, b: 'y', k: { _id: 2 } }]);
  for (const scan of [{ filter: { b: 'y' } }, { filter: { a: 20 }, hint: { $natural: 1 } }]) assert.deepEqual(await find({ ...scan, projection: { _id: 1, k: key } }), [{ _id: 2 }], JSON.stringify(scan));
});

test('a write that is not acknowledged is done, and told of with zeros only where its reply is waited for', async (context) => {
  await fresh([{ _id: 1 }]);
  const writeConcern = { w: 0 };
  // The driver would not wait.
  const raw = await RawClient.connect((await sharedServer()).mongodb);
  context.after(() => raw.close());
  const told = async (command: Document): Promise<unknown> => {
    const { n, nModified, upserted, writeErrors } = await raw.command(own.db.databaseName, command);
    return { n, nModified, upserted, writeErrors };
  };
  const [none, changed] = [undefined, 0].map((nModified) => ({ n: 0, nModified, upserted: undefined, writeErrors: undefined }));
  assert.deepEqual(await told({ insert: 'things', documents: [{ _id: 1 }, { _id: 2 }], ordered: false, writeConcern }), none);
  assert.deepEqual(await told({ update: 'things', updates: [{ q: { _id: 3 }, u: { $set: { a: 1 } }, upsert: true }], writeConcern }), changed);
  assert.deepEqual(await told({ delete: 'things', deletes: [{ q: { _id: 1 }, limit: 1 }, { q: { $foo: 1 }, limit: 1 }], writeConcern }), none);
  assert.deepEqual((await own.db.collection('things').find().toArray()).map(({ _id }) => _id as unknown), [2, 3]);
  assert.deepEqual(await told({ insert: 'things', documents: [{ _id: 4 }], writeConcern: { w: 0, j: true } }), { ...none, n: 1 });
});
