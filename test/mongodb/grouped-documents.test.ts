// $group in PostgreSQL: over generated documents it gives, bit for bit, what the gateway finds by looking at each of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import type { Documents, Operation } from '../../src/facets/documents/index.ts';
import { newScope } from '../../src/facets/documents/expressions/scope.ts';
import { gather } from '../../src/facets/documents/pipelines/batches.ts';
import { newStageContext, parsePipeline } from '../../src/facets/documents/pipelines/parse-pipeline.ts';
import { runPipeline } from '../../src/facets/documents/pipelines/run-pipeline.ts';
import type { Batches, PipelineEnvironment } from '../../src/facets/documents/pipelines/stage.ts';
import { hashKeyOf } from '../../src/values/bson/compare.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { decimalFromString } from '../../src/values/bson/decimal.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { parseExtendedJson, toExtendedJson } from '../../src/values/bson/extended-json.ts';
import { DateTime, ObjectId, int32, typeNameOf, type Document, type Value } from '../../src/values/bson/types.ts';
import { ownFacet } from './support/facet.ts';

const target = { database: `grouped_${process.pid}`, collection: 'things' };
let engine: Engine;
let documents: Documents;
let operation: Operation;
let close: () => Promise<void>;

before(async () => {
  ({ engine, documents, operation, close } = await ownFacet(target.database));
});
after(() => close());

let state = 20_261_126;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;

const ints = (): Value => int32(random(2_000) - 1_000);
const doubles = (): Value => pick([random(1_000) / 7, -random(1_000) / 3, random(100), 0.1, 1e-5, random(1_000_000) * 1e5 + 0.125]);
/** Of which PostgreSQL makes exact sums. */
const smallDoubles = (): Value => pick([random(100_000) / 7, -random(1_000) / 3, 0.1, 19.99, random(50)]);
const longs = (): Value => pick([BigInt(random(100)), 2n ** 62n, -(2n ** 61n) - BigInt(random(9))]);
const dates = (): Value => new DateTime(BigInt(random(1_000_000)) - 500_000n);
const empty = (): Value | undefined => pick([null, undefined]);
const odd = (): Value => pick<Value>([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e300, 1e-300, decimalFromString('1.5')!, 'text', true, [int32(1), 2.5], new Map([['x', int32(1)]]), new ObjectId(Buffer.alloc(12, 1))]);

/** What the values of a collection may be: of most, SQL can tell everything. */
const kinds: readonly (readonly (() => Value | undefined)[])[] = [[ints], [doubles], [smallDoubles], [smallDoubles, ints, empty], [ints, doubles], [ints, longs], [ints, doubles, empty], [longs, empty], [dates, ints], [doubles, dates, empty], [ints, doubles, longs], [ints, doubles, odd, empty]];
const keys: readonly (() => Value | undefined)[] = [
  () => `key ${random(4)}`, () => int32(random(3)), () => pick<Value>([int32(1), 1, 1n, 2.5, decimalFromString('2.50')!]), () => pick<Value | undefined>([null, undefined, true, 'a\u0000b', '\ufdd0']), () => pick<Value>([[int32(1), 'x'], new DateTime(5n), new ObjectId(Buffer.alloc(12, 2))]),
  () => pick<Value>([new Map<string, Value>([['b', int32(1)], ['a', int32(2)]]), new Map<string, Value>([['a', int32(2)], ['b', int32(1)]])]),
];

function documentOf(id: number, key: () => Value | undefined, kind: readonly (() => Value | undefined)[]): Document {
  const document: Document = new Map<string, Value>([['_id', int32(id)]]);
  const set = (of: Document, name: string, value: Value | undefined): void => void (value !== undefined && of.set(name, value));
  set(document, 'k', key());
  set(document, 'v', pick(kind)());
  const nested: Document = new Map();
  set(nested, 'w', pick(kind)());
  document.set('n', random(400) === 0 ? [nested] : nested);
  return document;
}

