// What ends a command from outside: its client hung up, killOp, its time is over.

/**
 * As an AbortController, whose signal is made once somebody wants to listen to it: most commands are over before anybody does,
 * and a signal costs more time and garbage than all that is read of their fields.
 */
export class Interruption {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    return this.#made().signal;
  }

  abort(reason?: unknown): void {
    this.#made().abort(reason);
  }

  #made(): AbortController {
    this.#controller ??= new AbortController();
    return this.#controller;
  }
}
