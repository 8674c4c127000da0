// What does not fit in memory gives the same from disk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareValues } from '../../../values/bson/compare.ts';
import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import { objectIdNow } from '../../../values/bson/object-id.ts';
import { DateTime, int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newScope } from '../expressions/scope.ts';
import { batchesOf, gather } from '../pipelines/batches.ts';
import { newStageContext, parsePipeline } from '../pipelines/parse-pipeline.ts';
import { runPipeline } from '../pipelines/run-pipeline.ts';
import type { PipelineEnvironment, Spill } from '../pipelines/stage.ts';
import { FileSpill } from './spill.ts';

const now = new DateTime(0n);
const limitBytes = 300_000;

function environmentOf(memoryLimitBytes: number, newSpill?: () => Spill): PipelineEnvironment {
  return {
    now,
    memoryLimitBytes,
    ...(newSpill && { newSpill }),
    scopeFor: (root) => newScope(root, { now }),
    readCollection: () => batchesOf([]),
    writer: { newObjectId: objectIdNow, replaceAll: () => Promise.resolve(), prepareMerge: () => Promise.resolve(), merge: () => Promise.resolve() },
    statistics: { collection: () => Promise.resolve([]), indexes: () => Promise.resolve([]), plans: () => Promise.resolve([]), host: 'h:1', operations: () => [], sessions: () => [], latencies: () => new Map() },
  };
}

function documentsOf(count: number): Document[] {
  return Array.from({ length: count }, (_, index) => new Map<string, Value>([['_id', int32(index)], ['k', int32((index * 7919) % 997)], ['t', `text ${index % 13}`], ['pad', '-'.repeat(120)]]));
}

async function run(stage: string, environment: PipelineEnvironment): Promise<Document[]> {
  const pipeline = parsePipeline([parseExtendedJson(stage)], newStageContext({ database: 'd', collection: 'c' }));
  return await gather(runPipeline(pipeline, batchesOf(documentsOf(6_000)), environment));
}

const stages: Readonly<Record<string, string>> = {
  'a $group that does not gather': '{"$group": {"_id": {"k": "$k", "t": "$t"}, "n": {"$sum": 1}, "last": {"$last": "$$ROOT"}}}',
  'a $group of few groups': '{"$group": {"_id": {"$mod": ["$k", 40]}, "all": {"$push": "$$ROOT"}, "first": {"$firstN": {"n": 100, "input": "$_id"}}, "merged": {"$mergeObjects": {"$arrayToObject": [[["$t", "$_id"]]]}}}}',
  $group: '{"$group": {"_id": {"k": "$k", "t": "$t"}, "n": {"$sum": 1}, "ids": {"$push": "$_id"}}}',
  $sort: '{"$sort": {"k": -1}}',
  $bucketAuto: '{"$bucketAuto": {"groupBy": "$k", "buckets": 7, "output": {"n": {"$sum": 1}, "t": {"$addToSet": "$t"}, "ids": {"$push": "$_id"}}}}',
  $densify: '{"$densify": {"field": "k", "partitionByFields": ["t"], "range": {"step": 2, "bounds": "full"}}}',
  $setWindowFields: '{"$setWindowFields": {"sortBy": {"k": 1, "_id": 1}, "output": {"n": {"$sum": "$_id", "window": {"documents": [-1, 1]}}, "s": {"$shift": {"output": "$t", "by": 3}}, "a": {"$expMovingAvg": {"input": "$k", "N": 3}}}}}',
  'partitions of $setWindowFields': '{"$setWindowFields": {"partitionBy": "$t", "sortBy": {"_id": 1}, "output": {"c": {"$covariancePop": ["$k", "$_id"]}, "r": {"$rank": {}}, "l": {"$linearFill": "$k"}, "v": {"$locf": "$k"}, "i": {"$integral": {"input": "$k"}}, "d": {"$derivative": {"input": "$k"}, "window": {"documents": [-1, 0]}}}}}',
  $sample: '{"$sample": {"size": 6000}}',
};

for (const [name, stage] of Object.entries(stages)) {
  test(`${name} gives from disk what it gives from memory`, async () => {
    const spills: Spill[] = [];
    const newSpill = (): Spill => {
      const spill = new FileSpill();
      spills.push(spill);
      return spill;
    };
    const spilled = await run(stage, environmentOf(limitBytes, newSpill));
    const held = await run(stage, environmentOf(Infinity));
    assert.ok(spills.length > 0);
    // Groups and samples come in any order; documents that sort as equals keep theirs.
    const ordered = (documents: Document[]): Document[] => (name.includes('$group') || name === '$sample' ? documents.toSorted((a, b) => compareValues(a, b)) : documents);
    assert.equal(toExtendedJson(ordered(spilled)), toExtendedJson(ordered(held)));
    for (const spill of spills) assert.deepEqual(await gather(spill.read(0)), [], 'the files are gone');
  });

  test(`${name} is refused where it may not use the disk`, async () => {
    await assert.rejects(run(stage, environmentOf(limitBytes)), (error) => error instanceof DocumentError && error.number === 292);
  });
}
