// The documents facet itself, by two gateways on one store: retried writes, and what PostgreSQL answers of a query against
// what the gateway finds by looking at every document.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { DocumentError, Documents, type Operation } from '../../src/facets/documents/index.ts';
import { compileFilter } from '../../src/facets/documents/filters/match.ts';
import { parseFilter } from '../../src/facets/documents/filters/parse-filter.ts';
import { compareBySort, sortKeysOf } from '../../src/facets/documents/sorts/sort-keys.ts';
import { parseSort } from '../../src/facets/documents/sorts/parse-sort.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { parseExtendedJson, toExtendedJson } from '../../src/values/bson/extended-json.ts';
import {
  Binary, bsonUndefined, BsonSymbol, Code, CodeWithScope, DateTime, DBPointer, int32, maxKey, minKey, ObjectId, RegularExpression, Timestamp, type Decimal128, type Document, type Value,
} from '../../src/values/bson/types.ts';
import { decimalFromString } from '../../src/values/bson/decimal.ts';
import { ownFacet } from './support/facet.ts';

const target = { database: `store_${process.pid}`, collection: 'things' };
let engine: Engine;
let documents: Documents;
let operation: Operation;
let close: () => Promise<void>;

before(async () => {
  ({ engine, documents, operation, close } = await ownFacet(target.database));
});
after(() => close());

function documentOf(json: string): Document {
  const value = parseExtendedJson(json);
  assert.ok(value instanceof Map);
  return value;
}

