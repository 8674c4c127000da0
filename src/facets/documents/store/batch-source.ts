// Between a pipeline's documents and a cursor's bytes.

import { decodeDocument } from '../../../values/bson/decode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { Batches } from '../pipelines/stage.ts';
import type { RawSource } from './raw-source.ts';

const batchDocuments = 1_000;

/** Batches of documents as a source of bytes. */
export function batchSource(batches: Batches, encode: (document: Document) => Buffer): RawSource {
  const iterator = batches[Symbol.asyncIterator]();
  let isExhausted = false;
  let pending: readonly Document[] = [];
  return {
    async next(count) {
      while (pending.length === 0 && !isExhausted) {
        const { done, value } = await iterator.next();
        if (done === true) isExhausted = true;
        else pending = value;
      }
      const some = pending.slice(0, count);
      pending = pending.slice(some.length);
      return some.map(encode);
    },
    get isExhausted() {
      return isExhausted && pending.length === 0;
    },
    async close() {
      isExhausted = true;
      pending = [];
      await iterator.return?.();
    },
  };
}

/** The documents of a source, which is closed at the end. */
export async function* documentsOf(rows: RawSource): Batches {
  try {
    while (!rows.isExhausted) {
      const batch = await rows.next(batchDocuments);
      if (batch.length > 0) yield batch.map((bytes) => decodeDocument(bytes));
    }
  } finally {
    await rows.close();
  }
}
