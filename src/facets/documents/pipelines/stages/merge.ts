// $merge.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isNullish } from '../../expressions/coercions.ts';
import type { Expression } from '../../expressions/expression.ts';
import { parseExpression, withVariables } from '../../expressions/parse.ts';
import { assertUserVariableName, splitFieldPath } from '../../expressions/paths.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { valueOfFields } from '../../filters/paths.ts';
import { assertRunning } from '../batches.ts';
import { assertCollectionName, assertPipeline, withValues } from '../nested-pipelines.ts';
import { transformDocument } from '../run-pipeline.ts';
import { nowhereNested } from '../stage.ts';
import type { Batches, CollectionName, MergeItem, MergeRules, MergeStage, Pipeline, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';

type WhenMatched = MergeRules['whenMatched'];
type WhenNotMatched = MergeRules['whenNotMatched'];

/** The update that `whenMatched: [...]` stands for. */
type MergeUpdate = { readonly pipeline: Pipeline; readonly variables: readonly { readonly slot: number; readonly expression: Expression }[] };

type MergeArguments = { readonly target: CollectionName; readonly rules: MergeRules; readonly stages: Value[] | undefined; readonly variables: Document | undefined };

function parseMerge(argument: Value, context: StageContext): MergeStage {
  const { target, rules, stages, variables } = readMerge(argument, context);
  assertWritable(target);
  const update = parseUpdate(stages, variables, rules, context);
  return { name: '$merge', target, rules, run: (input, environment) => mergeDocuments(input, target, rules, update, environment) };
}

function readMerge(argument: Value, context: StageContext): MergeArguments {
  const given = readFields(argument);
  const target = parseTarget(given.get('into')!, context);
  const on = parseOn(given.get('on'));
  const { whenMatched, stages } = parseWhenMatched(given.get('whenMatched'));
  const whenNotMatched = parseWhenNotMatched(given.get('whenNotMatched'));
  assertCollectionName('Invalid $merge target namespace', target);
  assertSupported(whenMatched, whenNotMatched);
  return { target, rules: { on, whenMatched, whenNotMatched }, stages, variables: given.get('let') as Document | undefined };
}

function readFields(argument: Value): Document {
  if (typeof argument === 'string') return new Map([['into', argument]]);
  if (!(argument instanceof Map)) throw new DocumentError('TypeMismatch', `$merge requires a string or object argument, but found ${typeNameOf(argument)}`);
  return readArguments('$merge', argument, { into: { required: true }, on: {}, let: { types: ['object'] }, whenMatched: {}, whenNotMatched: { types: ['string'] } });
}

function parseTarget(into: Value, { database }: StageContext): CollectionName {
  if (typeof into === 'string') {
    if (into === '') throw new DocumentError(5786800, "$merge 'into' field cannot be an empty string");
    return { database, collection: into };
  }
  if (!(into instanceof Map)) throw new DocumentError(51178, `$merge 'into' field  must be either a string or an object, but found ${typeNameOf(into)}`);
  const given = readArguments('into', into, { db: { types: ['string'] }, coll: { types: ['string'] } });
  const collection = given.get('coll') as string | undefined;
  if (!collection) throw new DocumentError(5786801, "$merge 'into' field must specify a 'coll' that is not empty, null or undefined");
  return { database: (given.get('db') as string | undefined) ?? database, collection };
}

function assertWritable(target: CollectionName): void {
  if (target.collection.startsWith('system.')) throw new DocumentError(31319, `Cannot $merge to special collection: ${target.collection}`);
  if (['admin', 'config', 'local'].includes(target.database)) throw new DocumentError(31320, `Cannot $merge to internal database: ${target.database}`);
}

function parseOn(on: Value | undefined): string[] {
  if (on === undefined) return ['_id'];
  if (typeof on !== 'string' && !Array.isArray(on)) throw new DocumentError(51186, `$merge 'on' field  must be either a string or an array of strings, but found ${typeNameOf(on)}`);
  const fields = (typeof on === 'string' ? [on] : on).map((field) => {
    if (typeof field !== 'string') throw new DocumentError(51134, `$merge 'on' array elements must be strings, but found ${typeNameOf(field)}`);
    return field;
  });
  if (fields.length === 0) throw new DocumentError(51187, "If explicitly specifying $merge 'on', must include at least one field");
  const seen = new Set<string>();
  for (const field of fields) {
    splitFieldPath(field);
    if (seen.has(field)) throw new DocumentError(31465, `Found a duplicate field '${field}'`);
    seen.add(field);
  }
  return fields;
}

const matchedModes: ReadonlySet<string> = new Set<WhenMatched>(['replace', 'keepExisting', 'merge', 'fail']);

function parseWhenMatched(value: Value | undefined): { whenMatched: WhenMatched; stages: Value[] | undefined } {
  if (value === undefined) return { whenMatched: 'merge', stages: undefined };
  if (Array.isArray(value)) return { whenMatched: 'pipeline', stages: assertPipeline(value) };
  if (typeof value !== 'string') throw new DocumentError(51191, `$merge 'whenMatched' field  must be either a string or an array, but found ${typeNameOf(value)}`);
  if (!matchedModes.has(value)) throw new DocumentError('BadValue', `Enumeration value '${value}' for field 'whenMatched' is not a valid value.`);
  return { whenMatched: value as WhenMatched, stages: undefined };
}

const notMatchedModes: ReadonlySet<string> = new Set<WhenNotMatched>(['insert', 'discard', 'fail']);

function parseWhenNotMatched(value: Value | undefined): WhenNotMatched {
  if (value === undefined) return 'insert';
  if (typeof value !== 'string' || !notMatchedModes.has(value)) throw new DocumentError('BadValue', `Enumeration value '${shellText(value)}' for field '$merge.whenNotMatched' is not a valid value.`);
  return value as WhenNotMatched;
}

function assertSupported(whenMatched: WhenMatched, whenNotMatched: WhenNotMatched): void {
  const isInsertOnly = whenMatched === 'keepExisting' || whenMatched === 'fail';
  if (!isInsertOnly || whenNotMatched === 'insert') return;
  throw new DocumentError(51181, `Combination of $merge modes 'whenMatched: ${whenMatched}' and 'whenNotMatched: ${whenNotMatched}' is not supported`);
}

function parseUpdate(stages: Value[] | undefined, given: Document | undefined, { whenMatched, whenNotMatched }: MergeRules, context: StageContext): MergeUpdate | undefined {
  if (!stages) {
    if (given) throw new DocumentError(51199, `Cannot use 'let' variables with 'whenMatched: ${whenMatched}' mode`);
    return undefined;
  }
  const variables: Document = new Map(given);
  const own = variables.get('new');
  if (own !== undefined && own !== '$$ROOT') throw new DocumentError(51273, "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'");
  if (!given || whenNotMatched === 'insert') variables.set('new', '$$ROOT');
  for (const name of variables.keys()) assertUserVariableName(name);
  const { context: expressions, slots } = withVariables(context.expressions, [...variables.keys()]);
  return {
    pipeline: context.parsePipeline(stages, { ...context, expressions, place: 'update', depth: context.depth + 1 }),
    variables: [...variables.values()].map((value, index) => ({ slot: slots[index]!, expression: parseExpression(value, context.expressions) })),
  };
}

async function* mergeDocuments(input: Batches, target: CollectionName, rules: MergeRules, update: MergeUpdate | undefined, environment: PipelineEnvironment): Batches {
  const paths = rules.on.map(splitFieldPath);
  for await (const batch of input) {
    assertRunning(environment);
    const items = batch.map((document) => newItem(document, rules, paths, update, environment));
    if (items.length > 0) await environment.writer.merge(target, items, rules);
  }
  yield* [];
}

function newItem(given: Document, { on }: MergeRules, paths: readonly (readonly string[])[], update: MergeUpdate | undefined, environment: PipelineEnvironment): MergeItem {
  const document = on.includes('_id') && !given.has('_id') ? new Map<string, Value>([['_id', environment.writer.newObjectId()], ...given]) : given;
  const key = paths.map((path) => keyValue(document, path));
  if (!update) return { document, key };
  const scope = environment.scopeFor(document);
  const values = update.variables.map(({ slot, expression }) => ({ slot, value: expression.evaluate(scope) }));
  return { document, key, apply: (matched) => transformDocument(update.pipeline, matched, withValues(environment, values)) };
}

function keyValue(document: Document, path: readonly string[]): Value {
  const value = valueOfFields(document, path);
  if (Array.isArray(value)) throw new DocumentError(51185, `$merge write error: 'on' field '${path.join('.')}' is an array`);
  if (isNullish(value)) throw new DocumentError(51132, `$merge write error: 'on' field '${path.join('.')}' cannot be missing, null, undefined or an array`);
  return value;
}

export const mergeStage: StageKind = {
  name: '$merge',
  survey(argument, context) {
    const { stages } = readMerge(argument, context);
    return stages === undefined ? [] : [stages];
  },
  parse: parseMerge,
  position: 'last',
  places: nowhereNested,
  allowedInTransaction: false,
  examples: [
    { stage: '"b"', input: '[{"_id": 1}]', result: '[]' },
    { stage: '{"into": {"db": "d", "coll": "c"}, "on": ["a", "b"], "whenMatched": [{"$set": {"n": "$$new.a"}}], "whenNotMatched": "discard"}', input: '[{"a": 1, "b": 2}]', result: '[]' },
    { stage: '1', error: 14 },
    { stage: '{}', error: 40414 },
    { stage: '{"into": 1}', error: 51178 },
    { stage: '{"into": ""}', error: 5786800 },
    { stage: '{"into": {}}', error: 5786801 },
    { stage: '{"into": "b", "on": 1}', error: 51186 },
    { stage: '{"into": "b", "on": [1]}', error: 51134 },
    { stage: '{"into": "b", "on": []}', error: 51187 },
    { stage: '{"into": "b", "on": ["a", "a"]}', error: 31465 },
    { stage: '{"into": "b", "whenMatched": 1}', error: 51191 },
    { stage: '{"into": "b", "whenMatched": "x"}', error: 2 },
    { stage: '{"into": "b", "whenNotMatched": "x"}', error: 2 },
    { stage: '{"into": "b", "whenMatched": "fail", "whenNotMatched": "fail"}', error: 51181 },
    { stage: '{"into": "b", "let": {"a": 1}}', error: 51199 },
    { stage: '{"into": "b", "let": {"new": 1}, "whenMatched": []}', error: 51273 },
    { stage: '{"into": "b", "whenMatched": [{"$match": {}}]}', error: 72 },
    { stage: '{"into": "b", "x": 1}', error: 40415 },
    { stage: '{"into": "system.b"}', error: 31319 },
    { stage: '{"into": "b", "on": "a"}', input: '[{"_id": 1}]', error: 51132 },
    { stage: '{"into": "b", "on": "a"}', input: '[{"a": [1]}]', error: 51185 },
  ],
};