async function insert(all: readonly Document[]): Promise<void> {
  await documents.dropCollection(operation, target);
  await documents.insert(operation, { target, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
}

async function find(filter: Document, sort?: Document, limit?: bigint): Promise<Document[]> {
  const cursor = await documents.find(operation, { target, filter, sort, limit });
  const found: Document[] = [];
  while (!cursor.isExhausted) found.push(...(await cursor.next({ bytes: 1_000_000 })).map((bytes) => decodeDocument(bytes)));
  return found;
}

test('a write that is sent again answers as it did and does nothing, in another gateway too', async () => {
  await insert([documentOf('{"_id": 1, "n": 1}')]);
  const other = new Documents({ engine, log: silentLog });
  const retryable = { session: Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex'), number: 7n };
  const request = { target, ordered: true, statements: [{ filter: documentOf('{"_id": 1}'), update: documentOf('{"$inc": {"n": 1}}'), upsert: false, multi: false }] };
  const replies = [await documents.update({ ...operation, retryable }, request), await documents.update({ ...operation, retryable }, request), await other.update({ ...operation, retryable }, request)];
  assert.deepEqual(new Set(replies.map((reply) => toExtendedJson(reply))).size, 1);
  assert.deepEqual((await find(new Map()))[0]?.get('n'), int32(2));
  const insertion = { target, ordered: true, documents: [Buffer.from(encodeDocument(documentOf('{"_id": 2}')))] };
  const again = { ...operation, retryable: { ...retryable, number: 8n } };
  assert.equal(toExtendedJson(await documents.insert(again, insertion)), toExtendedJson(await other.insert(again, insertion)));
  await assert.rejects(documents.insert({ ...operation, retryable }, insertion), (error) => error instanceof DocumentError && error.codeName === 'TransactionTooOld');
});

test('documents whose TTL index says so are removed', async () => {
  await insert([new Map<string, Value>([['_id', int32(1)], ['at', new DateTime(BigInt(Date.now() - 10_000))]]), new Map<string, Value>([['_id', int32(2)], ['at', new DateTime(BigInt(Date.now()))]]), documentOf('{"_id": 3, "at": 5}')]);
  await documents.createIndexes(operation, target, [documentOf('{"key": {"at": 1}, "name": "at_1", "expireAfterSeconds": 5}')]);
  assert.equal(await documents.sweep(), 1);
  assert.deepEqual((await find(new Map())).map((document) => document.get('_id')), [int32(2), int32(3)]);
});

test('of the dates in an array the earliest ends a document, whatever stands beside them; a partial TTL index ends only what its filter says', async () => {
  const [old, now] = [new DateTime(BigInt(Date.now() - 60_000)), new DateTime(BigInt(Date.now()))];
  const ended: readonly Value[] = [old, [old], [now, old], ['text', int32(1), old], [new Map(), null, old]];
  const kept: readonly Value[] = [[now], ['text', int32(1)], [], null, now, 'text', [[old]], new Map([['at', old]])];
  const documentsOf = (values: readonly Value[], name: string): Document[] => values.map((at, row) => new Map<string, Value>([['_id', `${name} ${row}`], ['at', at]]));
  const indexes: readonly (readonly [index: string, move: (document: Document) => Document])[] = [
    ['{"key": {"at": 1}, "name": "at_1", "expireAfterSeconds": 5}', (document) => document],
    ['{"key": {"at": 1}, "name": "at_1", "expireAfterSeconds": 5, "partialFilterExpression": {"tags": {"$gt": 5}}}', (document) => new Map(document).set('tags', [int32(1), int32(7)])],
    ['{"key": {"at": 1}, "name": "at_1", "expireAfterSeconds": 5, "partialFilterExpression": {"tags": {"$gt": "c"}}}', (document) => new Map(document).set('tags', ['a', 'x'])],
  ];
  for (const [index, move] of indexes) {
    const other = documentOf('{"_id": "other", "tags": [1, 2, "a"]}').set('at', index.includes('tags') ? old : now);
    await insert([...[...documentsOf(ended, 'ended'), ...documentsOf(kept, 'kept')].map(move), other]);
    await documents.createIndexes(operation, target, [documentOf(index)]);
    assert.equal(await documents.sweep(), ended.length, index);
    assert.deepEqual((await find(new Map())).map((document) => document.get('_id')), [...kept.map((_, row) => `kept ${row}`), 'other'], index);
  }
});

// Properties, from a seed; `FACETDB_PROPERTY_ROUNDS` looks at more of them.

const rareRounds = Number(process.env['FACETDB_PROPERTY_ROUNDS'] ?? 60);
let state = 20_261_124;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const long = 'x'.repeat(170);
const scalars: readonly Value[] = [
  int32(0), int32(1), int32(2), int32(-1), 1, 1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2n, 2n ** 60n, decimal('1.5'), decimal('2'), decimal('NaN'), 'a', 'b', '', 'aa', long,
  `${long}a`, `${long}b`, 'ü', true, false, null, new ObjectId(Buffer.alloc(12, 1)), new ObjectId(Buffer.alloc(12, 2)), new DateTime(0n), new DateTime(-5n),
];

/** Of every other type, and those of the common ones whose stored form is not their own. */
const rareScalars: readonly Value[] = [
  decimal('-0'), decimal('1E+3'), decimal('1.10'), 1.1, decimal('Infinity'), decimal('-Infinity'), decimal('1E-6000'), decimal('1E6144'), decimal('1.1'), decimal('0.1'), 0.1, 2 ** 60, 2n ** 60n, 2n ** 60n + 1n, -(2n ** 63n), 2n ** 53n + 1n, 9_007_199_254_740_992, 5e-324, 1e300,
  // An empty timestamp would become the time of its insertion.
  new Timestamp(1n), new Timestamp(5n << 32n), new Timestamp(0xffff_ffff_0000_0001n), new Binary(Buffer.alloc(0), 0), new Binary(Buffer.from([1]), 0), new Binary(Buffer.from([1]), 128), new Binary(Buffer.alloc(200, 7), 0),
  new RegularExpression('^a', ''), new RegularExpression('^a', 'i'), new Code('a'), new Code('b'), new CodeWithScope('a', new Map()), new BsonSymbol('a'), new BsonSymbol('b'), bsonUndefined, minKey, maxKey,
  new DBPointer('a', new ObjectId(Buffer.alloc(12, 1))), '$a', '\0', 'a\0b', 'a\u0001', '\ufdd0', new DateTime(-(2n ** 63n)), new DateTime(2n ** 63n - 1n),
];
const types = ['minKey', 'maxKey', 'timestamp', 'binData', 'regex', 'javascript', 'javascriptWithScope', 'symbol', 'undefined', 'dbPointer', 'decimal', 'number', 'string', 'array', 'object', 'null', 'date'];

function decimal(text: string): Decimal128 {
  const value = decimalFromString(text);
  assert.ok(value !== undefined);
  return value;
}

function randomValue(depth: number): Value {
  const kind = random(10);
  if (kind < 6 || depth === 0) return scalars[random(scalars.length)]!;
  if (kind < 8) return Array.from({ length: random(4) }, () => randomValue(depth - 1));
  return new Map(['x', 'y'].slice(0, random(3)).map((name) => [name, randomValue(depth - 1)]));
}

function randomDocument(id: number): Document {
  const document: Document = new Map<string, Value>([['_id', int32(id)]]);
  for (const name of ['a', 'b']) if (random(8) > 0) document.set(name, randomValue(3));
  return document;
}

const paths = ['a', 'b', 'a.x', 'a.y', 'b.x'] as const;

function randomFilter(depth = 2): Document {
  const path = paths[random(paths.length)]!;
  const value = scalars[random(scalars.length)]!;
  switch (depth === 0 ? random(9) : random(13)) {
    case 0:
      return new Map([[path, value]]);
    case 1:
      return new Map([[path, new Map([[['$gt', '$gte', '$lt', '$lte'][random(4)]!, value]])]]);
    case 2:
      return new Map([[path, new Map([['$in', [value, scalars[random(scalars.length)]!]]])]]);
    case 3:
      return new Map([[path, new Map([['$ne', value]])]]);
    case 4:
      return new Map([[path, new Map([['$exists', random(2) === 0]])]]);
    case 5:
      return new Map([[path, new Map([['$size', int32(random(4))]])]]);
    case 6:
      return new Map([[path, new Map([['$type', ['int', 'double', 'long', 'decimal', 'number', 'string', 'object', 'array', 'bool', 'null', 'objectId', 'date'][random(12)]!]])]]);
    case 7:
      return new Map([[path, new Map([['$regex', ['^a', '^aa?', '^x+', '^b|^a', 'a$', '^ü'][random(6)]!]])]]);
    case 8:
      return new Map([[path, new Map([['$elemMatch', random(2) === 0 ? new Map([['$gte', value]]) : new Map([['x', random(2) === 0 ? value : new Map([['$lt', value]])]])]])]]);
    case 9:
      return new Map([['$or', [randomFilter(depth - 1), randomFilter(depth - 1)]]]);
    case 10:
      return new Map([['$and', [randomFilter(depth - 1), randomFilter(depth - 1)]]]);
    case 11:
      return new Map([['$nor', [randomFilter(depth - 1)]]]);
    default:
      return new Map([[path, new Map([['$not', new Map([['$gt', value]])]])]]);
  }
}

test('what PostgreSQL answers is what the documents say: filters', async () => {
  const all = Array.from({ length: 250 }, (_, id) => randomDocument(id));
  await insert(all);
  const partial = ['{"key": {"a": 1}, "name": "a_p", "partialFilterExpression": {"a": {"$gte": 1}}}', '{"key": {"b": 1}, "name": "b_p", "partialFilterExpression": {"$or": [{"a": {"$exists": true}}, {"b": {"$in": ["a", 2, true]}}]}}', '{"key": {"a.x": 1}, "name": "x_s", "sparse": true}'];
  const wildcards = ['{"key": {"a.$**": 1}, "name": "below_a"}', '{"key": {"b": 1, "$**": 1}, "name": "compound", "wildcardProjection": {"b": 0}}', '{"key": {"$**": 1}, "name": "p", "wildcardProjection": {"b.x": 1}, "partialFilterExpression": {"a": {"$exists": true}}}'];
  for (const indexes of [[], ['{"key": {"a": 1}, "name": "a_1"}', '{"key": {"$**": 1}, "name": "all"}'], partial, wildcards]) {
    await documents.dropIndexes(operation, target, '*');
    if (indexes.length > 0) await documents.createIndexes(operation, target, indexes.map(documentOf));
    for (let round = 0; round < 120; round++) {
      const filter = randomFilter();
      const matches = compileFilter(parseFilter(filter));
      const expected = all.filter((document) => matches(document)).map((document) => toExtendedJson(document.get('_id')!));
      const found = (await find(filter)).map((document) => toExtendedJson(document.get('_id')!));
      assert.deepEqual(found.toSorted(), expected.toSorted(), toExtendedJson(filter));
      assert.equal(await documents.count(operation, { target, filter }), BigInt(expected.length), toExtendedJson(filter));
    }
  }
});

test('what PostgreSQL answers is what the documents say: filters and sorts over every type', async () => {
  const rare = (): Value => (random(3) === 0 ? scalars[random(scalars.length)]! : rareScalars[random(rareScalars.length)]!);
  const valueOf = (depth: number): Value => {
    const kind = depth === 0 ? 0 : random(8);
    if (kind < 5) return rare();
    return kind < 7 ? Array.from({ length: random(4) }, () => valueOf(depth - 1)) : new Map(['x', 'y'].slice(0, random(3)).map((name) => [name, valueOf(depth - 1)]));
  };
  const all = Array.from({ length: 300 }, (_, id) => new Map<string, Value>([['_id', int32(id)], ...['a', 'b'].filter(() => random(8) > 0).map((name) => [name, valueOf(3)] as const)]));
  const condition = (): Document => {
    const value = random(4) === 0 ? valueOf(2) : rare();
    const comparable = value instanceof RegularExpression || value === bsonUndefined ? 'a' : value;
    switch (random(7)) {
      case 0: return new Map([['$eq', value === bsonUndefined ? null : value]]);
      case 1: return new Map([['$ne', comparable]]);
      case 2: return new Map([['$in', [comparable, rare()].filter((one) => one !== bsonUndefined)]]);
      case 3: return new Map([['$type', types[random(types.length)]!]]);
      case 4: return new Map([['$elemMatch', new Map([['$gte', comparable]])]]);
      case 5: return new Map([['$not', new Map([['$lte', comparable]])]]);
      default: return new Map([[['$gt', '$gte', '$lt', '$lte'][random(4)]!, comparable]]);
    }
  };
  await insert(all);
  for (const indexes of [[], ['{"key": {"a": 1}, "name": "a_1"}', '{"key": {"$**": 1}, "name": "all"}']]) {
    if (indexes.length > 0) await documents.createIndexes(operation, target, indexes.map(documentOf));
    for (let round = 0; round < rareRounds; round++) {
      const filter: Document = new Map([[paths[random(paths.length)]!, condition()]]);
      const matches = compileFilter(parseFilter(filter));
      const expected = all.filter((document) => matches(document)).map((document) => toExtendedJson(document.get('_id')!));
      const found = (await find(filter)).map((document) => toExtendedJson(document.get('_id')!));
      assert.deepEqual(found.toSorted(), expected.toSorted(), toExtendedJson(filter));
    }
    for (const path of paths) {
      const sort: Document = new Map([[path, int32(random(2) * 2 - 1)]]);
      const compare = compareBySort(parseSort(sort));
      const sorted = all.toSorted(compare);
      for (const [index, document] of (await find(new Map(), sort)).entries()) assert.equal(compare(document, sorted[index]!), 0, `${toExtendedJson(sort)} at ${index}: ${toExtendedJson(document)}`);
    }
  }
});

test('what PostgreSQL answers is what the documents say: filters with sorts and limits', async () => {
  // No compound index holds two arrays.
  const all = Array.from({ length: 280 }, (_, id) => randomDocument(id)).filter((document) => !(Array.isArray(document.get('a')) && Array.isArray(document.get('b'))));
  await insert(all);
  const partial = ['{"key": {"b": 1}, "name": "b_p", "partialFilterExpression": {"a": {"$gt": 0}}}', '{"key": {"a.x": -1}, "name": "x_s", "sparse": true}', '{"key": {"a": 1}, "name": "a_p", "partialFilterExpression": {"a": {"$gte": "a"}}}'];
  for (const indexes of [[], ['{"key": {"a": 1}, "name": "a_1"}', '{"key": {"b": -1, "a": 1}, "name": "b_a"}', '{"key": {"a.x": 1}, "name": "a_x"}'], partial]) {
    await documents.dropIndexes(operation, target, '*');
    if (indexes.length > 0) await documents.createIndexes(operation, target, indexes.map(documentOf));
    for (let round = 0; round < 100; round++) {
      const first = paths[random(paths.length)]!;
      const second = paths[random(paths.length)]!;
      const sort: Document = new Map<string, Value>([[first, int32(random(2) * 2 - 1)]]);
      if (random(3) === 0 && second !== first) sort.set(second, int32(random(2) * 2 - 1));
      const filter = random(3) === 0 ? new Map() : randomFilter(1);
      const limit = random(2) === 0 ? undefined : BigInt(1 + random(40));
      const compare = compareBySort(parseSort(sort));
      const matches = compileFilter(parseFilter(filter));
      const context = `${toExtendedJson(filter)} ${toExtendedJson(sort)} limit ${limit}`;
      let expected: Document[];
      try {
        expected = all.filter((document) => matches(document));
        for (const document of expected) sortKeysOf(parseSort(sort), document);
        expected.sort(compare);
      } catch {
        continue; // Parallel arrays: an error wherever they are met.
      }
      const found = await find(filter, sort, limit);
      assert.equal(found.length, limit === undefined ? expected.length : Math.min(Number(limit), expected.length), context);
      // Documents with equal keys may stand in any order.
      for (const [index, document] of found.entries()) {
        assert.ok(matches(document), `${context}: ${toExtendedJson(document)}`);
        assert.equal(compare(document, expected[index]!), 0, `${context} at ${index}: ${toExtendedJson(document)}, expected ${toExtendedJson(expected[index]!)}`);
      }
    }
  }
});

test('SQL makes the same row keys as the gateway', async () => {
  const ids: readonly Value[] = [
    int32(0), int32(-1), int32(2_147_483_647), -1.5, 0.1, 1e300, -0, 5n, -(2n ** 52n), 'a', '', 'ü', true, false, null, new ObjectId(Buffer.alloc(12, 9)), new DateTime(0n), new DateTime(-5n), new DateTime(1_700_000_000_000n),
    new Binary(Buffer.from([1, 2, 255]), 0), new Binary(Buffer.alloc(16, 3), 4),
  ];
  await documents.dropCollection(operation, target);
  // A long and an int of one value would be one id.
  await documents.insert(operation, { target, documents: ids.map((id) => Buffer.from(encodeDocument(new Map<string, Value>([['_id', id]])))), ordered: false });
  const rows = await engine.systemPool.query<{ doc: string; same: boolean }>(`select doc::text, facetdb.document_key(doc -> '_id') = id as same from ${target.database}.${target.collection}`);
  assert.ok(rows.length >= ids.length - 1);
  assert.deepEqual(rows.filter(({ same }) => !same), []);
});
