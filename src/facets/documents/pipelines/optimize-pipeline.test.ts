// What the optimizer makes of pipelines, and that over generated documents they give what they gave before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import { DateTime, type Document, type Value } from '../../../values/bson/types.ts';
import { newScope } from '../expressions/scope.ts';
import { gather } from './batches.ts';
import { optimizePipeline } from './optimize-pipeline.ts';
import { newStageContext, parsePipeline } from './parse-pipeline.ts';
import { runPipeline } from './run-pipeline.ts';
import type { Batches, Pipeline, PipelineEnvironment } from './stage.ts';

const now = new DateTime(0n);
const joined = parse('[{"_id": 1, "a": 1}, {"_id": 2, "a": 2}, {"_id": 3, "a": null}]').documents as Document[];
const environment = {
  now, scopeFor: (root: Value | undefined) => newScope(root, { now }),
  readCollection: (_: unknown, pipeline: Pipeline, nested: PipelineEnvironment) => runPipeline(pipeline, batchOf(joined), nested),
} as unknown as PipelineEnvironment;

function parse(json: string): { documents: Value } {
  return { documents: (parseExtendedJson(`{"documents": ${json}}`) as Document).get('documents')! };
}

async function* batchOf(documents: readonly Document[]): Batches {
  yield documents;
}

function parsed(pipeline: string): Pipeline {
  return parsePipeline(parse(pipeline).documents as Value[], newStageContext({ database: 'd', collection: 'c' }));
}

const moved: readonly (readonly [string, string])[] = [
  ['[{"$project": {"a": 1, "x": "$b"}}, {"$match": {"a": 1, "x": 2, "y": 3}}]', '$match $project $match'],
  ['[{"$project": {"a": 1, "x": "$b"}}, {"$match": {"a.c": 1, "x.d": 2}}]', '$match $project'],
  ['[{"$project": {"a.b": 1}}, {"$match": {"a.b": 1}}]', '$project $match'],
  ['[{"$addFields": {"x": {"$add": ["$a", 1]}}}, {"$match": {"x": 1, "a": 2}}]', '$match $addFields $match'],
  ['[{"$unset": ["a", "b.c"]}, {"$match": {"d": 1}}]', '$match $unset'],
  ['[{"$unwind": "$a"}, {"$match": {"a": 1, "b": 1}}]', '$match $unwind $match'],
  ['[{"$sort": {"a": 1}}, {"$match": {"a": 1}}]', '$match $sort'],
  ['[{"$sort": {"a": 1}}, {"$limit": 1}, {"$match": {"a": 1}}]', '$sort $limit $match'],
  ['[{"$lookup": {"from": "b", "localField": "a", "foreignField": "a", "as": "j"}}, {"$match": {"a": 1, "j.a": 2}}]', '$match $lookup $match'],
  ['[{"$lookup": {"from": "b", "localField": "a", "foreignField": "a", "as": "j"}}, {"$sort": {"a": 1}}, {"$skip": 1}, {"$limit": 2}]', '$sort $skip $limit $lookup'],
  ['[{"$lookup": {"from": "b", "localField": "a", "foreignField": "a", "as": "j"}}, {"$unwind": "$j"}, {"$match": {"j.a": 2, "b": 1}}]', '$match $lookup $unwind'],
  ['[{"$lookup": {"from": "b", "localField": "a", "foreignField": "a", "as": "j"}}, {"$unwind": {"path": "$j", "preserveNullAndEmptyArrays": true}}, {"$match": {"j.a": 2}}]', '$lookup $unwind $match'],
  ['[{"$group": {"_id": "$a", "n": {"$sum": 1}}}, {"$match": {"_id": {"$gt": 1}, "n": 2}}]', '$match $group $match'],
  ['[{"$group": {"_id": {"x": "$a"}}}, {"$match": {"_id.x": 1, "_id.y": 2}}]', '$match $group $match'],
  ['[{"$group": {"_id": "$a"}}, {"$match": {"_id": {"$exists": true}}}]', '$group $match'],
  ['[{"$replaceRoot": {"newRoot": "$a"}}, {"$match": {"b": 1}}]', '$match $replaceRoot $match'],
  ['[{"$replaceRoot": {"newRoot": {"x": "$a"}}}, {"$match": {"x": 1}}]', '$match $replaceRoot'],
  ['[{"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": true}}, {"$limit": 2}]', '$limit $unwind $limit'],
  ['[{"$unwind": "$a"}, {"$limit": 2}]', '$unwind $limit'],
  ['[{"$project": {"x": {"$add": ["$a", 1]}}}, {"$limit": 2}]', '$limit $project'],
  ['[{"$addFields": {"x": 1}}, {"$match": {"$expr": {"$eq": ["$a", "$b"]}}}]', '$match $addFields'],
  ['[{"$addFields": {"a": 1}}, {"$match": {"$expr": {"$eq": ["$a", "$b"]}}}]', '$addFields $match'],
];

test('stages move as far as their meaning allows', () => {
  for (const [pipeline, names] of moved) assert.equal(optimizePipeline(parsed(pipeline)).map(({ name }) => name).join(' '), names, pipeline);
});

