// Runs of sorted documents on disk, and what they are together.

import type { Document } from '../../../../values/bson/types.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { compareSortKeys, sortKeysOf } from '../../sorts/sort-keys.ts';
import type { SortKeys } from '../../sorts/sort-keys.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import type { Batches, PipelineEnvironment, Spill } from '../stage.ts';

const documentsAtOnce = 1_000;

/** A run and its next document. */
type Head = { readonly documents: AsyncIterator<Document>; document: Document; keys: SortKeys };

export class SortedRuns {
  private readonly pattern: SortPattern;
  private readonly environment: PipelineEnvironment;
  private spill: Spill | undefined;
  count = 0;

  constructor(pattern: SortPattern, environment: PipelineEnvironment) {
    this.pattern = pattern;
    this.environment = environment;
  }

  /** Documents that are sorted. */
  async add(documents: readonly Document[]): Promise<void> {
    this.spill ??= this.environment.newSpill!();
    for await (const batch of batchesOf(documents)) await this.spill.write(this.count, batch);
    this.count += 1;
  }

  /** All documents in order; those that are equal in the order of their runs. */
  async *merged(): Batches {
    const compare = compareSortKeys(this.pattern);
    let heads: Head[] = [];
    for (let run = 0; run < this.count; run += 1) {
      const documents = documentsOf(this.spill!.read(run));
      const first = await documents.next();
      if (first.done !== true) heads.push({ documents, document: first.value, keys: sortKeysOf(this.pattern, first.value) });
    }
    let batch: Document[] = [];
    while (heads.length > 0) {
      const least = heads.reduce((a, b) => (compare(b.keys, a.keys) < 0 ? b : a));
      batch.push(least.document);
      const { done, value } = await least.documents.next();
      if (done === true) heads = heads.filter((head) => head !== least);
      else Object.assign(least, { document: value, keys: sortKeysOf(this.pattern, value) });
      if (batch.length < documentsAtOnce) continue;
      assertRunning(this.environment);
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    await this.spill?.close();
  }
}

async function* documentsOf(batches: Batches): AsyncGenerator<Document, undefined> {
  for await (const batch of batches) yield* batch;
}
