// What was opened, to be closed in reverse order: by a stop, or by a start that failed half-way.

import { messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

type Opened = { readonly what: string; readonly close: () => Promise<void> };

export class CloseStack {
  readonly #opened: Opened[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  push(what: string, close: () => Promise<void>): void {
    this.#opened.push({ what, close });
  }

  /** Closes everything; one failure does not keep the rest open. It is logged. */
  async close(): Promise<void> {
    for (let opened = this.#opened.pop(); opened !== undefined; opened = this.#opened.pop()) {
      try {
        await opened.close();
        this.#log.debug(`closed: ${opened.what}`);
      } catch (error) {
        this.#log.error(`${opened.what} could not be closed: ${messageOf(error)}`);
      }
    }
  }
}
