// SLOWLOG and its subcommands.

import type { Command } from '../command.ts';
import { integer } from '../command-syntax.ts';
import { integerArgument } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { helpOf } from '../help.ts';
import { RedisError, wrongSubcommand } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';

export const slowlogCommand: Command = {
    name: 'slowlog', group: 'server', since: '2.2.12', summary: 'A container for slow log commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'slowlog|get', group: 'server', since: '2.2.12', summary: 'Get the slow log\'s entries', complexity: 'O(N) where N is the number of entries returned',
      history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
      syntax: [integer('count', { optional: true })],
      arity: -2, flags: ['admin', 'loading', 'stale'], local: slowlogGet,
    },
    {
      name: 'slowlog|help', group: 'server', since: '6.2.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: slowlogHelp,
    },
    {
      name: 'slowlog|len', group: 'server', since: '2.2.12', summary: 'Get the slow log\'s length', complexity: 'O(1)',
      arity: 2, flags: ['admin', 'loading', 'stale'], local: slowlogLen,
    },
    {
      name: 'slowlog|reset', group: 'server', since: '2.2.12', summary: 'Clear all entries from the slow log', complexity: 'O(N) where N is the number of entries in the slowlog',
      arity: 2, flags: ['admin', 'loading', 'stale'], local: slowlogReset,
    },
  ],
};

const defaultCount = 10;
const badCount = new RedisError('ERR count should be greater than or equal to -1');

function slowlogGet({ server: { slowLog } }: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length > 1) throw wrongSubcommand('SLOWLOG', 'GET');
  const count = args.length === 0 ? defaultCount : integerArgument(args[0]!, badCount);
  if (count < -1) throw badCount;
  const entries = slowLog.latest(count === -1 ? slowLog.length : count);
  return entries.map(({ id, seconds, microseconds, request, address, clientName }) => [id, seconds, microseconds, [...request], address, clientName]);
}

function slowlogLen({ server }: RedisConnection): Reply {
  return server.slowLog.length;
}

function slowlogReset({ server }: RedisConnection): Reply {
  server.slowLog.reset();
  return ok;
}

function slowlogHelp(): Reply {
  return helpOf('SLOWLOG', [
    'GET [<count>]',
    '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
    '    Entries are made of:',
    '    id, timestamp, time in microseconds, arguments array, client IP and port,',
    '    client name',
    'LEN',
    '    Return the length of the slowlog.',
    'RESET',
    '    Reset the slowlog.',
  ]);
}
