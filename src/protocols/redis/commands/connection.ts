// The connection commands, without CLIENT.

import type { Command } from '../command.ts';
import { block, integer, text } from '../command-syntax.ts';
import type { RedisConnection } from '../connection.ts';
import { databaseOf } from '../database-number.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import { RedisError, asRedisError, redisErrors } from '../redis-error.ts';
import { type Reply, Status, ok } from '../reply.ts';
import { redisVersion } from '../redis-version.ts';
import { endTransaction } from '../transaction.ts';
import { clientCommand, setClientName } from './client.ts';

/** How clients name the role of who gives no user name. */
const defaultUser = 'default';

const pong = new Status('PONG');
const noDatabase = new RedisError('ERR DB index is out of range');
const noPassword = new RedisError(
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);

export const connectionCommands: readonly Command[] = [
  {
    name: 'auth', group: 'connection', since: '1.0.0', summary: 'Authenticate to the server', complexity: 'O(N) where N is the number of passwords defined for the user',
    history: [['6.0.0', 'Added ACL style (username and password).']],
    syntax: [text('username', { optional: true, since: '6.0.0' }), text('password')],
    arity: -2, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], local: auth, ordered: true,
  },
  {
    name: 'echo', group: 'connection', since: '1.0.0', summary: 'Echo the given string', complexity: 'O(1)',
    syntax: [text('message')],
    arity: 2, flags: ['loading', 'stale', 'fast'], local: echo,
  },
  {
    name: 'hello', group: 'connection', since: '6.0.0', summary: 'Handshake with Redis', complexity: 'O(1)',
    history: [['6.2.0', '`protover` made optional; when called without arguments the command reports the current connection\'s context.']],
    syntax: [
      block('arguments', [
        integer('protover'), block('username_password', [text('username'), text('password')], { token: 'AUTH', optional: true }),
        text('clientname', { token: 'SETNAME', optional: true }),
      ], { optional: true }),
    ],
    arity: -1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], local: hello, ordered: true,
  },
  {
    name: 'ping', group: 'connection', since: '1.0.0', summary: 'Ping the server', complexity: 'O(1)',
    syntax: [text('message', { optional: true })],
    arity: -1, flags: ['fast'], local: ping,
  },
  {
    name: 'quit', group: 'connection', since: '1.0.0', summary: 'Close the connection', complexity: 'O(1)',
    arity: -1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], local: quit,
  },
  {
    name: 'reset', group: 'connection', since: '6.2.0', summary: 'Reset the connection', complexity: 'O(1)',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], local: reset,
  },
  {
    name: 'select', group: 'connection', since: '1.0.0', summary: 'Change the selected database for the current connection', complexity: 'O(1)',
    syntax: [integer('index')],
    arity: 2, flags: ['loading', 'stale', 'fast'], local: select,
  },
  clientCommand,
];

function echo(_connection: RedisConnection, [message]: readonly Buffer[]): Reply {
  return message!;
}

function ping(connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length > 1) throw new RedisError("ERR wrong number of arguments for 'ping' command");
  const [message] = args;
  // In RESP2 a subscriber cannot tell a reply from a message.
  if (connection.isSubscriber && connection.protocol === 2) return ['pong', message ?? ''];
  return message ?? pong;
}

function quit(connection: RedisConnection): Reply {
  connection.closeAfterReplies();
  return ok;
}

/** As if it had just connected. */
function reset(connection: RedisConnection): Reply {
  const { server } = connection;
  endTransaction(connection);
  server.pubsub.unsubscribeAll(connection);
  server.monitors.remove(connection);
  connection.setReplies('on');
  connection.space = 0;
  connection.name = '';
  connection.protocol = 2;
  connection.isProtected = false;
  connection.durability = undefined;
  if (server.options.requiresAuthentication) connection.forgetRole();
  else connection.become(server.options.defaultRole);
  return new Status('RESET');
}

function select(connection: RedisConnection, [index]: readonly Buffer[]): Reply | Promise<Reply> {
  integerArgument(index!);
  const space = databaseOf(index!);
  if (space === undefined) throw noDatabase;
  const { keyvalue } = connection.server;
  if (!keyvalue.isPrepared(space)) return keyvalue.prepareSpace(space).then(() => selected(connection, space));
  return selected(connection, space);
}

function selected(connection: RedisConnection, space: number): Reply {
  connection.space = space;
  return ok;
}

function auth(connection: RedisConnection, args: readonly Buffer[]): Reply | Promise<Reply> {
  if (args.length > 2) throw redisErrors.syntax;
  if (args.length === 1 && !connection.server.options.requiresAuthentication) throw noPassword;
  const [user, password] = args.length === 1 ? [defaultUser, args[0]!] : [args[0]!.toString(), args[1]!];
  return logIn(connection, user, password);
}

/** DIFFERS: within MULTI it takes effect for what follows the transaction, which as a whole runs under one role. */
function logIn(connection: RedisConnection, user: string, password: Buffer): Reply | Promise<Reply> {
  const { options } = connection.server;
  // Without authentication the default user has no password: any will do.
  if (user === defaultUser && !options.requiresAuthentication) {
    connection.become(options.defaultRole);
    return ok;
  }
  return authenticated(connection, user === defaultUser ? options.defaultRole : user, password);
}

async function authenticated(connection: RedisConnection, role: string, password: Buffer): Promise<Reply> {
  const { server, socket } = connection;
  const principal = await server.options.authenticator.authenticate({ role, password: password.toString(), address: socket.remoteAddress ?? '' });
  server.keyvalue.learnSecret(role, principal.keys);
  connection.become(role, principal);
  return ok;
}

type HelloOptions = { readonly protocol: number | undefined; readonly login: { user: string; password: Buffer } | undefined; readonly name: Buffer | undefined };

function hello(connection: RedisConnection, args: readonly Buffer[]): Reply | Promise<Reply> {
  const options = helloOptions(args);
  if (options.login !== undefined) {
    const reply = logIn(connection, options.login.user, options.login.password);
    if (reply instanceof Promise) return reply.then((result) => (result instanceof Error ? result : greet(connection, options)), asRedisError);
    if (reply instanceof Error) return reply;
  }
  return greet(connection, options);
}

function helloOptions([version, ...args]: readonly Buffer[]): HelloOptions {
  let protocol: number | undefined;
  let login: HelloOptions['login'];
  let name: Buffer | undefined;
  if (version !== undefined) {
    protocol = integerArgument(version, new RedisError('ERR Protocol version is not an integer or out of range'));
    if (protocol !== 2 && protocol !== 3) throw new RedisError('NOPROTO unsupported protocol version');
  }
  for (let at = 0; at < args.length; at++) {
    const word = wordOf(args[at]);
    if (word === 'AUTH' && at + 2 < args.length) {
      login = { user: args[at + 1]!.toString(), password: args[at + 2]! };
      at += 2;
    } else if (word === 'SETNAME' && at + 1 < args.length) {
      name = args[at + 1]!;
      at += 1;
    } else throw new RedisError(`ERR Syntax error in HELLO option '${args[at]!.toString().replaceAll(/[\r\n]/gu, ' ')}'`);
  }
  return { protocol, login, name };
}

function greet(connection: RedisConnection, { protocol, name }: HelloOptions): Reply {
  if (connection.role === undefined) {
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  if (name !== undefined) setClientName(connection, name);
  if (protocol !== undefined) connection.protocol = protocol;
  return new Map<Reply, Reply>([
    ['server', 'redis'],
    ['version', redisVersion],
    ['proto', connection.protocol],
    ['id', connection.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ]);
}
