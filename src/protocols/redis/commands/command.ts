// COMMAND and its subcommands: what clients ask to learn about commands, read from the registry.

import { type Command, keysOf } from '../command.ts';
import { oneOf, pattern, text } from '../command-syntax.ts';
import { categoriesOf, infoOf } from '../command-info.ts';
import { docsOf } from '../command-docs.ts';
import { keyFlagsOf } from '../key-flags.ts';
import { wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { matchesGlob } from '../glob.ts';
import { helpOf } from '../help.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Pairs, type Reply, Status } from '../reply.ts';
import type { RedisServer } from '../server.ts';

export const commandCommand: Command = {
    name: 'command', group: 'server', since: '2.8.13', summary: 'Get array of Redis command details', complexity: 'O(N) where N is the total number of Redis commands',
    arity: -1, flags: ['loading', 'stale'], local: command, subcommands: [
    {
      name: 'command|count', group: 'server', since: '2.8.13', summary: 'Get total number of Redis commands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: commandCount,
    },
    {
      name: 'command|docs', group: 'server', since: '7.0.0', summary: 'Get array of specific Redis command documentation', complexity: 'O(N) where N is the number of commands to look up',
      syntax: [text('command-name', { optional: true, multiple: true })],
      arity: -2, flags: ['loading', 'stale'], local: commandDocs,
    },
    {
      name: 'command|getkeys', group: 'server', since: '2.8.13', summary: 'Extract keys given a full Redis command', complexity: 'O(N) where N is the number of arguments to the command',
      arity: -4, flags: ['loading', 'stale'], local: commandGetkeys,
    },
    {
      name: 'command|getkeysandflags', group: 'server', since: '7.0.0', summary: 'Extract keys and access flags given a full Redis command', complexity: 'O(N) where N is the number of arguments to the command',
      arity: -4, flags: ['loading', 'stale'], local: commandGetkeysandflags,
    },
    {
      name: 'command|help', group: 'server', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: commandHelp,
    },
    {
      name: 'command|info', group: 'server', since: '2.8.13', summary: 'Get array of specific Redis command details, or all when no argument is given.', complexity: 'O(N) where N is the number of commands to look up',
      history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
      syntax: [text('command-name', { optional: true, multiple: true })],
      arity: -2, flags: ['loading', 'stale'], local: commandInfo,
    },
    {
      name: 'command|list', group: 'server', since: '7.0.0', summary: 'Get an array of Redis command names', complexity: 'O(N) where N is the total number of Redis commands',
      syntax: [
        oneOf('filterby', [text('module-name', { token: 'MODULE' }), text('category', { token: 'ACLCAT' }), pattern('pattern', { token: 'PATTERN' })], { token: 'FILTERBY', optional: true }),
      ],
      arity: -2, flags: ['loading', 'stale'], local: commandList,
    },
  ],
};

function command({ server: { registry } }: RedisConnection): Reply {
  return registry.supportedCommands().map((known) => infoOf(known));
}

function commandCount({ server: { registry } }: RedisConnection): Reply {
  return registry.supportedCommands().length;
}

function commandInfo(connection: RedisConnection, names: readonly Buffer[]): Reply {
  if (names.length === 0) return command(connection);
  return names.map((name) => {
    const found = findByFullName(connection.server, name);
    return found === undefined ? null : infoOf(found);
  });
}

function commandDocs({ server }: RedisConnection, names: readonly Buffer[]): Reply {
  const found = names.length === 0 ? server.registry.supportedCommands() : names.flatMap((name) => findByFullName(server, name) ?? []);
  return new Pairs(found.map((known) => [known.name, docsOf(known)]));
}

function commandList({ server: { registry } }: RedisConnection, args: readonly Buffer[]): Reply {
  const all = registry.supportedCommands().flatMap((known) => ('subcommands' in known ? [known, ...supported(known.subcommands)] : [known]));
  if (args.length === 0) return all.map(({ name }) => name);
  if (args.length !== 3 || wordOf(args[0]) !== 'FILTERBY') throw redisErrors.syntax;
  const value = args[2]!;
  switch (wordOf(args[1])) {
    case 'MODULE':
      return [];
    case 'ACLCAT': {
      const category = `@${value.toString('latin1').toLowerCase()}`;
      return all.filter((known) => categoriesOf(known).includes(category)).map(({ name }) => name);
    }
    case 'PATTERN':
      return all.filter(({ name }) => matchesGlob(value, Buffer.from(name), true)).map(({ name }) => name);
    default:
      throw redisErrors.syntax;
  }
}

function supported(commands: readonly Command[]): readonly Command[] {
  return commands.filter((known) => !('unsupported' in known));
}

function commandGetkeys({ server }: RedisConnection, request: readonly Buffer[]): Reply {
  return keysOf(keyedCommand(server, request), request);
}

function commandGetkeysandflags({ server }: RedisConnection, request: readonly Buffer[]): Reply {
  const known = keyedCommand(server, request);
  return keysOf(known, request).map((key, index) => [key, new Set<Reply>(keyFlagsOf(known, index, request).map((flag) => new Status(flag)))]);
}

/** The command of a request that has keys. */
function keyedCommand({ registry }: RedisServer, request: readonly Buffer[]): Command {
  const first = registry.findCommand(request[0]!);
  const isContainer = first !== undefined && 'subcommands' in first && request.length > 1;
  const known = isContainer ? registry.findSubcommand(first, request[1]) : first;
  if (known === undefined) throw new RedisError('ERR Invalid command specified');
  if (known.keys === undefined) throw new RedisError('ERR The command has no key arguments');
  const { arity } = known;
  if (arity >= 0 ? request.length !== arity : request.length < -arity) throw new RedisError('ERR Invalid number of arguments specified for command');
  try {
    if (keysOf(known, request).length > 0) return known;
  } catch {
    // Said below.
  }
  throw new RedisError('ERR Invalid arguments specified for command');
}

/** `config|get` too. Commands that are not supported are not known here. */
function findByFullName({ registry }: RedisServer, name: Buffer): Command | undefined {
  const [first = '', second, ...more] = name.toString('latin1').toLowerCase().split('|');
  const container = registry.findCommand(Buffer.from(first));
  if (more.length > 0) return undefined;
  const found = second === undefined || container === undefined ? container : registry.findSubcommand(container, Buffer.from(second));
  return found === undefined || 'unsupported' in found ? undefined : found;
}

function commandHelp(): Reply {
  return helpOf('COMMAND', [
    '(no subcommand)',
    '    Return details about all Redis commands.',
    'COUNT',
    '    Return the total number of commands in this Redis server.',
    'LIST',
    '    Return a list of all commands in this Redis server.',
    'INFO [<command-name> ...]',
    '    Return details about multiple Redis commands.',
    '    If no command names are given, documentation details for all',
    '    commands are returned.',
    'DOCS [<command-name> ...]',
    '    Return documentation details about multiple Redis commands.',
    '    If no command names are given, documentation details for all',
    '    commands are returned.',
    'GETKEYS <full-command>',
    '    Return the keys from a full Redis command.',
    'GETKEYSANDFLAGS <full-command>',
    '    Return the keys and the access flags from a full Redis command.',
  ]);
}
