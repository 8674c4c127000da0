// $bucket: a $group by boundaries, and a $sort.

import { canonicalTypeOf, compareValues } from '../../../../values/bson/compare.ts';
import { int32, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { typeNameOfMaybe } from '../../expressions/coercions.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText, valueText } from '../../expressions/shell-text.ts';
import { parseSort } from '../../sorts/parse-sort.ts';
import type { Accumulation } from '../accumulators/accumulator.ts';
import { parseAccumulation } from '../accumulators/parse-accumulation.ts';
import { everywhere } from '../stage.ts';
import type { Stage, StageContext, StageKind } from '../stage.ts';
import { newGroupStage } from './group.ts';
import { newSortStage } from './sort.ts';

type Buckets = { readonly groupBy: Value; readonly boundaries: readonly Maybe[]; readonly fallback: { readonly value: Maybe } | undefined; readonly output: Document | undefined };

function parseBucket(argument: Value, { expressions }: StageContext): readonly Stage[] {
  if (!(argument instanceof Map)) throw new DocumentError(40201, `Argument to $bucket stage must be an object, but found type: ${typeNameOf(argument)}.`);
  const buckets = readBuckets(argument, expressions);
  assertDefault(buckets);
  const id = newBucketId(parseExpression(buckets.groupBy, expressions), buckets);
  // The group's id is the bucket.
  if (buckets.output?.has('_id')) throw new DocumentError(15948, "a group's _id may only be specified once");
  const output = buckets.output ?? new Map<string, Value>([['count', new Map([['$sum', int32(1)]])]]);
  const accumulations = [...output].map(([field, value]): Accumulation => parseAccumulation(field, value, expressions));
  return [newGroupStage(id, accumulations), newSortStage(parseSort(new Map([['_id', int32(1)]])))];
}

function readBuckets(argument: Document, context: ParseContext): Buckets {
  let groupBy: Value | undefined;
  let boundaries: Maybe[] = [];
  let fallback: Buckets['fallback'];
  let output: Document | undefined;
  for (const [name, value] of argument) {
    if (name === 'groupBy') groupBy = assertGroupBy(value);
    else if (name === 'boundaries') boundaries = parseBoundaries(value, context);
    else if (name === 'default') fallback = parseDefault(value, context);
    else if (name === 'output') output = assertOutput(value);
    else throw new DocumentError(40197, `Unrecognized option to $bucket: ${name}.`);
  }
  if (groupBy === undefined || boundaries.length === 0) throw new DocumentError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  return { groupBy, boundaries, fallback, output };
}

function assertGroupBy(value: Value): Value {
  const [first] = value instanceof Map ? value.keys() : [value];
  if (typeof first === 'string' && first.startsWith('$')) return value;
  throw new DocumentError(40202, `The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression, but found: ${shellText(value)}.`);
}

function parseBoundaries(value: Value, context: ParseContext): Maybe[] {
  if (!Array.isArray(value)) throw new DocumentError(40200, `The $bucket 'boundaries' field must be an array, but found type: ${typeNameOf(value)}.`);
  const boundaries = value.map((element) => {
    const { constant } = parseExpression(element, context);
    if (!constant) throw new DocumentError(40191, `The $bucket 'boundaries' field must be an array of constant values, but found value: ${shellText(element)}.`);
    return constant.value;
  });
  if (boundaries.length < 2) throw new DocumentError(40192, `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`);
  for (let index = 1; index < boundaries.length; index += 1) assertAscending(boundaries[index - 1], boundaries[index], index);
  return boundaries;
}

function assertAscending(lower: Maybe, upper: Maybe, index: number): void {
  if (canonicalTypeOf(lower) !== canonicalTypeOf(upper)) {
    throw new DocumentError(
      40193,
      `All values in the the 'boundaries' option to $bucket must have the same type. Found conflicting types ${typeNameOfMaybe(lower)} and ${typeNameOfMaybe(upper)}.`,
    );
  }
  if (compareValues(lower, upper) >= 0) {
    throw new DocumentError(
      40194,
      `The 'boundaries' option to $bucket must be sorted, but elements ${index - 1} and ${index} are not in ascending order (${valueText(lower)} is not less than ${valueText(upper)}).`,
    );
  }
}

function parseDefault(value: Value, context: ParseContext): { value: Maybe } {
  const { constant } = parseExpression(value, context);
  if (!constant) throw new DocumentError(40195, `The $bucket 'default' field must be a constant expression, but found: ${shellText(value)}.`);
  return constant;
}

function assertOutput(value: Value): Document {
  if (value instanceof Map) return value;
  throw new DocumentError(40196, `The $bucket 'output' field must be an object, but found type: ${typeNameOf(value)}.`);
}

function assertDefault({ boundaries, fallback }: Buckets): void {
  if (!fallback || canonicalTypeOf(fallback.value) !== canonicalTypeOf(boundaries[0])) return;
  if (compareValues(fallback.value, boundaries[0]) < 0 || compareValues(fallback.value, boundaries.at(-1)) >= 0) return;
  throw new DocumentError(40199, "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.");
}

/** The lower boundary of the bucket that a value falls into. */
function newBucketId(groupBy: Expression, { boundaries, fallback }: Buckets): Expression {
  return {
    operator: { name: '$bucket', operands: [groupBy] },
    evaluate: (scope) => {
      const value = groupBy.evaluate(scope);
      const above = boundaries.findIndex((boundary) => compareValues(value, boundary) < 0);
      if (above > 0) return boundaries[above - 1];
      if (fallback) return fallback.value;
      throw new DocumentError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
    },
  };
}

export const bucketStage: StageKind = {
  name: '$bucket',
  parse: parseBucket,
  places: everywhere,
  examples: [
    {
      stage: '{"groupBy": "$a", "boundaries": [0, 10, 20], "default": "other"}',
      input: '[{"a": 11}, {"a": 0}, {"a": 9}, {"a": 20}, {}]',
      result: '[{"_id": 0, "count": 2}, {"_id": 10, "count": 1}, {"_id": "other", "count": 2}]',
    },
    {
      stage: '{"groupBy": "$a", "boundaries": [0, 10], "output": {"s": {"$sum": "$a"}}}',
      input: '[{"a": 1}, {"a": 2}]',
      result: '[{"_id": 0, "s": 3}]',
    },
    { stage: '{"groupBy": "$a", "boundaries": [0, 10]}', input: '[{"a": 10}]', error: 40066 },
    { stage: '1', error: 40201 },
    { stage: '{"groupBy": "a", "boundaries": [0, 1]}', error: 40202 },
    { stage: '{"groupBy": "$a", "boundaries": 1}', error: 40200 },
    { stage: '{"groupBy": "$a", "boundaries": ["$b", 1]}', error: 40191 },
    { stage: '{"groupBy": "$a", "boundaries": [1]}', error: 40192 },
    { stage: '{"groupBy": "$a", "boundaries": [1, "x"]}', error: 40193 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 1]}', error: 40194 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 2], "default": "$b"}', error: 40195 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 2], "output": 1}', error: 40196 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 2], "x": 1}', error: 40197 },
    { stage: '{"groupBy": "$a"}', error: 40198 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 3], "default": 2}', error: 40199 },
    { stage: '{"groupBy": "$a", "boundaries": [1, 3], "output": {"_id": {"$sum": 1}}}', error: 15948 },
  ],
};
