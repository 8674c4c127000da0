// The way of every request, in Redis's order: look up, shape, authentication, transaction state, run. Replies and
// errors go to the request's slot, which the connection encodes.

import type { KeyRequest } from '../../facets/keyvalue/index.ts';
import { type Command, type LocalCommand, argumentsOf } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { RedisError, asRedisError, redisErrors } from './redis-error.ts';
import { findCommand, findSubcommand } from './registry.ts';
import { ReplySlot } from './reply-slot.ts';
import { type Reply, queued } from './reply.ts';
import { RunningRequest } from './running-request.ts';
import type { RedisServer } from './server.ts';
import { type StoreCommand, StoreRequest } from './store-request.ts';
import { endTransaction } from './transaction.ts';

export class Dispatcher {
  readonly #server: RedisServer;

  constructor(server: RedisServer) {
    this.#server = server;
  }

  /** Carries one request out; its reply is known now or later. */
  dispatch(connection: RedisConnection, words: readonly Buffer[]): void {
    let command: Command;
    try {
      command = resolveCommand(words);
      this.#checkState(connection, command);
    } catch (error) {
      return this.#refuse(connection, words, asRedisError(error));
    }
    connection.lastCommand = command.name;
    const running = isStoreCommand(command) ? new StoreRequest(connection, command, words) : new RunningRequest(connection, command, words);
    connection.expect(running);
    const { pause } = this.#server;
    if (pause.concerns(connection, command)) pause.postpone(connection, () => this.#queueOrRun(running));
    else this.#queueOrRun(running);
  }

  /** A request that cannot be queued spoils its transaction. */
  #refuse(connection: RedisConnection, words: readonly Buffer[], error: RedisError): void {
    connection.transaction?.spoil();
    const reply = refusal(connection, words, error);
    const slot = new ReplySlot(connection);
    connection.expect(slot);
    this.#server.requestRefused(connection, { name: findCommand(words[0]!)?.name, reply });
    slot.answer(reply);
  }

  #queueOrRun(running: RunningRequest): void {
    const { connection, command, words } = running;
    if (connection.transaction?.isQueueing === true && !runsAtOnce.has(command.name)) {
      connection.transaction.enqueue(command, words);
      return running.answer(queued);
    }
    const { monitors } = this.#server;
    // EXEC is shown after what it carries out.
    if (command.name !== 'exec') monitors.show(connection, command, words);
    try {
      this.#run(running);
      if (command.name === 'exec') monitors.show(connection, command, words);
    } catch (error) {
      running.done(asRedisError(error));
    }
  }

  #checkState(connection: RedisConnection, command: Command): void {
    if (connection.role === undefined && !command.flags.includes('no_auth')) throw redisErrors.noAuth;
    if (!connection.isAdministrator && command.flags.includes('admin')) {
      throw new RedisError(`NOPERM this user has no permissions to run the '${command.name}' command`);
    }
    if ('unsupported' in command) throw new RedisError(`ERR ${command.name.replace('|', ' ')} is not supported: ${command.unsupported}`);
    this.#server.memoryLimit.check(connection, command);
    if (connection.isSubscriber && connection.protocol === 2 && !worksWhileSubscribed.has(command.name)) {
      throw new RedisError(
        `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      );
    }
    if (connection.transaction?.isQueueing === true && command.flags.includes('no_multi')) {
      throw new RedisError('ERR Command not allowed inside a transaction');
    }
  }

  #run(running: RunningRequest): void {
    if (running instanceof StoreRequest) return running.submit();
    const { connection, command } = running;
    if (!('local' in command) || command.local === undefined) throw new RedisError('ERR unknown subcommand');
    const { local } = command;
    if ('ordered' in command && connection.origin !== undefined && connection.origin.outstanding > 0) {
      this.#afterOthers(connection, 'pipelined' in command, () => runLocal(running, local));
    } else runLocal(running, local);
  }

  /** Goes on when what the connection asked for before is answered. */
  #afterOthers(connection: RedisConnection, pipelined: boolean, go: () => void): void {
    const nothing: KeyRequest = { space: connection.space, keys: [], rowsOnly: true, run: () => null };
    if (!pipelined) connection.hold();
    connection.submit('read', nothing, () => {
      go();
      if (!pipelined) connection.release();
    });
  }
}

function isStoreCommand(command: Command): command is StoreCommand {
  return 'run' in command;
}

/** A malformed EXEC ends its transaction. */
function refusal(connection: RedisConnection, words: readonly Buffer[], error: RedisError): RedisError {
  if (findCommand(words[0]!)?.name !== 'exec') return error;
  endTransaction(connection);
  return new RedisError(`EXECABORT Transaction discarded because of: ${error.message.replace(/^ERR /u, '')}`);
}

function runLocal(running: RunningRequest, local: LocalCommand): void {
  const { connection, command } = running;
  let reply: Reply | Promise<Reply>;
  try {
    reply = local(connection, argumentsOf(command, running.words));
  } catch (error) {
    return running.done(asRedisError(error));
  }
  if (!(reply instanceof Promise)) return running.done(reply);
  if ('pipelined' in command) {
    return void reply.then(
      (result) => running.done(result),
      (error: unknown) => running.done(asRedisError(error)),
    );
  }
  // What follows may depend on it: who the client is, which database it uses.
  connection.hold();
  const end = (result: Reply): void => {
    running.done(result);
    connection.release();
  };
  reply.then(end, (error: unknown) => end(asRedisError(error)));
}

/** Commands that are never queued by MULTI. */
const runsAtOnce: ReadonlySet<string> = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
const worksWhileSubscribed: ReadonlySet<string> = new Set([
  'subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe', 'ping', 'quit', 'reset',
]);

/** Errors: the texts of Redis for unknown commands and wrong numbers of arguments. */
export function resolveCommand(request: readonly Buffer[]): Command {
  const command = findCommand(request[0]!);
  if (command === undefined) throw unknownCommand(request);
  if (!('subcommands' in command)) return checkArity(command, request);
  if (request.length === 1) {
    if (command.local === undefined) throw wrongArguments(command.name);
    return command;
  }
  const subcommand = findSubcommand(command, request[1]);
  if (subcommand === undefined) {
    throw new RedisError(`ERR unknown subcommand '${shown(request[1]!, 128)}'. Try ${command.name.toUpperCase()} HELP.`);
  }
  return checkArity(subcommand, request);
}

function checkArity(command: Command, request: readonly Buffer[]): Command {
  const { arity } = command;
  if (arity >= 0 ? request.length !== arity : request.length < -arity) throw wrongArguments(command.name);
  return command;
}

function wrongArguments(name: string): RedisError {
  return new RedisError(`ERR wrong number of arguments for '${name}' command`);
}

function unknownCommand(request: readonly Buffer[]): RedisError {
  let args = '';
  for (const argument of request.slice(1)) {
    if (args.length >= 128) break;
    args += `'${shown(argument, 128 - args.length)}' `;
  }
  return new RedisError(`ERR unknown command '${shown(request[0]!, 128)}', with args beginning with: ${args}`);
}

/** A client's bytes within an error line. */
function shown(bytes: Buffer, length: number): string {
  return bytes.subarray(0, length).toString('utf8').replaceAll(/[\r\n]/gu, ' ');
}
