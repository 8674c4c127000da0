// $setWindowFields, and $fill, which is one of these and a $addFields. Source for errors and their order: MongoDB 7.0.

import { compareValues } from '../../../../values/bson/compare.ts';
import { typeNameOf, type Document, type Maybe, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression, withVariables } from '../../expressions/parse.ts';
import { valueAtPath } from '../../expressions/paths.ts';
import { parseAddFields } from '../../projections/parse-add-fields.ts';
import type { Projection } from '../../projections/projection.ts';
import { type SortPattern, parseSort } from '../../sorts/parse-sort.ts';
import { compareSortKeys, sortKeysOf } from '../../sorts/sort-keys.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { approximateSizeOfDocument, newStageAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, OpaqueStage, PipelineEnvironment, Stage, StageContext, StageKind } from '../stage.ts';
import { assertStrings, readArguments } from '../stage-arguments.ts';
import { parseWindowAccumulator } from '../windows/window-accumulators.ts';
import { type Partition, type WindowContext, type WindowFunction, windowFunctions } from '../windows/window-functions.ts';
import { addFieldsStage } from './add-fields.ts';

type Plan = {
  readonly partitionBy: Expression | undefined;
  readonly sortBy: SortPattern | undefined;
  readonly functions: readonly WindowFunction[];
  /** Sets the fields to variables, one for each function, whose slots these are. */
  readonly projection: Projection | undefined;
  readonly slots: readonly number[];
};

function parseSetWindowFields(argument: Value, { expressions }: StageContext): OpaqueStage {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `the $setWindowFields stage specification must be an object, found ${typeNameOf(argument)}`);
  const given = readArguments('$setWindowFields', argument, { partitionBy: {}, sortBy: { types: ['object'] }, output: { types: ['object'], required: true } });
  const sortBy = given.get('sortBy');
  const pattern = sortBy instanceof Map && sortBy.size > 0 ? parseSort(sortBy) : undefined;
  const partitionBy = given.get('partitionBy');
  const output = given.get('output') as Document;
  const context: WindowContext = { expressions, sortBy: pattern };
  const functions = [...output].map(([field, value]) => parseFunction(field, value, context));
  return newWindowStage({ ...fieldsOf([...output.keys()], expressions), partitionBy: partitionBy === undefined ? undefined : parseExpression(partitionBy, expressions), sortBy: pattern, functions });
}

function parseFunction(field: string, value: Value, context: WindowContext): WindowFunction {
  if (!(value instanceof Map)) throw new DocumentError('FailedToParse', `The field '${field}' must be an object`);
  const name = [...value.keys()].find((key) => key.startsWith('$'));
  if (name === undefined) {
    const [first = ''] = value.keys();
    throw new DocumentError('FailedToParse', `Expected a $-prefixed window function${first === '' ? '' : `, ${first}`}`);
  }
  const parsed = windowFunctions.get(name)?.(value, context) ?? parseWindowAccumulator(name, value, context);
  if (parsed === undefined) throw new DocumentError('FailedToParse', `Unrecognized window function, ${name}`);
  return parsed;
}

/** The output's fields as $addFields sets them. Throws DocumentError for paths that are in each other's way. */
function fieldsOf(fields: readonly string[], expressions: ParseContext): Pick<Plan, 'projection' | 'slots'> {
  if (fields.length === 0) return { projection: undefined, slots: [] };
  const names = fields.map((_, index) => `window${index}`);
  const { context, slots } = withVariables(expressions, names);
  return { projection: parseAddFields(new Map(fields.map((field, index) => [field, `$$${names[index]}`])), context), slots };
}

function newWindowStage(plan: Plan): OpaqueStage {
  return { name: '$setWindowFields', run: (input, environment) => runWindows(input, plan, environment) };
}

type Entry = { readonly document: Document; readonly group: Value; readonly keys: readonly Value[] };

async function* runWindows(input: Batches, plan: Plan, environment: PipelineEnvironment): Batches {
  const memory = newStageAccount('$setWindowFields', environment);
  const entries: Entry[] = [];
  for await (const batch of input) {
    assertRunning(environment);
    for (const document of batch) {
      memory.add(approximateSizeOfDocument(document));
      entries.push({ document, group: groupOf(document, plan, environment), keys: plan.sortBy === undefined ? [] : sortKeysOf(plan.sortBy, document) });
    }
  }
  const compareKeys = plan.sortBy === undefined ? () => 0 : compareSortKeys(plan.sortBy);
  if (plan.partitionBy !== undefined || plan.sortBy !== undefined) entries.sort((a, b) => compareValues(a.group, b.group) || compareKeys(a.keys, b.keys));
  for (let from = 0; from < entries.length; ) {
    let to = from + 1;
    while (to < entries.length && compareValues(entries[to]!.group, entries[from]!.group) === 0) to += 1;
    assertRunning(environment);
    yield* batchesOf(withWindows(entries.slice(from, to), plan, environment));
    from = to;
  }
}

