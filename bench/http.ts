// HTTP: a row by its key, a list of twenty, an insertion through FacetDB; the same statements sent to the same PostgreSQL by
// FacetDB's own client; and a bare Fastify route that answers a constant of the same size. Interleaved in one run, by turns who is
// first, after each was warmed up: Node.js compiles what is called often, and until then a server is half as fast.
//
//   npm run bench -- http [--rounds 3] [--seconds 3] [--warm 4] [--connections 50] [--only get]

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Connection, statement } from '../src/engine/client.ts';
import { Engine } from '../src/engine/engine.ts';
import { silentLog } from '../src/kernel/log.ts';
import { startServer } from '../test/support/server.ts';
import { machineLine, median } from './report.ts';

const rows = 20_000;
type Load = { readonly port: number; readonly authorization: string; readonly seconds: number; readonly connections: number };
type Work = { readonly name: string; readonly method: 'GET' | 'POST'; readonly path: () => string; readonly body?: () => string; readonly straight: (connection: Connection) => Promise<unknown> };

const sides = ['facet', 'straight', 'bare'] as const;
type Side = (typeof sides)[number];

const someId = (): number => 1 + Math.floor(Math.random() * rows);
const columns = 'row_to_json(t)::text';
const getRow = statement(`select ${columns} from bench.things t where id = $1`, ['int8']);
const listRows = statement(`select ${columns} from bench.things t where id > $1 order by id limit 21`, ['int8']);
const insertRow = statement(`insert into bench.things as t (name, score) select p.name, p.score from jsonb_populate_record(null::bench.things, $1) p returning ${columns}`, ['jsonb']);
const newRow = (): { name: string; score: number } => ({ name: `name ${someId()}`, score: Math.random() });

const works: readonly Work[] = [
  { name: 'get', method: 'GET', path: () => `/data/bench/things/${someId()}`, straight: (connection) => connection.query(getRow, [someId()]) },
  { name: 'list of 20', method: 'GET', path: () => `/data/bench/things?limit=20&filter=${encodeURIComponent(JSON.stringify({ id: { $gt: someId() } }))}`, straight: (connection) => connection.query(listRows, [someId()]) },
  { name: 'insert', method: 'POST', path: () => '/data/bench/things', body: () => JSON.stringify(newRow()), straight: (connection) => connection.query(insertRow, [newRow()]) },
];

export async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' }, warm: { type: 'string', default: '4' }, connections: { type: 'string', default: '50' }, only: { type: 'string' } },
  });
  const server = await startServer();
  const engine = await Engine.openExternal({ url: server.urls.postgres, log: silentLog });
  const bare = fork(fileURLToPath(new URL('./bare-route.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  const [barePort] = (await once(bare, 'message')) as [number];
  try {
    await prepare(engine);
    const { username, password } = new URL(server.urls.postgres);
    const load = { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`, seconds: Number(options.seconds), connections: Number(options.connections) };
    console.log(machineLine(engine.serverVersion));
    console.log(`${load.connections} connections, ${options.rounds} rounds of ${load.seconds} s, medians of requests a second: FacetDB, straight to PostgreSQL, a bare route; FacetDB's time over each\n`);
    for (const work of works.filter(({ name }) => options.only === undefined || options.only === name)) {
      const measure: Record<Side, (seconds: number) => Promise<number>> = {
        facet: (seconds) => throughHttp(work, { ...load, seconds, port: Number(new URL(server.urls.http).port) }),
        straight: (seconds) => straight(engine, work, { ...load, seconds }),
        bare: (seconds) => throughHttp(work, { ...load, seconds, port: barePort }),
      };
      for (const side of sides) await measure[side](Number(options.warm));
      const found: Record<Side, number>[] = [];
      for (let round = 0; round < Number(options.rounds); round++) {
        const rates = { facet: 0, straight: 0, bare: 0 };
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) rates[side] = await measure[side](load.seconds);
        found.push(rates);
      }
      const rate = (side: Side): string => `${Math.round(median(found.map((round) => round[side])))}`.padStart(9);
      const ratio = (side: Side): string => median(found.map((round) => round[side] / round.facet)).toFixed(2).padStart(7);
      console.log(`${work.name.padEnd(14)}${rate('facet')}${rate('straight')}${rate('bare')}   ${ratio('straight')}${ratio('bare')}`);
    }
  } finally {
    bare.kill();
    await engine.close();
    await server.stop();
  }
}

async function prepare(engine: Engine): Promise<void> {
  const { systemPool } = engine;
  await systemPool.query('create schema bench');
  await systemPool.query('create table bench.things (id int8 primary key generated by default as identity, name text not null, score float8, note text)');
  await systemPool.query(`insert into bench.things (name, score, note) select 'name ' || n, n / 7.0, repeat('x', 100) from generate_series(1, ${rows}) n`);
  await systemPool.query('vacuum analyze bench.things');
}

/** As many connections as are asked for, each with one request under way. Gives requests a second. */
async function throughHttp({ method, path, body }: Work, { port, authorization, seconds, connections }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options: RequestOptions = { agent, host: '127.0.0.1', port, method, headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) } };
  const rate = await crowd({ seconds, connections }, () => new Promise<void>((resolve, reject) => {
    const sent = request({ ...options, path: path() }, (response) => {
      if ((response.statusCode ?? 500) >= 300) reject(new Error(`${method} answered ${response.statusCode}`));
      response.resume();
      response.once('end', resolve);
    });
    sent.once('error', reject);
    sent.end(body?.());
  }));
  agent.destroy();
  return rate;
}

async function straight(engine: Engine, work: Work, { seconds, connections }: Omit<Load, 'port' | 'authorization'>): Promise<number> {
  const open = await Promise.all(Array.from({ length: Math.min(connections, 20) }, () => engine.connect(engine.ownRole)));
  let next = 0;
  const rate = await crowd({ seconds, connections: open.length }, () => work.straight(open[next++ % open.length]!));
  await Promise.all(open.map((connection) => connection.close()));
  return rate;
}

async function crowd({ seconds, connections }: { readonly seconds: number; readonly connections: number }, one: () => Promise<unknown>): Promise<number> {
  let done = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < until) {
      await one();
      done += 1;
    }
  }));
  return done / ((performance.now() - startedAt) / 1_000);
}
