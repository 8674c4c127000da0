// $bucketAuto.

import { compareValues, equalValues } from '../../../../values/bson/compare.ts';
import { int32, isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToInt, isInt32Integral, toDouble } from '../../expressions/coercions.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import type { Accumulation, AccumulatorState } from '../accumulators/accumulator.ts';
import { parseAccumulation } from '../accumulators/parse-accumulation.ts';
import { granularityOf } from '../granularity.ts';
import type { Granularity } from '../granularity.ts';
import { type Keyed, sortByKey } from '../keyed-sort.ts';
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

async function* runBucketAuto(input: Batches, specification: AutoBuckets, environment: PipelineEnvironment): Batches {
  const { groupBy, granularity } = specification;
  let count = 0;
  const keyOf = (document: Document): Value => {
    count += 1;
    const key = groupBy.evaluate(environment.scopeFor(document)) ?? null;
    if (granularity) assertGranular(key);
    return key;
  };
  const entries = new Peekable(sortByKey(input, { keyOf }, environment));
  try {
    yield* cutBuckets(entries, { ...specification, sizeOf: () => Math.max(Math.round(count / specification.buckets), 1) }, environment);
  } finally {
    await entries.close();
  }
}

/** The entries in order, the next of which may be looked at. */
class Peekable {
  private readonly batches: AsyncIterator<readonly Keyed[]>;
  private batch: readonly Keyed[] = [];
  private at = 0;

  constructor(batches: AsyncIterable<readonly Keyed[]>) {
    this.batches = batches[Symbol.asyncIterator]();
  }

  async peek(): Promise<Keyed | undefined> {
    while (this.at === this.batch.length) {
      const { done, value } = await this.batches.next();
      if (done === true) return undefined;
      this.batch = value;
      this.at = 0;
    }
    return this.batch[this.at];
  }

  /** Behind the one that was looked at. */
  advance(): void {
    this.at += 1;
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }
}

function assertGranular(key: Value): void {
  if (!isNumeric(key)) {
    throw new DocumentError(40258, `$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with type: ${typeNameOf(key)}`);
  }
  const double = toDouble(key);
  if (Number.isNaN(double)) throw new DocumentError(40259, "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN");
  if (double < 0) throw new DocumentError(40260, "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a negative number");
}

type Cut = AutoBuckets & { /** How many documents a bucket should have; known once the first of them comes. */ readonly sizeOf: () => number };

/** Buckets of about the same size: equal keys share one, and a granularity widens each to its next boundary. */
async function* cutBuckets(entries: Peekable, { buckets, granularity, output, sizeOf }: Cut, environment: PipelineEnvironment): Batches {
  let previousMax: Value | undefined;
  for (let bucket = 1; bucket <= buckets; bucket += 1) {
    const first = await entries.peek();
    if (first === undefined) return;
    const filled = new Bucket(output, environment);
    const size = bucket === buckets ? Infinity : sizeOf();
    let greatest = first.key;
    let next: Keyed | undefined = first;
    const takeWhile = async (isWithin: (key: Value) => boolean): Promise<void> => {
      for (; next !== undefined && isWithin(next.key); next = await entries.peek()) {
        filled.add(next.document);
        entries.advance();
      }
    };
    await takeWhile((key) => {
      if (filled.count === size) return false;
      greatest = key;
      return true;
    });
    const boundary = granularity?.roundUp(greatest);
    await takeWhile((key) => equalValues(key, greatest) || (boundary !== undefined && compareValues(key, boundary) < 0));
    const min: Value = granularity ? (previousMax ?? granularity.roundDown(first.key)) : first.key;
    const max = maxOf(greatest, next as Keyed | undefined, granularity);
    yield [filled.document(min, max)];
    previousMax = max;
  }
}

function maxOf(greatest: Value, next: Keyed | undefined, granularity: Granularity | undefined): Value {
  if (granularity === undefined) return next?.key ?? greatest;
  const boundary = granularity.roundUp(greatest);
  // Zero is its own boundary, and the next bucket shall not start with it.
  return toDouble(boundary) === 0 && next ? granularity.roundDown(next.key) : boundary;
}

class Bucket {
  private readonly output: readonly Accumulation[];
  private readonly environment: PipelineEnvironment;
  private readonly states: readonly AccumulatorState[];
  count = 0;

  constructor(output: readonly Accumulation[], environment: PipelineEnvironment) {
    this.output = output;
    this.environment = environment;
    const group = environment.scopeFor(new Map());
    this.states = output.map(({ newState }) => newState(group));
  }

  add(document: Document): void {
    this.count += 1;
    const scope = this.environment.scopeFor(document);
    for (const [index, { input }] of this.output.entries()) this.states[index]!.add(input(scope));
  }

  document(min: Value, max: Value): Document {
    const id: Document = new Map([['min', min], ['max', max]]);
    const result: Document = new Map([['_id', id]]);
    for (const [index, { field }] of this.output.entries()) result.set(field, this.states[index]!.result() ?? null);
    return result;
  }
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
