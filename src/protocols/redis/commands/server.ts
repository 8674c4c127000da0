// The server commands; those with subcommands have files of their own.

import { countKeys, flushSpaces, keyvalueLimits, swapSpaces } from '../../../facets/keyvalue/index.ts';
import type { Command, KeyContext } from '../command.ts';
import { block, integer, oneOf, text, word } from '../command-syntax.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { helpOf } from '../help.ts';
import { databaseOf } from '../database-number.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { redisVersion } from '../redis-version.ts';
import { type Reply, Status, Verbatim, ok } from '../reply.ts';
import { commandCommand } from './command.ts';
import { configCommand } from './config.ts';
import { facetdbCommand } from './facetdb.ts';
import { info } from './info.ts';
import { latencyCommand } from './latency.ts';
import { memoryCommand } from './memory.ts';
import { slowlogCommand } from './slowlog.ts';

export const serverCommands: readonly Command[] = [
  {
    name: 'bgrewriteaof', group: 'server', since: '1.0.0', summary: 'Asynchronously rewrite the append-only file', complexity: 'O(1)',
    arity: 1, flags: ['admin', 'noscript', 'no_async_loading'], local: bgrewriteaof,
  },
  {
    name: 'bgsave', group: 'server', since: '1.0.0', summary: 'Asynchronously save the dataset to disk', complexity: 'O(1)',
    history: [['3.2.2', 'Added the `SCHEDULE` option.']],
    syntax: [word('SCHEDULE', { optional: true, since: '3.2.2' })],
    arity: -1, flags: ['admin', 'noscript', 'no_async_loading'], local: bgsave,
  },
  {
    name: 'dbsize', group: 'server', since: '1.0.0', summary: 'Return the number of keys in the selected database', complexity: 'O(1)',
    arity: 1, flags: ['readonly', 'fast'], allKeys: true, run: dbsize,
  },
  {
    name: 'failover', group: 'server', since: '6.2.0', summary: 'Start a coordinated failover between this server and one of its replicas.', complexity: 'O(1)',
    syntax: [
      block('target', [text('host'), integer('port'), word('FORCE', { optional: true })], { token: 'TO', optional: true }),
      word('ABORT', { optional: true }), integer('milliseconds', { token: 'TIMEOUT', optional: true }),
    ],
    arity: -1, flags: ['admin', 'noscript', 'stale'], local: failover,
  },
  {
    name: 'flushall', group: 'server', since: '1.0.0', summary: 'Remove all keys from all databases', complexity: 'O(N) where N is the total number of keys in all databases',
    history: [['4.0.0', 'Added the `ASYNC` flushing mode modifier.'], ['6.2.0', 'Added the `SYNC` flushing mode modifier.']],
    syntax: [oneOf('async', [word('ASYNC', { since: '4.0.0' }), word('SYNC', { since: '6.2.0' })], { optional: true })],
    arity: -1, flags: ['write'], allKeys: true, run: flushall,
  },
  {
    name: 'flushdb', group: 'server', since: '1.0.0', summary: 'Remove all keys from the current database', complexity: 'O(N) where N is the number of keys in the selected database',
    history: [['4.0.0', 'Added the `ASYNC` flushing mode modifier.'], ['6.2.0', 'Added the `SYNC` flushing mode modifier.']],
    syntax: [oneOf('async', [word('ASYNC', { since: '4.0.0' }), word('SYNC', { since: '6.2.0' })], { optional: true })],
    arity: -1, flags: ['write'], allKeys: true, run: flushdb,
  },
  {
    name: 'info', group: 'server', since: '1.0.0', summary: 'Get information and statistics about the server', complexity: 'O(1)',
    history: [['7.0.0', 'Added support for taking multiple section arguments.']],
    syntax: [text('section', { optional: true, multiple: true })],
    arity: -1, flags: ['loading', 'stale'], local: info, ordered: true,
  },
  {
    name: 'lastsave', group: 'server', since: '1.0.0', summary: 'Get the UNIX time stamp of the last successful save to disk', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: lastsave,
  },
  {
    name: 'lolwut', group: 'server', since: '5.0.0', summary: 'Display some computer art and the Redis version',
    syntax: [integer('version', { token: 'VERSION', optional: true })],
    arity: -1, flags: ['readonly', 'fast'], local: lolwut,
  },
  {
    name: 'monitor', group: 'server', since: '1.0.0', summary: 'Listen for all requests received by the server in real time',
    arity: 1, flags: ['admin', 'noscript', 'loading', 'stale'], local: monitor,
  },
  {
    name: 'role', group: 'server', since: '2.8.12', summary: 'Return the role of the instance in the context of replication', complexity: 'O(1)',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'fast'], local: role,
  },
  {
    name: 'save', group: 'server', since: '1.0.0', summary: 'Synchronously save the dataset to disk', complexity: 'O(N) where N is the total number of keys in all databases',
    arity: 1, flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'], local: save,
  },
  {
    name: 'shutdown', group: 'server', since: '1.0.0', summary: 'Synchronously save the dataset to disk and then shut down the server', complexity: 'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
    history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
    syntax: [
      oneOf('nosave_save', [word('NOSAVE'), word('SAVE')], { optional: true }), word('NOW', { optional: true, since: '7.0.0' }),
      word('FORCE', { optional: true, since: '7.0.0' }), word('ABORT', { optional: true, since: '7.0.0' }),
    ],
    arity: -1, flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'], local: shutdown,
  },
  {
    name: 'swapdb', group: 'server', since: '4.0.0', summary: 'Swaps two Redis databases', complexity: 'O(N) where N is the count of clients watching or blocking on keys from both databases.',
    syntax: [integer('index1'), integer('index2')],
    arity: 3, flags: ['write', 'fast'], allKeys: true, run: swapdb,
  },
  {
    name: 'time', group: 'server', since: '2.6.0', summary: 'Return the current server time', complexity: 'O(1)',
    arity: 1, flags: ['loading', 'stale', 'fast'], local: time,
  },
  commandCommand,
  configCommand,
  facetdbCommand,
  latencyCommand,
  memoryCommand,
  {
    name: 'replicaof', group: 'server', since: '5.0.0', summary: 'Make the server a replica of another instance, or promote it as master.', complexity: 'O(1)',
    syntax: [oneOf('args', [block('host-port', [text('host'), integer('port')]), block('no-one', [word('NO'), word('ONE')])])],
    arity: 3, flags: ['admin', 'noscript', 'stale', 'no_async_loading'], local: replicaof,
  },
  {
    name: 'slaveof', group: 'server', since: '1.0.0', summary: 'Make the server a replica of another instance, or promote it as master.', complexity: 'O(1)',
    deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
    syntax: [oneOf('args', [block('host-port', [text('host'), integer('port')]), block('no-one', [word('NO'), word('ONE')])])],
    arity: 3, flags: ['admin', 'noscript', 'stale', 'no_async_loading'], local: replicaof,
  },
  {
    name: 'module', group: 'server', since: '4.0.0', summary: 'A container for module commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'module|help', group: 'server', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: moduleHelp,
    },
    {
      name: 'module|list', group: 'server', since: '4.0.0', summary: 'List all modules loaded by the server', complexity: 'O(N) where N is the number of loaded modules.',
      arity: 2, flags: ['admin', 'noscript'], local: moduleList,
    },
    {
      name: 'module|load', group: 'server', since: '4.0.0', summary: 'Load a module', complexity: 'O(1)',
      arity: -3, flags: ['admin', 'noscript', 'no_async_loading'], unsupported: 'there are no Redis modules',
    },
    {
      name: 'module|loadex', group: 'server', since: '7.0.0', summary: 'Load a module with extended parameters', complexity: 'O(1)',
      arity: -3, flags: ['admin', 'noscript', 'no_async_loading'], unsupported: 'there are no Redis modules',
    },
    {
      name: 'module|unload', group: 'server', since: '4.0.0', summary: 'Unload a module', complexity: 'O(1)',
      arity: 3, flags: ['admin', 'noscript', 'no_async_loading'], unsupported: 'there are no Redis modules',
    },
    ],
  },
  slowlogCommand,
];

