// $sort.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseSort } from '../../sorts/parse-sort.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { compareSortKeys, sortKeysOf } from '../../sorts/sort-keys.ts';
import type { SortKeys } from '../../sorts/sort-keys.ts';
import { mapBatches } from '../batches.ts';
import { sortExternally } from '../external-sort.ts';
import type { SortOrder } from '../sorted-runs.ts';
import { everywhere } from '../stage.ts';
import type { Batches, PipelineEnvironment, SortStage, StageKind } from '../stage.ts';

/** The directions of a sort's keys are 32 bits to MongoDB. */
const mostKeys = 32;

/** With a limit, no more documents than that come out, and not many more are held. */
export function newSortStage(pattern: SortPattern, limit = Infinity): SortStage {
  return { name: '$sort', pattern, run: (input, environment) => withSortKeys(sortExternally(input, sortOrder(pattern), environment, limit), pattern, environment) };
}

/** Documents that are sorted, with their keys for whoever asks for them later. */
export function withSortKeys(sorted: Batches, pattern: SortPattern, environment: PipelineEnvironment): Batches {
  const { metadata } = environment;
  if (metadata === undefined) return sorted;
  return mapBatches(sorted, environment, (batch) => {
    for (const document of batch) metadata.set(document, 'sortKey', [...sortKeysOf(pattern, document)]);
    return batch;
  });
}

/** The order of a pattern. */
export function sortOrder(pattern: SortPattern): SortOrder<SortKeys> {
  return { keysOf: (document) => sortKeysOf(pattern, document), compare: compareSortKeys(pattern) };
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
    { stage: '{"a": {"$numberDecimal": "1.5"}}', error: 15975 },
    { stage: '{"a": 1.5}', input: '[{"a": 2}, {"a": 1}]', result: '[{"a": 1}, {"a": 2}]' },
  ],
};
