// Relational tables and SQL views, reached by MongoDB's driver: rows are documents, the primary key is `_id`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BSON, Binary, Decimal128, Double, Long, MongoClient, UUID, type Collection, type Db, type Document } from 'mongodb';
import type pg from 'pg';
import { sharedServer } from '../support/shared-server.ts';
import { connectClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from '../mongodb/support/mongodb.ts';

let own: OwnDatabase;
let db: Db;
let sql: pg.Client;
let schema: string;

before(async () => {
  const urls = await sharedServer();
  own = await ownDatabase();
  ({ db } = own);
  schema = `"${db.databaseName}"`;
  sql = await connectClient(urls.postgres);
  await sql.query(`
    create schema ${schema};
    set search_path to ${schema};
    create type mood as enum ('sad', 'ok', 'happy');
    create domain money_amount as numeric(10, 2) check (value >= 0);
    create table airports (code char(3) primary key, name text not null, city text, elevation int);
    create table flights (
      number text, day date, origin char(3) not null references airports, target char(3) not null references airports,
      seats int not null check (seats > 0), price money_amount default 99.90, primary key (number, day));
    insert into airports values ('TXL', 'Tegel', 'Berlin', 37), ('MUC', 'Franz Josef Strauß', 'München', 453), ('XXX', 'Nowhere', null, null);
    insert into flights values ('LH1', '2024-05-01', 'TXL', 'MUC', 180, 79.5), ('LH1', '2024-05-02', 'TXL', 'MUC', 180, default), ('LH2', '2024-05-01', 'MUC', 'TXL', 90, null);
    create view berlin as select code as _id, name from airports where city = 'Berlin';
    create table every_type (
      id bigint primary key, small smallint, whole int, amount numeric(8, 3), wide numeric, fraction float8, ratio real, yes boolean, words text, short varchar(4), fixed char(4), mood mood,
      bytes bytea, uuid uuid, instant timestamptz, local timestamp, day date, plain json, data jsonb, tags text[], grid int[][], took interval, twice int generated always as (whole * 2) stored);
    insert into every_type values (
      7, -3, 70000, 1.50, 12345678901234567890123456789012345.25, 1, 1.1, true, E'a "b" \\\\ ä', 'four', 'ab', 'ok', '\\x00ff', '550e8400-e29b-41d4-a716-446655440000',
      '2024-01-02T03:04:05.678901+01', '2024-01-02T03:04:05.5', '2024-01-02', '{"z": 1, "a": [1.5, null]}', '{"$numberLong": "5"}', '{a,null,"c,d"}', '{{1,2},{3,4}}', '1 day 2 hours'),
      (8, null, null, null, 1e6, 'NaN', 'Infinity', null, null, null, null, null, null, null, 'infinity', '-infinity', null, null, null, '{}', null, null)`);
});

after(async () => {
  await sql.query(`drop schema ${schema} cascade`);
  await sql.end();
  await own.close();
});

test('every type of a column has one of BSON', async () => {
  const [first, second] = await db.collection<{ _id: unknown } & Document>('every_type').find({}, { promoteValues: false }).toArray();
  const plain = (document: Document): Document => JSON.parse(JSON.stringify(document)) as Document;
  assert.ok((first!['_id'] as unknown) instanceof Long && first!['fraction'] instanceof Double && first!['ratio'] instanceof Double);
  const [whole] = await db.collection('every_type').find().toArray();
  assert.deepEqual({ ...whole, amount: String(whole!['amount']), bytes: (whole!['bytes'] as Binary).toString('hex'), uuid: String(whole!['uuid']) }, {
    _id: 7, small: -3, whole: 70_000, amount: '1.500', wide: '12345678901234567890123456789012345.25', fraction: 1, ratio: 1.1, yes: true, words: 'a "b" \\ ä', short: 'four', fixed: 'ab', mood: 'ok',
    bytes: '00ff', uuid: '550e8400-e29b-41d4-a716-446655440000', instant: new Date('2024-01-02T02:04:05.678Z'), local: new Date('2024-01-02T03:04:05.500Z'), day: new Date('2024-01-02'),
    plain: { z: 1, a: [1.5, null] }, data: 5, tags: ['a', null, 'c,d'], grid: [[1, 2], [3, 4]], took: '1 day 02:00:00', twice: 140_000,
  });
  assert.deepEqual(Object.keys(first!), Object.keys(plain(second!)));
  assert.deepEqual([String(second!['wide']), (second!['instant'] as Date).getTime(), (second!['local'] as Date).getTime()], ['1000000', 8.64e15, -8.64e15]);
});

test('JSON that only looks like Extended JSON is the document that it is', async () => {
  await sql.query(`create table notes (id int primary key, note jsonb); insert into notes values (1, '{"$date": "soon", "n": {"$numberLong": "x"}}'), (2, '{"$date": "2024-01-01T00:00:00Z"}')`);
  const found = await db.collection('notes').find().sort({ _id: 1 }).toArray();
  assert.deepEqual(found.map(({ note }) => note as unknown), [{ $date: 'soon', n: { $numberLong: 'x' } }, new Date('2024-01-01')]);
  await sql.query('drop table notes');
});

test('the key of one column is _id, that of several a document', async () => {
  const flights = db.collection<{ _id: { number: string; day?: Date } } & Document>('flights');
  assert.deepEqual((await db.collection<Row>('airports').findOne({ _id: 'MUC' }))!['city'], 'München');
  const day = new Date('2024-05-02');
  assert.equal((await flights.findOne({ _id: { number: 'LH1', day } }))!['seats'], 180);
  assert.equal(await flights.countDocuments({ '_id.number': 'LH1' }), 2);
  assert.deepEqual((await flights.find({}, { projection: { _id: 1 } }).sort({ _id: -1 }).limit(1).toArray())[0], { _id: { number: 'LH2', day: new Date('2024-05-01') } });
});

test('tables and views are listed, with the indexes that SQL has made', async () => {
  const names = (await db.listCollections().toArray()).map(({ name, type }) => `${name} ${type}`);
  assert.deepEqual(names, ['airports collection', 'berlin view', 'every_type collection', 'flights collection']);
  assert.ok((await own.client.db('admin').admin().listDatabases()).databases.some(({ name }) => name === db.databaseName));
  await sql.query('create unique index by_name on airports (name desc, city)');
  assert.deepEqual((await db.collection('airports').indexes()).map(({ name, key, unique }) => ({ name, key, unique })), [
    { name: '_id_', key: { _id: 1 }, unique: undefined }, { name: 'by_name', key: { name: -1, city: 1 }, unique: true },
  ]);
});

test('$lookup joins rows, by keys and foreign keys, with rows and documents', async () => {
  const joined = await db.collection('flights').aggregate([
    { $match: { '_id.number': 'LH2' } },
    { $lookup: { from: 'airports', localField: 'origin', foreignField: '_id', as: 'from' } },
    { $lookup: { from: 'flights', localField: 'origin', foreignField: 'target', as: 'back' } },
    { $project: { from: '$from.name', back: { $size: '$back' } } },
  ]).toArray();
  assert.deepEqual(joined, [{ _id: { number: 'LH2', day: new Date('2024-05-01') }, from: ['Franz Josef Strauß'], back: 2 }]);
});

test('what PostgreSQL can tell exactly is its to tell', async () => {
  const { facetdb } = await db.collection('flights').find({ price: { $gte: 50 }, seats: { $gt: 100.5 } }).sort({ seats: -1, '_id.day': 1 }).limit(1).explain();
  assert.deepEqual(facetdb.residual, []);
  assert.match(facetdb.sql, /where \(t\."price" >= .* and \(t\."seats" > \$\d+\) order by t\."seats" desc, t\."day" limit/u);
  assert.equal(await db.collection('berlin').countDocuments({ _id: 'TXL' as never }), 1);
});

test('a table whose column _id is not its key has no documents', async () => {
  await sql.query('create table twisted (id int primary key, _id text)');
  assert.equal(await codeOf(db.collection('twisted').findOne()), 2);
  await sql.query('drop table twisted');
});

// Conditions and sorts on columns, against the same documents in a collection

const randomOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)]!;
const operands: readonly unknown[] = [
  null, 1, 1.5, -0.5, 0, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, Decimal128.fromString('1.5'), Decimal128.fromString('1.10'), Long.fromString('9007199254740993'), 0.1, 1.1,
  '', 'a', 'b', 'Z', 'ä', 'ab', true, false, new Date('2024-01-01T00:00:00.123Z'), new Date('2024-01-01'), new UUID('550e8400-e29b-41d4-a716-446655440000'), new Binary(Buffer.from('00ff', 'hex')), [1], { a: 1 },
];
const fields = ['_id.a', '_id.b', '_id', 'whole', 'big', 'fraction', 'ratio', 'amount', 'wide', 'yes', 'words', 'fixed', 'mood', 'instant', 'day', 'uuid', 'bytes', 'data', 'data.a', 'tags', 'nothing', 'whole.x'];

