// Batches of documents: made, transformed and gathered.

import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Batches, PipelineEnvironment } from './stage.ts';

/** Documents of a result that is made at once go on in batches of so many. */
const batchSize = 1_000;

/** A result that was computed as a whole. */
export async function* batchesOf(documents: Iterable<Document>): Batches {
  let batch: Document[] = [];
  for (const document of documents) {
    batch.push(document);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Each batch by itself. Empty results are left out. */
export async function* mapBatches(input: Batches, environment: PipelineEnvironment, map: (batch: readonly Document[]) => readonly Document[]): Batches {
  for await (const batch of input) {
    assertRunning(environment);
    const mapped = map(batch);
    if (mapped.length > 0) yield mapped;
  }
}

/** All documents. */
export async function gather(input: Batches): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const batch of input) for (const document of batch) documents.push(document);
  return documents;
}

/** Throws DocumentError: Interrupted. The signal's own reason, if it is such an error, is what is thrown. */
export function assertRunning({ signal }: PipelineEnvironment): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof DocumentError ? reason : new DocumentError('Interrupted', 'operation was interrupted', { cause: reason });
}
