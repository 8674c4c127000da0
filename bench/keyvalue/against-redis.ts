// The same loads on FacetDB and on Redis, in turns; the ratio of each round, and its median. Before its rounds count, each load
// runs once on both, so that the figures are those of the steady state: V8 compiles what it has seen run for some seconds, and
// a first run of 20,000 requests is half as fast as the third.

import { type BenchmarkLoad, keyRange, measureLoad } from '../redis-benchmark.ts';
import { median } from '../report.ts';
import type { RedisAddress } from '../../test/redis/support/resp-client.ts';
import { startBareGateway } from './bare-gateway.ts';
import type { KeyvalueBenchmark } from './contenders.ts';
import { privateSocket } from './private-socket.ts';

/** What is to be reached, against `appendfsync always`. */
const setAndGetLoads = [
  { clients: 50, pipeline: 1, bars: { set: 0.85, get: 0.75 } },
  { clients: 200, pipeline: 1, bars: { set: 1, get: 1 } },
  { clients: 50, pipeline: 16, bars: { set: 0.35, get: 0.5 } },
] as const;

/** LPOP after LPUSH and SPOP after SADD: they take what those have put there. */
const otherTests = ['incr', 'lpush', 'lpop', 'sadd', 'hset', 'spop', 'zadd', 'mset', 'lrange_100', 'lrange_600'] as const;
const roundsOfOthersMax = 3;
/** Of each load on each server, before it is measured. A number, not a time: LPOP finds as many items as LPUSH has put there. */
const warmUpRequests = 100_000;

/** With what a gateway reaches that can do nothing else: what the design allows on this machine. */
export async function setAndGetRates(benchmark: KeyvalueBenchmark): Promise<void> {
  const { socketPath, database } = privateSocket(benchmark.server);
  const bare = await startBareGateway(socketPath, database);
  try {
    const contenders = { facetdb: benchmark.facetdb, original: benchmark.original, bare: bare.address };
    header(benchmark, 'SET and GET, appendfsync always', benchmark.rounds, '     bare/s   ratio');
    await fill(Object.values(contenders));
    for (const { clients, pipeline, bars } of setAndGetLoads) {
      for (const test of ['set', 'get'] as const) {
        const load = { test, clients, pipeline, requests: benchmark.requests };
        await compare(contenders, load, { rounds: benchmark.rounds, bar: bars[test] });
      }
    }
  } finally {
    bare.stop();
  }
}

export async function commandRates(benchmark: KeyvalueBenchmark): Promise<void> {
  await others(benchmark, 'appendfsync always', otherTests);
}

export async function everysecRates(benchmark: KeyvalueBenchmark): Promise<void> {
  await benchmark.configure('appendfsync', 'everysec');
  try {
    await others(benchmark, 'appendfsync everysec', ['set', 'get', ...otherTests]);
  } finally {
    await benchmark.configure('appendfsync', 'always');
  }
}

async function others(benchmark: KeyvalueBenchmark, durability: string, tests: readonly string[]): Promise<void> {
  const rounds = Math.min(benchmark.rounds, roundsOfOthersMax);
  header(benchmark, `Other commands, ${durability}`, rounds);
  for (const test of tests) await compare(benchmark, { test, clients: 50, requests: benchmark.requests }, { rounds });
}

/** So that GET finds most keys, and SET overwrites. */
async function fill(addresses: readonly RedisAddress[]): Promise<void> {
  for (const address of addresses) await measureLoad(address, { test: 'set', clients: 50, pipeline: 100, requests: 3 * keyRange });
}

type Compared = { readonly facetdb: RedisAddress; readonly original: RedisAddress; readonly bare?: RedisAddress };

async function compare({ facetdb, original, bare }: Compared, load: BenchmarkLoad, { rounds, bar }: { rounds: number; bar?: number }): Promise<void> {
  const turns = [['facetdb', facetdb], ['original', original], ...(bare === undefined ? [] : [['bare', bare] as const])] as const;
  for (const [, address] of turns) await measureLoad(address, { ...load, requests: warmUpRequests });
  const rates = { facetdb: [] as number[], original: [] as number[], bare: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    // Each is the first of a round as often as the last.
    for (const [name, address] of round % 2 === 0 ? turns : turns.toReversed()) rates[name].push(await measureLoad(address, load));
  }
  const ratioOf = (measured: readonly number[]): string => median(measured.map((rate, round) => rate / rates.original[round]!)).toFixed(2);
  const ratio = ratioOf(rates.facetdb);
  const name = `${load.test.toUpperCase()}, ${load.clients} clients${(load.pipeline ?? 1) > 1 ? `, pipeline ${load.pipeline}` : ''}`;
  const verdict = bar === undefined ? '' : `   at least ${bar.toFixed(2)}: ${Number(ratio) >= bar ? 'yes' : 'NO'}`;
  const shownBare = bare === undefined ? '' : `${shownRate(rates.bare)}   ${ratioOf(rates.bare)}`;
  console.log(`${name.padEnd(30)}${shownRate(rates.facetdb)}${shownRate(rates.original)}   ${ratio}${shownBare}${verdict}`);
}

function header({ requests }: KeyvalueBenchmark, title: string, rounds: number, others = ''): void {
  console.log(`\n${title}: medians of ${rounds} rounds of ${requests.toLocaleString('en')} requests, interleaved, after ${warmUpRequests.toLocaleString('en')} of the same load on each`);
  console.log(`${''.padEnd(30)}${'FacetDB/s'.padStart(11)}${'Redis/s'.padStart(11)}   ratio${others}`);
}

function shownRate(rates: readonly number[]): string {
  return Math.round(median(rates)).toLocaleString('en').padStart(11);
}
