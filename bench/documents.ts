// Documents of about 500 bytes: the `mongodb` driver through FacetDB, and the same statements sent to the same PostgreSQL by
// FacetDB's own pipelining client. The driver's own cost is measured against a server of canned replies, and shown: of findOne and of
// reading everything it is subtracted. Each side does each work for some seconds before it is measured, then they take turns (turns.ts).
//
//   npm run bench -- documents [--rounds 3] [--seconds 2.5] [--warm-up 5] [--documents 100000] [--only "find all"]
//   npm run bench -- documents --against surrealdb        the same against SurrealDB (bench/peers/surrealdb)
//   npm run bench -- documents --load 1000000             memory while so many are loaded, and counting them

import { MongoClient } from 'mongodb';
import { parseArgs } from 'node:util';
import { Engine } from '../src/engine/engine.ts';
import { silentLog } from '../src/kernel/log.ts';
import { type Server, startServer } from '../test/support/server.ts';
import { againstSurrealdb, assertPeerIsInstalled } from './documents/against-surrealdb.ts';
import { CannedServer } from './documents/canned-server.ts';
import { load } from './documents/load.ts';
import { Plain } from './documents/plain.ts';
import { type Sides, atOnce, collectionOf, fill, works } from './documents/works.ts';
import { postgresProcessorTime, processorTimeOf } from './processor-time.ts';
import { machineLine, median } from './report.ts';
import { type Turns, inTurns, medianSeconds, secondsOf } from './turns.ts';

export async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '2.5' }, 'warm-up': { type: 'string', default: '5' },
      documents: { type: 'string', default: '100000' }, only: { type: 'string' }, against: { type: 'string' }, load: { type: 'string' },
    },
  });
  if (options.against !== undefined && options.against !== 'surrealdb') throw new Error(`--against ${options.against}: there is surrealdb only`);
  if (options.against !== undefined) assertPeerIsInstalled();
  const turns: Turns = { rounds: Number(options.rounds), warmSeconds: Number(options['warm-up']), turnSeconds: Number(options.seconds) };
  const server = await startServer();
  const engine = await Engine.openExternal({ url: server.urls.postgres, log: silentLog });
  const client = await MongoClient.connect(server.urls.mongodb, { maxPoolSize: atOnce });
  const plain = await Plain.open(engine);
  try {
    console.log(machineLine(engine.serverVersion));
    if (options.load !== undefined) return await load({ client, plain, engine, pid: server.pid, documents: Number(options.load), turns });
    const count = Number(options.documents);
    const ids = await fill(client, engine, count);
    const sides: Sides = { things: collectionOf(client, 'things'), added: collectionOf(client, 'added'), plain, count, ids, forgetAdded: () => engine.systemPool.query('truncate bench.added') };
    const chosen = works.filter(({ name }) => options.only === undefined || name === options.only);
    const turnsText = `${count.toLocaleString('en')} documents, medians of ${turns.rounds} turns of ${turns.turnSeconds} s, each side warmed up for ${turns.warmSeconds} s`;
    if (options.against === 'surrealdb') await againstSurrealdb(chosen, { sides, turns, turnsText });
    else await againstPostgres(chosen, { sides, turns, turnsText, server });
  } finally {
    await plain.close();
    await client.close();
    await engine.close();
    await server.stop();
  }
}

type Comparison = { readonly sides: Sides; readonly turns: Turns; readonly turnsText: string; readonly server: Server };

async function againstPostgres(chosen: typeof works, { sides, turns, turnsText, server }: Comparison): Promise<void> {
  const canned = await CannedServer.start(sides.count);
  const cannedClient = await MongoClient.connect(canned.url, { maxPoolSize: atOnce });
  const driver = { ...sides, things: collectionOf(cannedClient, 'things'), added: collectionOf(cannedClient, 'added') };
  console.log(`${turnsText}; operations a second; times over PostgreSQL's, and less the driver's own; processor time that FacetDB and its PostgreSQL take for an operation\n`);
  console.log(`${''.padEnd(28)}${'FacetDB/s'.padStart(11)}${'straight/s'.padStart(12)}${'driver/s'.padStart(11)}   ratio  less driver    gateway + PostgreSQL, µs`);
  try {
    for (const work of chosen) {
      const operations = work.operations(sides);
      const turnsOf = await inTurns({
        facet: { before: sides.forgetAdded, portion: () => secondsOf(() => work.facet(sides)), used: () => [processorTimeOf(server.pid) ?? Number.NaN, postgresProcessorTime(server.dataDir) ?? Number.NaN] },
        plain: { before: sides.forgetAdded, portion: () => secondsOf(() => work.plain(sides)) },
        driver: { portion: () => secondsOf(() => work.facet(driver)) },
      }, turns);
      const rate = (side: keyof typeof turnsOf): string => Math.round(operations / medianSeconds(turnsOf[side])).toLocaleString('en');
      const over = (time: (round: number) => number): number => median(turnsOf.plain.map(({ seconds }, round) => time(round) / seconds));
      const ratio = over((round) => turnsOf.facet[round]!.seconds);
      const lessDriver = over((round) => Math.max(0, turnsOf.facet[round]!.seconds - turnsOf.driver[round]!.seconds));
      const [gateway, postgres] = [0, 1].map((place) => (median(turnsOf.facet.map(({ used }) => used[place]!)) / operations).toFixed(operations === 1 ? 0 : 1));
      const { most, isLessDriver = false } = work.overPlain;
      const verdict = (isLessDriver ? lessDriver : ratio) <= most ? 'yes' : 'NO';
      console.log(
        `${work.name.padEnd(28)}${rate('facet').padStart(11)}${rate('plain').padStart(12)}${rate('driver').padStart(11)}   ${ratio.toFixed(2).padStart(5)}  ${lessDriver.toFixed(2).padStart(11)}` +
          `   ${`${gateway} + ${postgres}`.padStart(24)}   at most ${most.toFixed(2)}${isLessDriver ? ' less driver' : ''}: ${verdict}`,
      );
    }
  } finally {
    await cannedClient.close();
    canned.stop();
  }
}