function dbsize({ unit, space }: KeyContext): Reply {
  return countKeys(unit, space);
}

function flushall({ unit }: KeyContext, args: readonly Buffer[]): Reply {
  checkFlushMode(args);
  flushSpaces(unit, Array.from({ length: keyvalueLimits.databases }, (_, space) => space));
  return ok;
}

function flushdb({ unit, space }: KeyContext, args: readonly Buffer[]): Reply {
  checkFlushMode(args);
  flushSpaces(unit, [space]);
  return ok;
}

/** Both modes are the same: what a flush leaves behind is freed in the background. */
function checkFlushMode(args: readonly Buffer[]): void {
  const mode = wordOf(args[0]);
  if (args.length > 1 || (args.length === 1 && mode !== 'ASYNC' && mode !== 'SYNC')) throw redisErrors.syntax;
}

function swapdb({ unit }: KeyContext, [first, second]: readonly Buffer[]): Reply {
  integerArgument(first!, new RedisError('ERR invalid first DB index'));
  integerArgument(second!, new RedisError('ERR invalid second DB index'));
  const [one, other] = [databaseOf(first!), databaseOf(second!)];
  if (one === undefined || other === undefined) throw new RedisError('ERR DB index is out of range');
  swapSpaces(unit, one, other);
  return ok;
}

