// How long other clients wait meanwhile: three of them, in a process of their own, that each send one small command after the other.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RedisAddress, RespClient, closed } from '../../test/redis/support/resp-client.ts';

const askers = { PING: ['PING'], GET: ['GET', 'other:read'], SET: ['SET', 'other:written', 'value'] } as const;
export type Asker = keyof typeof askers;
export const askerNames = Object.keys(askers) as Asker[];

/** The longest wait of each, in milliseconds. */
export type LongestWaits = Record<Asker, number>;

const pauseMs = 2;
const replyTimeoutMs = 600_000;
const thisFile = fileURLToPath(import.meta.url);

export class Others {
  readonly #process: ChildProcess;

  static async start({ host, port }: RedisAddress): Promise<Others> {
    const child = fork(thisFile, [host, `${port}`]);
    await once(child, 'message');
    return new Others(child);
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Carries the work out; gives how long others waited from its beginning on, until those that waited at its end were answered too. */
  async waitDuring(work: () => Promise<unknown>): Promise<LongestWaits> {
    this.#process.send('begin');
    await once(this.#process, 'message');
    await work();
    this.#process.send('end');
    const [waits] = (await once(this.#process, 'message')) as [LongestWaits];
    return waits;
  }

  stop(): void {
    this.#process.kill();
  }
}

/** One that asks without end. */
class AskingClient {
  readonly #client: RespClient;
  readonly #words: readonly string[];
  longestMs = 0;
  /** Fulfilled when what it asks for now is answered. */
  answered: Promise<void> = Promise.resolve();

  constructor(client: RespClient, words: readonly string[]) {
    this.#client = client;
    this.#words = words;
  }

  async ask(): Promise<void> {
    for (;;) {
      this.answered = this.#askOnce();
      await this.answered;
      await sleep(pauseMs);
    }
  }

  async #askOnce(): Promise<void> {
    const askedAt = performance.now();
    this.#client.send(this.#words);
    if ((await this.#client.receive(replyTimeoutMs)) === closed) throw new Error('the server hung up on who only asked');
    this.longestMs = Math.max(this.longestMs, performance.now() - askedAt);
  }
}

async function askOn(address: RedisAddress): Promise<void> {
  const asking = {} as Record<Asker, AskingClient>;
  for (const name of askerNames) asking[name] = new AskingClient(await RespClient.connect(address), askers[name]);
  for (const name of askerNames) void asking[name].ask();
  const end = async (): Promise<void> => {
    await Promise.all(askerNames.map((name) => asking[name].answered));
    process.send!(Object.fromEntries(askerNames.map((name) => [name, asking[name].longestMs])));
  };
  process.on('message', (message) => {
    if (message !== 'begin') return void end();
    for (const name of askerNames) asking[name].longestMs = 0;
    process.send!('begun');
  });
  process.on('disconnect', () => process.exit());
  process.send!('ready');
}

if (process.argv[1] === thisFile) {
  const [, , host, port] = process.argv;
  await askOn({ host: host!, port: Number(port) });
}
