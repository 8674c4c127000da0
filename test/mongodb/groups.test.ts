// Operations on single documents that go to PostgreSQL in groups: each has its own answer and its own error, and none waits
// for what another waits for.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import { DocumentError, Documents, type Operation, type WriteReply } from '../../src/facets/documents/index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { parseExtendedJson, toExtendedJson } from '../../src/values/bson/extended-json.ts';
import { type Document, int32 } from '../../src/values/bson/types.ts';
import { sharedServer } from '../support/shared-server.ts';

const target = { database: `groups_${process.pid}`, collection: 'things' };
const sizes: { kind: string; size: number }[] = [];
let engine: Engine;
let documents: Documents;
let operation: Operation;

before(async () => {
  engine = await Engine.openExternal({ url: (await sharedServer()).postgres, log: silentLog });
  documents = new Documents({ engine, log: silentLog, observer: { groupSent: (kind, size) => void sizes.push({ kind, size }) } });
  operation = { role: engine.ownRole };
});
beforeEach(async () => {
  await documents.dropCollection(operation, target);
  await documents.createCollection(operation, target, new Map());
  sizes.length = 0;
});
after(async () => {
  await documents.dropDatabase(operation, target.database);
  await documents.close();
  await engine.close();
});

function documentOf(json: string): Document {
  const value = parseExtendedJson(json);
  assert.ok(value instanceof Map);
  return value;
}

function insert(id: number, own: Operation = operation): Promise<WriteReply> {
  return documents.insert(own, { target, ordered: true, documents: [Buffer.from(encodeDocument(documentOf(`{"_id": ${id}, "n": 0}`)))] });
}

function update(id: number, change: string, { own = operation, upsert = false } = {}): Promise<WriteReply> {
  return documents.update(own, { target, ordered: true, statements: [{ filter: documentOf(`{"_id": ${id}}`), update: documentOf(change), upsert, multi: false }] });
}

function remove(id: number): Promise<WriteReply> {
  return documents.delete(operation, { target, ordered: true, statements: [{ filter: documentOf(`{"_id": ${id}}`), limit: 1 }] });
}

async function findAll(filter: string): Promise<Document[]> {
  const cursor = await documents.find(operation, { target, filter: documentOf(filter) });
  const found: Document[] = [];
  while (!cursor.isExhausted) found.push(...(await cursor.next({ count: 60, bytes: 1_000_000 })).map((bytes) => decodeDocument(bytes)));
  await cursor.close();
  return found;
}

async function find(filter: string): Promise<Document | undefined> {
  const cursor = await documents.find(operation, { target, filter: documentOf(filter) });
  const [bytes] = await cursor.next({ bytes: 1_000_000 });
  return bytes === undefined ? undefined : decodeDocument(bytes);
}

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

const textOf = (reply: WriteReply): string => toExtendedJson(reply);

test('updates of one document in one group count all of them', async () => {
  await insert(1);
  const replies = await times(100, () => update(1, '{"$inc": {"n": 1}}'));
  assert.deepEqual(new Set(replies.map(textOf)).size, 1);
  assert.deepEqual((await find('{"_id": 1}'))?.get('n'), int32(100));
  assert.ok(sizes.some(({ kind, size }) => kind === 'documents.write' && size > 20), 'they went together');
});

test('reads by _id go together; other conditions are looked at for each', async () => {
  await times(20, (index) => insert(index));
  sizes.length = 0;
  const found = await times(40, (index) => find(`{"_id": ${index}, "n": ${index % 2}}`));
  assert.deepEqual(found.map((document) => document !== undefined), found.map((_, index) => index < 20 && index % 2 === 0));
  assert.ok(sizes.length < 10);
});

test('of inserts with one _id one succeeds, and the others of the group are not concerned', async () => {
  const replies = await times(30, (index) => insert(index % 10));
  const failed = replies.filter((reply) => reply.has('writeErrors'));
  assert.equal(failed.length, 20);
  for (const reply of failed) assert.match(textOf(reply), /11000/);
  assert.equal(await documents.count(operation, { target, filter: new Map() }), 10n);
});

