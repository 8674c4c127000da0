// $setWindowFields. Source for errors and their order: MongoDB 7.0.

import { compareValues } from '../../../../values/bson/compare.ts';
import { typeNameOf, type Document, type Maybe, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression, withVariables } from '../../expressions/parse.ts';
import { parseAddFields } from '../../projections/parse-add-fields.ts';
import type { Projection } from '../../projections/projection.ts';
import { type SortPattern, parseSort } from '../../sorts/parse-sort.ts';
import { type Keyed, sortByKey } from '../keyed-sort.ts';
import { everywhere } from '../stage.ts';
import type { Batches, OpaqueStage, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';
import { type HeldFunctions, HeldPartition } from '../windows/held-partition.ts';
import { parseWindowAccumulator } from '../windows/window-accumulators.ts';
import type { WindowContext, WindowFunction } from '../windows/window-function.ts';
import { windowFunctions } from '../windows/window-functions.ts';
import { sortOrder } from './sort.ts';

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
  const partition = given.get('partitionBy');
  const partitionBy = partition === undefined ? undefined : parseExpression(partition, expressions);
  const sortBy = given.get('sortBy');
  const pattern = sortBy instanceof Map ? parseSort(sortBy) : undefined;
  const output = given.get('output') as Document;
  const fields = [...output.keys()];
  const functions = [...output].map(([field, value], index) => {
    assertApart(field, fields.slice(0, index));
    return parseFunction(field, value, { expressions, sortBy: pattern });
  });
  assertPartition(partitionBy?.constant?.value);
  return newWindowStage({ ...fieldsOf(fields, expressions), partitionBy, sortBy: pattern, functions });
}

