// $lookup over generated documents: what it joins batch by batch is what it joins to each document alone, and it reads as often
// as there are batches.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExtendedJson, toExtendedJson } from '../../../../values/bson/extended-json.ts';
import { DateTime, type Document, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { newScope } from '../../expressions/scope.ts';
import { gather } from '../batches.ts';
import { approximateSizeOf } from '../memory.ts';
import { newStageContext, parsePipeline } from '../parse-pipeline.ts';
import { runPipeline } from '../run-pipeline.ts';
import type { Batches, LookupStage, Pipeline, PipelineEnvironment } from '../stage.ts';
import { joinDocuments } from './join-documents.ts';

let state = 26_112_026;
function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
const values = ['1', '2', '{"$numberLong": "1"}', '{"$numberDouble": "2.0"}', '{"$numberDecimal": "1"}', 'null', '"x"', '[1, 2]', '[]', '[null]', '[[1, 2]]', '{"b": 1}', '{"b": [1, 3]}', '[{"b": 1}, {"b": 2}]', '{"$regularExpression": {"pattern": "x", "options": ""}}', '{"$undefined": true}', '{"$numberDouble": "NaN"}'];

function documents(count: number): Document[] {
  return Array.from({ length: count }, (_, id) => {
    const own = ['a', 'k'].filter(() => random(5) > 0).map((field) => `, "${field}": ${pick(values)}`);
    return parseExtendedJson(`{"_id": ${id}, "n": ${random(3)}${own.join('')}}`) as Document;
  });
}

const pipelines = [
  '[]', '[{"$match": {"n": 1}}]', '[{"$match": {"n": 1}}, {"$project": {"n": 1}}]', '[{"$sort": {"_id": -1}}, {"$limit": 2}]', '[{"$addFields": {"k": 1}}]',
  '[{"$match": {"$expr": {"$eq": ["$k", "$$x"]}}}]', '[{"$match": {"$expr": {"$eq": ["$k.b", "$$x"]}}}]', '[{"$match": {"n": {"$gt": 0}}}, {"$match": {"$expr": {"$and": [{"$eq": ["$$x", "$k"]}, {"$lt": ["$_id", 9]}]}}}]', '[{"$match": {"$expr": {"$gte": ["$k", "$$x"]}}}, {"$count": "c"}]',
  '[{"$match": {"$and": [{"n": 1}, {"$expr": {"$eq": ["$k", "$$x.b"]}}]}}]', '[{"$group": {"_id": "$n", "c": {"$sum": 1}}}, {"$sort": {"_id": 1}}, {"$addFields": {"x": "$$x"}}]',
  '[{"$lookup": {"from": "other", "localField": "n", "foreignField": "_id", "as": "inner"}}]',
];
const shapes = ['"localField": "a", "foreignField": "k", ', '"localField": "a.b", "foreignField": "k", ', '"localField": "n", "foreignField": "k.b", ', ''];

function environmentOver(foreign: readonly Document[]): PipelineEnvironment & { reads: number } {
  const now = new DateTime(0n);
  const environment = {
    now, reads: 0, scopeFor: (root: Value | undefined) => newScope(root, { now }),
    readCollection: (_: unknown, pipeline: Pipeline, nested: PipelineEnvironment) => {
      environment.reads += 1;
      return runPipeline(pipeline, batches(foreign, 1_000), nested);
    },
  };
  return environment as unknown as PipelineEnvironment & { reads: number };
}

async function* batches(all: readonly Document[], size: number): Batches {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

async function joinedWithin(lookup: LookupStage, local: readonly Document[], environment: PipelineEnvironment): Promise<Document[] | 'too many'> {
  try {
    return await gather(lookup.run(batches(local, 6), environment));
  } catch (error) {
    if (error instanceof DocumentError && error.number === 4568) return 'too many';
    throw error;
  }
}

const textOf = (found: readonly Document[]): string => found.map((document) => toExtendedJson(document)).join('\n');

test('batches of documents are joined as each of them alone', async () => {
  for (let round = 0; round < 150; round += 1) {
    const pipeline = pick(pipelines);
    const stage = `{"$lookup": {"from": "b", ${pick(shapes)}"let": {"x": "$a"}, "pipeline": ${pipeline}, "as": "j"}}`;
    const [lookup] = parsePipeline([parseExtendedJson(stage) as Document], newStageContext({ database: 'd', collection: 'c' })) as [LookupStage];
    const local = documents(12);
    const foreign = documents(14);
    const { equality: _, ...plain } = lookup;
    const alone = await gather(joinDocuments(batches(local, 1), { ...plain, apartStages: 0 }, environmentOver(foreign)));
    for (const memoryLimitBytes of [undefined, 400]) {
      const environment = environmentOver(foreign);
      const found = await joinedWithin(lookup, local, { ...environment, ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }), readCollection: environment.readCollection });
      if (found === 'too many') {
        assert.ok(alone.some((document) => approximateSizeOf(document.get('j')) > memoryLimitBytes!), 'some document is joined to more than the limit');
        continue;
      }
      assert.equal(textOf(found), textOf(alone), `${stage}\n${textOf(local)}\n${textOf(foreign)}`);
      if (memoryLimitBytes !== undefined && (lookup.fields !== undefined || lookup.equality !== undefined)) continue;
      if (pipeline.includes('inner')) continue;
      assert.ok(environment.reads <= 3, `${environment.reads} reads for two batches: ${stage}`);
    }
  }
});
