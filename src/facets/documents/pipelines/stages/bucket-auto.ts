// $bucketAuto.

import { compareValues, equalValues } from '../../../../values/bson/compare.ts';
import { int32, isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToInt, isInt32Integral, toDouble } from '../../expressions/coercions.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import type { Accumulation } from '../accumulators/accumulator.ts';
import { parseAccumulation } from '../accumulators/parse-accumulation.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { granularityOf } from '../granularity.ts';
import type { Granularity } from '../granularity.ts';
import { approximateSizeOfDocument, newStageAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, OpaqueStage, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';

type AutoBuckets = {
  readonly groupBy: Expression;
  readonly buckets: number;
  readonly output: readonly Accumulation[];
  readonly granularity: Granularity | undefined;
};

function parseBucketAuto(argument: Value, { expressions }: StageContext): OpaqueStage {
  if (!(argument instanceof Map)) throw new DocumentError(40240, `The argument to $bucketAuto must be an object, but found type: ${typeNameOf(argument)}`);
  const specification = readBuckets(argument, expressions);
  return { name: '$bucketAuto', run: (input, environment) => runBucketAuto(input, specification, environment) };
}

function readBuckets(argument: Document, context: ParseContext): AutoBuckets {
  let groupBy: Expression | undefined;
  let buckets: number | undefined;
  let output: Accumulation[] = [];
  let granularity: Granularity | undefined;
  for (const [name, value] of argument) {
    if (name === 'groupBy') groupBy = parseGroupBy(value, context);
    else if (name === 'buckets') buckets = parseBucketCount(value);
    else if (name === 'output') output = parseOutput(value, context);
    else if (name === 'granularity') granularity = parseGranularity(value);
    else throw new DocumentError(40245, `Unrecognized option to $bucketAuto: ${name}`);
  }
  if (!groupBy || buckets === undefined) throw new DocumentError(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified");
  if (buckets <= 0) throw new DocumentError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found: ${buckets}`);
  if (output.length === 0) output = [parseAccumulation('count', new Map([['$sum', int32(1)]]), context)];
  return { groupBy, buckets, output, granularity };
}

function parseGroupBy(value: Value, context: ParseContext): Expression {
  const [first] = value instanceof Map ? value.keys() : [value];
  if (typeof first === 'string' && first.startsWith('$')) return parseExpression(value, context);
  throw new DocumentError(40239, `The $bucketAuto 'groupBy' field must be defined as a $-prefixed path or an expression object, but found: ${shellText(value)}`);
}

function parseBucketCount(value: Value): number {
  if (!isNumeric(value)) throw new DocumentError(40241, `The $bucketAuto 'buckets' field must be a numeric value, but found type: ${typeNameOf(value)}`);
  if (!isInt32Integral(value)) {
    throw new DocumentError(40242, `The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found ${toDouble(value)}`);
  }
  return coerceToInt(value);
}

function parseOutput(value: Value, context: ParseContext): Accumulation[] {
  if (!(value instanceof Map)) throw new DocumentError(40244, `The $bucketAuto 'output' field must be an object, but found type: ${typeNameOf(value)}`);
  return [...value].map(([field, specification]) => {
    const accumulation = parseAccumulation(field, specification, context);
    if (accumulation.initializer && !accumulation.initializer.constant) throw new DocumentError(4544714, "Can't refer to the group key in $bucketAuto");
    return accumulation;
  });
}

function parseGranularity(value: Value): Granularity {
  if (typeof value !== 'string') throw new DocumentError(40261, `The $bucketAuto 'granularity' field must be a string, but found type: ${typeNameOf(value)}`);
  return granularityOf(value);
}

type Entry = { readonly key: Value; readonly document: Document };

async function* runBucketAuto(input: Batches, specification: AutoBuckets, environment: PipelineEnvironment): Batches {
  const memory = newStageAccount('$bucketAuto', environment);
  const entries: Entry[] = [];
  for await (const batch of input) {
    assertRunning(environment);
    for (const document of batch) {
      memory.add(approximateSizeOfDocument(document));
      const key = specification.groupBy.evaluate(environment.scopeFor(document)) ?? null;
      if (specification.granularity) assertGranular(key);
      entries.push({ key, document });
    }
  }
  entries.sort((a, b) => compareValues(a.key, b.key));
  yield* batchesOf(cutBuckets(entries, specification, environment));
}

function assertGranular(key: Value): void {
  if (!isNumeric(key)) {
    throw new DocumentError(40258, `$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with type: ${typeNameOf(key)}`);
  }
  const double = toDouble(key);
  if (Number.isNaN(double)) throw new DocumentError(40259, "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN");
  if (double < 0) throw new DocumentError(40260, "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a negative number");
}

/** Buckets of about the same size: equal keys share one, and a granularity widens each to its next boundary. */
function* cutBuckets(entries: readonly Entry[], { buckets, granularity, output }: AutoBuckets, environment: PipelineEnvironment): Iterable<Document> {
  const size = Math.max(Math.round(entries.length / buckets), 1);
  let start = 0;
  let previousMax: Value | undefined;
  for (let bucket = 1; bucket <= buckets && start < entries.length; bucket += 1) {
    const filled = bucket === buckets ? entries.length : Math.min(start + size, entries.length);
    const { end, max } = granularity ? roundedEnd(entries, filled, granularity) : sharpEnd(entries, filled);
    const min = granularity ? (previousMax ?? granularity.roundDown(entries[start]!.key)) : entries[start]!.key;
    yield bucketDocument(min, max, entries.slice(start, end), output, environment);
    previousMax = max;
    start = end;
  }
}

function sharpEnd(entries: readonly Entry[], filled: number): { end: number; max: Value } {
  const greatest = entries[filled - 1]!.key;
  let end = filled;
  while (end < entries.length && equalValues(entries[end]!.key, greatest)) end += 1;
  return { end, max: entries[end]?.key ?? greatest };
}

function roundedEnd(entries: readonly Entry[], filled: number, granularity: Granularity): { end: number; max: Value } {
  const greatest = entries[filled - 1]!.key;
  const boundary = granularity.roundUp(greatest);
  let end = filled;
  while (end < entries.length && (compareValues(entries[end]!.key, boundary) < 0 || equalValues(entries[end]!.key, greatest))) end += 1;
  const next = entries[end];
  // Zero is its own boundary, and the next bucket shall not start with it.
  return { end, max: toDouble(boundary) === 0 && next ? granularity.roundDown(next.key) : boundary };
}

function bucketDocument(min: Value, max: Value, entries: readonly Entry[], output: readonly Accumulation[], environment: PipelineEnvironment): Document {
  const group = environment.scopeFor(new Map());
  const states = output.map(({ newState }) => newState(group));
  for (const { document } of entries) {
    const scope = environment.scopeFor(document);
    for (const [index, { input }] of output.entries()) states[index]!.add(input(scope));
  }
  const id: Document = new Map([
    ['min', min],
    ['max', max],
  ]);
  const result: Document = new Map([['_id', id]]);
  for (const [index, { field }] of output.entries()) result.set(field, states[index]!.result() ?? null);
  return result;
}

const numbers = '[{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}, {"a": 5}]';

export const bucketAutoStage: StageKind = {
  name: '$bucketAuto',
  parse: parseBucketAuto,
  places: everywhere,
  examples: [
    { stage: '{"groupBy": "$a", "buckets": 2}', input: numbers, result: '[{"_id": {"min": 1, "max": 4}, "count": 3}, {"_id": {"min": 4, "max": 5}, "count": 2}]' },
    { stage: '{"groupBy": "$a", "buckets": 2, "output": {"s": {"$sum": "$a"}}}', input: numbers, result: '[{"_id": {"min": 1, "max": 4}, "s": 6}, {"_id": {"min": 4, "max": 5}, "s": 9}]' },
    { stage: '{"groupBy": "$a", "buckets": 3}', input: '[{"a": 1}, {"a": 1}, {"a": 1}]', result: '[{"_id": {"min": 1, "max": 1}, "count": 3}]' },
    { stage: '{"groupBy": "$a", "buckets": 2, "granularity": "POWERSOF2"}', input: numbers, result: '[{"_id": {"min": {"$numberDouble": "0.5"}, "max": 4}, "count": 3}, {"_id": {"min": 4, "max": 8}, "count": 2}]' },
    {
      stage: '{"groupBy": "$a", "buckets": 2, "granularity": "1-2-5"}',
      input: numbers,
      result: '[{"_id": {"min": {"$numberDouble": "0.5"}, "max": {"$numberDouble": "5.0"}}, "count": 4}, {"_id": {"min": {"$numberDouble": "5.0"}, "max": {"$numberDouble": "10.0"}}, "count": 1}]',
    },
    { stage: '{"groupBy": "$a", "buckets": 1}', input: '[]', result: '[]' },
    { stage: '1', error: 40240 },
    { stage: '{"groupBy": "a", "buckets": 1}', error: 40239 },
    { stage: '{"groupBy": "$", "buckets": 1}', error: 16872 },
    { stage: '{"groupBy": "$a", "buckets": "1"}', error: 40241 },
    { stage: '{"groupBy": "$a", "buckets": 1.5}', error: 40242 },
    { stage: '{"groupBy": "$a", "buckets": 0}', error: 40243 },
    { stage: '{"groupBy": "$a", "buckets": 1, "output": 1}', error: 40244 },
    { stage: '{"groupBy": "$a", "buckets": 1, "x": 1}', error: 40245 },
    { stage: '{"groupBy": "$a"}', error: 40246 },
    { stage: '{"groupBy": "$a", "buckets": 1, "granularity": "R6"}', error: 40257 },
    { stage: '{"groupBy": "$a", "buckets": 1, "granularity": 1}', error: 40261 },
    { stage: '{"groupBy": "$a", "buckets": 1, "granularity": "R5"}', input: '[{"a": "x"}]', error: 40258 },
    { stage: '{"groupBy": "$a", "buckets": 1, "granularity": "R5"}', input: '[{"a": {"$numberDouble": "NaN"}}]', error: 40259 },
    { stage: '{"groupBy": "$a", "buckets": 1, "granularity": "R5"}', input: '[{"a": -1}]', error: 40260 },
  ],
};