/** Throws DocumentError: 6307900. */
function assertApart(field: string, others: readonly string[]): void {
  const isPart = (part: string, whole: string) => whole === part || whole.startsWith(`${part}.`);
  if (others.some((other) => isPart(field, other) || isPart(other, field))) {
    throw new DocumentError(6_307_900, "$setWindowFields 'output' specification contains two conflicting paths");
  }
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

/** The output's fields as $addFields sets them. */
function fieldsOf(fields: readonly string[], expressions: ParseContext): Pick<Plan, 'projection' | 'slots'> {
  if (fields.length === 0) return { projection: undefined, slots: [] };
  const names = fields.map((_, index) => `window${index}`);
  const { context, slots } = withVariables(expressions, names);
  return { projection: parseAddFields(new Map(fields.map((field, index) => [field, `$$${names[index]}`])), context), slots };
}

function newWindowStage(plan: Plan): OpaqueStage {
  return { name: '$setWindowFields', run: (input, environment) => runWindows(input, plan, environment) };
}

async function* runWindows(input: Batches, plan: Plan, environment: PipelineEnvironment): Batches {
  const { sortBy, functions } = plan;
  const held: HeldFunctions = { functions, position: sortBy?.length === 1 ? sortBy[0]!.path : undefined };
  const finish = finishing(plan, environment);
  let current: { readonly partition: HeldPartition; readonly group: Value } | undefined;
  try {
    for await (const batch of sorted(input, plan, environment)) {
      for (const { key: group, document } of batch) {
        if (current !== undefined && compareValues(group, current.group) !== 0) {
          yield* current.partition.results(finish);
          await current.partition.close();
          current = undefined;
        }
        current ??= { partition: new HeldPartition(held, environment), group };
        current.partition.add(document);
      }
      await current?.partition.flush();
    }
    if (current !== undefined) yield* current.partition.results(finish);
  } finally {
    await current?.partition.close();
  }
}

/** The documents in order, with the values that tell their partitions. */
async function* sorted(input: Batches, plan: Plan, environment: PipelineEnvironment): AsyncIterable<readonly Keyed[]> {
  const keyOf = (document: Document) => groupOf(document, plan, environment);
  if (plan.partitionBy !== undefined || plan.sortBy !== undefined) yield* sortByKey(input, { keyOf, within: plan.sortBy && sortOrder(plan.sortBy) }, environment);
  else for await (const batch of input) yield batch.map((document) => ({ key: keyOf(document), document }));
}

/** Sets the fields of a document to the functions' values for it. */
function finishing({ projection, slots }: Plan, environment: PipelineEnvironment): (document: Document, values: readonly Maybe[]) => Document {
  return (document, values) => {
    if (projection === undefined) return document;
    const scope = environment.scopeFor(document);
    for (const [at, slot] of slots.entries()) scope.slots[slot] = values[at];
    return projection.apply(document, scope);
  };
}

/** The value that tells the partition; missing counts as null. Throws DocumentError: TypeMismatch. */
function groupOf(document: Document, { partitionBy }: Plan, environment: PipelineEnvironment): Value {
  const value = partitionBy?.evaluate(environment.scopeFor(document)) ?? null;
  assertPartition(value);
  return value;
}

/** Throws DocumentError: TypeMismatch. */
function assertPartition(value: Maybe): void {
  if (Array.isArray(value)) throw new DocumentError('TypeMismatch', 'An expression used to partition cannot evaluate to value of type array');
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
    // Until MongoDB 8.0 null and missing rank apart.
    {
      stage: '{"sortBy": {"n": 1}, "output": {"r": {"$rank": {}}, "d": {"$denseRank": {}}}}', input: '[{"n": null}, {"n": null}, {}, {"n": 1}]',
      result: '[{"n": null, "r": 1, "d": 1}, {"n": null, "r": 1, "d": 1}, {"r": 3, "d": 2}, {"n": 1, "r": 4, "d": 3}]',
    },
    // "current" is the document alone, 0 its equals too.
    {
      stage: '{"sortBy": {"n": 1}, "output": {"a": {"$sum": 1, "window": {"range": ["unbounded", "current"]}}, "b": {"$sum": 1, "window": {"range": ["unbounded", 0]}}}}',
      input: '[{"n": 1}, {"n": 1}, {"n": 2}]',
      result: '[{"n": 1, "a": 1, "b": 2}, {"n": 1, "a": 2, "b": 2}, {"n": 2, "a": 3, "b": 3}]',
    },
    {
      stage: '{"sortBy": {"t": 1}, "output": {"n": {"$count": {}, "window": {"range": [-1, 0], "unit": "day"}}}}',
      input: '[{"t": {"$date": "2020-01-01T00:00:00Z"}}, {"t": {"$date": "2020-01-02T00:00:00Z"}}, {"t": {"$date": "2020-01-03T00:00:01Z"}}]',
      result: '[{"t": {"$date": "2020-01-01T00:00:00Z"}, "n": 1}, {"t": {"$date": "2020-01-02T00:00:00Z"}, "n": 2}, {"t": {"$date": "2020-01-03T00:00:01Z"}, "n": 1}]',
    },
    {
      stage: '{"sortBy": {"n": 1}, "output": {"p": {"$push": "$n", "window": {"documents": [1, 2]}}, "m": {"$max": "$n", "window": {"documents": [-1, "current"]}}}}', input: '[{"n": 1}, {"n": 2}, {"n": 3}]',
      result: '[{"n": 1, "p": [2, 3], "m": 1}, {"n": 2, "p": [3], "m": 2}, {"n": 3, "p": [], "m": 3}]',
    },
    { stage: '{"output": {"s": {"$sum": ["$n"]}}}', input: '[{"n": 1}]', result: '[{"n": 1, "s": 0}]' },
    {
      stage: '{"sortBy": {"t": 1}, "output": {"d": {"$derivative": {"input": "$y", "unit": "hour"}, "window": {"documents": [-1, 0]}}}}',
      input: '[{"t": {"$date": "2020-01-01T00:00:00Z"}, "y": 0}, {"t": {"$date": "2020-01-01T00:30:00Z"}, "y": 5}]',
      result: '[{"t": {"$date": "2020-01-01T00:00:00Z"}, "y": 0, "d": null}, {"t": {"$date": "2020-01-01T00:30:00Z"}, "y": 5, "d": {"$numberDouble": "10.0"}}]',
    },
    {
      stage: '{"sortBy": {"x": 1}, "output": {"i": {"$integral": {"input": "$y"}, "window": {"documents": ["unbounded", "current"]}}}}', input: '[{"x": 0, "y": 1}, {"x": 2, "y": 3}]',
      result: '[{"x": 0, "y": 1, "i": 0}, {"x": 2, "y": 3, "i": {"$numberDouble": "4.0"}}]',
    },
    { stage: '{"sortBy": {"x": 1}, "output": {"a": {"$expMovingAvg": {"input": "$x", "alpha": {"$numberDecimal": "0.1"}}}}}', input: '[{"x": 1}, {"x": {"$numberDecimal": "2"}}, {"x": "s"}]', result: '[{"x": 1, "a": 1}, {"x": {"$numberDecimal": "2"}, "a": {"$numberDecimal": "1.1"}}, {"x": "s", "a": {"$numberDecimal": "1.1"}}]' },
    { stage: '{"output": {"c": {"$covarianceSamp": ["$x", "$y"]}, "p": {"$covariancePop": ["$x", "$y"]}}}', input: '[{"x": 1, "y": 2}]', result: '[{"x": 1, "y": 2, "c": null, "p": {"$numberDouble": "0.0"}}]' },
    { stage: '{"sortBy": {"x": 1}, "output": {"l": {"$locf": "$y"}, "f": {"$linearFill": "$y"}}}', input: '[{"x": 1}, {"x": 2, "y": 1}, {"x": 4}, {"x": 6, "y": 5}, {"x": 7}]', result: '[{"x": 1, "l": null, "f": null}, {"x": 2, "y": 1, "l": 1, "f": 1}, {"x": 4, "l": 1, "f": {"$numberDouble": "3.0"}}, {"x": 6, "y": 5, "l": 5, "f": 5}, {"x": 7, "l": 5, "f": null}]' },
    // Where the lower end moves, the deviation of one value is an int.
    {
      stage: '{"sortBy": {"n": 1}, "output": {"p": {"$stdDevPop": "$n", "window": {"documents": [-1, 0]}}, "w": {"$stdDevPop": "$n", "window": {"documents": ["unbounded", 0]}}}}', input: '[{"n": 1}, {"n": 3}, {"n": 7}]',
      result: '[{"n": 1, "p": 0, "w": {"$numberDouble": "0.0"}}, {"n": 3, "p": {"$numberDouble": "1.0"}, "w": {"$numberDouble": "1.0"}}, {"n": 7, "p": {"$numberDouble": "2.0"}, "w": {"$numberDouble": "2.494438257849294"}}]',
    },
    {
      stage: '{"sortBy": {"n": 1}, "output": {"c": {"$covariancePop": ["$n", "$n"], "window": {"documents": [-1, 0]}}}}', input: '[{"n": 1}, {"n": 3}, {"n": 5}]',
      result: '[{"n": 1, "c": {"$numberDouble": "0.0"}}, {"n": 3, "c": {"$numberDouble": "1.0"}}, {"n": 5, "c": {"$numberDouble": "1.0"}}]',
    },
    { stage: '{"sortBy": {"x": 1}, "output": {"f": {"$linearFill": "$y"}}}', input: '[{"x": 1}, {"x": 1}]', error: 6050106 },
    { stage: '{"sortBy": {"x": 1}, "output": {"f": {"$linearFill": "$y"}}}', input: '[{"x": 1, "y": "s"}]', error: 14 },
    { stage: '{"sortBy": {"x": 1}, "output": {"f": {"$linearFill": "$y"}}}', input: '[{"y": 1}]', error: 14 },
    { stage: '{"sortBy": {"x": 1}, "output": {"f": {"$linearFill": "$y", "window": {}}}}', error: 9 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y"}}}}', error: 9 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y", "unit": "month"}, "window": {}}}}', error: 5490710 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y", "unit": "day"}, "window": {}}}}', input: '[{"x": 1, "y": 1}]', error: 5624900 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y"}, "window": {}}}}', input: '[{"x": {"$date": 1}, "y": 1}]', error: 5624901 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y"}, "window": {}}}}', input: '[{"x": "s", "y": 1}]', error: 5624902 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$derivative": {"input": "$y"}, "window": {}}}}', input: '[{"x": 1}]', error: 5624903 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$integral": {"input": "$y"}}}}', input: '[{"x": 1}]', error: 5423900 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$integral": {"input": "$y", "unit": "day"}}}}', input: '[{"x": 1, "y": 1}]', error: 5423901 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$integral": {"input": "$y"}}}}', input: '[{"x": {"$date": 1}, "y": 1}]', error: 5423902 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$sum": 1, "window": {"range": [-1, 1]}}}}', input: '[{"x": null}]', error: 5429414 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$sum": 1, "window": {"range": [-1, 1]}}}}', input: '[{"x": {"$date": 1}}]', error: 5429413 },
    { stage: '{"sortBy": {"x": 1}, "output": {"d": {"$sum": 1, "window": {"range": [-1, 1], "unit": "day"}}}}', input: '[{"x": 1}]', error: 5429513 },
    { stage: '{"sortBy": {"x": -1}, "output": {"d": {"$sum": 1, "window": {"range": [-1, 1]}}}}', error: 8947401 },
    { stage: '{"sortBy": {"a": 1, "b": 1}, "output": {"a": {"$documentNumber": {}}}}', error: 5371602 },
    { stage: '{"sortBy": {"a": 1}, "output": {"a": {"$rank": {}, "window": {}}}}', error: 5371601 },
    { stage: '{"output": {"a": {"$count": 1}}}', error: 9 },
    { stage: '{"output": {"a": {"$mergeObjects": "$a"}}}', error: 9 },
    { stage: '{"output": {"a": {"$shift": {"output": 1, "by": 1}}}}', error: 9 },
    { stage: '{"output": {"a.b": {"$sum": 1}, "a": {"$sum": 1}}}', error: 6307900 },
    { stage: '{"partitionBy": [1], "output": {}}', error: 14 },
    { stage: '{"partitionBy": {"$foo": 1}, "output": {"a": 1}}', error: 168 },
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
