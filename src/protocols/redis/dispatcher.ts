// The way of every request, in Redis's order: look up, shape, authentication, transaction state, run. Replies and
// errors go to `answer`, which the connection encodes.

import { type KeyRequest, waiting } from '../../facets/keyvalue/index.ts';
import { type Command, type LocalCommand, argumentsOf, isBlind, isWrite, keysOf } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { runCounting } from './key-lookups.ts';
import { RedisError, asRedisError, asReply, redisErrors } from './redis-error.ts';
import { findCommand, findSubcommand } from './registry.ts';
import { type Reply, queued } from './reply.ts';
import type { RedisServer } from './server.ts';

export type Answer = (reply: Reply) => void;

/** A request on its way; `startedAt` is set anew when it begins to run. */
type Run = {
  readonly connection: RedisConnection;
  readonly command: Command;
  readonly request: readonly Buffer[];
  readonly timing: { startedAt: number };
};

export class Dispatcher {
  readonly #server: RedisServer;

  constructor(server: RedisServer) {
    this.#server = server;
  }

  /** Carries one request out; `answer` is called once, now or later. */
  dispatch(connection: RedisConnection, request: readonly Buffer[], answer: Answer): void {
    let command: Command;
    try {
      command = resolveCommand(request);
      this.#checkState(connection, command);
    } catch (error) {
      // A request that cannot be queued spoils its transaction.
      connection.transaction?.spoil();
      const reply = asRedisError(error);
      this.#server.requestRefused(connection, { name: findCommand(request[0]!)?.name, reply });
      return answer(reply);
    }
    connection.lastCommand = command.name;
    if (this.#server.pause.concerns(connection, command)) {
      return this.#server.pause.postpone(connection, () => this.dispatch(connection, request, answer));
    }
    if (connection.transaction?.isQueueing === true && !runsAtOnce.has(command.name)) {
      connection.transaction.enqueue(command, request);
      return answer(queued);
    }
    const { monitors } = this.#server;
    // EXEC is shown after what it carries out.
    if (command.name !== 'exec') monitors.show(connection, command, request);
    const receivedAt = performance.now();
    const timing = { startedAt: receivedAt };
    const done = (reply: Reply): void => {
      this.#server.requestDone(connection, { command, request, reply, receivedAt, startedAt: timing.startedAt });
      answer(reply);
    };
    try {
      this.#run({ connection, command, request, timing }, done);
      if (command.name === 'exec') monitors.show(connection, command, request);
    } catch (error) {
      done(asRedisError(error));
    }
  }

  #checkState(connection: RedisConnection, command: Command): void {
    if (connection.role === undefined && !command.flags.includes('no_auth')) throw redisErrors.noAuth;
    if ('unsupported' in command) throw new RedisError(`ERR ${command.name.replace('|', ' ')} is not supported: ${command.unsupported}`);
    if (connection.isSubscriber && connection.protocol === 2 && !worksWhileSubscribed.has(command.name)) {
      throw new RedisError(
        `ERR Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      );
    }
    if (connection.transaction?.isQueueing === true && command.flags.includes('no_multi')) {
      throw new RedisError('ERR Command not allowed inside a transaction');
    }
  }

  #run({ connection, command, request, timing }: Run, done: Answer): void {
    if ('local' in command && command.local !== undefined) {
      const { local } = command;
      const args = argumentsOf(command, request);
      const pipelined = 'pipelined' in command;
      const go = (): void => runLocal({ connection, local, args, pipelined }, done);
      return 'ordered' in command && connection.origin !== undefined && connection.origin.outstanding > 0 ? this.#afterOthers(connection, pipelined, go) : go();
    }
    if (!('run' in command)) throw new RedisError('ERR unknown subcommand');
    const args = argumentsOf(command, request);
    const { space } = connection;
    const all = typeof command.allKeys === 'function' ? command.allKeys(args) : command.allKeys === true;
    let hasStarted = false;
    const keys = all ? 'all' : keysOf(command, request);
    const blocking = command.flags.includes('blocking') ? connection.startBlocking(done) : undefined;
    const keyRequest: KeyRequest = {
      space,
      keys,
      rowsOnly: command.rowsOnly === true,
      isBlind: isBlind(command, args) && !this.#server.configuration.eventClasses.has('n'),
      isRelaxed: connection.isRelaxed,
      run: (unit) => {
        // As in Redis, what a request waited for others is not its own time.
        if (!hasStarted) timing.startedAt = performance.now();
        hasStarted = true;
        return runCounting(command, { context: { unit, space, connection, inTransaction: false }, request, statistics: this.#server.statistics });
      },
      ...(blocking === undefined ? {} : { waiter: blocking.waiter }),
    };
    connection.submit(isWrite(command) ? 'write' : 'read', keyRequest, (error, reply) => {
      if (reply === waiting) return blocking!.wait();
      const answer = error === undefined ? asReply(reply) : asRedisError(error);
      if (blocking === undefined) done(answer);
      else blocking.end(answer);
    });
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

type LocalRun = { readonly connection: RedisConnection; readonly local: LocalCommand; readonly args: readonly Buffer[]; readonly pipelined: boolean };

function runLocal({ connection, local, args, pipelined }: LocalRun, done: Answer): void {
  let reply: Reply | Promise<Reply>;
  try {
    reply = local(connection, args);
  } catch (error) {
    return done(asRedisError(error));
  }
  if (!(reply instanceof Promise)) return done(reply);
  const fail = (error: unknown): void => done(asRedisError(error));
  if (pipelined) return void reply.then(done, fail);
  // What follows may depend on it: who the client is, which database it uses.
  connection.hold();
  const end = (result: Reply): void => {
    done(result);
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
