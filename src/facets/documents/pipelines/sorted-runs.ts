// Runs of sorted documents on disk, and what they are together.

import type { Document } from '../../../values/bson/types.ts';
import { assertRunning, batchesOf } from './batches.ts';
import type { Batches, PipelineEnvironment, Spill } from './stage.ts';

/** What documents are ordered by. Those that are equal stay in their order. */
export type SortOrder<Keys> = { readonly keysOf: (document: Document) => Keys; readonly compare: (a: Keys, b: Keys) => number };

const documentsAtOnce = 1_000;

/** A run and its next document. */
type Head<Keys> = { readonly documents: AsyncIterator<Document>; document: Document; keys: Keys };

export class SortedRuns<Keys> {
  private readonly order: SortOrder<Keys>;
  private readonly environment: PipelineEnvironment;
  private spill: Spill | undefined;
  count = 0;

  constructor(order: SortOrder<Keys>, environment: PipelineEnvironment) {
    this.order = order;
    this.environment = environment;
  }

  /** Documents that are sorted. */
  async add(documents: readonly Document[]): Promise<void> {
    this.spill ??= this.environment.newSpill!();
    for await (const batch of batchesOf(documents)) await this.spill.write(this.count, batch);
    this.count += 1;
  }

  /** The first `limit` documents in order; those that are equal in the order of their runs. */
  async *merged(limit: number): Batches {
    const { keysOf, compare } = this.order;
    let heads: Head<Keys>[] = [];
    for (let run = 0; run < this.count; run += 1) {
      const documents = documentsOf(this.spill!.read(run));
      const first = await documents.next();
      if (first.done !== true) heads.push({ documents, document: first.value, keys: keysOf(first.value) });
    }
    let batch: Document[] = [];
    for (let count = 0; heads.length > 0 && count < limit; count += 1) {
      const least = heads.reduce((a, b) => (compare(b.keys, a.keys) < 0 ? b : a));
      batch.push(least.document);
      const { done, value } = await least.documents.next();
      if (done === true) heads = heads.filter((head) => head !== least);
      else Object.assign(least, { document: value, keys: keysOf(value) });
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
