// Documents of about 500 bytes: the `mongodb` driver through FacetDB, and the same statements sent to the same PostgreSQL by
// FacetDB's own pipelining client, interleaved in one run. The driver's own cost is measured against a server of canned
// replies, and shown: of findOne it is subtracted.
//
//   npm run bench -- documents [--rounds 3] [--documents 100000] [--only "find all"]
//   npm run bench -- documents --against surrealdb        the same against SurrealDB (bench/peers/surrealdb)
//   npm run bench -- documents --load 1000000             memory while so many are loaded, and counting them

import { MongoClient } from 'mongodb';
import { parseArgs } from 'node:util';
import { Engine } from '../src/engine/engine.ts';
import { silentLog } from '../src/kernel/log.ts';
import { startServer } from '../test/support/server.ts';
import { againstSurrealdb, assertPeerIsInstalled } from './documents/against-surrealdb.ts';
import { CannedServer } from './documents/canned-server.ts';
import { load } from './documents/load.ts';
import { Plain } from './documents/plain.ts';
import { type Sides, atOnce, driverSide, fill, works } from './documents/works.ts';
import { machineLine, median } from './report.ts';

export async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '3' }, documents: { type: 'string', default: '100000' }, only: { type: 'string' }, against: { type: 'string' }, load: { type: 'string' } },
  });
  if (options.against !== undefined && options.against !== 'surrealdb') throw new Error(`--against ${options.against}: there is surrealdb only`);
  if (options.against !== undefined) assertPeerIsInstalled();
  const server = await startServer();
  const engine = await Engine.openExternal({ url: server.urls.postgres, log: silentLog });
  const client = await MongoClient.connect(server.urls.mongodb, { maxPoolSize: atOnce });
  const plain = await Plain.open(engine);
  try {
    console.log(machineLine(engine.serverVersion));
    if (options.load !== undefined) return await load({ client, plain, engine, pid: server.pid, documents: Number(options.load), rounds: Number(options.rounds) });
    const count = Number(options.documents);
    const ids = await fill(client, engine, count);
    const sides: Sides = { things: driverSide(client), plain, count, ids };
    const chosen = works.filter(({ name }) => options.only === undefined || name === options.only);
    if (options.against === 'surrealdb') await againstSurrealdb(chosen, sides, Number(options.rounds));
    else await againstPostgres(chosen, sides, Number(options.rounds));
  } finally {
    await plain.close();
    await client.close();
    await engine.close();
    await server.stop();
  }
}

async function againstPostgres(chosen: typeof works, sides: Sides, rounds: number): Promise<void> {
  const canned = await CannedServer.start(sides.count);
  const cannedClient = await MongoClient.connect(canned.url, { maxPoolSize: atOnce });
  const driver = { ...sides, things: driverSide(cannedClient) };
  console.log(`${sides.count.toLocaleString('en')} documents, medians of ${rounds} rounds; operations a second; times over PostgreSQL's, and less the driver's own\n`);
  console.log(`${''.padEnd(28)}${'FacetDB/s'.padStart(11)}${'straight/s'.padStart(12)}${'driver/s'.padStart(11)}   ratio  less driver`);
  try {
    for (const work of chosen) {
      const seconds: Record<'facet' | 'plain' | 'driver', number[]> = { facet: [], plain: [], driver: [] };
      for (let round = 0; round < rounds; round++) {
        seconds.facet.push(await secondsOf(() => work.facet(sides)));
        seconds.plain.push(await secondsOf(() => work.plain(sides)));
        seconds.driver.push(await secondsOf(() => work.facet(driver)));
      }
      const rate = (side: keyof typeof seconds): string => Math.round(work.operations(sides) / median(seconds[side])).toLocaleString('en');
      const ratio = median(seconds.facet.map((time, round) => time / seconds.plain[round]!));
      const lessDriver = median(seconds.facet.map((time, round) => Math.max(0, time - seconds.driver[round]!) / seconds.plain[round]!));
      const { most, isLessDriver = false } = work.overPlain;
      const verdict = (isLessDriver ? lessDriver : ratio) <= most ? 'yes' : 'NO';
      console.log(`${work.name.padEnd(28)}${rate('facet').padStart(11)}${rate('plain').padStart(12)}${rate('driver').padStart(11)}   ${ratio.toFixed(2).padStart(5)}  ${lessDriver.toFixed(2).padStart(11)}   at most ${most.toFixed(2)}${isLessDriver ? ' less driver' : ''}: ${verdict}`);
    }
  } finally {
    await cannedClient.close();
    canned.stop();
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
