// LATENCY LATEST and its like: for each class of events, the last ones that took as long as
// `latency-monitor-threshold` or longer.

import type { Configuration } from './configuration.ts';
import { redisLimits } from './limits.ts';

/** Unix time in seconds, and milliseconds. */
export type LatencySample = { readonly seconds: number; milliseconds: number };
export type LatencyEvent = { readonly samples: readonly LatencySample[]; readonly max: number };

export class LatencyMonitor {
  readonly #configuration: Configuration;
  readonly #events = new Map<string, { samples: LatencySample[]; max: number }>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  get events(): ReadonlyMap<string, LatencyEvent> {
    return this.#events;
  }

  note(name: string, milliseconds: number): void {
    const threshold = this.#configuration.integer('latency-monitor-threshold');
    if (threshold === 0 || milliseconds < threshold) return;
    const seconds = Math.floor(Date.now() / 1_000);
    let event = this.#events.get(name);
    if (event === undefined) this.#events.set(name, (event = { samples: [], max: 0 }));
    event.max = Math.max(event.max, milliseconds);
    const last = event.samples.at(-1);
    // One sample a second, the worst.
    if (last?.seconds === seconds) last.milliseconds = Math.max(last.milliseconds, milliseconds);
    else event.samples.push({ seconds, milliseconds });
    if (event.samples.length > redisLimits.latencySamples) event.samples.shift();
  }

  /** Forgets these events, or all; gives how many there were. */
  reset(names: readonly string[]): number {
    if (names.length > 0) return names.filter((name) => this.#events.delete(name)).length;
    const { size } = this.#events;
    this.#events.clear();
    return size;
  }
}
