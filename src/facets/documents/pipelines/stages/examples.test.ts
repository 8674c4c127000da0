// The examples of every stage and of every accumulator.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareValues } from '../../../../values/bson/compare.ts';
import { parseExtendedJson, toExtendedJson } from '../../../../values/bson/extended-json.ts';
import { objectIdNow } from '../../../../values/bson/object-id.ts';
import { DateTime, type Document, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { newParseContext } from '../../expressions/context.ts';
import { newScope } from '../../expressions/scope.ts';
import { accumulators } from '../accumulators/registry.ts';
import { gather } from '../batches.ts';
import { newStageContext, parsePipeline } from '../parse-pipeline.ts';
import { runPipeline } from '../run-pipeline.ts';
import type { Batches, PipelineEnvironment } from '../stage.ts';
import { stagesByName } from './registry.ts';

function documentsOf(json: string): Document[] {
  const value = parseExtendedJson(json);
  assert.ok(Array.isArray(value));
  return value.map((document) => {
    assert.ok(document instanceof Map);
    return document;
  });
}

async function* batchOf(documents: readonly Document[]): Batches {
  if (documents.length > 0) yield documents;
}

function environmentOf(collections: Readonly<Record<string, string>>): PipelineEnvironment {
  const now = new DateTime(0n);
  const environment: PipelineEnvironment = {
    now,
    scopeFor: (root) => newScope(root, { now }),
    readCollection: ({ collection }, pipeline, inner) => runPipeline(pipeline, batchOf(documentsOf(collections[collection] ?? '[]')), inner),
    writer: { newObjectId: objectIdNow, replaceAll: async (_target, documents) => void (await gather(documents)), prepareMerge: () => Promise.resolve(), merge: () => Promise.resolve() },
    statistics: { collection: () => Promise.resolve([]), indexes: () => Promise.resolve([]), plans: () => Promise.resolve([]), host: 'h:1', operations: () => [], sessions: () => [], latencies: () => new Map() },
  };
  return environment;
}

async function run(stage: Document, input: string, collections: Readonly<Record<string, string>> = {}): Promise<Document[]> {
  const [name] = stage.keys();
  const isAlone = stagesByName.get(name!)?.collectionless === 'only';
  const pipeline = parsePipeline([stage], newStageContext({ database: 'd', collection: isAlone ? undefined : 'c' }));
  return await gather(runPipeline(pipeline, batchOf(documentsOf(input)), environmentOf(collections)));
}

/** Groups come in any order. */
function sorted(documents: readonly Document[]): Document[] {
  return documents.toSorted((a, b) => compareValues(a, b));
}

for (const { name, examples } of stagesByName.values()) {
  test(name, async () => {
    for (const example of examples) {
      const stage: Document = new Map([[name, parseExtendedJson(example.stage)]]);
      const label = `${name}: ${example.stage} over ${example.input ?? '[]'}`;
      if ('error' in example) {
        await assert.rejects(run(stage, example.input ?? '[]', example.collections), (error) => error instanceof DocumentError && error.number === example.error, label);
        continue;
      }
      const result = await run(stage, example.input ?? '[]', example.collections);
      const expected = documentsOf(example.result);
      const isUnordered = name === '$group';
      // As text, so that the types of numbers and the order of fields count.
      assert.equal(toExtendedJson(isUnordered ? sorted(result) : result), toExtendedJson(isUnordered ? sorted(expected) : expected), label);
    }
  });
}

for (const { name, parse, examples } of accumulators) {
  test(`the accumulator ${name}`, () => {
    for (const example of examples) {
      const label = `${name}: ${example.argument} over ${example.input ?? '[]'}`;
      const accumulate = (): Value => {
        const { input, newState } = parse(parseExtendedJson(example.argument), newParseContext());
        const state = newState(newScope(new Map(), { now: new DateTime(0n) }));
        for (const document of documentsOf(example.input ?? '[]')) state.add(input(newScope(document, { now: new DateTime(0n) })));
        return state.result() ?? null;
      };
      if ('error' in example) assert.throws(accumulate, (error) => error instanceof DocumentError && error.number === example.error, label);
      else assert.equal(toExtendedJson(accumulate()), toExtendedJson(parseExtendedJson(example.result)), label);
    }
  });
}
