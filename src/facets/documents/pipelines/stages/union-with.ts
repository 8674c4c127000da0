// $unionWith.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { assertPipeline, namedCollection, runNested, startsWithDocuments } from '../nested-pipelines.ts';
import { everywhere } from '../stage.ts';
import type { Batches, CollectionName, Pipeline, PipelineEnvironment, StageContext, StageKind, UnionWithStage } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';

function parseUnionWith(argument: Value, context: StageContext): UnionWithStage {
  const { from, stages } = readUnion(argument, context);
  const pipeline = context.parsePipeline(stages, { ...context, place: 'unionWith', depth: context.depth + 1, collection: from?.collection });
  return { name: '$unionWith', from, pipeline, run: (input, environment) => runUnion(input, from, pipeline, environment) };
}

function readUnion(argument: Value, context: StageContext): { from: CollectionName | undefined; stages: readonly Value[] } {
  if (typeof argument === 'string') return { from: namedCollection('$unionWith', context, argument), stages: [] };
  if (!(argument instanceof Map)) {
    throw new DocumentError('FailedToParse', `the $unionWith stage specification must be an object or string, but found ${typeNameOf(argument)}`);
  }
  const given = readArguments('$unionWith', argument, { coll: { types: ['string'] }, pipeline: {} });
  const pipeline = given.get('pipeline');
  const stages = pipeline === undefined ? [] : assertPipeline(pipeline);
  const collection = given.get('coll') as string | undefined;
  if (collection !== undefined) return { from: namedCollection('$unionWith', context, collection), stages };
  if (!startsWithDocuments(stages)) {
    throw new DocumentError('FailedToParse', '$unionWith stage without explicit collection must have a pipeline with $documents as first stage');
  }
  return { from: undefined, stages };
}

async function* runUnion(input: Batches, from: CollectionName | undefined, pipeline: Pipeline, environment: PipelineEnvironment): Batches {
  yield* input;
  yield* runNested(from, pipeline, environment);
}

export const unionWithStage: StageKind = {
  name: '$unionWith',
  survey: (argument, context) => [readUnion(argument, context).stages],
  parse: parseUnionWith,
  places: everywhere,
  examples: [
    { stage: '"b"', input: '[{"a": 1}]', collections: { b: '[{"c": 2}]' }, result: '[{"a": 1}, {"c": 2}]' },
    { stage: '{"coll": "b", "pipeline": [{"$match": {"c": 3}}]}', input: '[{"a": 1}]', collections: { b: '[{"c": 2}, {"c": 3}]' }, result: '[{"a": 1}, {"c": 3}]' },
    { stage: '{"pipeline": [{"$documents": [{"c": 2}]}]}', input: '[{"a": 1}]', result: '[{"a": 1}, {"c": 2}]' },
    { stage: '1', error: 9 },
    { stage: '{}', error: 9 },
    { stage: '{"coll": 1}', error: 14 },
    { stage: '{"coll": "b", "pipeline": 1}', error: 14 },
    { stage: '{"coll": "b", "x": 1}', error: 40415 },
    { stage: '{"coll": "b", "pipeline": [{"$out": "x"}]}', error: 31441 },
    { stage: '""', error: 73 },
  ],
};
