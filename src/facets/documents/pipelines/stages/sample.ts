// $sample.

import { isNumeric } from '../../../../values/bson/types.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { clampedLong } from '../../filters/numbers.ts';
import { sortByKey } from '../keyed-sort.ts';
import { everywhere } from '../stage.ts';
import type { Batches, PipelineEnvironment, SampleStage, StageKind } from '../stage.ts';

function parseSample(argument: Value): SampleStage {
  if (!(argument instanceof Map)) throw new DocumentError(28745, 'the $sample stage specification must be an object');
  let size: number | undefined;
  for (const [name, value] of argument) {
    if (name !== 'size') throw new DocumentError(28748, `unrecognized option to $sample: ${name}`);
    if (!isNumeric(value)) throw new DocumentError(28746, 'size argument to $sample must be a number');
    size = Number(clampedLong(value));
  }
  if (size === undefined) throw new DocumentError(28749, '$sample stage must specify a size');
  if (size <= 0) throw new DocumentError(28747, 'size argument to $sample must be a positive integer');
  const count = size;
  return { name: '$sample', size: count, run: (input, environment) => sampleDocuments(input, count, environment) };
}

/** Every selection in every order is as likely: the first documents in an order by chance. */
async function* sampleDocuments(input: Batches, size: number, environment: PipelineEnvironment): Batches {
  for await (const batch of sortByKey(input, { keyOf: () => Math.random(), limit: size }, environment)) {
    yield batch.map(({ document }) => document);
  }
}

export const sampleStage: StageKind = {
  name: '$sample',
  parse: parseSample,
  places: everywhere,
  examples: [
    { stage: '{"size": 5}', input: '[{"a": 1}]', result: '[{"a": 1}]' },
    { stage: '{"size": 1}', input: '[{"a": 1}, {"a": 1}]', result: '[{"a": 1}]' },
    { stage: '1', error: 28745 },
    { stage: '{"size": "x"}', error: 28746 },
    { stage: '{"size": 0}', error: 28747 },
    { stage: '{"size": {"$numberDouble": "NaN"}}', error: 28747 },
    { stage: '{"size": {"$numberDouble": "Infinity"}}', input: '[{"a": 1}]', result: '[{"a": 1}]' },
    { stage: '{"size": 1, "x": 1}', error: 28748 },
    { stage: '{}', error: 28749 },
  ],
};
