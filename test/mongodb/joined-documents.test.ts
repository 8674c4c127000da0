// $lookup in PostgreSQL: over generated documents it joins what the gateway joins by looking at each of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { newScope } from '../../src/facets/documents/expressions/scope.ts';
import type { Documents, Operation } from '../../src/facets/documents/index.ts';
import { gather } from '../../src/facets/documents/pipelines/batches.ts';
import { newStageContext, parsePipeline } from '../../src/facets/documents/pipelines/parse-pipeline.ts';
import { runPipeline } from '../../src/facets/documents/pipelines/run-pipeline.ts';
import type { Batches, Pipeline, PipelineEnvironment } from '../../src/facets/documents/pipelines/stage.ts';
import { decodeDocument } from '../../src/values/bson/decode.ts';
import { encodeDocument } from '../../src/values/bson/encode.ts';
import { parseExtendedJson, toExtendedJson } from '../../src/values/bson/extended-json.ts';
import { DateTime, type Document, type Value } from '../../src/values/bson/types.ts';
import { ownFacet } from './support/facet.ts';

const database = `joined_${process.pid}`;
const local = { database, collection: 'orders' };
const foreign = { database, collection: 'items' };
let engine: Engine;
let documents: Documents;
let operation: Operation;
let close: () => Promise<void>;

before(async () => {
  ({ engine, documents, operation, close } = await ownFacet(database));
});
after(() => close());

let state = 20_261_127;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
const usual = ['1', '2', '{"$numberLong": "1"}', '{"$numberDouble": "2.0"}', '"x"', '"y"', 'true', '{"$oid": "000000000000000000000001"}', '{"$date": {"$numberLong": "5"}}'];
const odd = [
  'null', '1.5', '{"$numberDecimal": "1.5"}', '{"$numberDecimal": "1"}', '{"$numberDouble": "NaN"}', '{"$numberDouble": "Infinity"}', '{"$numberDouble": "-0.0"}', '{"$numberLong": "9007199254740993"}', '[1, "x"]', '[]', '[null]', '[[1]]',
  '{"b": 1}', '{"b": [1, 2]}', '[{"b": 1}, {"b": "x"}]', `"${'z'.repeat(170)}"`, '{"$regularExpression": {"pattern": "x", "options": ""}}', '{"$undefined": true}', '{"$symbol": "x"}', '{"$binary": {"base64": "AAAA", "subType": "00"}}', '""', '"\\ufdd0"', '"a\\u0000"', '"\\u0001"', '{"$minKey": 1}',
];

function generated(count: number, id: (index: number) => string): Document[] {
  return Array.from({ length: count }, (_, index) => {
    const own = ['a', 'k'].filter(() => random(8) > 0).map((field) => `, "${field}": ${pick(random(3) === 0 ? odd : usual)}`);
    return parseExtendedJson(`{"_id": ${id(index)}, "n": ${random(3)}${own.join('')}}`) as Document;
  });
}

async function fill(target: typeof local, all: readonly Document[]): Promise<void> {
  await documents.delete(operation, { target, ordered: true, statements: [{ filter: new Map(), limit: 0 }] });
  await documents.insert(operation, { target, documents: all.map((document) => Buffer.from(encodeDocument(document))), ordered: true });
}

async function* batchOf(all: readonly Document[]): Batches {
  if (all.length > 0) yield all;
}

async function inProcess(pipeline: readonly Document[], all: readonly Document[], joined: readonly Document[]): Promise<Document[]> {
  const now = new DateTime(0n);
  const environment = {
    now, scopeFor: (root: Value | undefined) => newScope(root, { now }),
    readCollection: (_: unknown, nested: Pipeline, inner: PipelineEnvironment) => runPipeline(nested, batchOf(joined), inner),
  } as unknown as PipelineEnvironment;
  return await gather(runPipeline(parsePipeline(pipeline, newStageContext(local)), batchOf(all), environment));
}

async function aggregate(pipeline: readonly Document[]): Promise<Document[]> {
  const cursor = await documents.aggregate(operation, { ...local, pipeline });
  const found: Document[] = [];
  while (!cursor.isExhausted) found.push(...(await cursor.next({ bytes: 1_000_000 })).map((bytes) => decodeDocument(bytes)));
  return found;
}

