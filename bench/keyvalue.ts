// Keys and values over the Redis protocol against a real redis-server on the same machine, interleaved, with
// redis-benchmark; then what the protocol costs over bare PostgreSQL, and what does not grow.
//
//   npm run bench -- keyvalue [--rounds 5] [--requests 100000] [--only set-get,commands,everysec,overhead,idle,growth,long-commands]
//     [--keys 2000000] [--elements 1000000]
//
// Both flush their log before they reply (`appendfsync always`), but in the part `everysec`. Neither asks for a password:
// redis-benchmark would spend the time of short runs on logging in.

import { parseArgs } from 'node:util';
import { missingOriginal, originalVersion, startOriginalRedis } from '../test/redis/support/original-redis.ts';
import { RespClient, addressOf, closed } from '../test/redis/support/resp-client.ts';
import { shownReply } from '../test/redis/support/resp-reply.ts';
import { startServer } from '../test/support/server.ts';
import type { Contenders, KeyvalueBenchmark } from './keyvalue/contenders.ts';
import { commandRates, everysecRates, setAndGetRates } from './keyvalue/against-redis.ts';
import { growth } from './keyvalue/growth.ts';
import { idleConnections } from './keyvalue/idle-connections.ts';
import { longCommandWaits } from './keyvalue/long-commands.ts';
import { overhead } from './keyvalue/overhead.ts';
import { isBenchmarkInstalled } from './redis-benchmark.ts';
import { machineLine } from './report.ts';

/** In the order in which they run: the last ones fill the server. */
const parts: Readonly<Record<string, (benchmark: KeyvalueBenchmark) => Promise<void>>> = {
  'set-get': setAndGetRates,
  commands: commandRates,
  everysec: everysecRates,
  overhead,
  idle: idleConnections,
  growth,
  'long-commands': longCommandWaits,
};

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      requests: { type: 'string', default: '100000' },
      keys: { type: 'string', default: '2000000' },
      elements: { type: 'string', default: '1000000' },
      only: { type: 'string', default: Object.keys(parts).join(',') },
    },
  });
  const chosen = new Set(values.only.split(','));
  const unknown = [...chosen].filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
  const missing = isBenchmarkInstalled() ? missingOriginal() : 'redis-benchmark is not installed';
  if (missing !== false) {
    console.log(`Skipped: ${missing} (Debian, Ubuntu: apt-get install redis-server)`);
    return;
  }

  const contenders = await startContenders();
  try {
    console.log(`${machineLine()}, Redis ${originalVersion()}`);
    const benchmark = { ...contenders, rounds: Number(values.rounds), requests: Number(values.requests), keys: Number(values.keys), elements: Number(values.elements) };
    for (const [name, run] of Object.entries(parts)) if (chosen.has(name)) await run(benchmark);
  } finally {
    await contenders.stop();
  }
}

async function startContenders(): Promise<Contenders & { stop: () => Promise<void> }> {
  const server = await startServer({ args: ['--no-auth'] });
  const original = await startOriginalRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  return {
    server,
    facetdb: addressOf(server.urls.redis),
    original: original.address,
    configure: async (name, value) => {
      for (const address of [addressOf(server.urls.redis), original.address]) {
        const client = await RespClient.connect(address);
        const reply = await client.call('CONFIG', 'SET', name, value);
        client.close();
        if (reply === closed || shownReply(reply) !== '+OK') throw new Error(`CONFIG SET ${name} ${value} was refused`);
      }
    },
    stop: async () => {
      await original.stop();
      await server.stop();
    },
  };
}
