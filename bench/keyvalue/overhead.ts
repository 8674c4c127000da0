// What the way through FacetDB costs: requests a second of redis-benchmark, over those of the same statements, in groups
// as large as FacetDB made them, sent straight to its PostgreSQL by its own client.

import { Connection, type Step } from '../../src/engine/client.ts';
import { systemRole } from '../../src/engine/process/embedded-postgres.ts';
import { statementsOf } from '../../src/facets/keyvalue/space-statements.ts';
import type { Server } from '../../test/support/server.ts';
import { type BenchmarkLoad, keyRange, measureLoad } from '../redis-benchmark.ts';
import { median } from '../report.ts';
import type { KeyvalueBenchmark } from './contenders.ts';
import { privateSocket } from './private-socket.ts';

const directRunMs = 3_000;
const loads = [
  { clients: 50, pipeline: 1 },
  { clients: 200, pipeline: 1 },
  { clients: 50, pipeline: 16 },
] as const;

/** As FacetDB has them under way: `lanes` groups at once, each on a connection of its own. */
const operations = {
  get: { group: 'read', lanes: 2, step: (keys: readonly Buffer[]): Step => ({ statement: statementsOf(0).loadKeys, values: [keys] }) },
  set: { group: 'write', lanes: 1, step: upsertStep },
} as const;

export async function overhead({ server, facetdb, rounds, requests }: KeyvalueBenchmark): Promise<void> {
  console.log(`\nThrough the protocol / the same groups straight to PostgreSQL: medians of ${rounds} rounds`);
  await measureLoad(facetdb, { test: 'set', clients: 50, pipeline: 100, requests: 3 * keyRange });
  for (const load of loads) {
    for (const test of ['set', 'get'] as const) await compare(server, { ...load, test, requests }, rounds);
  }
}

async function compare(server: Server, load: BenchmarkLoad & { test: 'set' | 'get' }, rounds: number): Promise<void> {
  const { group, lanes, step } = operations[load.test];
  const { hostname: host, port } = new URL(server.urls.redis);
  const through: number[] = [];
  const direct: number[] = [];
  const sizes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = await groupCounts(server, group);
    through.push(await measureLoad({ host, port: Number(port) }, load));
    const after = await groupCounts(server, group);
    const size = Math.max(1, Math.round((after.requests - before.requests) / (after.groups - before.groups)));
    sizes.push(size);
    direct.push(await measureDirectly(server, { lanes, size, step }));
  }
  const ratio = median(through.map((rate, round) => rate / direct[round]!));
  const name = `${load.test.toUpperCase()}, ${load.clients} clients${load.pipeline === 1 ? '' : `, pipeline ${load.pipeline}`}`;
  const shown = (rates: readonly number[]): string => Math.round(median(rates)).toLocaleString('en').padStart(10);
  console.log(`${name.padEnd(30)}${shown(through)}/s${shown(direct)}/s   ${ratio.toFixed(2)}   groups of ${Math.round(median(sizes))}`);
}

/** From the server's own metrics. */
async function groupCounts(server: Server, kind: string): Promise<{ requests: number; groups: number }> {
  const metrics = await (await fetch(new URL('/metrics', server.urls.http))).text();
  const value = (name: string): number => Number(new RegExp(`^facetdb_group_size_${name}\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0);
  return { requests: value('sum'), groups: value('count') };
}

type DirectLoad = { readonly lanes: number; readonly size: number; readonly step: (keys: readonly Buffer[]) => Step };

/** Keys a second. */
async function measureDirectly(server: Server, { lanes, size, step }: DirectLoad): Promise<number> {
  const connections = await Promise.all(Array.from({ length: lanes }, () => openDirectly(server)));
  let done = 0;
  const startedAt = performance.now();
  const work = async (connection: Connection): Promise<void> => {
    while (performance.now() - startedAt < directRunMs) {
      const keys = new Set<number>();
      while (keys.size < size) keys.add(Math.floor(Math.random() * keyRange));
      await connection.execute([step([...keys].toSorted((left, right) => left - right).map(keyOf))]);
      done += size;
    }
  };
  await Promise.all(connections.map(work));
  const rate = done / ((performance.now() - startedAt) / 1000);
  await Promise.all(connections.map((connection) => connection.close()));
  return rate;
}

function openDirectly(server: Server): Promise<Connection> {
  const { socketPath, database } = privateSocket(server);
  return Connection.open({ address: { socketPath }, user: systemRole, database, parameters: { plan_cache_mode: 'force_generic_plan' } });
}

function upsertStep(keys: readonly Buffer[]): Step {
  return { statement: statementsOf(0).upsertStrings, values: [keys, keys.map(() => Buffer.alloc(64, 120)), [], []] };
}

/** As redis-benchmark names them. */
function keyOf(number: number): Buffer {
  return Buffer.from(`key:${number.toString().padStart(12, '0')}`);
}