function randomFilter(depth = 0): Document {
  const kind = Math.random();
  if (depth < 2 && kind < 0.3) return { [randomOf(['$and', '$or', '$nor'])]: [randomFilter(depth + 1), randomFilter(depth + 1)] };
  const operator = randomOf(['$eq', '$ne', '$lt', '$lte', '$gt', '$gte', '$in', '$nin', '$exists', '$not']);
  const operand = operator.endsWith('in') ? [randomOf(operands), randomOf(operands), randomOf(operands)] : operator === '$exists' ? randomOf([true, false]) : operator === '$not' ? { $gt: randomOf(operands) } : randomOf(operands);
  return { [randomOf(fields)]: { [operator]: operand } };
}

test('random filters and sorts give what they give over a collection of the same documents', async () => {
  await sql.query(`
    create table mixed (a int, b text, whole int, big bigint, fraction float8, ratio real, amount numeric(12, 3), wide numeric, yes bool, words text, fixed char(3), mood mood, instant timestamptz, day date,
      uuid uuid, bytes bytea, data jsonb, tags text[], primary key (a, b));
    insert into mixed select n % 7, 'k' || n, (array[null, 0, 1, 2, -1, 2147483647])[1 + n % 6], (array[null, 1, 9007199254740993, 2147483648])[1 + n % 4],
      (array[null, 1, 1.5, 'NaN', 'Infinity', 0.1, -0.5])[1 + n % 7], (array[null, 1.1, 'NaN', 1.5])[1 + n % 4], (array[null, 1.5, 1.1, 0.1, 'NaN'])[1 + n % 5]::numeric,
      (array[null, 1.50, 1e40, 'NaN', 12345678901234567890123456789012345678901.5, 0.1])[1 + n % 6]::numeric, (array[null, true, false])[1 + n % 3],
      (array[null, '', 'a', 'b', 'Z', 'ä', 'ab'])[1 + n % 7], (array[null, 'a', 'ab', 'Z'])[1 + n % 4], (array[null, 'sad', 'ok', 'happy'])[1 + n % 4]::mood,
      (array[null, '2024-01-01T00:00:00.1234Z', '2024-01-01T00:00:00Z', 'infinity', '2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.1239Z'])[1 + n % 6]::timestamptz,
      (array[null, '2024-01-01', '2023-12-31', '-infinity'])[1 + n % 4]::date, (array[null, '550e8400-e29b-41d4-a716-446655440000', 'ffffffff-e29b-41d4-a716-446655440000'])[1 + n % 3]::uuid,
      (array[null, '\\x00ff', '\\xff', '\\x'])[1 + n % 4]::bytea, (array[null, '1', '{"a": 1}', '[1, "a"]', 'null', '"a"'])[1 + n % 6]::jsonb, (array[null, '{}', '{a}', '{b,null}'])[1 + n % 4]::text[]
    from generate_series(1, 210) as n`);
  const table = db.collection('mixed');
  const shadow = db.collection('shadow');
  await shadow.insertMany(await table.find({}, { promoteValues: false }).toArray());
  const idsOf = (documents: readonly Document[]): string[] => documents.map(({ _id }) => (_id as { b: string }).b);
  for (let round = 0; round < 80; round += 1) {
    const filter = randomFilter();
    const sort = { [randomOf(fields.filter((field) => field !== 'data' && field !== 'tags'))]: randomOf([1, -1] as const), [randomOf(['whole', 'words', 'instant', 'wide'])]: randomOf([1, -1] as const), '_id.b': 1 as const };
    const [mine, theirs] = await Promise.all([table, shadow].map((collection) => collection.find(filter).sort(sort).skip(1).limit(60).toArray()));
    assert.deepEqual(idsOf(mine!), idsOf(theirs!), JSON.stringify({ filter, sort }));
  }
});

