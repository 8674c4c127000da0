// CLIENT and its subcommands.

import type { Command } from '../command.ts';
import { block, integer, oneOf, text, word } from '../command-syntax.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { describeClient } from '../describe-client.ts';
import { helpOf } from '../help.ts';
import { RedisError, redisErrors, wrongSubcommand } from '../redis-error.ts';
import { Pairs, Replies, type Reply, Verbatim, ok } from '../reply.ts';
import type { RedisServer } from '../server.ts';

const nothing = new Replies([]);

export const clientCommand: Command ={
    name: 'client', group: 'connection', since: '2.4.0', summary: 'A container for client connection commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'client|caching', group: 'connection', since: '6.0.0', summary: 'Instruct the server about tracking or not keys in the next request', complexity: 'O(1)',
      arity: 3, flags: ['noscript', 'loading', 'stale'], unsupported: 'client-side caching follows in a later version',
    },
    {
      name: 'client|getname', group: 'connection', since: '2.6.9', summary: 'Get the current connection name', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'loading', 'stale'], local: clientGetname,
    },
    {
      name: 'client|getredir', group: 'connection', since: '6.0.0', summary: 'Get tracking notifications redirection client ID if any', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'loading', 'stale'], local: clientGetredir,
    },
    {
      name: 'client|help', group: 'connection', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: clientHelp,
    },
    {
      name: 'client|id', group: 'connection', since: '5.0.0', summary: 'Returns the client ID for the current connection', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'loading', 'stale'], local: clientId,
    },
    {
      name: 'client|info', group: 'connection', since: '6.2.0', summary: 'Returns information about the current client connection.', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'loading', 'stale'], local: clientInfo,
    },
    {
      name: 'client|kill', group: 'connection', since: '2.4.0', summary: 'Kill the connection of a client', complexity: 'O(N) where N is the number of client connections',
      history: [
        ['2.8.12', 'Added new filter format.'], ['2.8.12', '`ID` option.'], ['3.2.0', 'Added `master` type in for `TYPE` option.'],
        ['5.0.0', 'Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.'], ['6.2.0', '`LADDR` option.'],
      ],
      syntax: [
        oneOf('filter', [
          text('ip:port', { deprecatedSince: '2.8.12' }),
          oneOf('new-format', [
            integer('client-id', { token: 'ID', optional: true, since: '2.8.12' }),
            oneOf('normal_master_slave_pubsub', [word('NORMAL'), word('MASTER', { since: '3.2.0' }), word('SLAVE'), word('REPLICA', { since: '5.0.0' }), word('PUBSUB')], { token: 'TYPE', optional: true, since: '2.8.12' }),
            text('username', { token: 'USER', optional: true }), text('ip:port', { token: 'ADDR', optional: true }),
            text('ip:port', { token: 'LADDR', optional: true, since: '6.2.0' }), text('yes/no', { token: 'SKIPME', optional: true }),
          ], { multiple: true }),
        ]),
      ],
      arity: -3, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientKill,
    },
    {
      name: 'client|list', group: 'connection', since: '2.4.0', summary: 'Get the list of client connections', complexity: 'O(N) where N is the number of client connections',
      history: [
        ['2.8.12', 'Added unique client `id` field.'], ['5.0.0', 'Added optional `TYPE` filter.'], ['6.0.0', 'Added `user` field.'],
        ['6.2.0', 'Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.'],
        ['7.0.0', 'Added `resp`, `multi-mem`, `rbs` and `rbp` fields.'], ['7.0.3', 'Added `ssub` field.'],
      ],
      syntax: [
        oneOf('normal_master_replica_pubsub', [word('NORMAL'), word('MASTER'), word('REPLICA'), word('PUBSUB')], { token: 'TYPE', optional: true, since: '5.0.0' }),
        block('id', [integer('client-id', { multiple: true })], { token: 'ID', optional: true, since: '6.2.0' }),
      ],
      arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientList,
    },
    {
      name: 'client|no-evict', group: 'connection', since: '7.0.0', summary: 'Set client eviction mode for the current connection', complexity: 'O(1)',
      syntax: [oneOf('enabled', [word('ON'), word('OFF')])],
      arity: 3, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientNoEvict,
    },
    {
      name: 'client|pause', group: 'connection', since: '2.9.50', summary: 'Stop processing commands from clients for some time', complexity: 'O(1)',
      history: [['6.2.0', '`CLIENT PAUSE WRITE` mode added along with the `mode` option.']],
      syntax: [integer('timeout'), oneOf('mode', [word('WRITE'), word('ALL')], { optional: true, since: '6.2.0' })],
      arity: -3, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientPause,
    },
    {
      name: 'client|reply', group: 'connection', since: '3.2.0', summary: 'Instruct the server whether to reply to commands', complexity: 'O(1)',
      syntax: [oneOf('on_off_skip', [word('ON'), word('OFF'), word('SKIP')])],
      arity: 3, flags: ['noscript', 'loading', 'stale'], local: clientReply,
    },
    {
      name: 'client|setname', group: 'connection', since: '2.6.9', summary: 'Set the current connection name', complexity: 'O(1)',
      syntax: [text('connection-name')],
      arity: 3, flags: ['noscript', 'loading', 'stale'], local: clientSetname,
    },
    {
      name: 'client|tracking', group: 'connection', since: '6.0.0', summary: 'Enable or disable server assisted client side caching support', complexity: 'O(1). Some options may introduce additional complexity.',
      arity: -3, flags: ['noscript', 'loading', 'stale'], unsupported: 'client-side caching follows in a later version',
    },
    {
      name: 'client|trackinginfo', group: 'connection', since: '6.2.0', summary: 'Return information about server assisted client side caching for the current connection', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'loading', 'stale'], local: clientTrackinginfo,
    },
    {
      name: 'client|unblock', group: 'connection', since: '5.0.0', summary: 'Unblock a client blocked in a blocking command from a different connection', complexity: 'O(log N) where N is the number of client connections',
      syntax: [integer('client-id'), oneOf('timeout_error', [word('TIMEOUT'), word('ERROR')], { optional: true })],
      arity: -3, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientUnblock,
    },
    {
      name: 'client|unpause', group: 'connection', since: '6.2.0', summary: 'Resume processing of clients that were paused', complexity: 'O(N) Where N is the number of paused clients',
      arity: 2, flags: ['admin', 'noscript', 'loading', 'stale'], local: clientUnpause,
    },
  ],
};

