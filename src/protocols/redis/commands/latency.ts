// LATENCY and its subcommands.

import type { Command } from '../command.ts';
import { text } from '../command-syntax.ts';
import type { RedisConnection } from '../connection.ts';
import { helpOf } from '../help.ts';
import { RedisError } from '../redis-error.ts';
import { type Reply, Verbatim } from '../reply.ts';
import type { RedisServer } from '../server.ts';

export const latencyCommand: Command = {
    name: 'latency', group: 'server', since: '2.8.13', summary: 'A container for latency diagnostics commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'latency|doctor', group: 'server', since: '2.8.13', summary: 'Return a human readable latency analysis report.', complexity: 'O(1)',
      arity: 2, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyDoctor,
    },
    {
      name: 'latency|graph', group: 'server', since: '2.8.13', summary: 'Return a latency graph for the event.', complexity: 'O(1)',
      syntax: [text('event')],
      arity: 3, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyGraph,
    },
    {
      name: 'latency|help', group: 'server', since: '2.8.13', summary: 'Show helpful text about the different subcommands.', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: latencyHelp,
    },
    {
      name: 'latency|histogram', group: 'server', since: '7.0.0', summary: 'Return the cumulative distribution of latencies of a subset of commands or all.', complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
      syntax: [text('command', { optional: true, multiple: true })],
      arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyHistogram,
    },
    {
      name: 'latency|history', group: 'server', since: '2.8.13', summary: 'Return timestamp-latency samples for the event.', complexity: 'O(1)',
      syntax: [text('event')],
      arity: 3, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyHistory,
    },
    {
      name: 'latency|latest', group: 'server', since: '2.8.13', summary: 'Return the latest latency samples for all events.', complexity: 'O(1)',
      arity: 2, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyLatest,
    },
    {
      name: 'latency|reset', group: 'server', since: '2.8.13', summary: 'Reset latency data for one or more events.', complexity: 'O(1)',
      syntax: [text('event', { optional: true, multiple: true })],
      arity: -2, flags: ['admin', 'noscript', 'loading', 'stale'], local: latencyReset,
    },
  ],
};

function latencyLatest({ server }: RedisConnection): Reply {
  return [...server.latency.events].map(([name, { samples, max }]) => [name, samples.at(-1)!.seconds, samples.at(-1)!.milliseconds, max]);
}

function latencyHistory({ server }: RedisConnection, [name]: readonly Buffer[]): Reply {
  const event = server.latency.events.get(name!.toString('latin1'));
  return (event?.samples ?? []).map(({ seconds, milliseconds }) => [seconds, milliseconds]);
}

function latencyReset({ server }: RedisConnection, names: readonly Buffer[]): Reply {
  return server.latency.reset(names.map((name) => name.toString('latin1')));
}

function latencyGraph({ server }: RedisConnection, [name]: readonly Buffer[]): Reply {
  const event = server.latency.events.get(name!.toString('latin1'));
  if (event === undefined) throw new RedisError(`ERR No samples available for event '${name!.toString()}'`);
  const lows = Math.min(...event.samples.map(({ milliseconds }) => milliseconds));
  const lines = event.samples.map(({ seconds, milliseconds }) => {
    const width = Math.max(1, Math.round((milliseconds / event.max) * 40));
    return `${new Date(seconds * 1_000).toISOString()} ${'#'.repeat(width)} ${milliseconds} ms\n`;
  });
  return new Verbatim(`${name!.toString()} - high ${event.max} ms, low ${lows} ms (all time high ${event.max} ms)\n${lines.join('')}`);
}

function latencyDoctor({ server }: RedisConnection): Reply {
  if (server.configuration.integer('latency-monitor-threshold') === 0) {
    return new Verbatim(
      'Latency monitoring is disabled. Use "CONFIG SET latency-monitor-threshold <milliseconds>" to enable it: requests that take that long or longer are noted.\n',
    );
  }
  const { events } = server.latency;
  if (events.size === 0) return new Verbatim('No latency spike was observed since the server started or LATENCY RESET was called.\n');
  const lines = [...events].map(([name, { samples, max }]) => {
    const mean = samples.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / samples.length;
    return `${name}: ${samples.length} latency spikes (average ${Math.round(mean)} ms). Worst all time event ${max} ms.\n`;
  });
  return new Verbatim(lines.join(''));
}

function latencyHistogram({ server }: RedisConnection, args: readonly Buffer[]): Reply {
  const { commands } = server.statistics;
  const names = args.length === 0 ? [...commands.keys()] : args.flatMap((argument) => namesOf(server, argument));
  const histograms = new Map<Reply, Reply>();
  for (const name of names) {
    const known = commands.get(name);
    if (known === undefined || known.calls === 0) continue;
    histograms.set(name, new Map<Reply, Reply>([['calls', known.calls], ['histogram_usec', new Map<Reply, Reply>(known.latency.cumulative())]]));
  }
  return histograms;
}

/** A command's full name; a container's with those of its subcommands. */
function namesOf({ registry }: RedisServer, argument: Buffer): string[] {
  const name = argument.toString('latin1').toLowerCase();
  const command = registry.findCommand(Buffer.from(name));
  if (command !== undefined && 'subcommands' in command) return [name, ...command.subcommands.map((subcommand) => subcommand.name)];
  return [name];
}

function latencyHelp(): Reply {
  return helpOf('LATENCY', [
    'DOCTOR',
    '    Return a human readable latency analysis report.',
    'GRAPH <event>',
    '    Return an ASCII latency graph for the <event> class.',
    'HISTORY <event>',
    '    Return time-latency samples for the <event> class.',
    'LATEST',
    '    Return the latest latency samples for all events.',
    'RESET [<event> ...]',
    '    Reset latency data of one or more <event> classes.',
    '    (default: reset all data for all event classes)',
    'HISTOGRAM [COMMAND ...]',
    '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
    '    If no commands are specified then all histograms are replied.',
  ]);
}
