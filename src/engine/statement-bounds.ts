// Bounds on one statement: a time limit and an abort signal, both carried out as a cancel request to PostgreSQL.
// The time is kept here rather than in `statement_timeout`, which would take a statement of its own to set.

import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError, isFacetError } from '../kernel/errors.ts';
import { engineLimits } from './limits.ts';
import type { Connection } from './wire/connection.ts';

export type StatementBounds = { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined };

/** Runs `body`; errors `statement_timeout` and `cancelled` when a bound ended it. */
export async function withBounds<T>(connection: Connection, { signal, timeoutMs }: StatementBounds, body: () => Promise<T>): Promise<T> {
  if (signal === undefined && timeoutMs === undefined) return await body();
  if (signal?.aborted === true) throw new FacetError('cancelled');
  let ended: 'statement_timeout' | 'cancelled' | undefined;
  let isSettled = false;
  let cancelling: Promise<void> | undefined;
  const cancelUntilSettled = async (): Promise<void> => {
    // One may come between two messages of the statement, when there is nothing to cancel, and is then forgotten.
    while (!isSettled && connection.usable) {
      await connection.cancel().catch(() => {});
      if (!isSettled) await sleep(engineLimits.cancelRepeatMs);
    }
  };
  const end = (reason: 'statement_timeout' | 'cancelled'): void => {
    if (ended !== undefined) return;
    ended = reason;
    cancelling = cancelUntilSettled();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('statement_timeout'), timeoutMs);
  const onAbort = (): void => end('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await body();
  } catch (error) {
    if (ended === 'statement_timeout' && isFacetError(error, 'cancelled')) {
      throw new FacetError('statement_timeout', `it was cancelled after ${timeoutMs} ms`, { cause: error });
    }
    throw error;
  } finally {
    isSettled = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    // The request must have arrived before the connection serves anything else, or it would hit that instead.
    await cancelling;
  }
}