const ids = ['"$k"', 'null', '{"k": "$k"}', '{"k": "$k", "missing": "$none"}', '"$n.w"', '{"a": {"b": "$k"}, "c": {"$literal": 1}}', '{"$type": "$k"}', '{"$ifNull": ["$k", "none"]}', '{"type": {"$type": "$n.w"}, "k": "$k"}', '{"$cond": [{"$gt": ["$v", 10]}, "more", "$k"]}'];
const accumulations = ['{"$sum": "$v"}', '{"$avg": "$v"}', '{"$min": "$v"}', '{"$max": "$v"}', '{"$sum": "$n.w"}', '{"$max": "$n.w"}', '{"$sum": 1}', '{"$sum": {"$numberLong": "3"}}', '{"$count": {}}', '{"$avg": "$none"}', '{"$min": "$none"}',
  '{"$sum": {"$cond": [{"$gt": ["$v", 10]}, 1, 0]}}', '{"$avg": {"$cond": [{"$gt": ["$v", 10]}, {"$numberLong": "7"}, null]}}', '{"$addToSet": "$v"}', '{"$addToSet": {"$type": "$v"}}', '{"$first": "$v"}', '{"$last": "$$ROOT"}', '{"$first": {"$type": "$n.w"}}'];

async function* batchOf(all: readonly Document[]): Batches {
  if (all.length > 0) yield all;
}

async function inProcess(stages: readonly Document[], all: readonly Document[]): Promise<Document[]> {
  const now = new DateTime(0n);
  const environment = { now, scopeFor: (root: Value | undefined) => newScope(root, { now }) } as unknown as PipelineEnvironment;
  return await gather(runPipeline(parsePipeline(stages, newStageContext({ ...target })), batchOf(all), environment));
}

async function aggregate(...pipeline: Document[]): Promise<Document[]> {
  const cursor = await documents.aggregate(operation, { ...target, pipeline });
  const found: Document[] = [];
  while (!cursor.isExhausted) found.push(...(await cursor.next({ bytes: 1_000_000 })).map((bytes) => decodeDocument(bytes)));
  return found;
}

/** Groups in any order; which of equal numbers names a group is not defined. */
function textOf(groups: readonly Document[]): string[] {
  return groups.map((group) => `${hashKeyOf(group.get('_id')!)} ${toExtendedJson(new Map([...group].filter(([name]) => name !== '_id')))}`).toSorted();
}

async function isPushedDown(...pipeline: Document[]): Promise<boolean> {
  const plan = await documents.explain(operation, { kind: 'aggregate', query: { ...target, pipeline } }, 'queryPlanner');
  const own = plan.get('facetdb');
  return own instanceof Map && Array.isArray(own.get('residual')) && (own.get('residual') as Value[]).length === 0;
}

