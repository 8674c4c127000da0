// $facet.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { assertFieldName } from '../../expressions/paths.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { batchesOf, gather } from '../batches.ts';
import { withParsingContext } from '../../error-context.ts';
import { approximateSizeOfDocument, newStageAccount } from '../memory.ts';
import { runPipeline } from '../run-pipeline.ts';
import { notInFacets } from '../stage.ts';
import type { Batches, FacetStage, Pipeline, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';

function parseFacet(argument: Value, context: StageContext): FacetStage {
  const inner: StageContext = { ...context, place: 'facet', depth: context.depth + 1 };
  const facets = new Map([...readFacets(argument)].map(([name, pipeline]) => [name, context.parsePipeline(pipeline, inner)]));
  return { name: '$facet', facets, run: (input, environment) => runFacets(input, facets, environment) };
}

function readFacets(argument: Value): ReadonlyMap<string, readonly Value[]> {
  if (!(argument instanceof Map) || argument.size === 0) {
    throw new DocumentError(40169, `the $facet specification must be a non-empty object, but found: ${shellText(argument)}`);
  }
  const facets = new Map<string, readonly Value[]>();
  for (const [name, pipeline] of argument) {
    assertFacet(name, pipeline);
    facets.set(name, pipeline);
  }
  return facets;
}

function assertFacet(name: string, pipeline: Value): asserts pipeline is Value[] {
  withParsingContext('$facet pipeline names must follow the naming rules of field path expressions.', () => assertFieldName(name));
  if (!Array.isArray(pipeline)) throw new DocumentError(40170, `arguments to $facet must be arrays, ${name} is type ${typeNameOf(pipeline)}`);
  const wrong = pipeline.find((stage) => !(stage instanceof Map));
  if (wrong !== undefined) {
    throw new DocumentError(
      40171,
      `elements of arrays in $facet spec must be non-empty objects, ${name} argument contained an element of type ${typeNameOf(wrong)}: ${shellText(wrong)}`,
    );
  }
}

/** One document. The input is held, so that each facet reads it at its own pace. */
async function* runFacets(input: Batches, facets: ReadonlyMap<string, Pipeline>, environment: PipelineEnvironment): Batches {
  const memory = newStageAccount('$facet', environment);
  const documents: Document[] = [];
  for await (const batch of input) {
    for (const document of batch) {
      memory.add(approximateSizeOfDocument(document));
      documents.push(document);
    }
  }
  const result: Document = new Map();
  for (const [name, pipeline] of facets) result.set(name, await gather(runPipeline(pipeline, batchesOf(documents), environment)));
  yield [result];
}

export const facetStage: StageKind = {
  name: '$facet',
  survey: (argument) => [...readFacets(argument).values()],
  parse: parseFacet,
  places: notInFacets,
  examples: [
    {
      stage: '{"small": [{"$match": {"a": {"$lt": 2}}}], "count": [{"$count": "n"}]}',
      input: '[{"a": 1}, {"a": 2}]',
      result: '[{"small": [{"a": 1}], "count": [{"n": 2}]}]',
    },
    { stage: '{"a": []}', input: '[]', result: '[{"a": []}]' },
    { stage: '{}', error: 40169 },
    { stage: '{"a": 1}', error: 40170 },
    { stage: '{"a": [1]}', error: 40171 },
    { stage: '{"a": [{}]}', error: 40323 },
    { stage: '{"$a": []}', error: 16410 },
    { stage: '{"a": [{"$out": "b"}]}', error: 40600 },
    { stage: '{"a": [{"$facet": {"b": []}}]}', error: 40600 },
  ],
};
