// Requests that may be sent again: the first one's reply is kept with its own transaction, so that it took effect exactly where
// its reply is known, and whoever sends it again, to whichever gateway, is answered the same.

import { statement } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { HeldTransaction, type HeldTransactionOptions } from '../engine/store-transaction.ts';
import { FacetError, isFacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';

export type IdempotentRequest = { readonly role: string; readonly key: string; /** SHA-256 of what is asked. */ readonly hash: Buffer; readonly options?: HeldTransactionOptions };

const claim = statement('select facetdb.claim_request($1, $2, $3::text::interval) as claimed', ['text', 'bytea', 'text']);
const find = statement('select request, reply from facetdb.claimed_request($1)', ['text']);
const answer = statement('select facetdb.answer_request($1, $2) is null as done', ['text', 'jsonb']);
const sweep = statement('delete from facetdb.idempotency_keys where created_at < now() - $1::text::interval', ['text']);

const kept = `${accessLimits.idempotencyKeptMs} milliseconds`;

export class IdempotentRequests {
  readonly #engine: Engine;
  readonly #timer: NodeJS.Timeout;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#timer = setInterval(() => void this.sweep().catch(() => {}), accessLimits.idempotencySweepMs).unref();
  }

  /**
   * The reply of `work`, which runs in a transaction that is committed with it; or the one that it had before. Errors: those
   * of `work` (nothing is kept of it then), `idempotency_mismatch` for another request with the same key.
   */
  async run<Reply>({ role, key, hash, options = {} }: IdempotentRequest, work: (transaction: HeldTransaction) => Promise<Reply>): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const transaction = await HeldTransaction.begin({ role, pool: this.#engine.pool(role) }, options);
      try {
        if (await claimed(transaction, key, hash)) {
          const reply = await work(transaction);
          await transaction.use((connection) => connection.query(answer, [key, reply]));
          await transaction.commit();
          return reply;
        }
        const [known] = (await transaction.use((connection) => connection.query(find, [key]))) as { request: Buffer; reply: Reply }[];
        await transaction.rollback();
        if (known === undefined) continue;
        if (!known.request.equals(hash)) throw new FacetError('idempotency_mismatch');
        return known.reply;
      } catch (error) {
        await transaction.rollback();
        // A transaction with a snapshot of its own cannot see what it has just waited for; a new one can.
        if (!(error instanceof ClaimConflict) || attempt >= accessLimits.idempotencyAttempts) throw error instanceof ClaimConflict ? error.cause : error;
      }
    }
  }

  /** Forgets those that are over. */
  async sweep(): Promise<void> {
    await this.#engine.systemPool.query(sweep, [kept]);
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }
}

class ClaimConflict extends Error {}

async function claimed(transaction: HeldTransaction, key: string, hash: Buffer): Promise<boolean> {
  try {
    const [row] = await transaction.use((connection) => connection.query(claim, [key, hash, kept]));
    return row?.['claimed'] === true;
  } catch (error) {
    throw isFacetError(error, 'serialization_failure') ? new ClaimConflict('claimed meanwhile', { cause: error }) : error;
  }
}
