// Several steps that take effect together.

import type { StoreTransaction } from '../../access/shared-transactions.ts';
import type { CommandPlace, StoreAccess } from './store-access.ts';

type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** In the transaction that the client has named, or in one of its own. */
export async function inTransaction<Result>(access: StoreAccess, place: CommandPlace, isolation: Isolation, body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result> {
  if (place.transaction !== undefined) return await body(place.transaction);
  const transaction = await access.transactions.begin(place.role, { isolation });
  try {
    const result = await body(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}
