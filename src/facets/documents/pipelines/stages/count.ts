// $count.

import { int32, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { intOrLong } from '../../expressions/coercions.ts';
import { assertRunning } from '../batches.ts';
import { everywhere } from '../stage.ts';
import type { Batches, CountStage, PipelineEnvironment, StageKind } from '../stage.ts';

function parseCount(argument: Value): CountStage {
  if (typeof argument !== 'string') throw new DocumentError(40156, `the count field must be a non-empty string, found ${typeNameOf(argument)}`);
  if (argument === '') throw new DocumentError(40157, 'the count field must be a non-empty string');
  if (argument.startsWith('$')) throw new DocumentError(40158, 'the count field cannot be a $-prefixed path');
  if (argument.includes('\0')) throw new DocumentError(40159, 'the count field cannot contain a null byte');
  if (argument.includes('.')) throw new DocumentError(40160, "the count field cannot contain '.'");
  if (argument === '_id') throw new DocumentError(15948, "a group's _id may only be specified once");
  return { name: '$count', field: argument, run: (input, environment) => countDocuments(input, argument, environment) };
}

/** One document, or none if none comes in. */
async function* countDocuments(input: Batches, field: string, environment: PipelineEnvironment): Batches {
  let count = 0;
  for await (const batch of input) {
    assertRunning(environment);
    count += batch.length;
  }
  if (count === 0) return;
  const document: Document = new Map([[field, count < 2 ** 31 ? int32(count) : intOrLong(BigInt(count))]]);
  yield [document];
}

export const countStage: StageKind = {
  name: '$count',
  parse: parseCount,
  places: everywhere,
  examples: [
    { stage: '"n"', input: '[{"a": 1}, {"a": 2}]', result: '[{"n": 2}]' },
    { stage: '"n"', input: '[]', result: '[]' },
    { stage: '1', error: 40156 },
    { stage: '""', error: 40157 },
    { stage: '"$a"', error: 40158 },
    { stage: '"a.b"', error: 40160 },
    { stage: '"_id"', error: 15948 },
  ],
};
