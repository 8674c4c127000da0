// Who a request is from, and the open transaction that it belongs to. Basic authentication by a role's name and password, or
// a bearer token; RFC 7617, RFC 6750.

import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { StoreTransaction } from '../../access/shared-transactions.ts';
import { FacetError } from '../../kernel/errors.ts';
import { httpLimits } from './limits.ts';
import { RequestError } from './request-error.ts';
import type { StoreAccess } from './store-access.ts';

export type Caller = {
  readonly role: string;
  /** The transaction that the header FacetDB-Transaction names. */
  readonly transaction: StoreTransaction | undefined;
};

export const transactionHeader = 'facetdb-transaction';

export class Callers {
  readonly #access: StoreAccess;
  /** What was proven a moment ago, by the header's hash: a password is not looked up again for each of a client's requests. */
  readonly #proven = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();
  readonly #anybody: Caller;

  constructor(access: StoreAccess) {
    this.#access = access;
    this.#anybody = { role: access.defaultRole, transaction: undefined };
  }

  /** At once where the caller was known a moment ago. Errors: `authentication_failed`, `transaction_state`, `limit_exceeded`. */
  identify(request: FastifyRequest): Caller | Promise<Caller> {
    const caller = this.#prover(request);
    const token = request.headers[transactionHeader];
    if (token === undefined) return caller;
    if (typeof token !== 'string') throw new RequestError(transactionHeader, 'it is given twice');
    const join = ({ role }: Caller): Caller => ({ role, transaction: this.#access.transactions.join(token, role) });
    return caller instanceof Promise ? caller.then(join) : join(caller);
  }

  /** A token was revoked: what it proved holds no longer. */
  forget(): void {
    this.#proven.clear();
  }

  #prover(request: FastifyRequest): Caller | Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization === undefined) {
      if (!this.#access.requiresAuthentication) return this.#anybody;
      throw new FacetError('authentication_failed', 'give a role and its password, or a bearer token');
    }
    const key = hash('sha256', authorization, 'base64');
    const known = this.#proven.get(key);
    return known !== undefined && known.untilMs > Date.now() ? known.caller : this.#prove(authorization, request.ip, key);
  }

  async #prove(authorization: string, address: string, key: string): Promise<Caller> {
    const caller = { role: await this.#roleOf(authorization, address), transaction: undefined };
    if (this.#proven.size >= httpLimits.provenLogins) this.#proven.clear();
    this.#proven.set(key, { caller, untilMs: Date.now() + httpLimits.provenMs });
    return caller;
  }

  async #roleOf(authorization: string, address: string): Promise<string> {
    const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
    const { authenticator, tokens, learnSecret } = this.#access;
    if (scheme.toLowerCase() === 'bearer') return await tokens.authenticate(value);
    const text = Buffer.from(value, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (scheme.toLowerCase() !== 'basic' || colon < 0) throw new RequestError('authorization', 'expected "Basic" with a role and its password, or "Bearer" with a token');
    const principal = await authenticator.authenticate({ role: text.slice(0, colon), password: text.slice(colon + 1), address });
    learnSecret(principal);
    return principal.role;
  }
}
