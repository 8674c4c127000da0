// Checks passwords in clear against verifiers, and remembers which were right, so that a protocol that sends the password
// with every request (HTTP) does not cost thousands of hash rounds each. What is remembered is keyed by a MAC over the
// role, its verifier and the password: a changed verifier misses, and the table holds no password.

import { createHmac, randomBytes } from 'node:crypto';
import type { ScramKeys } from '../engine/client.ts';
import { FacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';
import { formatVerifier, type ScramVerifier, verifyPassword } from './scram-verifier.ts';

export type PasswordCheckOptions = {
  readonly remembered?: number;
  readonly lifetimeMs?: number;
  readonly pending?: number;
  readonly now?: () => number;
};

export type PasswordClaim = { readonly role: string; readonly verifier: ScramVerifier; readonly password: string };

export class PasswordCheck {
  readonly #macKey = randomBytes(32);
  /** Least recently used first. */
  readonly #right = new Map<string, { readonly keys: ScramKeys; readonly expiresAtMs: number }>();
  /** Equal claims that come while one is being hashed share its result. */
  readonly #pending = new Map<string, Promise<ScramKeys | undefined>>();
  readonly #options: Required<PasswordCheckOptions>;

  constructor(options: PasswordCheckOptions = {}) {
    this.#options = {
      remembered: accessLimits.checksRemembered,
      lifetimeMs: accessLimits.checkLifetimeMs,
      pending: accessLimits.checksPending,
      now: Date.now,
      ...options,
    };
  }

  /** The keys that prove the password, or undefined where it is wrong. Throws `limit_exceeded` when too many checks wait. */
  async check(claim: PasswordClaim): Promise<ScramKeys | undefined> {
    const name = this.#nameOf(claim);
    return this.#recall(name) ?? this.#pending.get(name) ?? this.#hash(name, claim);
  }

  #recall(name: string): ScramKeys | undefined {
    const entry = this.#right.get(name);
    if (entry === undefined) return undefined;
    this.#right.delete(name);
    if (entry.expiresAtMs <= this.#options.now()) return undefined;
    this.#right.set(name, entry);
    return entry.keys;
  }

  async #hash(name: string, { password, verifier }: PasswordClaim): Promise<ScramKeys | undefined> {
    if (this.#pending.size >= this.#options.pending) {
      throw new FacetError('limit_exceeded', 'too many logins at once; try again in a moment');
    }
    const result = verifyPassword(password, verifier);
    this.#pending.set(name, result);
    try {
      const keys = await result;
      if (keys !== undefined) this.#remember(name, keys);
      return keys;
    } finally {
      this.#pending.delete(name);
    }
  }

  #remember(name: string, keys: ScramKeys): void {
    this.#right.set(name, { keys, expiresAtMs: this.#options.now() + this.#options.lifetimeMs });
    for (const oldest of this.#right.keys()) {
      if (this.#right.size <= this.#options.remembered) break;
      this.#right.delete(oldest);
    }
  }

  #nameOf({ role, verifier, password }: PasswordClaim): string {
    return createHmac('sha256', this.#macKey).update(JSON.stringify([role, formatVerifier(verifier), password])).digest('base64');
  }
}
