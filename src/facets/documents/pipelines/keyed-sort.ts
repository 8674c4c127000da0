// Documents in the order of a key that is computed for each of them once.

import { compareValues } from '../../../values/bson/compare.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { mapBatches } from './batches.ts';
import { sortExternally } from './external-sort.ts';
import type { SortOrder } from './sorted-runs.ts';
import type { Batches, PipelineEnvironment } from './stage.ts';

export type Keyed = { readonly key: Value; readonly document: Document };

export type KeyedOrder<Keys> = {
  readonly keyOf: (document: Document) => Value;
  /** The order of those with equal keys. */
  readonly within?: SortOrder<Keys> | undefined;
  readonly limit?: number;
};

/** Throws DocumentError: what `keyOf` does, QueryExceededMemoryLimitNoDiskUseAllowed. */
export async function* sortByKey<Keys>(input: Batches, { keyOf, within, limit }: KeyedOrder<Keys>, environment: PipelineEnvironment): AsyncIterable<readonly Keyed[]> {
  // On disk the key stands beside its document.
  const entries = mapBatches(input, environment, (batch) => batch.map((document): Document => new Map<string, Value>([['key', keyOf(document)], ['document', document]])));
  const order: SortOrder<{ readonly key: Value; readonly keys: Keys | undefined }> = {
    keysOf: (entry) => ({ key: entry.get('key')!, keys: within?.keysOf(documentOf(entry)) }),
    compare: (a, b) => compareValues(a.key, b.key) || (within === undefined ? 0 : within.compare(a.keys!, b.keys!)),
  };
  for await (const batch of sortExternally(entries, order, environment, limit)) {
    yield batch.map((entry) => ({ key: entry.get('key')!, document: documentOf(entry) }));
  }
}

function documentOf(entry: Document): Document {
  return entry.get('document') as Document;
}
