// MEMORY and its subcommands. Keys are on disk: what is told of them is what they take there, roughly.

import type { Command, KeyContext } from '../command.ts';
import { integer, key } from '../command-syntax.ts';
import { averageElementBytes } from '../../../facets/keyvalue/index.ts';
import { integerArgument, wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { databasesWithKeys } from '../databases-with-keys.ts';
import { helpOf } from '../help.ts';
import { redisErrors } from '../redis-error.ts';
import { Double, type Reply, Verbatim, ok } from '../reply.ts';

export const memoryCommand: Command = {
    name: 'memory', group: 'server', since: '4.0.0', summary: 'A container for memory diagnostics commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'memory|doctor', group: 'server', since: '4.0.0', summary: 'Outputs memory problems report', complexity: 'O(1)',
      arity: 2, flags: [], local: memoryDoctor,
    },
    {
      name: 'memory|help', group: 'server', since: '4.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: memoryHelp,
    },
    {
      name: 'memory|malloc-stats', group: 'server', since: '4.0.0', summary: 'Show allocator internal stats', complexity: 'Depends on how much memory is allocated, could be slow',
      arity: 2, flags: [], unsupported: 'memory is managed by Node.js and PostgreSQL',
    },
    {
      name: 'memory|purge', group: 'server', since: '4.0.0', summary: 'Ask the allocator to release memory', complexity: 'Depends on how much memory is allocated, could be slow',
      arity: 2, flags: [], local: memoryPurge,
    },
    {
      name: 'memory|stats', group: 'server', since: '4.0.0', summary: 'Show memory usage details', complexity: 'O(1)',
      arity: 2, flags: [], local: memoryStats,
    },
    {
      name: 'memory|usage', group: 'server', since: '4.0.0', summary: 'Estimate the memory usage of a key', complexity: 'O(N) where N is the number of samples.',
      syntax: [key(), integer('count', { token: 'SAMPLES', optional: true })],
      arity: -3, flags: ['readonly'], keys: { first: 2, last: 2, step: 1 }, reads: 'none', keepsIdle: true, run: memoryUsage,
    },
  ],
};

/** A row's header, its place in the page and in the index. */
const rowBytes = 64;
/** An element's place in its page and in the index, besides its row. */
const elementOverheadBytes = 48;
/** Redis's `OBJ_COMPUTE_SIZE_DEF_SAMPLES`. */
const defaultSamples = 5;

/** Of a collection, as much as an average of its elements takes, so many times. */
function memoryUsage({ unit, space }: KeyContext, [key, ...options]: readonly Buffer[]): Reply {
  let samples = defaultSamples;
  for (let at = 0; at < options.length; at += 2) {
    const count = options[at + 1];
    if (wordOf(options[at]) !== 'SAMPLES' || count === undefined) throw redisErrors.syntax;
    samples = integerArgument(count);
    if (samples < 0) throw redisErrors.syntax;
  }
  const entry = unit.find(space, key!);
  if (entry === undefined) return null;
  const ownBytes = rowBytes + 2 * key!.length;
  const { kind, size } = entry;
  if (kind === undefined || kind === 'string' || kind === 'stream' || entry.mapping !== undefined) return ownBytes + size;
  return ownBytes + Math.ceil(size * (averageElementBytes(unit, entry, kind, samples) + elementOverheadBytes));
}

async function memoryStats(connection: RedisConnection): Promise<Reply> {
  const { server } = connection;
  const databases = await databasesWithKeys(connection);
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  let clients = 0;
  for (const connection of server.connections.values()) clients += connection.queryBufferBytes + connection.outputBytes;
  return new Map<Reply, Reply>([
    ['peak.allocated', server.peakMemoryBytes()],
    ['total.allocated', heapUsed],
    ['startup.allocated', 0],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', clients],
    ['cluster.links', 0],
    ['aof.buffer', 0],
    ['lua.caches', 0],
    ['functions.caches', 0],
    ['overhead.total', heapUsed],
    ['keys.count', databases.reduce((sum, { keys }) => sum + keys, 0)],
    ['keys.bytes-per-key', 0],
    ['dataset.bytes', 0],
    ['dataset.percentage', new Double(0)],
    ['peak.percentage', new Double((heapUsed / server.peakMemoryBytes()) * 100)],
    ['allocator.allocated', heapUsed],
    ['allocator.active', heapTotal],
    ['allocator.resident', rss],
    ['allocator-fragmentation.ratio', new Double(heapTotal / heapUsed)],
    ['allocator-fragmentation.bytes', heapTotal - heapUsed],
    ['allocator-rss.ratio', new Double(rss / heapTotal)],
    ['allocator-rss.bytes', rss - heapTotal],
    ['rss-overhead.ratio', new Double(1)],
    ['rss-overhead.bytes', 0],
    ['fragmentation', new Double(rss / heapUsed)],
    ['fragmentation.bytes', rss - heapUsed],
  ]);
}

function memoryDoctor(): Reply {
  return new Verbatim('Keys are kept on disk by PostgreSQL: see its shared_buffers, and facetdb_* in /metrics for this process.\n');
}

/** There is nothing that could be given back. */
function memoryPurge(): Reply {
  return ok;
}

function memoryHelp(): Reply {
  return helpOf('MEMORY', [
    'DOCTOR',
    '    Return memory problems reports.',
    'MALLOC-STATS',
    '    Return internal statistics report from the memory allocator.',
    'PURGE',
    '    Attempt to purge dirty pages for reclamation by the allocator.',
    'STATS',
    '    Return information about the memory usage of the server.',
    'USAGE <key> [SAMPLES <count>]',
    '    Return memory in bytes used by <key> and its value. Nested values are',
    '    sampled up to <count> times (default: 5, 0 means sample all).',
  ]);
}