test('a $group by columns gives what it gives over documents, and is PostgreSQL\'s where that can tell everything', async () => {
  const [table, shadow] = [db.collection('mixed'), db.collection('shadow')];
  const keys = [null, '$whole', '$words', '$mood', '$instant', '$day', '$uuid', '$bytes', '$yes', '$amount', '$_id', '$_id.a', '$nothing', { w: '$whole', y: '$yes' }, '$wide', '$fraction', '$data', '$whole.x'];
  const accumulators: Document = {
    n: { $sum: 1 }, c: { $count: {} }, sum: { $sum: '$whole' }, big: { $sum: { $toDouble: '$_id.a' } }, long: { $max: '$big' }, avg: { $avg: '$whole' }, none: { $sum: '$nothing' }, first: { $min: '$words' },
    last: { $max: '$instant' }, day: { $min: '$day' }, mood: { $max: '$mood' },
  };
  for (const _id of keys) {
    for (const names of [['n', 'c', 'sum', 'avg', 'long'], ['first', 'last', 'day', 'mood'], Object.keys(accumulators)]) {
      const pipeline = [{ $match: { '_id.a': { $gt: 1 } } }, { $group: { _id, ...Object.fromEntries(names.map((name) => [name, accumulators[name]])) } }, { $sort: { _id: 1 } }];
      const [mine, theirs] = await Promise.all([table, shadow].map((collection) => collection.aggregate(pipeline, { promoteValues: false }).toArray()));
      const texts = (documents: readonly Document[] | undefined): string[] => (documents ?? []).map((document) => BSON.EJSON.stringify(document, { relaxed: false })).sort();
      assert.deepEqual(texts(mine), texts(theirs), JSON.stringify(pipeline));
    }
  }
  const { facetdb } = await db.collection('flights').aggregate([{ $match: { seats: { $gt: 1 } } }, { $group: { _id: '$origin', total: { $sum: '$price' }, mean: { $avg: '$price' }, n: { $sum: 1 } } }]).explain();
  assert.match(facetdb.sql, /sum\(t\."price"\)::text.* group by \(t\."origin"\)::text/u);
  const prices = await db.collection('flights').aggregate([{ $group: { _id: '$target', total: { $sum: '$price' }, mean: { $avg: '$price' }, least: { $min: '$price' } } }, { $sort: { _id: 1 } }]).toArray();
  assert.deepEqual(prices.map(({ _id, total, mean, least }) => [_id, String(total), String(mean), String(least)]), [['MUC', '179.40', '89.70', '79.50'], ['TXL', '0', 'null', 'null']]);
});

