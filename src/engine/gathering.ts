// How long a small group waits for others to join it. Where many clients ask, a statement for each costs PostgreSQL and the
// gateway five times what it costs in company; what one of them loses by waiting is less than what all gain. Where few ask,
// nothing waits: a lone request leaves at once.

import { engineLimits } from './limits.ts';

/** The different clients that have asked lately. */
class Crowd {
  readonly #asking = new Set<number>();
  #before = 0;
  #window = 0;

  note(client: number): void {
    this.#turn();
    this.#asking.add(client);
  }

  /** In the last whole window. */
  get size(): number {
    this.#turn();
    return this.#before;
  }

  #turn(): void {
    const window = Math.floor(performance.now() / engineLimits.crowdWindowMs);
    if (window === this.#window) return;
    this.#before = window === this.#window + 1 ? this.#asking.size : 0;
    this.#asking.clear();
    this.#window = window;
  }
}

export class Gathering {
  readonly #crowd = new Crowd();
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** `onOver`: those that wait have waited long enough. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  note(client: number): void {
    this.#crowd.note(client);
  }

  /** Whether a group of so many is to wait for more. */
  holds(waiting: number): boolean {
    if (this.#isOver) return false;
    const { size } = this.#crowd;
    if (size < engineLimits.crowd || waiting >= size * engineLimits.crowdPart) return false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#isOver = true;
      this.#onOver();
    }, engineLimits.gatheringMs);
    return true;
  }

  /** A group has left: the next one begins to gather. */
  left(): void {
    this.#isOver = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
