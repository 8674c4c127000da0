// Transactions that connections of other protocols may join: whoever opened one gets a token for it, and whoever presents
// the token, as the same role, works in it until it ends. Tokens live in the memory of the gateway that holds the
// transaction's connection; another gateway does not know them.

import { randomBytes } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import { HeldTransaction, type HeldTransactionOptions, type StoreTransaction } from '../engine/store-transaction.ts';
import { FacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';

export type { StoreTransaction } from '../engine/store-transaction.ts';
export { HeldTransaction, inSavepoint } from '../engine/store-transaction.ts';

/** Finds a transaction that lives elsewhere than in this registry: in a SQL client's own session. */
export type TransactionSource = (token: string) => StoreTransaction | undefined;

export class SharedTransactions {
  readonly #engine: Engine;
  readonly #byToken = new Map<string, StoreTransaction>();
  readonly #tokens = new WeakMap<StoreTransaction, string>();
  readonly #sources: TransactionSource[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Begins one as `role`. Errors as `Pool.acquire`. */
  async begin(role: string, options: HeldTransactionOptions = {}): Promise<HeldTransaction> {
    return await HeldTransaction.begin({ role, pool: this.#engine.pool(role) }, options);
  }

  /** The token that lets others of the same role in: 256 random bits. Errors: `transaction_state` when it has ended. */
  share(transaction: StoreTransaction): string {
    if (!transaction.isOpen) throw new FacetError('transaction_state', 'the transaction has ended');
    const known = this.#tokens.get(transaction);
    if (known !== undefined) return known;
    const token = randomBytes(accessLimits.transactionTokenBytes).toString('base64url');
    this.#tokens.set(transaction, token);
    this.#byToken.set(token, transaction);
    transaction.onEnd(() => this.#byToken.delete(token));
    return token;
  }

  /**
   * The transaction of a token. Errors: `transaction_state` for one that is unknown, has ended, or is another role's (which
   * is not told apart from one that does not exist).
   */
  join(token: string, role: string): StoreTransaction {
    const transaction = this.#byToken.get(token) ?? this.#fromSources(token);
    if (transaction === undefined || transaction.role !== role || !transaction.isOpen) {
      throw new FacetError('transaction_state', 'no open transaction of this role has this token');
    }
    return transaction;
  }

  /** Asks `source` for tokens that are not of this registry. */
  addSource(source: TransactionSource): void {
    this.#sources.push(source);
  }

  #fromSources(token: string): StoreTransaction | undefined {
    for (const source of this.#sources) {
      const transaction = source(token);
      if (transaction !== undefined) return transaction;
    }
    return undefined;
  }
}