// Writing

const parts = (): Collection<Row> => db.collection<Row>('parts');

type Row = { _id: number | string | { number: string; day: Date } } & Document;

async function errorOf(promise: Promise<unknown>): Promise<{ code: number; errmsg: string; errInfo?: Document; keyPattern?: Document; keyValue?: Document }> {
  try {
    await promise;
  } catch (error) {
    const { code, message, errInfo, errorResponse } = error as Error & { code: number; errInfo?: Document; errorResponse?: Document };
    const [first] = ((error as { writeErrors?: { err?: Document }[] }).writeErrors ?? []).map(({ err }) => err);
    return { code, errmsg: message, ...(errorResponse as object), ...(first as object), ...(errInfo && { errInfo }) };
  }
  throw new assert.AssertionError({ message: 'no error' });
}

test('inserts write rows: what is left out takes its default, what cannot be meant is refused by name', async () => {
  await sql.query(`create table makers (id int generated by default as identity primary key, name text not null unique, since date default '2000-01-01', rating numeric(3, 1), shout text generated always as (upper(name)) stored)`);
  const makers = db.collection<Row>('makers');
  assert.equal((await makers.insertOne({ _id: 100, name: 'Acme', rating: 4.5 })).insertedId, 100);
  await makers.insertOne({ name: 'Bolt' } as unknown as Row, { forceServerObjectId: true });
  await makers.insertMany([{ _id: 101, name: 'Cog', since: new Date('1999-12-31') }, { _id: 102, name: 'Dot', rating: null }]);
  assert.deepEqual((await sql.query('select id, name, since::text, rating, shout from makers order by id')).rows, [
    { id: 1, name: 'Bolt', since: '2000-01-01', rating: null, shout: 'BOLT' },
    { id: 100, name: 'Acme', since: '2000-01-01', rating: '4.5', shout: 'ACME' },
    { id: 101, name: 'Cog', since: '1999-12-31', rating: null, shout: 'COG' },
    { id: 102, name: 'Dot', since: '2000-01-01', rating: null, shout: 'DOT' },
  ]);
  const refused: [Document, number, RegExp][] = [
    [{ name: 'Ed' }, 14, /holds whole numbers.*forceServerObjectId/u],
    [{ _id: 9, name: 'Ed', colour: 'red' }, 121, /without a column for the field 'colour'/u],
    [{ _id: 9, id: 9, name: 'Ed' }, 121, /the column "id" is _id/u],
    [{ _id: 9, name: 7 }, 14, /holds strings/u],
    [{ _id: 2 ** 40, name: 'Ed' }, 2, /beyond 32 bits/u],
    [{ _id: 9, name: 'Ed', rating: 4.55 }, 2, /more than 1 decimals/u],
    [{ _id: 9, name: 'Ed', rating: 400 }, 121, /numeric field overflow/u],
    [{ _id: 9, name: 'Ed', since: new Date('2024-01-01T12:00:00Z') }, 2, /beginning of a day/u],
    [{ _id: 9, name: 'Ed', shout: 'ED' }, 121, /generated by PostgreSQL/u],
    [{ _id: 9 }, 121, /null value in column "name"/u],
  ];
  for (const [document, code, text] of refused) {
    const error = await errorOf(makers.insertOne(document as Row));
    assert.equal(error.code, code, error.errmsg);
    assert.match(error.errmsg, text);
  }
  const duplicate = await errorOf(makers.insertMany([{ _id: 200, name: 'New' }, { _id: 201, name: 'Acme' }, { _id: 202, name: 'Newer' }], { ordered: false }));
  assert.deepEqual([duplicate.code, await makers.countDocuments({ _id: { $gte: 200 } })], [11_000, 2]);
  const { keyPattern, keyValue } = await errorOf(makers.insertOne({ _id: 500, name: 'Acme' }));
  assert.deepEqual([keyPattern, keyValue], [{ name: 1 }, { name: 'Acme' }]);
  assert.deepEqual((await errorOf(makers.insertOne({ _id: 100, name: 'x' }))).keyValue, { _id: 100 });
});

