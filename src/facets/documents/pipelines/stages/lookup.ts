// $lookup: by equal fields, by a nested pipeline, or by both.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseExpression, withVariables } from '../../expressions/parse.ts';
import { assertUserVariableName, splitFieldPath } from '../../expressions/paths.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { assertPipeline, namedCollection, refuseForeignDatabase, startsWithDocuments } from '../nested-pipelines.ts';
import { everywhere } from '../stage.ts';
import type { CollectionName, LookupStage, StageContext, StageKind } from '../stage.ts';
import { readsVariable, variableEquality } from './correlation.ts';
import { joinDocuments, type Lookup } from './join-documents.ts';

type Specification = {
  from: CollectionName | undefined;
  as: string;
  localField: string;
  foreignField: string;
  variables: Document | undefined;
  pipeline: Value[] | undefined;
};

function assertObject(argument: Value): asserts argument is Document {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `the $lookup stage specification must be an object, but found ${typeNameOf(argument)}`);
}

function surveyLookup(argument: Value, context: StageContext): readonly (readonly Value[])[] {
  assertObject(argument);
  const from = argument.get('from');
  const pipeline = argument.get('pipeline');
  if (from !== undefined) parseFrom(from, context);
  else if (pipeline === undefined) throw new DocumentError('FailedToParse', "must specify 'pipeline' when 'from' is empty");
  else if (!Array.isArray(pipeline) || !startsWithDocuments(pipeline)) {
    throw new DocumentError('FailedToParse', '$lookup stage without explicit collection must have a pipeline with $documents as first stage');
  }
  return pipeline === undefined ? [] : [assertPipeline(pipeline)];
}

function parseLookup(argument: Value, context: StageContext): LookupStage {
  assertObject(argument);
  const specification = readSpecification(argument, context);
  assertWhole(specification);
  const { from, as, localField, foreignField } = specification;
  const fields = localField === '' ? undefined : { local: splitFieldPath(localField), foreign: splitFieldPath(foreignField) };
  const lookup: Lookup = { from, as: splitFieldPath(as), fields, ...parseNested(specification, context) };
  return { name: '$lookup', ...lookup, run: (input, environment) => joinDocuments(input, lookup, environment) };
}

function readSpecification(argument: Document, context: StageContext): Specification {
  const texts = { as: '', localField: '', foreignField: '' };
  let from: CollectionName | undefined;
  let variables: Document | undefined;
  let pipeline: Value[] | undefined;
  for (const [name, value] of argument) {
    if (name === 'pipeline') pipeline = assertPipeline(value);
    else if (name === 'let') variables = assertLet(value);
    else if (name === 'from') from = parseFrom(value, context);
    else if (typeof value !== 'string') throw new DocumentError('FailedToParse', `$lookup argument '${name}' must be a string, found ${name}: ${shellText(value)}: ${typeNameOf(value)}`);
    else if (name === 'as' || name === 'localField' || name === 'foreignField') texts[name] = value;
    else throw new DocumentError('FailedToParse', `unknown argument to $lookup: ${name}`);
  }
  return { from, variables, pipeline, ...texts };
}

function assertLet(value: Value): Document {
  if (value instanceof Map) return value;
  throw new DocumentError('FailedToParse', `$lookup argument 'let: ${shellText(value)}' must be an object, is type ${typeNameOf(value)}`);
}

function parseFrom(value: Value, context: StageContext): CollectionName {
  if (value instanceof Map) refuseForeignDatabase('$lookup', value);
  if (typeof value !== 'string') throw new DocumentError('FailedToParse', `$lookup 'from' field must be a string, but found ${typeNameOf(value)}`);
  return namedCollection('$lookup', context, value);
}

function assertWhole({ as, localField, foreignField, variables, pipeline }: Specification): void {
  if (as === '') throw new DocumentError('FailedToParse', "must specify 'as' field for a $lookup");
  const hasOneField = (localField === '') !== (foreignField === '');
  if (pipeline && hasOneField) throw new DocumentError('FailedToParse', "$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  if (!pipeline && (localField === '' || foreignField === '')) {
    throw new DocumentError('FailedToParse', "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified");
  }
  if (!pipeline && variables) throw new DocumentError('FailedToParse', "$lookup with a 'let' argument must also specify 'pipeline'");
}

