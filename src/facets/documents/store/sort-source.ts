// Documents that are sorted here: as bytes while memory holds them, else as the stage $sort does it, in files.

import { decodeDocument } from '../../../values/bson/decode.ts';
import { newSpillingAccount } from '../pipelines/memory.ts';
import type { Batches, PipelineEnvironment } from '../pipelines/stage.ts';
import { newSortStage } from '../pipelines/stages/sort.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import { type SortKeys, compareSortKeys, sortKeysOf } from '../sorts/sort-keys.ts';
import { batchSource, documentsOf } from './batch-source.ts';
import { assertNotAborted } from './command-scope.ts';
import { type RawSource, sourceOf } from './raw-source.ts';
import { bufferOf } from './rows.ts';

/** What of a pipeline's environment a sort needs. */
export type SortResources = { readonly newSpill: PipelineEnvironment['newSpill']; readonly memoryLimitBytes?: number; readonly signal: AbortSignal | undefined };

const rowsAtOnce = 500;

type Entry = { readonly bytes: Buffer; readonly keys: SortKeys };

/** All rows, in order. The keys are taken out of each document once. */
export function sortSource(rows: RawSource, pattern: SortPattern, resources: SortResources): RawSource {
  let sorted: RawSource | undefined;
  return {
    async next(count) {
      sorted ??= await gather(rows, pattern, resources);
      return await sorted.next(count);
    },
    get isExhausted() {
      return sorted?.isExhausted ?? false;
    },
    async close() {
      await rows.close();
      await sorted?.close();
    },
  };
}

/** Throws DocumentError: QueryExceededMemoryLimitNoDiskUseAllowed. */
async function gather(rows: RawSource, pattern: SortPattern, resources: SortResources): Promise<RawSource> {
  const environment = { ...resources } as unknown as PipelineEnvironment;
  const account = newSpillingAccount('$sort', environment);
  const entries: Entry[] = [];
  let isWithin = true;
  while (isWithin && !rows.isExhausted) {
    assertNotAborted(resources.signal);
    for (const bytes of await rows.next(rowsAtOnce)) {
      isWithin = account.add(bytes.length);
      entries.push({ bytes, keys: sortKeysOf(pattern, decodeDocument(bytes)) });
    }
  }
  if (!isWithin) return batchSource(newSortStage(pattern).run(handedOver(entries, rows), environment), bufferOf);
  const compare = compareSortKeys(pattern);
  entries.sort((a, b) => compare(a.keys, b.keys));
  return sourceOf(entries.map(({ bytes }) => bytes));
}

/** What has been gathered, which is let go, and the rest. */
async function* handedOver(entries: Entry[], rows: RawSource): Batches {
  while (entries.length > 0) yield entries.splice(0, rowsAtOnce).map(({ bytes }) => decodeDocument(bytes));
  yield* documentsOf(rows);
}