test('updates write the columns that they change, and constraints answer as MongoDB does', async () => {
  await sql.query(`
    create table parts (sku text primary key, maker int references makers, price numeric(10, 2) check (price >= 0), stock int not null default 0, tags text[], attributes jsonb, seen timestamptz);
    insert into parts values ('a', 100, 1.50, 5, '{x}', '{"deep": {"n": 1}}', '2024-01-01T00:00:00.123456Z'), ('b', 101, 2, 0, null, null, null), ('c', null, null, 1, '{}', '[]', null)`);
  const parts = db.collection<Row>('parts');
  assert.deepEqual(await parts.updateOne({ _id: 'a' }, { $inc: { stock: -1, price: 0.25 }, $push: { tags: 'y' } as never, $set: { 'attributes.deep.n': 2 } }).then(({ matchedCount, modifiedCount }) => [matchedCount, modifiedCount]), [1, 1]);
  const [row] = (await sql.query('select price, stock, tags, attributes, extract(microseconds from seen)::int as us from parts where sku = $1', ['a'])).rows;
  assert.deepEqual(row, { price: '1.75', stock: 4, tags: ['x', 'y'], attributes: { deep: { n: 2 } }, us: 123_456 });
  assert.equal((await parts.updateMany({ stock: { $lt: 3 } }, [{ $set: { stock: { $add: ['$stock', 10] } } }])).modifiedCount, 2);
  assert.equal((await parts.updateMany({ tags: 'x' }, { $unset: { maker: '' } })).modifiedCount, 1);
  assert.deepEqual((await sql.query('select sku, maker, stock from parts order by sku')).rows, [{ sku: 'a', maker: null, stock: 4 }, { sku: 'b', maker: 101, stock: 10 }, { sku: 'c', maker: null, stock: 11 }]);
  await parts.replaceOne({ _id: 'b' }, { price: Decimal128.fromString('3.30') });
  assert.deepEqual((await sql.query(`select maker, price, stock from parts where sku = 'b'`)).rows, [{ maker: null, price: '3.30', stock: 0 }]);

  assert.equal(await codeOf(parts.updateOne({ _id: 'a' }, { $set: { _id: 'z' } })), 66);
  const foreign = await errorOf(parts.updateOne({ _id: 'a' }, { $set: { maker: 12_345 } }));
  assert.deepEqual([foreign.code, (foreign.errInfo!['details'] as Document)['operatorName'], (foreign.errInfo!['details'] as Document)['constraint'], foreign.errInfo!['failingDocumentId']], [121, 'foreign key', 'parts_maker_fkey', 'a']);
  assert.equal((await errorOf(parts.updateOne({ _id: 'a' }, { $set: { price: -1 } }))).code, 121);
  assert.equal((await errorOf(parts.updateOne({ _id: 'a' }, { $set: { weight: 1 } }))).code, 121);
  assert.equal((await errorOf(db.collection<Row>('makers').updateOne({ _id: 100 }, { $set: { name: 'Cog' } }))).code, 11_000);
  const bulk = await errorOf(parts.bulkWrite([{ updateOne: { filter: { _id: 'a' }, update: { $set: { stock: 1 } } } }, { updateOne: { filter: { _id: 'a' }, update: { $set: { maker: 1e6 } } } }, { updateOne: { filter: { _id: 'c' }, update: { $set: { stock: 2 } } } }], { ordered: false }));
  assert.equal(bulk.code, 121);
  assert.deepEqual((await sql.query('select stock from parts order by sku')).rows.map(({ stock }: { stock: number }) => stock), [1, 0, 2]);
});