test('an update that is refused fails alone', async () => {
  await times(10, (index) => insert(index));
  const replies = await times(10, (index) => update(index, index === 3 ? '{"$inc": {"_id": 1}}' : '{"$inc": {"n": 1}}'));
  assert.deepEqual(replies.map((reply) => reply.has('writeErrors')), replies.map((_, index) => index === 3));
  assert.equal(await documents.count(operation, { target, filter: documentOf('{"n": 1}') }), 9n);
});

test('inserts, upserts, updates and deletes of the same documents at once leave what some order of them would', async () => {
  const outcomes = await times(200, async (index) => {
    const id = index % 7;
    const kind = (['insert', 'upsert', 'update', 'delete'] as const)[Math.floor(index / 7) % 4]!;
    const reply = kind === 'insert' ? await insert(id) : kind === 'delete' ? await remove(id) : await update(id, '{"$inc": {"n": 1}}', { upsert: kind === 'upsert' });
    return { id, kind, reply };
  });
  for (let id = 0; id < 7; id += 1) {
    const own = outcomes.filter((outcome) => outcome.id === id);
    const made = own.filter(({ kind, reply }) => (kind === 'insert' && !reply.has('writeErrors')) || reply.has('upserted')).length;
    const removed = own.filter(({ kind, reply }) => kind === 'delete' && textOf(reply) === textOf(new Map([['n', int32(1)]]))).length;
    assert.equal(made - removed, (await find(`{"_id": ${id}}`)) === undefined ? 0 : 1);
  }
});

test('a document that a transaction has locked keeps only its own writers waiting', async () => {
  await times(3, (index) => insert(index));
  const transaction = await documents.begin(operation.role);
  await update(0, '{"$inc": {"n": 10}}', { own: { ...operation, transaction } });
  let isDone = false;
  const waiting = update(0, '{"$inc": {"n": 1}}').then((reply) => {
    isDone = true;
    return reply;
  });
  const others = await times(20, (index) => update(1 + (index % 2), '{"$inc": {"n": 1}}'));
  assert.equal(others.every((reply) => !reply.has('writeErrors')), true);
  assert.equal(isDone, false);
  await transaction.commit();
  await waiting;
  assert.deepEqual((await find('{"_id": 0}'))?.get('n'), int32(11));
});

