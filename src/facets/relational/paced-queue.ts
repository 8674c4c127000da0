// What a connection gives, for a reader who may be slower: the connection is not read while enough waits.

import type { Connection } from '../../engine/client.ts';

export class PacedQueue<Item> {
  readonly #limit: number;
  #waiting: Item[] = [];
  #weight = 0;
  #connection: Connection | undefined;
  #isPaused = false;
  #isStopped = false;
  #isEnded = false;
  #wake: () => void = () => {};

  /** `limit`: the weight from which the connection is paused. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is added from now on comes from this connection. */
  pace(connection: Connection): void {
    this.#connection = connection;
  }

  add(item: Item, weight: number): void {
    if (this.#isStopped) return;
    this.#waiting.push(item);
    this.#weight += weight;
    if (this.#weight >= this.#limit && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection?.pause();
    }
    this.#wake();
  }

  /** No more will come; the connection is its owner's again. */
  end(): void {
    this.#isEnded = true;
    this.#resume();
    this.#wake();
  }

  /** Nobody reads the rest: it is thrown away. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
    this.#resume();
  }

  /** Everything until `end`, in batches. */
  async *batches(): AsyncGenerator<readonly Item[]> {
    for (;;) {
      if (this.#waiting.length === 0) {
        if (this.#isEnded) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const batch = this.#waiting;
      this.#waiting = [];
      this.#weight = 0;
      yield batch;
      this.#resume();
    }
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection?.resume();
  }
}
