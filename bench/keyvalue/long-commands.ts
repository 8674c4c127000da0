// How long other clients wait while one carries out a command that takes long: the longest wait of a PING, a GET and a SET that others
// send one after the other. Redis, which does one command at a time, makes them wait as long as the command takes.

import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { type RedisAddress, RespClient, closed, encodeRequest } from '../../test/redis/support/resp-client.ts';
import type { KeyvalueBenchmark } from './contenders.ts';
import { loadInParts } from './growth.ts';
import { type LongCommand, longCommands } from './long-command-rows.ts';
import { type LongestWaits, Others, askerNames } from './waits-of-others.ts';

const longValueBytes = 100 * 2 ** 20;
const partBytes = 10 * 2 ** 20;
const timeoutMs = 600_000;
const endMark = Buffer.from('the end of the reply');

export async function longCommandWaits({ facetdb, original, elements, keys }: Pick<KeyvalueBenchmark, 'facetdb' | 'original' | 'elements' | 'keys'>): Promise<void> {
  const sides = [await openSide(facetdb, { elements, keys }), await openSide(original, { elements, keys })];
  console.log(`\nMilliseconds that a command takes, and the longest wait of others meanwhile (${askerNames.join(', ')}); then the same of Redis. ${elements.toLocaleString('en')} elements, ${keys.toLocaleString('en')} keys`);
  for (const command of longCommands) {
    const columns: string[] = [];
    for (const side of sides) {
      const { tookMs, waits } = await measure(side, command);
      columns.push([tookMs, ...askerNames.map((name) => waits[name])].map((ms) => Math.round(ms).toString().padStart(7)).join(''));
    }
    console.log(`${command.command.slice(0, 40).padEnd(40)}${columns.join('   ')}`);
  }
  for (const { client, others } of sides) {
    client.close();
    others.stop();
  }
}

type Side = { readonly client: LongClient; readonly others: Others; readonly elements: number; readonly payload: Buffer };

async function openSide(address: RedisAddress, { elements, keys }: { readonly elements: number; readonly keys: number }): Promise<Side> {
  const client = await RespClient.connect(address);
  const call = async (...words: (string | Buffer)[]): Promise<Buffer | undefined> => {
    client.send(words);
    const reply = await client.receive(timeoutMs);
    if (reply === closed || reply.type === '-') throw new Error(`${words[0]?.toString()} failed: ${reply === closed ? 'closed' : reply.text}`);
    return reply.type === '$' && reply.bytes !== null ? reply.bytes : undefined;
  };
  await call('SET', 'other:read', 'value');
  await call('SELECT', '3');
  await call('FLUSHDB');
  await loadInParts(client, elements, elementsFor);
  await loadInParts(client, keys, (numbers) => [['MSET', ...numbers.flatMap((number) => [`key:${number}`, 'value'])]]);
  await call('SADD', 'few', 'm:1', 'm:2');
  for (let part = 0; part < 10; part++) await call('SET', `part:${part}`, Buffer.alloc(partBytes, 'p'));
  const payload = await call('DUMP', 'hash');
  client.close();
  const long = await LongClient.connect(address);
  await long.call(['SELECT', '3']);
  return { client: long, others: await Others.start(address), elements, payload: payload! };
}

function elementsFor(numbers: readonly number[]): string[][] {
  return [
    ['HSET', 'hash', ...numbers.flatMap((number) => [`f:${number}`, 'value'])],
    ['SADD', 'set', ...numbers.map((number) => `m:${number}`)],
    ['SADD', 'set2', ...numbers.map((number) => `m:${number * 2}`)],
    ['ZADD', 'scores', ...numbers.flatMap((number) => [`${number}`, `m:${number}`])],
    ['ZADD', 'scores2', ...numbers.flatMap((number) => [`${number}`, `m:${number * 2}`])],
    ['RPUSH', 'list', ...numbers.map((number) => (number % 2 === 0 ? 'even' : `item:${number}`))],
  ];
}

async function measure(side: Side, { command, before }: LongCommand): Promise<{ readonly tookMs: number; readonly waits: LongestWaits }> {
  for (const preparation of before) await side.client.call(wordsOf(preparation, side));
  const request = encodeRequest(wordsOf(command, side));
  let tookMs = 0;
  const waits = await side.others.waitDuring(async () => {
    const startedAt = performance.now();
    await side.client.callBytes(request);
    tookMs = performance.now() - startedAt;
  });
  return { tookMs, waits };
}

function wordsOf(command: string, { elements, payload }: Side): (string | Buffer)[] {
  const many = (words: (number: number) => string[]): string[] => Array.from({ length: elements }, (_, number) => words(number)).flat();
  const wide: Readonly<Record<string, () => (string | Buffer)[]>> = {
    '<long>': () => [Buffer.alloc(longValueBytes, 'v')],
    '<members>': () => many((number) => [`m:${number}`]),
    '<scores>': () => many((number) => [`${number}`, `m:${number}`]),
    '<fields>': () => many((number) => [`wide:${number}`, 'value']),
    '<keys>': () => many((number) => [`wide:${number}`]),
    '<payload>': () => [payload],
  };
  return command.split(' ').flatMap((word) => wide[word]?.() ?? [word.replace('#', `${elements}`).replace('%', `${elements >> 1}`)]);
}

/** Takes replies of any size without looking at them: it asks for a mark behind each. */
class LongClient {
  readonly #socket: Socket;

  static async connect({ host, port }: RedisAddress): Promise<LongClient> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new LongClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  async call(words: readonly (string | Buffer)[]): Promise<void> {
    await this.callBytes(encodeRequest(words));
  }

  async callBytes(request: Buffer): Promise<void> {
    const mark = encodeRequest(['ECHO', endMark]);
    this.#socket.write(request);
    this.#socket.write(mark);
    const end = Buffer.concat([Buffer.from(`$${endMark.length}\r\n`), endMark, Buffer.from('\r\n')]);
    await new Promise<void>((resolve, reject) => {
      let first: Buffer | undefined;
      let tail = Buffer.alloc(0);
      const onData = (chunk: Buffer): void => {
        first ??= chunk;
        tail = Buffer.concat([tail, chunk]).subarray(-end.length);
        if (!tail.equals(end)) return;
        this.#socket.off('data', onData);
        if (first[0] === 0x2d) reject(new Error(first.toString('utf8', 0, 200)));
        else resolve();
      };
      this.#socket.on('data', onData);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
