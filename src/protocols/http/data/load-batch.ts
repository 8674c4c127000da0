// One batch of a stream of rows: inserted at once, and where that fails by halves, until the row is found that is refused.

import { type StoreTransaction, inSavepoint } from '../../../access/shared-transactions.ts';
import { FacetError } from '../../../kernel/errors.ts';
import type { RowBatch } from './data-source.ts';
import { LineError } from './line-error.ts';

/** `insert`: inserts the rows at these places, or none of them. Errors: LineError; the transaction is to be rolled back then. */
export async function loadBatch(transaction: StoreTransaction, batch: RowBatch, insert: (places: readonly number[]) => Promise<unknown>): Promise<void> {
  const load = async (places: readonly number[]): Promise<void> => {
    try {
      await inSavepoint(transaction, () => insert(places));
    } catch (error) {
      if (!(error instanceof FacetError) || error.code === 'connection_lost') throw error;
      if (places.length === 1) throw new LineError(batch[places[0]!]!.line, error);
      const half = places.length >> 1;
      await load(places.slice(0, half));
      await load(places.slice(half));
    }
  };
  await load(batch.map((_, place) => place));
}
