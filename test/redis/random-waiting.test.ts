// Clients that wait (BLPOP and its like), on FacetDB and on a real Redis: random commands of several connections, from a seed. Who is served
// with what, by which command, is the same.
//
//   FACETDB_RANDOM_SEEDS=1..200 node --import tsx --test test/redis/random-waiting.test.ts

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../acid/torture/random.ts';
import { seedsToTry } from './random-commands/seeds.ts';
import { RandomWords, type Words } from './random-commands/words.ts';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { type RedisAddress, RespClient, closed } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';

const steps = 80;
const waiters = 5;
const patienceMs = 30_000;

const skip = missingOriginal();
const servers = skip === false ? await startBoth() : undefined;

for (const seed of seedsToTry()) {
  test(`seed ${seed}`, { skip }, async () => {
    const sides = await Promise.all(servers!.map((address) => Side.open(address)));
    const words = new RandomWords(seededRandom(seed));
    const history: string[] = [];
    try {
      for (let number = 0; number < steps; number++) {
        const step = randomStep(words);
        const [ours, theirs] = await Promise.all(sides.map((side) => side.take(step)));
        history.push(`${step.who}: ${step.commands.map((command) => command.join(' ')).join('; ')}  → ${theirs}`);
        assert.equal(ours, theirs, `seed ${seed}\n${history.slice(-15).join('\n')}`);
      }
    } finally {
      for (const side of sides) side.close();
    }
  });
}

/** Who sends what; a waiter that waits already is left alone. */
type Step = { readonly who: number | 'other'; readonly commands: readonly Words[] };

const lists = ['l1', 'l2', 'l3'];
const sortedSets = ['z1', 'z2'];
/** Where results go. Never another kind of value: Redis leaves clients waiting when a result takes the place of one. */
const sorted = 'l4';
const united = 'z3';
const items = ['a', 'b', 'c'];
/** Stand for the numbers that each server has given its clients. */
const waiterNames = Array.from({ length: waiters }, (_, index) => `@${index}`);

function randomStep(w: RandomWords): Step {
  if (w.isTrue(0.5)) return { who: Number(w.oneOf(['0', '1', '2', '3', '4'])), commands: [waiting(w)] };
  if (w.isTrue(0.7)) return { who: 'other', commands: [changing(w)] };
  return { who: 'other', commands: [['multi'], ...w.some(() => '', 1, 4).map(() => (w.isTrue(0.1) ? waiting(w) : changing(w))), ['exec']] };
}

function waiting(w: RandomWords): Words {
  const list = (): string => w.oneOf([...lists, sorted]);
  const sortedSet = (): string => w.oneOf([...sortedSets, united]);
  const side = (): string => w.oneOf(['LEFT', 'RIGHT']);
  const counted = (key: () => string): Words => ((keys: Words) => [`${keys.length}`, ...keys])(w.several(key));
  return w.oneOf<() => Words>([
    () => ['blpop', ...w.several(list), '0'], () => ['brpop', ...w.several(list), '0'], () => ['blmove', list(), list(), side(), side(), '0'], () => ['brpoplpush', list(), list(), '0'],
    () => ['blmpop', '0', ...counted(list), side(), ...w.options(['COUNT', w.oneOf(['1', '2', '10'])])], () => ['bzpopmin', ...w.several(sortedSet), '0'], () => ['bzpopmax', ...w.several(sortedSet), '0'],
    () => ['bzmpop', '0', ...counted(sortedSet), w.oneOf(['MIN', 'MAX']), ...w.options(['COUNT', w.oneOf(['1', '2'])])], () => ['blpop', ...w.several(list), '0.02'],
  ])();
}

