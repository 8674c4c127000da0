// Sorts documents that may be more than memory holds: in runs on disk then, where the command allows it. For $sort, and for
// the stages that MongoDB builds on a sort.

import type { Document } from '../../../values/bson/types.ts';
import { assertRunning, batchesOf } from './batches.ts';
import { approximateSizeOfDocument, newSpillingAccount } from './memory.ts';
import { SortedRuns, type SortOrder } from './sorted-runs.ts';
import type { Batches, PipelineEnvironment } from './stage.ts';

/**
 * With a limit, no more documents than that come out, and not many more are held.
 * Throws DocumentError: QueryExceededMemoryLimitNoDiskUseAllowed.
 */
export async function* sortExternally<Keys>(input: Batches, order: SortOrder<Keys>, environment: PipelineEnvironment, limit = Infinity): Batches {
  const { keysOf, compare } = order;
  const memory = newSpillingAccount('$sort', environment);
  const runs = new SortedRuns(order, environment);
  let entries: { readonly document: Document; readonly keys: Keys }[] = [];
  const cut = () => {
    entries = entries.sort((a, b) => compare(a.keys, b.keys)).slice(0, limit);
  };
  try {
    for await (const batch of input) {
      assertRunning(environment);
      let isWithin = true;
      for (const document of batch) {
        if (entries.length < limit) isWithin = memory.add(approximateSizeOfDocument(document));
        entries.push({ document, keys: keysOf(document) });
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
      yield* runs.merged(limit);
    }
  } finally {
    await runs.close();
  }
}
