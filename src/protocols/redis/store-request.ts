// A command on its way through the store: the one object that the dispatcher, the group and the reply share. There is
// one for each request under load, so it has no closures.

import { type KeyRequest, type NamedElements, type Unit, waiting } from '../../facets/keyvalue/index.ts';
import type { BlockingRequest } from './blocking-request.ts';
import { type Command, type KeyCommand, argumentsOf, isBlind, keysOf, noteAccesses } from './command.ts';
import { runCounting } from './key-lookups.ts';
import { namedElements } from './named-elements.ts';
import { asRedisError, asReply } from './redis-error.ts';
import type { RunningRequest } from './running-request.ts';

/** A row of the registry that runs on keys. */
export type StoreCommand = Extract<Command, { readonly run: KeyCommand }>;

export class StoreRequest implements KeyRequest {
  readonly #running: RunningRequest;
  readonly #command: StoreCommand;
  readonly #args: readonly Buffer[];
  readonly #blocking: BlockingRequest | undefined;
  #hasStarted = false;
  readonly space: number;
  readonly keys: readonly Buffer[] | 'all';
  readonly elements: NamedElements | undefined;
  readonly isBlind: boolean;
  readonly rowsOnly: boolean;
  readonly isRelaxed: boolean;

  /** Throws what is wrong with the request's keys. */
  constructor(running: RunningRequest, command: StoreCommand) {
    const { connection, words } = running;
    const { allKeys } = command;
    const args = argumentsOf(command, words);
    this.#running = running;
    this.#command = command;
    this.#args = args;
    this.space = connection.space;
    this.keys = (typeof allKeys === 'function' ? allKeys(args) : allKeys === true) ? 'all' : keysOf(command, words);
    this.elements = command.elements && namedElements(command.group, command.elements(args));
    // A server that tells of new keys looks whether they are.
    this.isBlind = isBlind(command, args) && !connection.server.configuration.eventClasses.has('n');
    this.rowsOnly = command.rowsOnly === true;
    this.isRelaxed = connection.isRelaxed;
    // Last: from here on the connection reads nothing until the request ends.
    this.#blocking = command.flags.includes('blocking') ? connection.startBlocking((reply) => running.answer(reply)) : undefined;
  }

  get waiter(): BlockingRequest['waiter'] | undefined {
    return this.#blocking?.waiter;
  }

  run(unit: Unit): unknown {
    const { connection, words } = this.#running;
    const context = { unit, space: this.space, connection, inTransaction: false };
    const keys = this.keys === 'all' ? keysOf(this.#command, words) : this.keys;
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      // As in Redis, what a request waited for others is not its own time.
      this.#running.startedAt = performance.now();
      noteAccesses(this.#command, keys, context);
    }
    return runCounting(this.#command, { context, keys, args: this.#args, statistics: connection.server.statistics });
  }

  /** The store's answer to a request. */
  static answered(error: Error | undefined, reply: unknown, request: StoreRequest): void {
    const blocking = request.#blocking;
    if (reply === waiting) return blocking!.wait();
    const answer = error === undefined ? asReply(reply) : asRedisError(error);
    if (blocking === undefined) request.#running.answer(answer);
    else blocking.end(answer);
  }
}