test('upserts and findAndModify tell what PostgreSQL has stored', async () => {
  const makers = db.collection<Row>('makers');
  const made = await makers.updateOne({ name: 'Egg' }, { $set: { rating: 5 } }, { upsert: true });
  assert.equal((await makers.findOne({ _id: made.upsertedId! }))!['name'], 'Egg');
  const found = await makers.findOneAndUpdate({ name: 'Egg' }, { $set: { name: 'Eggs' } }, { returnDocument: 'after' });
  assert.equal(found!['shout'], 'EGGS');
  const other = await makers.findOneAndReplace({ _id: 300 }, { name: 'Fig' }, { upsert: true, returnDocument: 'after' });
  assert.deepEqual([other!['_id'], other!['shout'], other!['since']], [300, 'FIG', new Date('2000-01-01')]);
  assert.equal((await makers.findOneAndDelete({ name: 'Fig' }))!['_id'], 300);
  assert.equal(await makers.countDocuments({ _id: 300 }), 0);
});

test('deletes, and what foreign keys hold', async () => {
  await sql.query(`update parts set maker = 101 where sku = 'b'`);
  const makers = db.collection<Row>('makers');
  assert.equal((await errorOf(makers.deleteOne({ _id: 101 }))).code, 121);
  assert.equal((await errorOf(makers.deleteMany({ name: { $in: ['Cog', 'Dot'] } }))).code, 121);
  assert.equal((await makers.deleteOne({ _id: 102 })).deletedCount, 1);
  assert.equal((await makers.deleteMany({ _id: { $gte: 200 } })).deletedCount, 2);
  assert.deepEqual((await parts().find({ stock: { $ne: null } }).showRecordId(true).sort({ _id: 1 }).toArray()).map(({ $recordId }) => typeof $recordId), ['number', 'number', 'number']);
  assert.equal(await codeOf(db.collection('berlin').find().showRecordId(true).toArray()), 115);
  assert.equal((await db.collection<Row>('flights').deleteOne({ _id: { number: 'LH1', day: new Date('2024-05-01') } })).deletedCount, 1);
});

