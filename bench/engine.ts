// The engine's speed: reads and durable writes of keys, lone, grouped and pipelined, through FacetDB's client and
// through a bare socket client that sends the same bytes, interleaved in one run.
//
//   npm run bench -- engine [--rounds 5] [--seconds 1] [--keys 100000]

import { parseArgs } from 'node:util';
import type { Engine } from '../src/engine/engine.ts';
import { Connection } from '../src/engine/wire/connection.ts';
import { statement } from '../src/engine/wire/statement.ts';
import { type BareClient, bindMessage, byteaArray, openBareClient } from './bare-client.ts';
import { machineLine, median } from './report.ts';
import { withTemporaryEngine } from './temporary-engine.ts';

const valueBytes = 64;
const readText = 'select key, value from bench_keys where key = any($1)';
const writeText = 'insert into bench_keys select * from unnest($1, $2) on conflict (key) do update set value = excluded.value';
const read = statement(readText, ['bytea[]']);
const write = statement(writeText, ['bytea[]', 'bytea[]']);

/** One shape of load: how many keys a statement, how many statements under way on how many connections. */
type Shape = { readonly name: string; readonly keys: number; readonly inFlight: number; readonly connections: number };

const shapes: readonly Shape[] = [
  { name: 'lone', keys: 1, inFlight: 1, connections: 1 },
  { name: 'grouped 10', keys: 10, inFlight: 1, connections: 2 },
  { name: 'grouped 100', keys: 100, inFlight: 1, connections: 2 },
  { name: 'grouped 500', keys: 500, inFlight: 1, connections: 2 },
  { name: 'pipelined 1', keys: 1, inFlight: 64, connections: 1 },
  { name: 'pipelined 100', keys: 100, inFlight: 4, connections: 1 },
];

/** Executes one statement over random keys. */
type Client = { readonly run: (operation: 'read' | 'write', keys: readonly Buffer[]) => Promise<void>; readonly close: () => Promise<void> };

export async function main(args: readonly string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '1' }, keys: { type: 'string', default: '100000' } },
  });
  const keyCount = Number(options.keys);
  await withTemporaryEngine(async (engine, socketPath) => {
    console.log(machineLine(engine.serverVersion));
    console.log(`${keyCount} keys, values of ${valueBytes} bytes, ${options.rounds} rounds of ${options.seconds} s, medians; a second; ours / bare\n`);
    await load(engine, keyCount);
    for (const operation of ['read', 'write'] as const) {
      for (const shape of shapes) {
        const clients = { ours: await openOurs(shape, socketPath, engine), bare: await openBare(shape, socketPath, engine) };
        const rates: Record<'ours' | 'bare', number[]> = { ours: [], bare: [] };
        for (let round = 0; round < Number(options.rounds); round++) {
          for (const name of ['ours', 'bare'] as const) {
            rates[name].push(await measure(clients[name], shape, operation, { keyCount, milliseconds: Number(options.seconds) * 1000 }));
          }
        }
        const ratio = median(rates.ours.map((rate, round) => rate / rates.bare[round]!));
        const figures = `${Math.round(median(rates.ours))}`.padStart(9) + `${Math.round(median(rates.bare))}`.padStart(9);
        console.log(`${`${operation} ${shape.name}`.padEnd(22)}${figures}   ${ratio.toFixed(2)}`);
        for (const client of Object.values(clients)) for (const one of client) await one.close();
      }
    }
  });
}

async function load(engine: Engine, keyCount: number): Promise<void> {
  await engine.systemPool.query('create table bench_keys (key bytea primary key, value bytea not null) with (fillfactor = 80)');
  for (let first = 0; first < keyCount; first += 10_000) {
    const keys = Array.from({ length: Math.min(10_000, keyCount - first) }, (_, index) => keyOf(first + index));
    await engine.systemPool.query(write, [keys, keys.map(() => Buffer.alloc(valueBytes, 120))]);
  }
  await engine.systemPool.query('vacuum analyze bench_keys');
}

function keyOf(number: number): Buffer {
  return Buffer.from(`key:${number.toString().padStart(12, '0')}`);
}

/** Keys a second over all the clients of one side. */
async function measure(
  clients: readonly Client[],
  shape: Shape,
  operation: 'read' | 'write',
  { keyCount, milliseconds }: { readonly keyCount: number; readonly milliseconds: number },
): Promise<number> {
  let done = 0;
  const start = performance.now();
  const end = start + milliseconds;
  const worker = async (client: Client): Promise<void> => {
    while (performance.now() < end) {
      // Distinct keys, in order: `on conflict` refuses to touch one twice, and two writers in one order never deadlock.
      const numbers = new Set<number>();
      while (numbers.size < shape.keys) numbers.add(Math.floor(Math.random() * keyCount));
      const keys = [...numbers].toSorted((left, right) => left - right).map(keyOf);
      await client.run(operation, keys);
      done += shape.keys;
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: shape.inFlight }, () => worker(client))));
  return done / ((performance.now() - start) / 1000);
}

function openOurs({ connections }: Shape, socketPath: string, engine: Engine): Promise<Client[]> {
  return openAll(connections, async () => {
    const connection = await Connection.open({ address: { socketPath }, user: engine.ownRole, database: engine.database });
    return {
      run: async (operation, keys) => {
        if (operation === 'write') {
          await connection.execute([{ statement: write, values: [keys, keys.map(() => Buffer.alloc(valueBytes, 121))] }]);
          return;
        }
        let bytes = 0;
        await connection.execute([{ statement: read, values: [keys], onRow: (row) => (bytes += row.bytes(1).length) }]);
        if (bytes !== keys.length * valueBytes) throw new Error(`read ${bytes} bytes`);
      },
      close: () => connection.close(),
    };
  });
}

function openBare({ connections }: Shape, socketPath: string, engine: Engine): Promise<Client[]> {
  return openAll(connections, async () => {
    const client: BareClient = await openBareClient(socketPath, engine.ownRole, engine.database);
    await client.prepare('read', readText, [1001]);
    await client.prepare('write', writeText, [1001, 1001]);
    return {
      run: async (operation, keys) => {
        const values = operation === 'read' ? [byteaArray(keys)] : [byteaArray(keys), byteaArray(keys.map(() => Buffer.alloc(valueBytes, 121)))];
        const rows = await client.execute(bindMessage(operation, values));
        if (operation === 'read' && rows !== keys.length) throw new Error(`read ${rows} rows`);
      },
      close: async () => client.close(),
    };
  });
}

function openAll(count: number, open: () => Promise<Client>): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, open));
}