function clientId(connection: RedisConnection): Reply {
  return connection.id;
}

function clientGetname(connection: RedisConnection): Reply {
  return connection.name === '' ? null : connection.name;
}

function clientSetname(connection: RedisConnection, [name]: readonly Buffer[]): Reply {
  setClientName(connection, name!);
  return ok;
}

/** Errors: a name that would break the lines of CLIENT LIST. */
export function setClientName(connection: RedisConnection, name: Buffer): void {
  if (name.some((byte) => byte < 0x21 || byte > 0x7e)) {
    throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.');
  }
  connection.name = name.toString('latin1');
}

function clientInfo(connection: RedisConnection): Reply {
  return new Verbatim(`${describeClient(connection)}\n`);
}

function clientList({ server }: RedisConnection, args: readonly Buffer[]): Reply {
  const listed = listedClients(server, args);
  return new Verbatim(listed.map((connection) => `${describeClient(connection)}\n`).join(''));
}

function listedClients(server: RedisServer, args: readonly Buffer[]): RedisConnection[] {
  const all = [...server.connections.values()];
  if (args.length === 0) return all;
  const word = wordOf(args[0]);
  if (word === 'TYPE' && args.length === 2) {
    const type = typeArgument(args[1]!);
    return all.filter((connection) => server.classOf(connection) === type);
  }
  if (word !== 'ID' || args.length < 2) throw redisErrors.syntax;
  const ids = args.slice(1).map((argument) => integerArgument(argument, new RedisError('ERR Invalid client ID')));
  return ids.flatMap((id) => server.connections.get(id) ?? []);
}

/** Classes that this server does not have have no members. */
function typeArgument(argument: Buffer): string {
  const type = argument.toString('latin1').toLowerCase();
  if (!['normal', 'slave', 'replica', 'pubsub', 'master'].includes(type)) throw new RedisError(`ERR Unknown client type '${argument.toString()}'`);
  return type;
}

type KillFilter = { id?: number; type?: string; address?: string; localAddress?: string; role?: string; skipsMe: boolean };

function clientKill(connection: RedisConnection, args: readonly Buffer[]): Reply {
  const isOldForm = args.length === 1;
  const filter = isOldForm ? { address: args[0]!.toString(), skipsMe: false } : killFilter(connection.server, args);
  let killed = 0;
  for (const other of connection.server.connections.values()) {
    if (!isMeant(other, filter) || (filter.skipsMe && other === connection)) continue;
    killed += 1;
    // Its own reply is sent first.
    if (other === connection) connection.closeAfterReplies();
    else other.cut();
  }
  if (!isOldForm) return killed;
  if (killed === 0) throw new RedisError('ERR No such client');
  return ok;
}

function killFilter(server: RedisServer, args: readonly Buffer[]): KillFilter {
  const filter: KillFilter = { skipsMe: true };
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1];
    if (value === undefined) throw redisErrors.syntax;
    switch (wordOf(args[at])) {
      case 'ID': {
        const badId = new RedisError('ERR client-id should be greater than 0');
        filter.id = integerArgument(value, badId);
        if (filter.id < 1) throw badId;
        break;
      }
      case 'TYPE':
        filter.type = typeArgument(value);
        break;
      case 'ADDR':
        filter.address = value.toString();
        break;
      case 'LADDR':
        filter.localAddress = value.toString();
        break;
      case 'USER':
        filter.role = userArgument(server, value);
        break;
      case 'SKIPME':
        if (!/^(?:yes|no)$/iu.test(value.toString('latin1'))) throw redisErrors.syntax;
        filter.skipsMe = wordOf(value) === 'YES';
        break;
      default:
        throw redisErrors.syntax;
    }
  }
  return filter;
}

