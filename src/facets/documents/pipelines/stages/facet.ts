// $facet.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { assertFieldName } from '../../expressions/paths.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { withParsingContext } from '../../error-context.ts';
import { approximateSizeOfDocument } from '../memory.ts';
import { runPipeline } from '../run-pipeline.ts';
import { Tee } from '../tee.ts';
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

/** `internalQueryFacetMaxOutputDocSizeBytes`. */
const mostBytes = 100 * 1_024 * 1_024;

/** One document. */
async function* runFacets(input: Batches, facets: ReadonlyMap<string, Pipeline>, environment: PipelineEnvironment): Batches {
  const tee = new Tee(input, facets.size);
  let bytes = 0;
  const gatherFacet = async (pipeline: Pipeline): Promise<Document[]> => {
    const documents: Document[] = [];
    for await (const batch of runPipeline(pipeline, tee.read(), environment)) {
      for (const document of batch) {
        bytes += approximateSizeOfDocument(document);
        if (bytes > mostBytes) throw new DocumentError(4031700, `document constructed by $facet is ${bytes} bytes, which exceeds the limit of ${mostBytes} bytes`);
        documents.push(document);
      }
    }
    return documents;
  };
  try {
    const results = await Promise.all([...facets].map(async ([name, pipeline]): Promise<[string, Value]> => [name, await gatherFacet(pipeline)]));
    yield [new Map(results)];
  } finally {
    await tee.end();
  }
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
    {
      stage: '{"one": [{"$limit": 1}], "all": [{"$sort": {"a": -1}}], "joined": [{"$lookup": {"from": "b", "localField": "a", "foreignField": "k", "as": "j"}}, {"$unwind": "$j"}]}',
      input: '[{"a": 1}, {"a": 2}]',
      collections: { b: '[{"k": 2}]' },
      result: '[{"one": [{"a": 1}], "all": [{"a": 2}, {"a": 1}], "joined": [{"a": 2, "j": {"k": 2}}]}]',
    },
    { stage: '{"ok": [], "fails": [{"$project": {"x": {"$add": ["$a", "s"]}}}]}', input: '[{"a": 1}]', error: 14 },
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
