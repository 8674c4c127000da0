// The chapter of keys and values, through node-redis: a session that expires, a leaderboard of films, counters moved in
// MULTI, a queue that somebody waits for; and the same keys read and changed by SQL, in one transaction with a table.

import postgres from 'postgres';
import { createClient } from 'redis';
import type { Chapter, Visit } from './chapter.ts';
import { moviesAsJson } from './datasets.ts';
import { type Row, duration } from './screen.ts';

const prefix = 'facetdb_tour:';

type Client = ReturnType<typeof createClient>;

export const keyvalue: Chapter = {
  title: 'Keys and values: what Redis clients get',
  async run(visit) {
    const { redis: url, postgres: sqlUrl } = visit.urls;
    if (url === undefined) return visit.screen.say('Not shown: the URL of a Redis port was not given.');
    const client: Client = createClient({ url });
    await client.connect();
    try {
      const guide = new Guide(client, visit);
      await keepSession(guide);
      await rankFilms(guide);
      await moveMiles(guide);
      await waitForWork(guide);
      if (sqlUrl !== undefined) await readBySql(guide, sqlUrl);
    } finally {
      const left = await client.keys(`${prefix}*`);
      if (left.length > 0) await client.del(left);
      await client.close();
    }
  },
};

/** Sends commands and shows them with their replies. */
class Guide {
  readonly client: Client;
  readonly visit: Visit;

  constructor(client: Client, visit: Visit) {
    this.client = client;
    this.visit = visit;
  }

  say(text: string): void {
    this.visit.signal.throwIfAborted();
    this.visit.screen.say(text);
  }

  async run(...words: readonly string[]): Promise<void> {
    const { screen, signal } = this.visit;
    signal.throwIfAborted();
    screen.statement(words.map((word) => (/^[\w:./-]+$/u.test(word) ? word : JSON.stringify(word))).join(' '));
    const startedAt = performance.now();
    const reply = await this.client.sendCommand([...words]);
    screen.answer(rowsOf(reply), duration(startedAt));
  }
}

async function keepSession(guide: Guide): Promise<void> {
  guide.say('A session that goes away by itself');
  await guide.run('SET', `${prefix}session:7`, '{"user":"ada"}', 'EX', '1800');
  await guide.run('GETEX', `${prefix}session:7`, 'EX', '3600');
  await guide.run('TTL', `${prefix}session:7`);
}

async function rankFilms(guide: Guide): Promise<void> {
  guide.say('A leaderboard: films by their rating, with enough votes');
  const films = JSON.parse(await moviesAsJson()) as readonly Record<string, unknown>[];
  const rated = films.filter((film) => typeof film['IMDB Rating'] === 'number' && Number(film['IMDB Votes']) > 100_000);
  await guide.visit.screen.progress(`Sending ${rated.length} ZADDs in one pipeline`, async () => {
    await Promise.all(rated.map((film) => guide.client.zAdd(`${prefix}films`, { score: Number(film['IMDB Rating']), value: String(film['Title']) })));
  });
  await guide.run('ZRANGE', `${prefix}films`, '0', '4', 'REV', 'WITHSCORES');
  await guide.run('ZCOUNT', `${prefix}films`, '8', '(9');
}

async function moveMiles(guide: Guide): Promise<void> {
  guide.say('Two counters changed together, in MULTI: one PostgreSQL transaction');
  await guide.run('MSET', `${prefix}miles:amelia`, '1000', `${prefix}miles:bessie`, '200');
  await guide.run('MULTI');
  await guide.run('DECRBY', `${prefix}miles:amelia`, '300');
  await guide.run('INCRBY', `${prefix}miles:bessie`, '300');
  await guide.run('EXEC');
}

async function waitForWork(guide: Guide): Promise<void> {
  guide.say('A worker waits for a queue; a push wakes it');
  const worker = guide.client.duplicate();
  await worker.connect();
  const work = worker.blPop(`${prefix}queue`, 10);
  await guide.run('RPUSH', `${prefix}queue`, 'resize photo 12');
  guide.visit.screen.answer([{ 'the worker got': (await work)?.element ?? 'nothing' }], 'BLPOP');
  await worker.close();
}

async function readBySql(guide: Guide, url: string): Promise<void> {
  const { screen } = guide.visit;
  guide.say('The same keys, by SQL: read as views, and changed in one transaction with tables');
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of [
      `select key, type, expires_at, value from keyspace0.entries where key like '${prefix}%' order by key`,
      `select facetdb.incr('${prefix}miles:bessie', 50)`,
    ]) {
      screen.statement(statement);
      const startedAt = performance.now();
      screen.answer([...(await sql.unsafe<Row[]>(statement))], duration(startedAt));
    }
  } finally {
    await sql.end();
  }
  await guide.run('GET', `${prefix}miles:bessie`);
}

/** A reply as a table of one column. */
function rowsOf(reply: unknown): Row[] {
  return Array.isArray(reply) ? reply.map((item) => ({ reply: textOf(item) })) : [{ reply: textOf(reply) }];
}

function textOf(reply: unknown): string {
  if (reply === null) return '(nil)';
  return typeof reply === 'string' ? reply : JSON.stringify(reply);
}