function time(): Reply {
  const now = Date.now();
  const microseconds = (process.hrtime.bigint() / 1_000n) % 1_000n;
  return [String(Math.floor(now / 1_000)), String((now % 1_000) * 1_000 + Number(microseconds))];
}

function role(): Reply {
  return ['master', 0, []];
}

function monitor(connection: RedisConnection): Reply {
  if (connection.transaction?.isQueueing === true) throw new RedisError("ERR MONITOR isn't allowed for DENY BLOCKING client");
  connection.server.monitors.add(connection);
  return ok;
}

function save({ server }: RedisConnection): Reply {
  server.save();
  return ok;
}

/** Within a transaction Redis does not start what runs in the background. */
function bgsave({ server, transaction }: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length > 1 || (args.length === 1 && wordOf(args[0]) !== 'SCHEDULE')) throw redisErrors.syntax;
  server.save();
  return new Status(`Background saving ${transaction?.isQueueing === true ? 'scheduled' : 'started'}`);
}

function bgrewriteaof({ transaction }: RedisConnection): Reply {
  return new Status(`Background append only file rewriting ${transaction?.isQueueing === true ? 'scheduled' : 'started'}`);
}

function lastsave({ server }: RedisConnection): Reply {
  return Math.floor(server.savedAtMs / 1_000);
}

function shutdown(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  const words = new Set(args.map((argument) => wordOf(argument)));
  if ([...words].some((word) => !['NOSAVE', 'SAVE', 'NOW', 'FORCE', 'ABORT'].includes(word))) throw redisErrors.syntax;
  if ((words.has('ABORT') && words.size > 1) || (words.has('SAVE') && words.has('NOSAVE'))) throw redisErrors.syntax;
  if (words.has('ABORT')) throw new RedisError('ERR No shutdown in progress.');
  // DIFFERS: one protocol's client does not stop the server of all the others.
  throw new RedisError('ERR SHUTDOWN is not supported: stop FacetDB with facetdb stop, it serves other protocols too');
}

/** As a server answers that has no replicas: PostgreSQL replicates the store, and its tools fail over. */
function failover(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length === 1 && wordOf(args[0]) === 'ABORT') throw new RedisError('ERR No failover in progress.');
  const given = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const word = wordOf(args[at]);
    const values = { TO: 2, TIMEOUT: 1, FORCE: 0 }[word];
    if (values === undefined || given.has(word) || at + values >= args.length) throw redisErrors.syntax;
    given.add(word);
    at += values;
    // The port, or the time.
    if (values > 0 && integerArgument(args[at]!) <= 0 && word === 'TIMEOUT') throw new RedisError('ERR FAILOVER timeout must be greater than 0');
  }
  throw new RedisError('ERR FAILOVER requires connected replicas.');
}

/** It is nobody's replica, and stays so. */
function replicaof(_connection: RedisConnection, [host, port]: readonly Buffer[]): Reply {
  if (wordOf(host) === 'NO' && wordOf(port) === 'ONE') return ok;
  throw new RedisError('ERR REPLICAOF is not supported: PostgreSQL replicates the store');
}

function moduleList(): Reply {
  return [];
}

function moduleHelp(): Reply {
  return helpOf('MODULE', [
    'LIST',
    '    Return a list of loaded modules.',
    'LOAD <path> [<arg> ...]',
    '    Load a module library from <path>, passing to it any optional arguments.',
    'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
    '    Load a module library from <path>, while passing it module configurations and optional arguments.',
    'UNLOAD <name>',
    '    Unload a module.',
  ]);
}

/** DIFFERS: the version without the art. */
function lolwut(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length >= 2 && wordOf(args[0]) === 'VERSION') integerArgument(args[1]!);
  return new Verbatim(`Redis ver. ${redisVersion}\n`);
}