function parseNested({ from, variables, pipeline = [] }: Specification, context: StageContext): Pick<Lookup, 'variables' | 'pipeline' | 'apartStages' | 'equality'> {
  const names = [...(variables?.keys() ?? [])];
  for (const name of names) assertUserVariableName(name);
  const { context: expressions, slots } = withVariables(context.expressions, names);
  const values = names.map((name, index) => ({ slot: slots[index]!, expression: parseExpression(variables!.get(name)!, context.expressions) }));
  const inner: StageContext = { ...context, expressions, place: 'lookup', depth: context.depth + 1, collection: from?.collection };
  const parsed = context.parsePipeline(pipeline, inner);
  const correlated = pipeline.findIndex((stage) => readsVariable(stage, names));
  // Some stages stand for several.
  const apartStages = correlated < 0 ? parsed.length : correlated === 0 ? 0 : context.parsePipeline(pipeline.slice(0, correlated), inner).length;
  const equality = correlated < 0 ? undefined : variableEquality(pipeline[correlated]!, names);
  return {
    variables: values, pipeline: parsed, apartStages,
    ...(equality && { equality: { path: equality.path, value: parseExpression(equality.variable, expressions) } }),
  };
}

const collections = { b: '[{"_id": 1, "k": 1}, {"_id": 2, "k": [1, 2]}, {"_id": 3}, {"_id": 4, "k": "x"}]' };

export const lookupStage: StageKind = {
  name: '$lookup',
  survey: surveyLookup,
  parse: parseLookup,
  places: everywhere,
  examples: [
    {
      stage: '{"from": "b", "localField": "a", "foreignField": "k", "as": "j"}',
      input: '[{"a": 1}, {"a": [2, "x"]}, {}, {"a": 9}]',
      collections,
      result:
        '[{"a": 1, "j": [{"_id": 1, "k": 1}, {"_id": 2, "k": [1, 2]}]}, {"a": [2, "x"], "j": [{"_id": 2, "k": [1, 2]}, {"_id": 4, "k": "x"}]}, {"j": [{"_id": 3}]}, {"a": 9, "j": []}]',
    },
    {
      stage: '{"from": "b", "let": {"x": "$a"}, "pipeline": [{"$match": {"$expr": {"$eq": ["$k", "$$x"]}}}, {"$project": {"_id": 1}}], "as": "j.l"}',
      input: '[{"a": 1}, {"a": "x", "j": {"m": 1}}]',
      collections,
      result: '[{"a": 1, "j": {"l": [{"_id": 1}]}}, {"a": "x", "j": {"m": 1, "l": [{"_id": 4}]}}]',
    },
    {
      stage: '{"from": "b", "localField": "a", "foreignField": "k", "pipeline": [{"$limit": 1}], "as": "j"}',
      input: '[{"a": 1}]',
      collections,
      result: '[{"a": 1, "j": [{"_id": 1, "k": 1}]}]',
    },
    { stage: '{"from": "b", "pipeline": [{"$count": "n"}], "as": "j"}', input: '[{}, {}]', collections, result: '[{"j": [{"n": 4}]}, {"j": [{"n": 4}]}]' },
    { stage: '{"pipeline": [{"$documents": [{"x": 1}, {"x": 2}]}], "localField": "a", "foreignField": "x", "as": "j"}', input: '[{"a": 2}]', result: '[{"a": 2, "j": [{"x": 2}]}]' },
    // A variable is evaluated even if nothing reads it.
    { stage: '{"from": "b", "let": {"x": {"$divide": ["$a", 0]}}, "pipeline": [], "as": "j"}', input: '[{"a": 1}]', collections, error: 2 },
    { stage: '{"from": "b", "localField": "a", "foreignField": "k", "let": {"x": {"$divide": ["$a", 0]}}, "pipeline": [], "as": "j"}', input: '[{"a": 1}]', collections, error: 2 },
    { stage: '1', error: 9 },
    { stage: '{"from": 1, "localField": "a", "foreignField": "b", "as": "c"}', error: 9 },
    { stage: '{"from": {"db": "d", "coll": "b"}, "localField": "a", "foreignField": "b", "as": "c"}', error: 9 },
    { stage: '{"from": {"x": 1}, "localField": "a", "foreignField": "b", "as": "c"}', error: 40415 },
    { stage: '{"from": "b", "localField": "a", "foreignField": "b"}', error: 9 },
    { stage: '{"from": "b", "localField": "a", "as": "c"}', error: 9 },
    { stage: '{"from": "b", "localField": "a", "pipeline": [], "as": "c"}', error: 9 },
    { stage: '{"from": "b", "pipeline": 1, "as": "c"}', error: 14 },
    { stage: '{"from": "b", "pipeline": [], "as": "$c"}', error: 16410 },
    { stage: '{"from": "b", "pipeline": [{"$out": "x"}], "as": "c"}', error: 51047 },
    { stage: '{"from": "b", "let": {"X": 1}, "pipeline": [], "as": "c"}', error: 9 },
    { stage: '{"from": "b", "pipeline": [{"$match": {"$expr": "$$x"}}], "as": "c"}', error: 17276 },
    { stage: '{"from": "b", "x": "y", "as": "c"}', error: 9 },
    { stage: '{"from": "", "localField": "a", "foreignField": "b", "as": "c"}', error: 73 },
    { stage: '{"pipeline": [], "as": "c"}', error: 9 },
  ],
};
