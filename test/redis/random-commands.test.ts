// Random commands on FacetDB and on a real Redis, each from a seed: the same replies, and the same keyspace events in the same order. A batch goes
// one by one, in a pipeline (where FacetDB groups it), or within MULTI/EXEC.
//
//   FACETDB_RANDOM_SEEDS=1..200 node --import tsx --test test/redis/random-commands.test.ts

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, test } from 'node:test';
import { seededRandom } from '../acid/torture/random.ts';
import { type RandomCommand, fillingCommands, randomCommand } from './random-commands/commands.ts';
import { seedsToTry } from './random-commands/seeds.ts';
import { RandomWords } from './random-commands/words.ts';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { type RedisAddress, RespClient, closed } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';

const batches = 15;
const batchLength = 30;
/** All but `x`, `e` and `m`: when a key is found to have expired is Redis's own affair, and so is what a request that fails had looked for before. */
const watchedEvents = 'KEg$lshzdn';

const skip = missingOriginal();
const servers = skip === false ? await startBoth() : undefined;

for (const seed of seedsToTry()) {
  test(`seed ${seed}`, { skip }, async () => {
    assert.ok(servers);
    const sides = await Promise.all(servers.map((address) => Side.open(address)));
    try {
      await compare(seed, sides as [Side, Side]);
    } finally {
      for (const side of sides) side.close();
    }
  });
}

/** A line a reply, and then a line an event; one by one, what a command made happen stands behind its reply. */
type Transcript = readonly string[];
type Batch = { readonly commands: readonly RandomCommand[]; readonly manner: 'one by one' | 'pipeline' | 'transaction' };

async function compare(seed: number, [facetdb, original]: readonly [Side, Side]): Promise<void> {
  const words = new RandomWords(seededRandom(seed));
  const protocol = words.oneOf(['2', '3']);
  await Promise.all([facetdb.prepare(protocol), original.prepare(protocol)]);
  for (let number = 0; number < batches; number++) {
    const batch = randomBatch(words, number);
    const [ours, theirs] = await Promise.all([facetdb.run(batch), original.run(batch)]);
    const at = theirs.findIndex((line, index) => line !== ours[index]);
    if (at < 0 && ours.length === theirs.length) continue;
    const command = batch.manner === 'transaction' ? at - batch.commands.length : at;
    const before = batch.commands.slice(Math.max(0, command - 8), command + 1).map(shownCommand);
    const place = `seed ${seed}, RESP${protocol}, batch ${number} (${batch.manner})`;
    assert.fail([place, ...(command < batch.commands.length ? before : batch.commands.map(shownCommand)), ...shownFrom('redis', theirs, at), ...shownFrom('facetdb', ours, at)].join('\n'));
  }
}

function randomBatch(words: RandomWords, number: number): Batch {
  const filling = number % 5 === 0 ? fillingCommands(words) : [];
  const commands = [...filling, ...Array.from({ length: batchLength }, () => randomCommand(words))];
  return { commands, manner: words.oneOf(['one by one', 'pipeline', 'pipeline', 'transaction']) };
}

/** One of the two servers, with a client that commands and one that hears of events. */
class Side {
  readonly #client: RespClient;
  readonly #listener: RespClient;

  static async open(address: RedisAddress): Promise<Side> {
    return new Side(await RespClient.connect(address), await RespClient.connect(address));
  }

  private constructor(client: RespClient, listener: RespClient) {
    this.#client = client;
    this.#listener = listener;
  }

  async prepare(protocol: string): Promise<void> {
    await this.#client.call('flushall');
    await this.#client.call('config', 'set', 'notify-keyspace-events', watchedEvents);
    await this.#client.call('hello', protocol);
    await this.#listener.call('psubscribe', '__key*__:*');
  }

  async run({ commands, manner }: Batch): Promise<Transcript> {
    const replies = manner === 'one by one' ? await this.#oneByOne(commands) : await this.#atOnce(commands, manner === 'transaction');
    return [...replies, ...(await this.#events())];
  }

  async #oneByOne(commands: readonly RandomCommand[]): Promise<Transcript> {
    const replies: string[] = [];
    for (const command of commands) {
      this.#client.send(bytesOf(command));
      replies.push([await this.#reply(command), ...(await this.#events())].join(' '));
    }
    return replies;
  }

  async #atOnce(commands: readonly RandomCommand[], inTransaction: boolean): Promise<Transcript> {
    const replies: string[] = [];
    if (inTransaction) this.#client.send(['multi']);
    for (const command of commands) this.#client.send(bytesOf(command));
    if (inTransaction) {
      this.#client.send(['exec']);
      await this.#client.receive();
    }
    for (const command of commands) replies.push(await this.#reply(inTransaction ? queued : command));
    return inTransaction ? [...replies, ...(await this.#execReplies(commands))] : replies;
  }

  async #execReplies(commands: readonly RandomCommand[]): Promise<Transcript> {
    const reply = await this.#client.receive();
    if (reply === closed) return ['(closed)'];
    if (!('items' in reply) || reply.items === null) return [shownReply(reply)];
    return reply.items.map((item, index) => compared(item, commands[index]!));
  }

  async #reply(command: Pick<RandomCommand, 'comparison'>): Promise<string> {
    const reply = await this.#client.receive();
    return reply === closed ? '(closed)' : compared(reply, command);
  }

  /** All that were told of so far: the answer to a PING comes after them. */
  async #events(): Promise<Transcript> {
    this.#listener.send(['ping']);
    const events: string[] = [];
    for (;;) {
      const reply = await this.#listener.receive();
      if (reply === closed) return [...events, '(closed)'];
      const shown = shownReply(reply);
      if (shown.includes('"pong"')) return events;
      events.push(shown);
    }
  }

  close(): void {
    this.#client.close();
    this.#listener.close();
  }
}

const queued = { comparison: 'exact' } as const;

function compared(reply: RespReply, { comparison }: Pick<RandomCommand, 'comparison'>): string {
  const shown = shownReply(reply);
  if (comparison === 'type') return shown.slice(0, 1);
  // The characters tell as much as is needed, at whatever depth the items without an order are.
  return comparison === 'unordered' ? Buffer.from(shown, 'latin1').sort().toString('latin1') : shown;
}

/** A difference of events shows in those that follow, too. */
function shownFrom(name: string, transcript: Transcript, at: number): readonly string[] {
  return transcript.slice(Math.max(0, at - 1), at + 5).map((line) => `    ${name.padEnd(8)} ${line}`);
}

function bytesOf({ words }: RandomCommand): Buffer[] {
  return words.map((word) => Buffer.from(word, 'latin1'));
}

function shownCommand({ words }: RandomCommand): string {
  return words.map((word) => JSON.stringify(word)).join(' ');
}

async function startBoth(): Promise<readonly [RedisAddress, RedisAddress]> {
  const [facetdb, original] = await Promise.all([startFacetDB(), startOriginalRedis()]);
  after(() => original.stop());
  return [facetdb, original.address];
}