/** A role that is connected, or the default one; others are as good as unknown here. */
function userArgument(server: RedisServer, value: Buffer): string {
  const name = value.toString();
  const role = name === 'default' ? server.options.defaultRole : name;
  const isKnown = role === server.options.defaultRole || [...server.connections.values()].some((connection) => connection.role === role);
  if (!isKnown) throw new RedisError(`ERR No such user '${name}'`);
  return role;
}

function isMeant(connection: RedisConnection, { id, type, address, localAddress, role }: KillFilter): boolean {
  return (
    (id === undefined || connection.id === id) &&
    (type === undefined || connection.server.classOf(connection) === type) &&
    (address === undefined || connection.address === address) &&
    (localAddress === undefined || connection.localAddress === localAddress) &&
    (role === undefined || connection.role === role)
  );
}

function clientNoEvict(connection: RedisConnection, [mode]: readonly Buffer[]): Reply {
  const word = wordOf(mode);
  if (word !== 'ON' && word !== 'OFF') throw redisErrors.syntax;
  connection.isProtected = word === 'ON';
  return ok;
}

function clientPause({ server }: RedisConnection, args: readonly Buffer[]): Reply {
  const mode = wordOf(args[1]);
  if (args.length > 2) throw wrongSubcommand('CLIENT', 'PAUSE');
  if (args.length === 2 && mode !== 'WRITE' && mode !== 'ALL') throw new RedisError('ERR CLIENT PAUSE mode must be WRITE or ALL');
  const milliseconds = integerArgument(args[0]!, new RedisError('ERR timeout is not an integer or out of range'));
  if (milliseconds < 0) throw new RedisError('ERR timeout is negative');
  server.pause.begin(milliseconds, mode === 'WRITE' ? 'write' : 'all');
  return ok;
}

function clientUnpause({ server }: RedisConnection): Reply {
  server.pause.end();
  return ok;
}

function clientReply(connection: RedisConnection, [mode]: readonly Buffer[]): Reply {
  switch (wordOf(mode)) {
    case 'ON':
      connection.setReplies('on');
      return ok;
    case 'OFF':
      connection.setReplies('off');
      return nothing;
    case 'SKIP':
      connection.skipNextReply();
      return nothing;
    default:
      throw redisErrors.syntax;
  }
}

function clientUnblock({ server }: RedisConnection, args: readonly Buffer[]): Reply {
  const how = args.length === 1 ? 'TIMEOUT' : wordOf(args[1]);
  if (args.length > 2) throw wrongSubcommand('CLIENT', 'UNBLOCK');
  if (how !== 'TIMEOUT' && how !== 'ERROR') throw new RedisError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  const id = integerArgument(args[0]!);
  return server.connections.get(id)?.blocking?.unblock(how === 'ERROR' ? 'error' : 'timeout') === true ? 1 : 0;
}

function clientGetredir(): Reply {
  return -1;
}

function clientTrackinginfo(): Reply {
  return new Pairs([['flags', new Set<Reply>(['off'])], ['redirect', -1], ['prefixes', []]]);
}

function clientHelp(): Reply {
  return helpOf('CLIENT', [
    'CACHING (YES|NO)',
    '    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.',
    'GETREDIR',
    '    Return the client ID we are redirecting to when tracking is enabled.',
    'GETNAME',
    '    Return the name of the current connection.',
    'ID',
    '    Return the ID of the current connection.',
    'INFO',
    '    Return information about the current client connection.',
    'KILL <ip:port>',
    '    Kill connection made from <ip:port>.',
    'KILL <option> <value> [<option> <value> [...]]',
    '    Kill connections. Options are:',
    '    * ADDR (<ip:port>|<unixsocket>:0)',
    '      Kill connections made from the specified address',
    '    * LADDR (<ip:port>|<unixsocket>:0)',
    '      Kill connections made to specified local address',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '      Kill connections by type.',
    '    * USER <username>',
    '      Kill connections authenticated by <username>.',
    '    * SKIPME (YES|NO)',
    '      Skip killing current connection (default: yes).',
    'LIST [options ...]',
    '    Return information about client connections. Options:',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '      Return clients of specified type.',
    'UNPAUSE',
    '    Stop the current client pause, resuming traffic.',
    'PAUSE <timeout> [WRITE|ALL]',
    '    Suspend all, or just write, clients for <timeout> milliseconds.',
    'REPLY (ON|OFF|SKIP)',
    '    Control the replies sent to the current connection.',
    'SETNAME <name>',
    '    Assign the name <name> to the current connection.',
    'UNBLOCK <clientid> [TIMEOUT|ERROR]',
    '    Unblock the specified blocked client.',
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
    '         [OPTIN] [OPTOUT] [NOLOOP]',
    '    Control server assisted client side caching.',
    'TRACKINGINFO',
    '    Report tracking status for the current connection.',
    'NO-EVICT (ON|OFF)',
    '    Protect current client connection from eviction.',
  ]);
}