test('retryable writes of a group that are sent again do nothing again', async () => {
  await times(5, (index) => insert(index));
  const own = Array.from({ length: 5 }, () => ({ ...operation, retryable: { session: Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex'), number: 1n } }));
  const first = await times(5, (index) => update(index, '{"$inc": {"n": 1}}', { own: own[index]! }));
  const again = await times(10, (index) => update(index % 5, '{"$inc": {"n": 1}}', index < 5 ? { own: own[index]! } : {}));
  assert.deepEqual(again.map(textOf), [...first, ...first].map(textOf));
  assert.equal(await documents.count(operation, { target, filter: documentOf('{"n": 2}') }), 5n);
  const late = { ...own[0]!, retryable: { ...own[0]!.retryable, number: 0n } };
  await assert.rejects(update(0, '{"$inc": {"n": 1}}', { own: late }), (error) => error instanceof DocumentError && error.codeName === 'TransactionTooOld');
});

test('findAndModify by _id gives the document before and after', async () => {
  await insert(1);
  const change = { target, filter: documentOf('{"_id": 1}'), update: documentOf('{"$inc": {"n": 1}}'), remove: false, upsert: false };
  const replies = await times(10, (index) => documents.findAndModify(operation, { ...change, returnNew: index % 2 === 1 }));
  const counts = replies.map((reply, index) => {
    const value = reply.get('value');
    assert.ok(value instanceof Map);
    return Number(textOf(value).match(/"n":\{"\$numberInt":"(\d+)"/)?.[1]) + (index % 2 === 0 ? 1 : 0);
  });
  assert.deepEqual(counts.toSorted((a, b) => a - b), Array.from({ length: 10 }, (_, index) => index + 1));
  const removed = await documents.findAndModify(operation, { target, filter: documentOf('{"_id": 1}'), remove: true, returnNew: false, upsert: false });
  assert.deepEqual((removed.get('value') as Document).get('n'), int32(10));
  assert.equal(await find('{"_id": 1}'), undefined);
});

async function findSome(filter: string, from = target): Promise<string[]> {
  const cursor = await documents.find(operation, { target: from, filter: documentOf(filter), limit: 5n });
  const found = await cursor.next({ bytes: 1_000_000 });
  return found.map((bytes) => toExtendedJson(decodeDocument(bytes)));
}

test('queries with a small limit go together, each with its own rows', async () => {
  for (const id of [1, 2, 3]) await insert(id);
  await update(2, '{"$set": {"n": 7}}');
  sizes.length = 0;
  const [zeros, sevens, none] = await Promise.all([findSome('{"n": 0}'), findSome('{"n": 7}'), findSome('{"n": 8}')]);
  assert.deepEqual([zeros.length, sevens.length, none.length], [2, 1, 0]);
  assert.match(sevens[0]!, /"_id":{"\$numberInt":"2"}/);
  assert.deepEqual(sizes, [{ kind: 'documents.query', size: 3 }]);
});

test('a query without a limit goes in a group where an index finds few documents, and finds all of them where it finds many', async () => {
  await documents.createIndexes(operation, target, [documentOf('{"key": {"n": 1}, "name": "n_1"}')]);
  const counts: Record<string, number> = { none: 0, few: 3, batch: 101, more: 102, many: 450 };
  const rows = Object.entries(counts).flatMap(([n, count]) => Array.from({ length: count }, (_, index) => `{"_id": "${n} ${index}", "n": ${index % 2 === 0 ? `"${n}"` : `["${n}", "other"]`}, "odd": ${index % 2}}`));
  await documents.insert(operation, { target, ordered: true, documents: rows.map((json) => Buffer.from(encodeDocument(documentOf(json)))) });
  for (const [n, count] of Object.entries(counts)) {
    sizes.length = 0;
    const found = await findAll(`{"n": "${n}"}`);
    assert.equal(found.length, count, n);
    assert.equal(new Set(found.map((document) => document.get('_id'))).size, count, n);
    assert.deepEqual(sizes.map(({ kind }) => kind), ['documents.query'], n);
  }
  assert.equal((await findAll('{"n": "many", "odd": 1}')).length, 225);
  assert.equal((await findAll('{"n": {"$gte": "many", "$lt": "n"}}')).length, 450 + 102 + 50 + 1, 'many and more; of the others the arrays, whose elements are on both sides');
  sizes.length = 0;
  assert.equal((await findAll('{"odd": 0}')).length, rows.length - rows.filter((json) => json.endsWith('"odd": 1}')).length);
  assert.deepEqual(sizes, [], 'no index finds them');
});

test('what a query has in a group follows the collection: an index that is dropped or made, a collection that is made anew', async () => {
  const idsOf = async (filter: string): Promise<string[]> => (await findAll(filter)).map((document) => document.get('_id') as string).sort();
  const collect = (): Promise<string[]> => idsOf('{"n": 1}');
  await documents.insert(operation, { target, ordered: true, documents: ['{"_id": "a", "n": 1}', '{"_id": "b", "n": {"$numberLong": "1"}}', '{"_id": "c", "n": 1.0}', '{"_id": "d", "n": [1, 2]}', '{"_id": "e", "n": null}', '{"_id": "f"}', '{"_id": "g", "n": "1"}'].map((json) => Buffer.from(encodeDocument(documentOf(json)))) });
  const before = await collect();
  assert.deepEqual(before, ['a', 'b', 'c', 'd']);
  await documents.createIndexes(operation, target, [documentOf('{"key": {"n": 1}, "name": "n_1"}')]);
  assert.deepEqual(await collect(), before);
  assert.deepEqual(await idsOf('{"n": null}'), ['e', 'f']);
  assert.deepEqual(await idsOf('{"n": "1"}'), ['g']);
  await documents.dropIndexes(operation, target, 'n_1');
  assert.deepEqual(await collect(), before);
  await documents.createIndexes(operation, target, [documentOf('{"key": {"n": -1}, "name": "other"}')]);
  assert.deepEqual(await collect(), before);
  await documents.dropCollection(operation, target);
  assert.deepEqual(await collect(), []);
});
