// $sample.

import { isNumeric } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { truncatedLong } from '../../filters/numbers.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { approximateSizeOfDocument, newStageAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, PipelineEnvironment, SampleStage, StageKind } from '../stage.ts';

function parseSample(argument: Value): SampleStage {
  if (!(argument instanceof Map)) throw new DocumentError(28745, 'the $sample stage specification must be an object');
  let size: number | undefined;
  for (const [name, value] of argument) {
    if (name !== 'size') throw new DocumentError(28748, `unrecognized option to $sample: ${name}`);
    if (!isNumeric(value)) throw new DocumentError(28746, 'size argument to $sample must be a number');
    size = Number(truncatedLong(value) ?? 0n);
  }
  if (size === undefined) throw new DocumentError(28749, '$sample stage must specify a size');
  if (size <= 0) throw new DocumentError(28747, 'size argument to $sample must be a positive integer');
  const count = size;
  return { name: '$sample', size: count, run: (input, environment) => sampleDocuments(input, count, environment) };
}

/** Vitter's algorithm R, and a shuffle: every selection in every order is as likely. */
async function* sampleDocuments(input: Batches, size: number, environment: PipelineEnvironment): Batches {
  const memory = newStageAccount('$sample', environment);
  const sample: Document[] = [];
  let seen = 0;
  for await (const batch of input) {
    assertRunning(environment);
    for (const document of batch) {
      seen += 1;
      if (sample.length < size) {
        memory.add(approximateSizeOfDocument(document));
        sample.push(document);
      } else {
        const place = Math.floor(Math.random() * seen);
        if (place < size) sample[place] = document;
      }
    }
  }
  shuffle(sample);
  yield* batchesOf(sample);
}

function shuffle(documents: Document[]): void {
  for (let last = documents.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [documents[last], documents[other]] = [documents[other]!, documents[last]!];
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
    { stage: '{"size": 1, "x": 1}', error: 28748 },
    { stage: '{}', error: 28749 },
  ],
};