test('groups made by PostgreSQL are those of the documents', async () => {
  await documents.createCollection(operation, target, new Map());
  for (const key of keys) {
    for (const kind of kinds) {
      const all = Array.from({ length: 60 }, (_, id) => documentOf(id, key, kind));
      await documents.delete(operation, { target, ordered: true, statements: [{ filter: new Map(), limit: 0 }] });
      await documents.insert(operation, { target, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
      for (let round = 0; round < 3; round++) {
        const fields = Array.from({ length: 1 + random(3) }, (_, index) => `"f${index}": ${pick(accumulations)}`);
        const stage = parseExtendedJson(`{"$group": {"_id": ${pick(ids)}, ${fields.join(', ')}}}`) as Document;
        assert.ok(await isPushedDown(stage), toExtendedJson(stage));
        assert.deepEqual(textOf(await aggregate(stage)), textOf(await inProcess([stage], all)), toExtendedJson(stage));
      }
    }
  }
});

test('groups of the elements of arrays', async () => {
  const unwinds = ['{"$unwind": "$a"}', '{"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": true, "includeArrayIndex": "i"}}'];
  const unwoundIds = ['"$a"', '{"a": "$a", "k": "$k"}', '{"$type": "$a"}', 'null', '{"i": "$i", "k": "$k"}'];
  const unwoundAccumulations = ['{"$sum": 1}', '{"$sum": "$v"}', '{"$avg": "$v"}', '{"$max": "$v"}', '{"$addToSet": "$a"}', '{"$sum": {"$cond": [{"$gt": ["$a", 1]}, 1, 0]}}'];
  const elements: readonly Value[] = [int32(1), 1, 1n, int32(2), 'x', 'y', null, [int32(1)], decimalFromString('1.0')!];
  const arrays = (): Value | undefined => pick<Value | undefined>([undefined, null, [], 'x', Array.from({ length: random(4) }, () => pick(elements)), Array.from({ length: 2 }, () => pick(elements))]);
  for (const kind of kinds) {
    const all = Array.from({ length: 60 }, (_, id) => documentOf(id, () => `key ${random(3)}`, kind));
    for (const document of all) {
      const value = arrays();
      if (value !== undefined) document.set('a', value);
    }
    await documents.delete(operation, { target, ordered: true, statements: [{ filter: new Map(), limit: 0 }] });
    await documents.insert(operation, { target, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
    for (let round = 0; round < 4; round++) {
      const fields = Array.from({ length: 1 + random(3) }, (_, index) => `"f${index}": ${pick(unwoundAccumulations)}`);
      const pipeline = [pick(unwinds), `{"$group": {"_id": ${pick(unwoundIds)}, ${fields.join(', ')}}}`].map((stage) => parseExtendedJson(stage) as Document);
      const text = pipeline.map((stage) => toExtendedJson(stage)).join(', ');
      assert.ok(await isPushedDown(...pipeline), text);
      assert.deepEqual(textOf(await aggregate(...pipeline)), textOf(await inProcess(pipeline, all)), text);
    }
  }
});

test('an error of an expression is that of the documents in their order', async () => {
  await documents.delete(operation, { target, ordered: true, statements: [{ filter: new Map(), limit: 0 }] });
  await documents.insert(operation, { target, documents: ['{"_id": 1, "k": 4}', '{"_id": 2, "k": 0}', '{"_id": 3, "k": "x"}'].map((text) => Buffer.from(encodeDocument(parseExtendedJson(text) as Document))), ordered: true });
  const stage = parseExtendedJson('{"$group": {"_id": {"$divide": [1, "$k"]}}}') as Document;
  assert.ok(await isPushedDown(stage));
  await assert.rejects(aggregate(stage), { number: 2 });
});

test('the first document is not that of a walked index or of a sort', async () => {
  const stage = parseExtendedJson('{"$group": {"_id": null, "k": {"$first": "$k"}}}') as Document;
  assert.ok(await isPushedDown(stage));
  assert.equal(await isPushedDown(parseExtendedJson('{"$sort": {"k": 1}}') as Document, stage), false);
  assert.equal(await isPushedDown(parseExtendedJson('{"$match": {"_id": {"$gt": 0}}}') as Document, stage), false);
});

test('groups of what an index of arrays finds', async () => {
  const indexed = { ...target, collection: 'indexed' };
  const all = Array.from({ length: 90 }, (_, id): Document => new Map<string, Value>([['_id', int32(id)], ['a', id % 5 === 0 ? [int32(id), int32(id + 1)] : int32(id)], ['k', int32(id % 3)], ['v', id / 7]]));
  await documents.insert(operation, { target: indexed, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
  await documents.createIndexes(operation, indexed, [parseExtendedJson('{"key": {"a": 1}, "name": "a_1"}') as Document]);
  for (const filter of ['{"a": {"$gte": 20}}', '{"a": 21}', '{"a": {"$in": [5, 6, 7]}}']) {
    const pipeline = [`{"$match": ${filter}}`, '{"$group": {"_id": {"$mod": ["$k", 2]}, "n": {"$sum": 1}, "v": {"$avg": "$v"}, "set": {"$addToSet": "$k"}}}'].map((stage) => parseExtendedJson(stage) as Document);
    const cursor = await documents.aggregate(operation, { ...indexed, pipeline });
    const found = (await cursor.next({ bytes: 1_000_000 })).map((bytes) => decodeDocument(bytes));
    assert.deepEqual(textOf(found), textOf(await inProcess(pipeline, all)), filter);
    const distinct = await documents.distinct(operation, { target: indexed, key: 'k', filter: pipeline[0]!.get('$match') as Document });
    assert.deepEqual(distinct.map((value) => hashKeyOf(value)).toSorted(), [...new Set((await inProcess(pipeline.slice(0, 1), all)).map((document) => hashKeyOf(document.get('k')!)))].toSorted(), filter);
  }
});

test('different values are gathered by PostgreSQL', async () => {
  for (const key of keys) {
    const all = Array.from({ length: 40 }, (_, id) => documentOf(id, random(4) === 0 ? () => [key() ?? null, key() ?? null] : key, pick(kinds)));
    await documents.delete(operation, { target, ordered: true, statements: [{ filter: new Map(), limit: 0 }] });
    await documents.insert(operation, { target, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
    for (const name of ['k', 'v', 'n.w']) {
      for (const filter of ['{}', '{"v": {"$gt": 0}}', '{"k": {"$type": "string"}}']) {
        const query = { target, key: name, filter: parseExtendedJson(filter) as Document };
        // A projection keeps the statement from telling anything but documents.
        const seen = await aggregate(new Map<string, Value>([['$match', query.filter]]), parseExtendedJson(`{"$project": {"_id": 0, "found": "$${name}"}}`) as Document);
        const expected = new Map(seen.flatMap((document) => elementsOf(document.get('found'))).map((value) => [hashKeyOf(value), value]).toReversed() as [string, Value][]);
        const inOrder = [...expected.values()].toReversed();
        const found = await documents.distinct(operation, query);
        assert.deepEqual(found.map((value) => hashKeyOf(value)).toSorted(), inOrder.map((value) => hashKeyOf(value)).toSorted(), `${name} ${filter}`);
        assert.deepEqual(typesOf(found), typesOf(inOrder), `${name} ${filter}`);
      }
    }
  }
});

function elementsOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function typesOf(values: readonly Value[]): string[] {
  return values.map((value) => `${hashKeyOf(value)} ${typeNameOf(value)}`).toSorted();
}

test('what SQL cannot tell stays with the gateway', async () => {
  for (const stage of ['{"$group": {"_id": {"$rand": {}}, "n": {"$sum": 1}}}', '{"$group": {"_id": "$$ROOT", "n": {"$sum": 1}}}', '{"$group": {"_id": "$k", "n": {"$sum": {"$cond": ["$v", 1, 0.5]}}}}', '{"$group": {"_id": "$k", "n": {"$push": "$v"}}}', '{"$group": {"_id": "$k", "n": {"$sum": {"$add": ["$v", 1]}}}}', '{"$group": {"_id": "$k.0", "n": {"$sum": 1}}}']) {
    assert.equal(await isPushedDown(parseExtendedJson(stage) as Document), false, stage);
  }
});

test('groups of documents that SQL wrote', async () => {
  await documents.dropCollection(operation, target);
  await documents.createCollection(operation, target, new Map());
  await engine.systemPool.query(`insert into ${target.database}.things (doc) values ('{"k": 1, "v": 5000000000}'), ('{"k": 1, "v": -5000000000}'), ('{"k": 2, "v": 3}'), ('{"k": 2, "v": 1.5}')`);
  const stage = parseExtendedJson('{"$group": {"_id": "$k", "sum": {"$sum": "$v"}, "most": {"$max": "$v"}}}') as Document;
  assert.deepEqual((await aggregate(stage)).map((group) => toExtendedJson(group)).toSorted(), [
    '{"_id":{"$numberInt":"1"},"sum":{"$numberLong":"0"},"most":{"$numberLong":"5000000000"}}', '{"_id":{"$numberInt":"2"},"sum":{"$numberDouble":"4.5"},"most":{"$numberInt":"3"}}',
  ]);
});