/** SQL and the stages that it leaves. */
async function explained(pipeline: readonly Document[]): Promise<{ readonly sql: string; readonly residual: readonly Value[] }> {
  const own = (await documents.explain(operation, { kind: 'aggregate', query: { ...local, pipeline } }, 'queryPlanner')).get('facetdb') as Document;
  return { sql: own.get('sql') as string, residual: own.get('residual') as Value[] };
}

const stagesOf = (text: string): Document[] => (parseExtendedJson(`{"stages": ${text}}`) as Document).get('stages') as Document[];

/** In any order: what is first in a collection is not defined. */
function textOf(found: readonly Document[]): string[] {
  return found.map((document) => {
    const joined = document.get('j');
    return toExtendedJson(new Map(document).set('j', Array.isArray(joined) ? joined.toSorted((a, b) => (toExtendedJson(a as Document) < toExtendedJson(b as Document) ? -1 : 1)) : joined!));
  }).toSorted();
}

const fieldPairs = ['"localField": "a", "foreignField": "_id"', '"localField": "a", "foreignField": "k"', '"localField": "a.b", "foreignField": "k"', '"localField": "k", "foreignField": "a.b"'];
const nestedPipelines = ['', ', "pipeline": [{"$match": {"n": {"$gte": 1}}}]', ', "pipeline": [{"$match": {"n": 1}}, {"$project": {"n": 1}}]', ', "let": {"x": "$n"}, "pipeline": [{"$match": {"$expr": {"$eq": ["$n", "$$x"]}}}]'];
const leading = ['', '{"$match": {"n": {"$lt": 2}}}, ', '{"$sort": {"_id": 1}}, {"$limit": 7}, '];
const following = ['', ', {"$unwind": "$j"}', ', {"$unwind": "$j"}, {"$match": {"j.n": 1}}'];

test('PostgreSQL joins what the documents say', async () => {
  await documents.createCollection(operation, local, new Map());
  await documents.createCollection(operation, foreign, new Map());
  for (const key of ['k', 'a.b']) await documents.createIndexes(operation, foreign, [new Map<string, Value>([['key', new Map([[key, 1]])], ['name', key]])]);
  const ids = ['1', '2', '"x"', '"y"', 'true', '{"$oid": "000000000000000000000001"}', '{"$date": {"$numberLong": "5"}}', 'null', '1.5', '{"b": 1}', '""', '"a\\u0000"', '"\\u0001"', '"\\ufdd0"'];
  for (let round = 0; round < 12; round += 1) {
    const [all, joined] = [generated(40, String), generated(ids.length, (index) => ids[index]!)];
    await fill(local, all);
    await fill(foreign, joined);
    for (const fields of fieldPairs) {
      const text = `[${pick(leading)}{"$lookup": {"from": "items", ${fields}${pick(nestedPipelines)}, "as": "j"}}${pick(following)}]`;
      const pipeline = stagesOf(text);
      assert.match((await explained(pipeline)).sql, /left join lateral/, text);
      assert.deepEqual(textOf(await aggregate(pipeline)), textOf(await inProcess(pipeline, all, joined)), text);
    }
  }
});

test('explain tells what is joined in SQL', async () => {
  const lookup = '{"$lookup": {"from": "items", "localField": "a", "foreignField": "_id", "as": "j"}}';
  assert.deepEqual((await explained(stagesOf(`[${lookup}]`))).residual, []);
  const { sql, residual } = await explained(stagesOf(`[${lookup}, {"$unwind": "$j"}, {"$match": {"j.n": 1}}]`));
  assert.match(sql, /order_key\(doc, '\{"n"\}'/);
  assert.deepEqual(residual, ['$unwind']);
  assert.deepEqual((await explained(stagesOf('[{"$lookup": {"from": "items", "localField": "a", "foreignField": "n", "as": "j"}}]'))).residual, ['$lookup'], 'no index');
});

test('documents that SQL wrote are joined', async () => {
  await engine.systemPool.query(`update ${database}.items set doc = doc || '{"changed": true}' where id = facetdb.document_key('"x"')`);
  await fill(local, [parseExtendedJson('{"_id": 1, "a": "x"}') as Document]);
  const [found] = await aggregate(stagesOf('[{"$lookup": {"from": "items", "localField": "a", "foreignField": "_id", "as": "j"}}]'));
  assert.equal(((found!.get('j') as Value[])[0] as Document).get('changed'), true);
});
