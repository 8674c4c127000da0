// CLIENT PAUSE: for a while, requests of clients (all of them, or those that may write) wait.

import { type Command, isWrite } from './command.ts';
import type { RedisConnection } from './connection.ts';

export class ClientPause {
  #until = 0;
  #mode: 'write' | 'all' = 'all';
  #timer: NodeJS.Timeout | undefined;
  #postponed: (() => void)[] = [];

  /** Clients that wait for the end of it. */
  get waiting(): number {
    return this.#postponed.length;
  }

  /** A pause that is under way is made longer or stricter, never shorter or laxer. */
  begin(milliseconds: number, mode: 'write' | 'all'): void {
    const until = Date.now() + milliseconds;
    const { isOn } = this;
    if (!isOn || mode === 'all') this.#mode = mode;
    this.#until = isOn ? Math.max(this.#until, until) : until;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), Math.min(this.#until - Date.now(), 2 ** 31 - 1));
    this.#timer.unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#until = 0;
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const go of postponed) go();
  }

  get isOn(): boolean {
    return this.#until > Date.now();
  }

  concerns(connection: RedisConnection, command: Command): boolean {
    if (this.#until === 0 || !this.isOn) return false;
    if (this.#mode === 'all') return true;
    const { transaction } = connection;
    if (command.name === 'exec') return transaction?.mayWrite === true;
    return transaction?.isQueueing !== true && mayWrite(command);
  }

  /** Calls `go` when the pause is over; the connection reads nothing until then. */
  postpone(connection: RedisConnection, go: () => void): void {
    connection.hold();
    this.#postponed.push(() => {
      if (!connection.isClosing) go();
      connection.release();
    });
  }
}

export function mayWrite(command: Command): boolean {
  return isWrite(command) || command.flags.includes('may_replicate');
}