let state = 2_611_2026;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
const values = ['1', '2', 'null', '"x"', '[1, 2]', '[]', '{"b": 1}', '{"b": [1, 3]}', '[{"b": 1}, 2]', '[{"c": 1}]', '{"$numberLong": "1"}', '{"$numberDouble": "2.0"}', 'true'];
const fields = ['a', 'b', 'c'] as const;
const paths = ['a', 'b', 'c', 'a.b', 'b.c', '_id', '_id', 'x', 'j.a', 'a.0', '_id.a'];

function documents(): Document[] {
  return Array.from({ length: 12 }, (_, id) => {
    const own = fields.filter(() => random(4) > 0).map((field) => `"${field}": ${pick(values)}`);
    return parseExtendedJson(`{"_id": ${id}${own.map((text) => `, ${text}`).join('')}}`) as Document;
  });
}

function condition(): string {
  const operand = pick(['1', 'null', '"x"', '{"$gt": 1}', '{"$lte": 2}', '{"$in": [1, null, "x"]}', '{"$ne": 1}', '{"$exists": false}', '{"$type": "int"}', '{"$not": {"$lt": 2}}', '{"$elemMatch": {"b": 1}}', '{"$size": 2}', '{"b": 1}', '[1, 2]']);
  if (random(8) === 0) return `"$expr": {"$eq": ["$${pick(fields)}", ${pick(['1', '"$b"', 'null'])}]}`;
  if (random(8) === 0) return `"$or": [{"${pick(paths)}": ${operand}}, {"${pick(paths)}": 1}]`;
  return `"${pick(paths)}": ${operand}`;
}

const stages: readonly (() => string)[] = [
  () => `{"$match": {"$and": [{${condition()}}, {${condition()}}]}}`,
  () => `{"$sort": {"${pick(paths)}": ${pick(['1', '-1'])}}}`, () => `{"$limit": ${1 + random(6)}}`, () => `{"$skip": ${random(3)}}`,
  () => `{"$project": ${pick(['{"a": 1, "b": 1}', '{"x": "$a", "b": 1}', '{"a.b": 1, "c": 1}', '{"a": 0}', '{"b.c": 0, "_id": 0}', '{"_id": "$a", "b": 1, "c": 1}', '{"a": {"$literal": 1}, "c": 1}', '{"a": {"b": "$c"}, "b": 1}'])}}`,
  () => `{"$addFields": ${pick(['{"x": "$a"}', '{"a": "$b", "b": "$a"}', '{"a.b": 1}', '{"x": {"$type": "$c"}}', '{"c": "$a.b"}'])}}`,
  () => `{"$unset": ${pick(['"a"', '["a.b", "c"]'])}}`,
  () => `{"$unwind": ${pick(['"$a"', '{"path": "$a", "preserveNullAndEmptyArrays": true}', '"$j"', '{"path": "$j", "includeArrayIndex": "x"}', '{"path": "$b", "includeArrayIndex": "x"}', '{"path": "$a.b", "preserveNullAndEmptyArrays": true}'])}}`,
  () => `{"$lookup": {"from": "j", "localField": "${pick(fields)}", "foreignField": "a", "as": "${pick(['j', 'a', 'x.y'])}"}}`,
  () => `{"$lookup": {"from": "j", "localField": "${pick(fields)}", "foreignField": "a", "as": "j"}}, {"$unwind": "$j"}, {"$match": {"${pick(['j.a', 'j._id', 'j'])}": ${pick(['1', 'null', '{"$gt": 1}', '{"$exists": false}'])}}}`,
  () => `{"$group": {"_id": ${pick(['"$a"', '{"a": "$a", "b": "$b"}', '"$a.b"', 'null'])}, "a": {"$first": "$a"}, "b": {"$sum": 1}}}`,
  () => `{"$replaceRoot": {"newRoot": ${pick(['"$a"', '{"a": "$b", "b": "$c"}', '{"$mergeObjects": ["$$ROOT", {"x": 1}]}'])}}}`,
];

async function resultOf(pipeline: Pipeline, all: readonly Document[]): Promise<string | undefined> {
  try {
    return (await gather(runPipeline(pipeline, batchOf(all), environment))).map((document) => toExtendedJson(document)).join('\n');
  } catch {
    return undefined;
  }
}

test('optimised pipelines give what they gave before', async () => {
  let compared = 0;
  for (let round = 0; round < 1_500; round += 1) {
    // Behind most stages a filter that might move to their front.
    const text = `[${Array.from({ length: 1 + random(3) }, () => `${pick(stages)()}, {"$match": {${condition()}}}`).join(', ')}${random(2) === 0 ? `, ${pick(stages)()}` : ''}]`;
    const pipeline = parsed(text);
    const all = documents();
    const before = await resultOf(pipeline, all);
    // Of a document that is filtered out first, no stage is wrong any more.
    if (before === undefined) continue;
    compared += 1;
    assert.equal(await resultOf(optimizePipeline(pipeline), all), before, `${text}\n${all.map((document) => toExtendedJson(document)).join('\n')}`);
  }
  assert.ok(compared > 700, `${compared} pipelines`);
});

test('a condition that all documents meet is none', () => {
  assert.deepEqual(optimizePipeline(parsed('[{"$match": {}}]')), []);
});
