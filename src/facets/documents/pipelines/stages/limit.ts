// $limit and $skip.

import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseNonNegativeLong } from '../../filters/numbers.ts';
import { assertRunning } from '../batches.ts';
import { everywhere } from '../stage.ts';
import type { Batches, LimitStage, PipelineEnvironment, SkipStage, StageKind } from '../stage.ts';

/** A count beyond 2^53 is never reached: that will do for it. */
function parseCount(name: '$limit' | '$skip', argument: Value, code: number): number {
  try {
    return Math.min(Number(parseNonNegativeLong(name, argument)), Number.MAX_SAFE_INTEGER);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new DocumentError(code, `invalid argument to ${name} stage: ${error.details}`, { cause: error });
  }
}

function parseLimit(argument: Value): LimitStage {
  const limit = parseCount('$limit', argument, 5107201);
  if (limit === 0) throw new DocumentError(15958, 'the limit must be positive');
  return { name: '$limit', limit, run: (input, environment) => takeDocuments(input, limit, environment) };
}

async function* takeDocuments(input: Batches, limit: number, environment: PipelineEnvironment): Batches {
  let left = limit;
  for await (const batch of input) {
    assertRunning(environment);
    if (batch.length >= left) {
      yield batch.slice(0, left);
      return;
    }
    left -= batch.length;
    yield batch;
  }
}

function parseSkip(argument: Value): SkipStage {
  const skip = parseCount('$skip', argument, 5107200);
  return { name: '$skip', skip, run: (input, environment) => skipDocuments(input, skip, environment) };
}

async function* skipDocuments(input: Batches, skip: number, environment: PipelineEnvironment): Batches {
  let left = skip;
  for await (const batch of input) {
    assertRunning(environment);
    if (batch.length > left) yield left === 0 ? batch : batch.slice(left);
    left = Math.max(left - batch.length, 0);
  }
}

export const limitStage: StageKind = {
  name: '$limit',
  parse: parseLimit,
  places: everywhere,
  examples: [
    { stage: '2', input: '[{"a": 1}, {"a": 2}, {"a": 3}]', result: '[{"a": 1}, {"a": 2}]' },
    { stage: '{"$numberDouble": "1.0"}', input: '[{"a": 1}, {"a": 2}]', result: '[{"a": 1}]' },
    { stage: '0', error: 15958 },
    { stage: '-1', error: 5107201 },
    { stage: '"x"', error: 5107201 },
    { stage: '1.5', error: 5107201 },
    { stage: '{"$numberDouble": "NaN"}', error: 5107201 },
  ],
};

export const skipStage: StageKind = {
  name: '$skip',
  parse: parseSkip,
  places: everywhere,
  examples: [
    { stage: '2', input: '[{"a": 1}, {"a": 2}, {"a": 3}]', result: '[{"a": 3}]' },
    { stage: '0', input: '[{"a": 1}]', result: '[{"a": 1}]' },
    { stage: '-1', error: 5107200 },
    { stage: 'null', error: 5107200 },
  ],
};
