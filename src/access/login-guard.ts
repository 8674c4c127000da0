// Slows guessing: after a failed login, the next one for the same role from the same address waits, twice as long each time.
// Counting by role and address together keeps a stranger from locking out a role's owner.

import { setTimeout as sleep } from 'node:timers/promises';
import { FacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';

export type LoginGuardOptions = {
  readonly remembered?: number;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

export type LoginSource = { readonly role: string; readonly address: string };

type Failures = { count: number; nextTurnAtMs: number; forgetAtMs: number };

export class LoginGuard {
  /** The longest without a failure first. */
  readonly #failures = new Map<string, Failures>();
  readonly #remembered: number;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<unknown>;

  constructor(options: LoginGuardOptions = {}) {
    this.#remembered = options.remembered ?? accessLimits.failuresRemembered;
    this.#now = options.now ?? Date.now;
    this.#sleep = options.sleep ?? ((ms) => sleep(ms, undefined, { ref: false }));
  }

  /**
   * To be awaited before a password is checked. Resolves when it is this login's turn; throws `authentication_failed`
   * at once where too many wait already. Each turn taken moves the next one on, so that guessing in parallel gains nothing.
   */
  async turn(source: LoginSource): Promise<void> {
    const failures = this.#recall(source);
    if (failures === undefined) return;
    const nowMs = this.#now();
    const turnAtMs = Math.max(nowMs, failures.nextTurnAtMs);
    const waitMs = turnAtMs - nowMs;
    if (waitMs > accessLimits.failureDelayMaxMs) {
      throw new FacetError('authentication_failed', `too many failed logins of "${source.role}" from ${source.address}; try again in ${Math.ceil(waitMs / 1_000)} s`);
    }
    failures.nextTurnAtMs = turnAtMs + delayAfter(failures.count);
    if (waitMs > 0) await this.#sleep(waitMs);
  }

  /** Counts a failed login; returns how many there have been since the last good one. */
  failed(source: LoginSource): number {
    const key = keyOf(source);
    const failures = this.#recall(source) ?? { count: 0, nextTurnAtMs: 0, forgetAtMs: 0 };
    const nowMs = this.#now();
    failures.count += 1;
    failures.nextTurnAtMs = Math.max(failures.nextTurnAtMs, nowMs + delayAfter(failures.count));
    failures.forgetAtMs = nowMs + accessLimits.failureLifetimeMs;
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= this.#remembered) break;
      this.#failures.delete(oldest);
    }
    return failures.count;
  }

  /** A good login ends the slowing. */
  succeeded(source: LoginSource): void {
    this.#failures.delete(keyOf(source));
  }

  #recall(source: LoginSource): Failures | undefined {
    const failures = this.#failures.get(keyOf(source));
    return failures !== undefined && failures.forgetAtMs > this.#now() ? failures : undefined;
  }
}

function delayAfter(failures: number): number {
  return Math.min(accessLimits.failureDelayMinMs * 2 ** (failures - 1), accessLimits.failureDelayMaxMs);
}

function keyOf({ role, address }: LoginSource): string {
  return `${address} ${role}`;
}