function changing(w: RandomWords): Words {
  const list = (): string => w.oneOf(lists);
  const sortedSet = (): string => w.oneOf(sortedSets);
  const item = (): string => w.oneOf(items);
  return w.oneOf<() => Words>([
    () => ['rpush', list(), ...w.several(item)], () => ['lpush', list(), ...w.several(item)], () => ['zadd', sortedSet(), ...w.pairs(() => w.oneOf(['1', '2', '3']), item)], () => ['lpop', list()],
    () => ['del', w.oneOf([...lists, ...sortedSets])], () => ['rename', list(), list()], () => ['rename', w.oneOf([...lists, ...sortedSets]), w.oneOf([...lists, ...sortedSets])], () => ['set', list(), 'text'],
    () => ['copy', list(), list(), 'REPLACE'], () => ['sort', list(), 'ALPHA', 'STORE', sorted], () => ['linsert', list(), 'before', item(), item()], () => ['rpoplpush', list(), list()],
    () => ['zunionstore', united, '2', sortedSet(), sortedSet()], () => ['pexpire', list(), '-1'], () => ['lrange', list(), '0', '-1'], () => ['zrange', sortedSet(), '0', '-1'], () => ['ltrim', list(), '1', '0'],
    () => ['client', 'unblock', w.oneOf(waiterNames), ...w.options([w.oneOf(['ERROR', 'timeout', 'foo'])])],
  ])();
}

class Side {
  readonly #other: RespClient;
  readonly #waiters: readonly RespClient[];
  readonly #ids: readonly string[];
  /** What each of them was answered and nobody was told of yet; undefined while it waits. */
  readonly #answers: (string | undefined)[] = Array.from({ length: waiters }, () => '');

  static async open(address: RedisAddress): Promise<Side> {
    const clients = await Promise.all(Array.from({ length: waiters + 1 }, () => RespClient.connect(address)));
    const [other, ...others] = clients as [RespClient, ...RespClient[]];
    await other.call('flushall');
    const ids = await Promise.all(others.map(async (client) => shown(await client.call('client', 'id')).slice(1)));
    return new Side(other, others, ids);
  }

  private constructor(other: RespClient, clients: readonly RespClient[], ids: readonly string[]) {
    this.#other = other;
    this.#waiters = clients;
    this.#ids = ids;
  }

  /** The replies of everybody, once nothing more happens. */
  async take({ who, commands }: Step): Promise<string> {
    let replies = '';
    if (who === 'other') {
      for (const command of commands) this.#other.send(command.map((word) => this.#ids[waiterNames.indexOf(word)] ?? word));
      for (let index = 0; index < commands.length; index++) replies += ` ${shown(await this.#other.receive())}`;
    } else if (this.#answers[who] !== undefined) {
      this.#answers[who] = undefined;
      this.#waiters[who]!.send(commands[0]!);
      void this.#waiters[who]!.receive(patienceMs).then((reply) => (this.#answers[who] = shown(reply)));
      // A short wait passes, a long one has begun.
      if (commands[0]!.at(-1) === '0.02') await sleep(60);
    }
    await this.#settled();
    return `${replies} | ${this.#answers.map((answer) => answer ?? 'waits').join(', ')}`;
  }

  async #settled(): Promise<void> {
    for (const end = Date.now() + patienceMs; Date.now() < end; ) {
      const unanswered = this.#answers.filter((answer) => answer === undefined).length;
      const clients = shown(await this.#other.call('info', 'clients'));
      if (clients.includes(`blocked_clients:${unanswered}\\r`) && unanswered === this.#answers.filter((answer) => answer === undefined).length) return;
      await sleep(1);
    }
    assert.fail('who waits was not answered, or is not counted');
  }

  close(): void {
    for (const client of [this.#other, ...this.#waiters]) client.close();
  }
}

function shown(reply: RespReply | typeof closed): string {
  return reply === closed ? '(closed)' : shownReply(reply);
}

async function startBoth(): Promise<readonly [RedisAddress, RedisAddress]> {
  const [facetdb, original] = await Promise.all([startFacetDB(), startOriginalRedis()]);
  after(() => original.stop());
  return [facetdb, original.address];
}
