// Connections that have something to send: all replies that become known in one turn leave in one write for each of them.

import type { RedisConnection } from './connection.ts';

export class OutputQueue {
  #due: RedisConnection[] = [];
  readonly #send = (): void => {
    const due = this.#due;
    this.#due = [];
    for (const connection of due) connection.flush();
  };

  /** Added once until its `flush` is called. */
  add(connection: RedisConnection): void {
    // One microtask for all: each costs as much as several replies.
    if (this.#due.push(connection) === 1) queueMicrotask(this.#send);
  }
}
