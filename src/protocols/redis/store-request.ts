// A command on its way through the store: the one object that the dispatcher, the group and the reply share. There are
// very many of them under load, so it has no closures, and makes what it needs when it is needed.

import { type KeyRequest, type NamedElements, type Unit, waiting } from '../../facets/keyvalue/index.ts';
import type { Buffer } from 'node:buffer';
import type { BlockingRequest } from './blocking-request.ts';
import { type Command, type KeyCommand, argumentsOf, isBlind, isLong, isWrite, keysOf, noteAccesses } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { runCounting } from './key-lookups.ts';
import { namedElements } from './named-elements.ts';
import { asRedisError, asReply } from './redis-error.ts';
import { RunningRequest } from './running-request.ts';

/** A row of the registry that runs on keys. */
export type StoreCommand = Extract<Command, { readonly run: KeyCommand }>;

export class StoreRequest extends RunningRequest implements KeyRequest {
  readonly #command: StoreCommand;
  readonly space: number;
  readonly rowsOnly: boolean;
  readonly isRelaxed: boolean;
  keys: readonly Buffer[] | 'all' = [];
  elements: NamedElements | undefined;
  isBlind = false;
  isLong = false;
  #blocking: BlockingRequest | undefined;
  #hasStarted = false;

  constructor(connection: RedisConnection, command: StoreCommand, words: readonly Buffer[]) {
    super(connection, command, words);
    this.#command = command;
    this.space = connection.space;
    this.rowsOnly = command.rowsOnly === true;
    this.isRelaxed = connection.isRelaxed;
  }

  /** Asks the store for it. Throws what is wrong with the request's keys. */
  submit(): void {
    const { connection, words } = this;
    const command = this.#command;
    this.keys = this.#concernsAll() ? 'all' : keysOf(command, words);
    if (command.elements !== undefined) this.elements = namedElements(command.group, command.elements(argumentsOf(command, words)));
    this.isBlind = command.blind !== undefined && isBlind(command, argumentsOf(command, words)) && !connection.server.configuration.tellsOfReplaced;
    this.isLong = isLong(words);
    // Last: from here on the connection reads nothing until the request ends.
    if (command.flags.includes('blocking')) this.#blocking = connection.startBlocking((reply) => this.done(reply));
    connection.submit(isWrite(command) ? 'write' : 'read', this, StoreRequest.answered);
  }

  get waiter(): BlockingRequest['waiter'] | undefined {
    return this.#blocking?.waiter;
  }

  run(unit: Unit): unknown {
    const { connection, words, space } = this;
    const command = this.#command;
    const context = { unit, space, connection, inTransaction: false };
    const keys = this.keys === 'all' ? keysOf(command, words) : this.keys;
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      // As in Redis, what a request waited for others is not its own time.
      this.startedAt = unit.startedAt;
      noteAccesses(command, keys, context);
    }
    return runCounting(command, { context, keys, args: argumentsOf(command, words), statistics: connection.server.statistics });
  }

  #concernsAll(): boolean {
    const { allKeys } = this.#command;
    return typeof allKeys === 'function' ? allKeys(argumentsOf(this.#command, this.words)) : allKeys === true;
  }

  /** The store's answer to a request. */
  static answered(error: Error | undefined, reply: unknown, request: StoreRequest): void {
    const blocking = request.#blocking;
    if (reply === waiting) return blocking!.wait();
    const answer = error === undefined ? asReply(reply) : asRedisError(error);
    if (blocking === undefined) request.done(answer);
    else blocking.end(answer);
  }
}
