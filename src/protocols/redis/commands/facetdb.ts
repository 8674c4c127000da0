// FACETDB: what only this server has.

import type { Command } from '../command.ts';
import { oneOf, text, word } from '../command-syntax.ts';
import { wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { helpOf } from '../help.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';

export const facetdbCommand: Command = {
  name: 'facetdb', group: 'server', since: '7.0.0', summary: 'A container for commands that only FacetDB has.', complexity: 'Depends on subcommand.',
  arity: -2, flags: [], subcommands: [
    {
      name: 'facetdb|durability', group: 'server', since: '7.0.0', summary: "Shows or sets how durable this connection's writes are when they are acknowledged.", complexity: 'O(1)',
      syntax: [oneOf('durability', [word('ALWAYS'), word('EVERYSEC'), word('NO'), word('DEFAULT')], { optional: true })],
      arity: -2, flags: ['noscript', 'loading', 'stale', 'fast'], local: facetdbDurability,
    },
    {
      name: 'facetdb|join', group: 'server', since: '7.0.0', summary: 'Works in the open transaction of another connection from now on.', complexity: 'O(1)',
      syntax: [text('token')],
      arity: 3, flags: ['noscript', 'no_multi'], local: join,
    },
    {
      name: 'facetdb|leave', group: 'server', since: '7.0.0', summary: 'No longer works in the transaction of another connection.', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'no_multi'], local: leave,
    },
    {
      name: 'facetdb|help', group: 'server', since: '7.0.0', summary: 'Show helpful text about the different subcommands.', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: facetdbHelp,
    },
  ],
};

function facetdbDurability(connection: RedisConnection, args: readonly Buffer[]): Reply {
  if (args.length === 0) return connection.isRelaxed ? 'everysec' : 'always';
  if (args.length > 1) throw redisErrors.syntax;
  switch (wordOf(args[0])) {
    case 'ALWAYS':
      connection.durability = 'always';
      return ok;
    case 'EVERYSEC':
    case 'NO':
      connection.durability = 'relaxed';
      return ok;
    case 'DEFAULT':
      connection.durability = undefined;
      return ok;
    default:
      throw redisErrors.syntax;
  }
}

function join(connection: RedisConnection, [token]: readonly Buffer[]): Reply {
  if (connection.joined !== undefined) throw new RedisError('ERR this connection works in a transaction already; FACETDB LEAVE ends that');
  connection.joined = connection.server.options.transactions.join(token!.toString('latin1'), connection.role!);
  return ok;
}

/** The transaction goes on without this connection. */
function leave(connection: RedisConnection): Reply {
  if (connection.joined === undefined) throw new RedisError('ERR this connection works in no transaction of another');
  connection.joined = undefined;
  return ok;
}

function facetdbHelp(): Reply {
  return helpOf('FACETDB', [
    'DURABILITY [ALWAYS|EVERYSEC|NO|DEFAULT]',
    "    Set when this connection's writes are acknowledged: ALWAYS when they are safe on disk, EVERYSEC and NO",
    '    before that, DEFAULT as the configuration parameter appendfsync says. Without an argument, show it.',
    'JOIN <token>',
    '    Work in the open transaction of another connection, whatever its protocol, that has the token.',
    'LEAVE',
    '    No longer work in it.',
  ]);
}
