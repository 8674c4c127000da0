// Transactions whose body FacetDB owns whole, and may therefore run again.

import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentError } from '../facets/documents/index.ts';
import { isFacetError } from '../kernel/errors.ts';
import type { BeginOptions, StoreExecutor, TransactionExecutor } from './executor.ts';
import { databaseLimits } from './limits.ts';

export type TransactionOptions = BeginOptions & {
  /** How often the body is run again after a conflict. Default: 5. */
  readonly retries?: number;
};

/** Errors: what `body` throws, and those of the commit. */
export async function runTransaction<Result>(store: StoreExecutor, { retries = databaseLimits.transactionRetries, ...options }: TransactionOptions, body: (executor: TransactionExecutor) => Promise<Result>): Promise<Result> {
  for (let run = 0; ; run++) {
    const transaction = await store.begin(options);
    try {
      const result = await body(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      if (run >= retries || !isConflict(error)) throw error;
    }
    // Two that met would meet again.
    await sleep(Math.random() * databaseLimits.retryPauseMs * 2 ** Math.min(run, 6));
  }
}

const writeConflict = 112;

/** Whether PostgreSQL has certainly rolled the transaction back because of another. */
function isConflict(error: unknown): boolean {
  return isFacetError(error, 'serialization_failure') || isFacetError(error, 'deadlock') || (error instanceof DocumentError && error.number === writeConflict);
}
