// Frees what nobody can reach any more, a bounded piece at a time: keys that have expired, the elements of collections that
// are gone, the addends of key counts, rows of gateways that went away. Exactness does not depend on it: an expired key is
// hidden from every reader at once. Several gateways may sweep one store; a lock lets one of them do so at a time.

import { statement } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { keyvalueLimits } from './limits.ts';
import { type Sweep, type SweepResult, sweepSpace } from './sweep-space.ts';
import type { KeyEvent } from './key-events.ts';

export type SweeperOptions = {
  readonly engine: Engine;
  readonly log: Log;
  /** False while nothing is to be taken away. */
  readonly mayFree: () => boolean;
  /** Receives the keys that were taken away, after it is committed. */
  readonly onEvents: (events: readonly KeyEvent[]) => void;
  /** Called before each piece of sweeping; what it gives is called after it. */
  readonly onSweep: () => EndOfSweep;
};

/** With the keys that were taken away and the transaction that did it; undefined when nothing was done, or nobody knows. */
export type EndOfSweep = (space: number, expired: readonly Buffer[], transaction: number | undefined) => void;

const readSpaces = statement(String.raw`select substring(nspname from 9)::int as number from pg_namespace where nspname ~ '^keyspace\d+$' order by 1`);

const { sweepPauseMs, sweepIdlePauseMs, sweepFailurePauseMs, sweepUpkeepMs } = keyvalueLimits;

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #sweeps = new Map<number, Sweep>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #upkeepAtMs = 0;
  #hasFailed = false;
  #closed = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(sweepPauseMs);
  }

  /** Resolves when the round under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  #schedule(pauseMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#sweep();
    }, pauseMs).unref();
  }

  async #sweep(): Promise<void> {
    try {
      this.#schedule(await this.#sweepSpaces());
      this.#hasFailed = false;
    } catch (error) {
      // PostgreSQL may be away for a while; that is told once.
      if (!this.#hasFailed && !this.#closed) this.#options.log.warn({ error: messageOf(error) }, 'expired keys could not be freed; trying again');
      this.#hasFailed = true;
      this.#schedule(sweepFailurePauseMs);
    }
  }

  /** Gives how long to wait until the next round: the busiest keyspace decides. */
  async #sweepSpaces(): Promise<number> {
    if (!this.#options.mayFree()) return sweepPauseMs;
    const isUpkeepDue = Date.now() >= this.#upkeepAtMs;
    if (isUpkeepDue) await this.#findSpaces();
    let pauseMs: number = sweepIdlePauseMs;
    for (const sweep of this.#sweeps.values()) {
      if (this.#closed) break;
      const { expired, isBusy, expects } = await this.#sweepSpace(sweep, isUpkeepDue);
      if (expired.length > 0) this.#options.onEvents(expired.map((key) => ({ space: sweep.space, type: 'x', event: 'expired', key })));
      pauseMs = Math.min(pauseMs, isBusy ? 0 : expects ? sweepPauseMs : sweepIdlePauseMs);
    }
    return pauseMs;
  }

  async #sweepSpace(sweep: Sweep, withUpkeep: boolean): Promise<SweepResult> {
    const end = this.#options.onSweep();
    try {
      const result = await sweepSpace(this.#options.engine.systemPool, sweep, withUpkeep);
      end(sweep.space, result.expired, result.transaction);
      return result;
    } catch (error) {
      end(sweep.space, [], undefined);
      throw error;
    }
  }

  /** Keyspaces are made when they are first selected, maybe by another gateway. */
  async #findSpaces(): Promise<void> {
    this.#upkeepAtMs = Date.now() + sweepUpkeepMs;
    for (const { number } of await this.#options.engine.systemPool.query<{ number: number }>(readSpaces)) {
      if (!this.#sweeps.has(number)) this.#sweeps.set(number, { space: number, nextBlock: 0, sawExpiry: true, sawExpiryBefore: true });
    }
  }
}
