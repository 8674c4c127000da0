// Keys and values under torture, through Redis: counters (INCR), lists (LPUSH), and transfers between accounts, each a MULTI
// that also writes its own line. What the store holds afterwards is read through SQL, which sees the rows themselves.

import { Redis } from 'ioredis';
import { keyViolations } from '../../support/key-violations.ts';
import { withClient } from '../../support/with-client.ts';
import { Journal } from './journal.ts';
import type { Load } from './load.ts';
import type { Random } from './random.ts';
import { SettledUnits } from './settled-units.ts';
import type { Verdict, Workload } from './workload.ts';

const counters = 4;
const lists = 4;
const accounts = 20;

export function redisWorkload(): Workload {
  const keys = new KeysUnderTorture();
  return {
    prepare: async () => {},
    start: (urls, { clients, random }) => keys.start(urls.redis, clients, random),
    // SQL too: it is what the check reads with.
    isReachable: async (urls) => (await isReachable(urls.redis)) && (await withClient(urls.postgres, () => Promise.resolve(true)).catch(() => false)),
    check: (urls) => keys.check(urls.postgres),
  };
}

async function isReachable(url: string): Promise<boolean> {
  const client = await connect(url).catch(() => undefined);
  try {
    return client !== undefined && (await client.get('anything').then(() => true, () => false));
  } finally {
    client?.disconnect();
  }
}

async function connect(url: string): Promise<Redis> {
  const client = new Redis(url, { lazyConnect: true, enableReadyCheck: false, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  await client.connect();
  return client;
}

class KeysUnderTorture {
  /** Pushed items and transfers; each unit has one line in a list that tells that it happened. */
  readonly #journal = new Journal();
  /** What earlier rounds left behind: the units that are there, the counters' values. */
  readonly #settled = new SettledUnits();
  readonly #counted = new Map<string, { settled: number; acknowledged: number; asked: number }>();

  constructor() {
    for (let n = 0; n < counters; n++) this.#counted.set(`counter:${n}`, { settled: 0, acknowledged: 0, asked: 0 });
  }

  async start(url: string, clients: number, random: Random): Promise<Load> {
    const connected = await Promise.all(Array.from({ length: clients }, () => connect(url)));
    let stopping = false;
    const run = async (client: Redis): Promise<void> => {
      const kinds = [this.#count, this.#push, this.#transfer, this.#transfer, this.#discard];
      try {
        while (!stopping) await random.oneOf(kinds).call(this, client, random);
      } catch (error) {
        if (!isServerGone(error)) throw error;
      } finally {
        client.disconnect();
      }
    };
    const done = Promise.all(connected.map(run)).then(() => {});
    done.catch(() => {});
    return { stop: () => (stopping = true), done };
  }

  async #count(client: Redis, random: Random): Promise<void> {
    const key = `counter:${random.between(0, counters - 1)}`;
    const counted = this.#counted.get(key)!;
    counted.asked += 1;
    await client.incr(key);
    counted.asked -= 1;
    counted.acknowledged += 1;
  }

  async #push(client: Redis, random: Random): Promise<void> {
    const id = this.#journal.begin();
    this.#journal.set(id, 'asked');
    await client.lpush(`list:${random.between(0, lists - 1)}`, String(id));
    this.#journal.set(id, 'acknowledged');
  }

  async #transfer(client: Redis, random: Random): Promise<void> {
    const id = this.#journal.begin();
    this.#journal.set(id, 'asked');
    const results = await this.#transferring(client, id, random).exec();
    const failed = results?.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
    this.#journal.set(id, 'acknowledged');
  }

  async #discard(client: Redis, random: Random): Promise<void> {
    const id = this.#journal.begin();
    this.#journal.set(id, 'undone');
    // Sent as it is: the driver's own MULTI sends nothing when it is discarded.
    await client.multi({ pipeline: false });
    await client.rpush('transfers', `${id}:0:0:0`);
    await client.incrby(`account:${random.between(0, accounts - 1)}`, 1_000_000);
    await client.discard();
  }

  #transferring(client: Redis, id: number, random: Random): ReturnType<Redis['multi']> {
    const from = random.between(0, accounts - 1);
    const to = (from + random.between(1, accounts - 1)) % accounts;
    const amount = random.between(1, 50);
    return client.multi().decrby(`account:${from}`, amount).rpush('transfers', `${id}:${from}:${to}:${amount}`).incrby(`account:${to}`, amount);
  }

  async check(postgresUrl: string): Promise<Verdict> {
    const { items, values, broken } = await withClient(postgresUrl, async (sql) => ({
      items: (await sql.query<{ key: string; value: string }>('select key, value from keyspace0.lists order by key, index')).rows,
      values: new Map((await sql.query<{ key: string; value: string }>(`select key, value from keyspace0.entries where type = 'string'`)).rows.map(({ key, value }) => [key, Number(value)])),
      broken: await keyViolations(sql, 'keyspace0'),
    }));
    const violations = [...broken, ...this.#settled.violations(items.map(({ value }) => Number(value.split(':')[0])), this.#journal), ...accountViolations(items, values)];
    let [acknowledged, unanswered] = [this.#journal.idsOf('acknowledged').length, this.#journal.idsOf('asked').length];
    for (const [key, counted] of this.#counted) {
      const value = values.get(key) ?? 0;
      const least = counted.settled + counted.acknowledged;
      if (value < least || value > least + counted.asked) violations.push(`${key} is ${value}; ${least} were acknowledged, ${counted.asked} not answered`);
      acknowledged += counted.acknowledged;
      unanswered += counted.asked;
      Object.assign(counted, { settled: value, acknowledged: 0, asked: 0 });
    }
    this.#journal.clear();
    return { acknowledged, unanswered, violations };
  }
}

/** Every account holds what the transfers that are there say; so the sum is nought, and none is half there. */
function accountViolations(items: readonly { readonly key: string; readonly value: string }[], values: ReadonlyMap<string, number>): string[] {
  const booked = new Map<string, number>();
  const book = (account: string, amount: number): unknown => booked.set(account, (booked.get(account) ?? 0) + amount);
  for (const { key, value } of items) {
    if (key !== 'transfers') continue;
    const [, from, to, amount] = value.split(':');
    book(`account:${from}`, -Number(amount));
    book(`account:${to}`, Number(amount));
  }
  return Array.from({ length: accounts }, (_, n) => `account:${n}`).flatMap((account) => {
    const [holds, says] = [values.get(account) ?? 0, booked.get(account) ?? 0];
    return holds === says ? [] : [`${account} holds ${holds}, the transfers say ${says}`];
  });
}

/** The connection broke, or FacetDB says that PostgreSQL is away; what was asked for then may have happened or not. */
function isServerGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(LOADING|ERR the (connection|server|engine)|ERR .*(shutting down|lost|unavailable|not available|recovery))|Connection is closed|aborted due to connection close|Stream isn't writeable|ECONN|EPIPE/iu.test(error.message);
}
