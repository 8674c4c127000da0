// Whether requests can be served now, for GET /health. Asking is cheap however often it is done: one check at a time, and
// its result serves for a second.

import type { Engine } from '../engine/engine.ts';
import type { Health } from '../protocols/http/health-routes.ts';
import { serverLimits } from './limits.ts';

export class Readiness {
  #engine: Engine | undefined;
  #isStopping = false;
  #latest: { readonly at: number; readonly reachable: Promise<boolean> } | undefined;

  /** From now on the engine's answer counts; before, nothing is ready. */
  engineStarted(engine: Engine): void {
    this.#engine = engine;
  }

  /** From now on nothing is ready, so that balancers send their clients elsewhere. */
  stopping(): void {
    this.#isStopping = true;
  }

  async check(): Promise<Health> {
    if (this.#isStopping) return { ready: false, checks: { engine: 'stopping' } };
    const ready = await this.#reachable();
    return { ready, checks: { engine: ready ? 'up' : 'down' } };
  }

  #reachable(): Promise<boolean> {
    const now = performance.now();
    if (this.#latest === undefined || now - this.#latest.at >= serverLimits.readinessLifetimeMs) {
      this.#latest = { at: now, reachable: this.#ask() };
    }
    return this.#latest.reachable;
  }

  async #ask(): Promise<boolean> {
    if (this.#engine === undefined) return false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), serverLimits.readinessTimeoutMs);
    });
    try {
      return await Promise.race([this.#engine.isReachable(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