/** The value that tells the partition; missing counts as null. Throws DocumentError: TypeMismatch. */
function groupOf(document: Document, { partitionBy }: Plan, environment: PipelineEnvironment): Value {
  const value = partitionBy?.evaluate(environment.scopeFor(document)) ?? null;
  if (Array.isArray(value)) throw new DocumentError('TypeMismatch', 'An expression used to partition cannot evaluate to value of type array');
  return value;
}

function withWindows(entries: readonly Entry[], { sortBy, functions, projection, slots }: Plan, environment: PipelineEnvironment): Document[] {
  const scopes = entries.map(({ document }) => environment.scopeFor(document));
  const single = sortBy?.length === 1 ? sortBy[0]!.path : undefined;
  const positions = single === undefined ? [] : entries.map(({ document }): Maybe => valueAtPath(document, single));
  const partition: Partition = { scopes, sortKeys: entries.map(({ keys }) => keys), positions };
  const results = functions.map((compute) => compute(partition));
  if (projection === undefined) return entries.map(({ document }) => document);
  return entries.map(({ document }, index) => {
    const scope = environment.scopeFor(document);
    for (const [at, slot] of slots.entries()) scope.slots[slot] = results[at]![index];
    return projection.apply(document, scope);
  });
}

export const setWindowFieldsStage: StageKind = {
  name: '$setWindowFields',
  parse: parseSetWindowFields,
  places: everywhere,
  examples: [
    {
      stage: '{"partitionBy": "$k", "sortBy": {"n": 1}, "output": {"sum": {"$sum": "$n", "window": {"documents": ["unbounded", "current"]}}}}',
      input: '[{"k": "b", "n": 2}, {"k": "a", "n": 1}, {"k": "b", "n": 1}]',
      result: '[{"k": "a", "n": 1, "sum": 1}, {"k": "b", "n": 1, "sum": 1}, {"k": "b", "n": 2, "sum": 3}]',
    },
    {
      stage: '{"sortBy": {"n": 1}, "output": {"r": {"$rank": {}}, "d": {"$denseRank": {}}, "i": {"$documentNumber": {}}}}',
      input: '[{"n": 1}, {"n": 1}, {"n": 2}]',
      result: '[{"n": 1, "r": 1, "d": 1, "i": 1}, {"n": 1, "r": 1, "d": 1, "i": 2}, {"n": 2, "r": 3, "d": 2, "i": 3}]',
    },
    { stage: '{"sortBy": {"n": 1}, "output": {"s": {"$shift": {"output": "$n", "by": 1, "default": "none"}}}}', input: '[{"n": 1}, {"n": 2}]', result: '[{"n": 1, "s": 2}, {"n": 2, "s": "none"}]' },
    { stage: '{"sortBy": {"n": 1}, "output": {"s": {"$sum": "$n", "window": {"range": [-1, 0]}}}}', input: '[{"n": 1}, {"n": 2}, {"n": 5}]', result: '[{"n": 1, "s": 1}, {"n": 2, "s": 3}, {"n": 5, "s": 5}]' },
    {
      stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y"}, "window": {"documents": [-1, 0]}}}}', input: '[{"x": 0, "y": 1}, {"x": 2, "y": 5}]',
      result: '[{"x": 0, "y": 1, "d": null}, {"x": 2, "y": 5, "d": {"$numberDouble": "2.0"}}]',
    },
    { stage: '{"sortBy": {"x": 1}, "output": {"a": {"$expMovingAvg": {"input": "$x", "N": 3}}}}', input: '[{"x": 2}, {"x": 4}]', result: '[{"x": 2, "a": 2}, {"x": 4, "a": {"$numberDouble": "3.0"}}]' },
    { stage: '{"output": {"c": {"$covariancePop": ["$x", "$y"]}}}', input: '[{"x": 1, "y": 2}, {"x": 3, "y": 6}]', result: '[{"x": 1, "y": 2, "c": {"$numberDouble": "2.0"}}, {"x": 3, "y": 6, "c": {"$numberDouble": "2.0"}}]' },
    { stage: '{"output": {"a.b": {"$push": "$n"}}}', input: '[{"n": 1}, {"n": 2}]', result: '[{"n": 1, "a": {"b": [1, 2]}}, {"n": 2, "a": {"b": [1, 2]}}]' },
    { stage: '{"partitionBy": "$k", "output": {}}', input: '[{"k": [1]}]', error: 14 },
    { stage: '1', error: 9 },
    { stage: '{}', error: 40414 },
    { stage: '{"output": {}, "x": 1}', error: 40415 },
    { stage: '{"output": {"a": 1}}', error: 9 },
    { stage: '{"output": {"a": {"$foo": 1}}}', error: 9 },
    { stage: '{"output": {"a": {"$rank": {}}}}', error: 5371602 },
    { stage: '{"sortBy": {"a": 1}, "output": {"a": {"$rank": 1}}}', error: 5371603 },
    { stage: '{"output": {"a": {"$sum": 1, "window": {"documents": [0, 1]}}}}', error: 5339901 },
    { stage: '{"sortBy": {"a": 1}, "output": {"a": {"$sum": 1, "window": {"documents": [1, 0]}}}}', error: 5339900 },
    { stage: '{"output": {"a": {"$sum": 1, "window": {"range": [0, 1]}}}}', error: 5339902 },
  ],
};

