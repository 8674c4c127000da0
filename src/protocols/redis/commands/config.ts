// CONFIG and its subcommands; the parameters are in configuration-parameters.ts.

import type { Command } from '../command.ts';
import { block, text } from '../command-syntax.ts';
import type { RedisConnection } from '../connection.ts';
import { matchesGlob } from '../glob.ts';
import { helpOf } from '../help.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';

export const configCommand: Command = {
    name: 'config', group: 'server', since: '2.0.0', summary: 'A container for server configuration commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'config|get', group: 'server', since: '2.0.0', summary: 'Get the values of configuration parameters', complexity: 'O(N) when N is the number of configuration parameters provided',
      history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
      syntax: [block('parameter', [text('parameter')], { multiple: true })],
      arity: -3, flags: ['admin', 'noscript', 'loading', 'stale'], local: configGet,
    },
    {
      name: 'config|help', group: 'server', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: configHelp,
    },
    {
      name: 'config|resetstat', group: 'server', since: '2.0.0', summary: 'Reset the stats returned by INFO', complexity: 'O(1)',
      arity: 2, flags: ['admin', 'noscript', 'loading', 'stale'], local: configResetstat,
    },
    {
      name: 'config|rewrite', group: 'server', since: '2.8.0', summary: 'Rewrite the configuration file with the in memory configuration', complexity: 'O(1)',
      arity: 2, flags: ['admin', 'noscript', 'loading', 'stale'], local: configRewrite,
    },
    {
      name: 'config|set', group: 'server', since: '2.0.0', summary: 'Set configuration parameters to the given values', complexity: 'O(N) when N is the number of configuration parameters provided',
      history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
      syntax: [block('parameter_value', [text('parameter'), text('value')], { multiple: true })],
      arity: -4, flags: ['admin', 'noscript', 'loading', 'stale'], local: configSet,
    },
  ],
};

function configGet({ server: { configuration } }: RedisConnection, patterns: readonly Buffer[]): Reply {
  const found = new Map<Reply, Reply>();
  for (const pattern of patterns) {
    const exact = configuration.find(pattern.toString('latin1').toLowerCase());
    if (exact !== undefined) {
      // As it was written.
      found.set(pattern.toString('latin1'), exact);
      continue;
    }
    for (const name of configuration.names) {
      if (matchesGlob(pattern, Buffer.from(name), true)) found.set(name, configuration.find(name)!);
    }
  }
  return found;
}

function configSet({ server: { configuration, memoryLimit, eviction } }: RedisConnection, args: readonly Buffer[]): Reply | Promise<Reply> {
  if (args.length % 2 === 1) throw redisErrors.syntax;
  const pairs: [string, string][] = [];
  for (let at = 0; at < args.length; at += 2) pairs.push([args[at]!.toString('latin1').toLowerCase(), args[at + 1]!.toString()]);
  configuration.set(pairs);
  // After the reply, which who asks for it may be one of those that are cut.
  if (pairs.some(([name]) => name === 'maxmemory-clients')) setImmediate(() => eviction.look());
  return pairs.some(([name]) => name === 'maxmemory') ? memoryLimit.measure().then(() => ok) : ok;
}

function configResetstat({ server }: RedisConnection): Reply {
  server.statistics.reset();
  return ok;
}

function configRewrite(): Reply {
  // DIFFERS: there is no file of Redis's form to rewrite; what CONFIG SET changed holds until the server stops.
  throw new RedisError('ERR The server is running without a config file');
}

function configHelp(): Reply {
  return helpOf('CONFIG', [
    'GET <pattern>',
    '    Return parameters matching the glob-like <pattern> and their values.',
    'SET <directive> <value>',
    '    Set the configuration <directive> to <value>.',
    'RESETSTAT',
    '    Reset statistics reported by the INFO command.',
    'REWRITE',
    '    Rewrite the configuration file.',
  ]);
}
