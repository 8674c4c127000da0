// Unique indexes over documents: they are equal where their fields are, in the same order.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, type Document, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';
import { sharedServer } from '../support/shared-server.ts';
import { withClient } from '../support/with-client.ts';
import { type OwnDatabase, codeOf, ownDatabase } from './support/mongodb.ts';

let own: OwnDatabase;

before(async () => {
  own = await ownDatabase();
});
after(() => own.close());

const everyType: Document = {
  double: new Double(1.5), text: 'é', inner: { a: 1 }, array: [1, 'x'], bytes: new Binary(Buffer.from('abc')), id: new ObjectId('5f5f5f5f5f5f5f5f5f5f5f5f'), truth: true, date: new Date(0),
  nothing: null, pattern: new BSONRegExp('a', 'i'), code: new Code('x'), symbol: new BSONSymbol('s'), scoped: new Code('x', { z: 1 }), int: 1, stamp: new Timestamp({ t: 1, i: 1 }), long: Long.fromNumber(2 ** 40),
  decimal: Decimal128.fromString('1'), least: new MinKey(), greatest: new MaxKey(), '': 1,
};

const pairs: readonly (readonly [name: string, document: Document, other: Document])[] = [
  ['two fields', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['within a document', { a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }],
  ['within an array', { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }],
  ['behind every type', { ...everyType, y: 1, z: 2 }, { ...everyType, z: 2, y: 1 }],
];

for (const [name, document, other] of pairs) {
  test(name, async () => {
    const things = own.db.collection<Document>(`things ${name}`);
    await things.createIndex({ 'of.it': 1 }, { unique: true });
    await things.createIndex({ n: -1, it: 1 }, { unique: true, sparse: true });
    await things.insertMany([{ of: { it: document }, n: 1, it: document }, { of: { it: other }, n: 1, it: other }]);
    for (const it of [document, other]) assert.equal(await codeOf(things.insertOne({ before: {}, of: { x: 1, it } })), 11_000);
    for (const it of [document, other]) assert.equal(await codeOf(things.insertOne({ of: { it: 1 }, n: new Double(1), it })), 11_000);
    const both = own.db.collection<Document>(`both ${name}`);
    await both.insertMany([{ it: document }, { it: other }]);
    await both.createIndex({ it: 1 }, { unique: true });
    assert.equal(await codeOf(both.insertOne({ it: { ...document } })), 11_000);
  });
}

test('a document that SQL has written has the order of jsonb', async () => {
  const things = own.db.collection<Document>('written');
  await things.createIndex({ it: 1 }, { unique: true });
  await things.insertOne({ _id: 1 as never, it: { b: 1, a: { d: 1, c: [{ f: 1, e: 1 }] } } });
  await withClient((await sharedServer()).postgres, (client) => client.query(`update ${own.db.databaseName}.written set doc = doc || '{"x": 1}'`));
  assert.equal(await codeOf(things.insertOne({ it: { a: { c: [{ e: 1, f: 1 }], d: 1 }, b: 1 } })), 11_000);
  assert.equal(await codeOf(things.insertOne({ it: { b: 1, a: { d: 1, c: [{ f: 1, e: 1 }] } } })), undefined);
});
