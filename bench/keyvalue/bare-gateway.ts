// The least that a gateway can do that keeps keys in PostgreSQL: SET and GET of whole strings, what all clients ask for in one
// turn of the event loop as one statement, with one group of writes and two of reads under way. No kinds, no expiry, no roles, no
// triggers, no other commands. What it reaches is what the design allows on a machine. It runs in a process of its own and tells
// its parent the port.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Socket, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Connection, type Step, statement } from '../../src/engine/client.ts';
import { keyLookupParameters } from '../../src/engine/key-lookup-parameters.ts';
import { systemRole } from '../../src/engine/process/embedded-postgres.ts';
import { RequestParser } from '../../src/protocols/redis/request-parser.ts';
import type { RedisAddress } from '../../test/redis/support/resp-client.ts';

const file = fileURLToPath(import.meta.url);
const groupSize = 500;

const upsert = statement('insert into bare.keys (id, value) select id, value from unnest($1, $2) as given (id, value) on conflict (id) do update set value = excluded.value', ['bytea[]', 'bytea[]']);
const find = statement('select id, value from bare.keys where id = any($1)', ['bytea[]']);

export type BareGateway = { readonly address: RedisAddress; readonly stop: () => void };

/** On the PostgreSQL that listens at `socketPath`, in a schema of its own. */
export async function startBareGateway(socketPath: string, database: string): Promise<BareGateway> {
  const child = fork(file, [socketPath, database], { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(child, 'message')) as [number];
  return { address: { host: '127.0.0.1', port }, stop: () => void child.kill() };
}

type Request = { readonly socket: Socket; readonly key: Buffer; readonly name: string; readonly value: Buffer | undefined };

class Lanes {
  readonly #idle: Connection[];
  readonly #run: (connection: Connection, group: readonly Request[]) => Promise<void>;
  readonly #waiting: Request[] = [];
  #isScheduled = false;

  constructor(connections: readonly Connection[], run: (connection: Connection, group: readonly Request[]) => Promise<void>) {
    this.#idle = [...connections];
    this.#run = run;
  }

  ask(request: Request): void {
    this.#waiting.push(request);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0 && this.#idle.length > 0) this.#send(this.#idle.pop()!, this.#waiting.splice(0, groupSize));
    });
  }

  #send(connection: Connection, group: readonly Request[]): void {
    const done = (): void => {
      this.#idle.push(connection);
      this.#schedule();
    };
    this.#run(connection, group).then(done, (error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  }
}

async function write(connection: Connection, group: readonly Request[]): Promise<void> {
  // Sorted, so that groups which meet do not wait for each other in a circle; of two writes of a key the later one counts.
  const last = new Map(group.map((request) => [request.name, request]));
  const rows = [...last.keys()].sort().map((name) => last.get(name)!);
  await connection.execute([{ statement: upsert, values: [rows.map(({ key }) => key), rows.map(({ value }) => value)] }]);
  answer(group, () => '+OK\r\n');
}

async function read(connection: Connection, group: readonly Request[]): Promise<void> {
  const found = new Map<string, string>();
  const onRow: Step['onRow'] = (row) => void found.set(row.bytes(0).toString('latin1'), row.bytes(1).toString('latin1'));
  await connection.execute([{ statement: find, values: [[...new Map(group.map(({ name, key }) => [name, key])).values()]], onRow }]);
  answer(group, ({ name }) => {
    const value = found.get(name);
    return value === undefined ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`;
  });
}

function answer(group: readonly Request[], replyTo: (request: Request) => string): void {
  const replies = new Map<Socket, string>();
  for (const request of group) replies.set(request.socket, (replies.get(request.socket) ?? '') + replyTo(request));
  for (const [socket, text] of replies) socket.write(text, 'latin1');
}

async function serve(socketPath: string, database: string): Promise<void> {
  const open = (): Promise<Connection> => Connection.open({ address: { socketPath }, user: systemRole, database, parameters: keyLookupParameters });
  const first = await open();
  await first.command('create schema if not exists bare; create table if not exists bare.keys (id bytea primary key, value bytea) with (fillfactor = 75)');
  const writes = new Lanes([first], write);
  const reads = new Lanes([await open(), await open()], read);
  const server = createServer({ noDelay: true }, (socket) => {
    const parser = new RequestParser({ bulkBytes: () => 1_048_576, authenticated: () => true });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      parser.push(chunk);
      for (let words = parser.next(); words !== undefined; words = parser.next()) {
        const [command, key, value] = words;
        // redis-benchmark asks for two parameters before it begins.
        if (command?.length !== 3 || key === undefined) socket.write('*0\r\n');
        else (value === undefined ? reads : writes).ask({ socket, key, name: key.toString('latin1'), value });
      }
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
  process.once('disconnect', () => process.exit());
}

if (process.argv[1] === file) await serve(process.argv[2]!, process.argv[3]!);