test('one transaction over rows and documents', async () => {
  const session = own.client.startSession();
  await session.withTransaction(async () => {
    await db.collection<Row>('parts').updateOne({ _id: 'b' }, { $inc: { stock: 7 } }, { session });
    await db.collection('log').insertOne({ part: 'b' }, { session });
  });
  session.startTransaction();
  await db.collection<Row>('parts').deleteMany({}, { session });
  await session.abortTransaction();
  await session.endSession();
  assert.deepEqual((await sql.query(`select stock, (select count(*)::int from log) as logged from parts where sku = 'b'`)).rows, [{ stock: 7, logged: 1 }]);
});

test('$merge writes rows, $out does not replace a table', async () => {
  await db.collection<Row>('parts').aggregate([{ $project: { stock: { $add: ['$stock', 100] } } }, { $merge: { into: 'parts', whenNotMatched: 'fail' } }]).toArray();
  assert.equal((await sql.query(`select min(stock) as least from parts`)).rows[0].least >= 100, true);
  assert.equal(await codeOf(db.collection('parts').aggregate([{ $out: 'makers' }]).toArray()), 115);
  await db.collection('parts').aggregate([{ $project: { stock: 1 } }, { $out: 'parts_copied' }]).toArray();
  assert.equal(await db.collection('parts_copied').countDocuments(), 3);
});

test('rows without a key are found, changed and deleted by what they hold', async () => {
  await sql.query(`create table loose (x int, y text); insert into loose values (1, 'a'), (2, 'b'), (3, 'c')`);
  const loose = db.collection<Row>('loose');
  assert.deepEqual(await loose.find().sort({ x: 1 }).limit(1).toArray(), [{ x: 1, y: 'a' }]);
  await loose.updateMany({ x: { $gt: 1 } }, { $set: { y: 'z' } });
  await loose.deleteOne({ x: 3 });
  await loose.insertOne({ x: 4 } as unknown as Row, { forceServerObjectId: true });
  assert.equal((await errorOf(loose.insertOne({ x: 5 } as unknown as Row))).code, 121);
  assert.deepEqual((await sql.query('select x, y from loose order by x')).rows, [{ x: 1, y: 'a' }, { x: 2, y: 'z' }, { x: 4, y: null }]);
});

test('what is SQL\'s to define is refused by name', async () => {
  const parts = db.collection('parts');
  assert.equal(await codeOf(parts.createIndex({ price: 1 })), 115);
  assert.equal(await codeOf(parts.drop()), 115);
  assert.equal(await codeOf(parts.rename('other')), 115);
  assert.equal(await codeOf(db.createCollection('parts')), 48);
  assert.equal(await codeOf(db.collection<Row>('berlin').insertOne({ _id: 'x' })), 166);
  assert.equal(await codeOf(db.collection('berlin').deleteMany({})), 166);
});

test('a role does to rows what it is granted, and no more', async () => {
  const role = `rows_${process.pid}`;
  await sql.query(`create role ${role} login password 'secret'; grant usage on schema ${schema} to ${role}; grant select on parts to ${role}; grant update (stock) on parts to ${role}`);
  const { mongodb } = await sharedServer();
  const url = new URL(mongodb);
  [url.username, url.password] = [role, 'secret'];
  const client = await MongoClient.connect(url.href);
  const theirs = client.db(db.databaseName);
  assert.equal((await theirs.collection<Row>('parts').findOne({ _id: 'a' }))!['_id'], 'a');
  assert.equal((await theirs.collection<Row>('parts').updateOne({ _id: 'a' }, { $inc: { stock: 1 } })).modifiedCount, 1);
  assert.equal(await codeOf(theirs.collection<Row>('parts').updateOne({ _id: 'a' }, { $set: { price: 1 } })), 13);
  assert.equal(await codeOf(theirs.collection<Row>('parts').deleteOne({ _id: 'a' })), 13);
  assert.equal(await codeOf(theirs.collection('makers').findOne()), 13);
  await client.close();
  await sql.query(`drop owned by ${role}; drop role ${role}`);
});