function parseFill(argument: Value, context: StageContext): readonly Stage[] {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `The $fill stage specification must be an object, found ${typeNameOf(argument)}`);
  const given = readArguments('$fill', argument, { partitionBy: { types: ['object', 'string'] }, partitionByFields: { types: ['array'] }, sortBy: { types: ['object'] }, output: { types: ['object'], required: true } });
  const output = given.get('output') as Document;
  if (output.size === 0) throw new DocumentError(6_050_203, "The output field in '$fill' must contain an object with at least one element");
  const windows: Document = new Map();
  const values: Document = new Map();
  for (const [field, fill] of output) addFill(field, fill, { windows, values });
  const window: Document = new Map<string, Value>([['output', windows]]);
  const sortBy = given.get('sortBy');
  if (sortBy !== undefined) window.set('sortBy', sortBy);
  const partition = partitionOf(given);
  if (partition !== undefined) window.set('partitionBy', partition);
  return [
    ...(windows.size === 0 ? [] : [parseSetWindowFields(window, context)]),
    ...(values.size === 0 ? [] : [addFieldsStage.parse(values, context)].flat()),
  ];
}

/** What a field is filled with: by a window function, or by a value. */
function addFill(field: string, fill: Value, { windows, values }: { readonly windows: Document; readonly values: Document }): void {
  if (!(fill instanceof Map)) throw new DocumentError(6_050_200, 'Each fill output specification must be an object with exactly one field');
  const given = readArguments('$fill', fill, { method: { types: ['string'] }, value: {} });
  const method = given.get('method');
  const value = given.get('value');
  if (method !== undefined) {
    if (value !== undefined) throw new DocumentError(6_050_201, "Each fill output specification must have exactly one of 'method' or 'value' fields, not both");
    if (method !== 'locf' && method !== 'linear') throw new DocumentError(6_050_202, 'Method must be either locf or linear');
    windows.set(field, new Map([[method === 'linear' ? '$linearFill' : '$locf', `$${field}`]]));
  }
  if (value !== undefined) values.set(field, new Map([['$ifNull', [`$${field}`, value]]]));
}

function partitionOf(given: Document): Value | undefined {
  const partitionBy = given.get('partitionBy');
  const fields = given.get('partitionByFields');
  if (partitionBy !== undefined && fields !== undefined) throw new DocumentError(6_050_204, "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'");
  if (!Array.isArray(fields)) return partitionBy;
  assertStrings('$fill.partitionByFields', fields);
  return new Map(fields.map((field) => [field, `$${field}`]));
}

export const fillStage: StageKind = {
  name: '$fill',
  parse: parseFill,
  places: everywhere,
  examples: [
    { stage: '{"output": {"a": {"value": 0}}}', input: '[{"a": null}, {}, {"a": 1}]', result: '[{"a": 0}, {"a": 0}, {"a": 1}]' },
    { stage: '{"sortBy": {"x": 1}, "output": {"a": {"method": "locf"}}}', input: '[{"x": 1}, {"x": 2, "a": 5}, {"x": 3}]', result: '[{"x": 1, "a": null}, {"x": 2, "a": 5}, {"x": 3, "a": 5}]' },
    {
      stage: '{"sortBy": {"x": 1}, "output": {"a": {"method": "linear"}}}', input: '[{"x": 0, "a": 1}, {"x": 1}, {"x": 4, "a": 9}]',
      result: '[{"x": 0, "a": 1}, {"x": 1, "a": {"$numberDouble": "3.0"}}, {"x": 4, "a": 9}]',
    },
    { stage: '1', error: 9 },
    { stage: '{}', error: 40414 },
    { stage: '{"output": {}}', error: 6050203 },
    { stage: '{"output": {"a": 1}}', error: 6050200 },
    { stage: '{"output": {"a": {"method": "x"}}}', error: 6050202 },
    { stage: '{"output": {"a": {"method": "locf", "value": 1}}}', error: 6050201 },
    { stage: '{"partitionBy": "$a", "partitionByFields": ["a"], "output": {"a": {"value": 1}}}', error: 6050204 },
    { stage: '{"output": {"a": {"method": "linear"}}}', error: 605001 },
  ],
};
