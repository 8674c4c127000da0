// Who asks for a statement, and within what.

import type { StoreTransaction } from '../../engine/store-transaction.ts';

export type SqlOperation = {
  /** The PostgreSQL role that it runs as. */
  readonly role: string;
  readonly transaction?: StoreTransaction | undefined;
  /** Cancels the statement: it fails with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Fails it with `statement_timeout` after that time. */
  readonly timeoutMs?: number | undefined;
};
