// $sort.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseSort } from '../../sorts/parse-sort.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { compareSortKeys, sortKeysOf } from '../../sorts/sort-keys.ts';
import type { SortKeys } from '../../sorts/sort-keys.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { approximateSizeOfDocument, newSpillingAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, PipelineEnvironment, SortStage, StageKind } from '../stage.ts';
import { SortedRuns } from './sorted-runs.ts';

/** The directions of a sort's keys are 32 bits to MongoDB. */
const mostKeys = 32;

/** With a limit, no more documents than that come out, and not many more are held. */
export function newSortStage(pattern: SortPattern, limit = Infinity): SortStage {
  return { name: '$sort', pattern, run: (input, environment) => runSort(input, pattern, limit, environment) };
}

type Entry = { readonly document: Document; readonly keys: SortKeys };

async function* runSort(input: Batches, pattern: SortPattern, limit: number, environment: PipelineEnvironment): Batches {
  const memory = newSpillingAccount('$sort', environment);
  const compare = compareSortKeys(pattern);
  const runs = new SortedRuns(pattern, environment);
  let entries: Entry[] = [];
  const cut = () => {
    entries = entries.sort((a, b) => compare(a.keys, b.keys)).slice(0, limit);
  };
  try {
    for await (const batch of input) {
      assertRunning(environment);
      let isWithin = true;
      for (const document of batch) {
        if (entries.length < limit) isWithin = memory.add(approximateSizeOfDocument(document));
        entries.push({ document, keys: sortKeysOf(pattern, document) });
      }
      if (entries.length > 2 * limit + 1_000) cut();
      if (isWithin) continue;
      cut();
      await runs.add(entries.map(({ document }) => document));
      entries = [];
      memory.clear();
    }
    cut();
    const last = entries.map(({ document }) => document);
    if (runs.count === 0) {
      yield* batchesOf(last);
    } else {
      await runs.add(last);
      entries = [];
      yield* runs.merged();
    }
  } finally {
    await runs.close();
  }
}

function parseSortStage(argument: Value): SortStage {
  if (!(argument instanceof Map)) throw new DocumentError(15973, `the $sort key specification must be an object, got ${typeNameOf(argument)}`);
  if (argument.size === 0) throw new DocumentError(15976, '$sort stage must have at least one sort key');
  if (argument.size > mostKeys) throw new DocumentError(13103, 'too many compound keys');
  return newSortStage(parseSort(argument));
}

export const sortStage: StageKind = {
  name: '$sort',
  parse: parseSortStage,
  places: everywhere,
  examples: [
    { stage: '{"a": 1, "b": -1}', input: '[{"a": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {}]', result: '[{}, {"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 2}]' },
    { stage: '{"a": -1}', input: '[{"a": [1, 5]}, {"a": 3}, {"a": "x"}]', result: '[{"a": "x"}, {"a": [1, 5]}, {"a": 3}]' },
    { stage: '1', error: 15973 },
    { stage: '{}', error: 15976 },
    { stage: '{"a": "x"}', error: 15974 },
    { stage: '{"a": 2}', error: 15975 },
  ],
};
