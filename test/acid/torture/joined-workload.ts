// Transactions over three drivers under torture: opened by SQL, joined by MongoDB commands and Redis commands over HTTP, and
// committed or rolled back by SQL. A unit is a row, a document and a field of a hash: all three are there, or none.

import type pg from 'pg';
import { Redis } from 'ioredis';
import { RawClient } from '../../mongodb/support/raw-client.ts';
import { connectClient, withClient } from '../../support/with-client.ts';
import type { ServerUrls } from '../../support/server.ts';
import { Journal } from './journal.ts';
import { type Load, isConnectionLost } from './load.ts';
import type { Random } from './random.ts';
import { SettledUnits } from './settled-units.ts';
import type { Verdict, Workload } from './workload.ts';

type Client = { readonly sql: pg.Client; readonly redis: Redis; readonly documents: RawClient };

export function joinedWorkload(): Workload {
  const units = new JoinedUnits();
  return {
    prepare: async ({ postgres, mongodb }) => {
      await withClient(postgres, (sql) => sql.query('create table joined (id int primary key)'));
      const documents = await RawClient.connect(mongodb);
      await documents.command('torture', { create: 'joined' });
      documents.close();
    },
    start: (urls, { clients, random }) => units.start(urls, clients, random),
    isReachable: async (urls) => {
      const client = await connect(urls).catch(() => undefined);
      const answers = await client?.redis.get('anything').then(() => true, () => false);
      await disconnect(client);
      return answers === true;
    },
    check: (urls) => units.check(urls.postgres),
  };
}

async function connect({ postgresRelay, redis: url, mongodb }: ServerUrls): Promise<Client> {
  const sql = await connectClient(postgresRelay!);
  const redis = new Redis(url, { lazyConnect: true, enableReadyCheck: false, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  await redis.connect();
  return { sql, redis, documents: await RawClient.connect(mongodb) };
}

async function disconnect(client: Client | undefined): Promise<void> {
  client?.redis.disconnect();
  client?.documents.close();
  await client?.sql.end().catch(() => {});
}

class JoinedUnits {
  readonly #journal = new Journal();
  readonly #settled = new SettledUnits();

  async start(urls: ServerUrls, clients: number, random: Random): Promise<Load> {
    const connected = await Promise.all(Array.from({ length: clients }, () => connect(urls)));
    let stopping = false;
    const run = async (client: Client): Promise<void> => {
      try {
        while (!stopping) await this.#unit(client, random);
      } catch (error) {
        if (!isAway(error)) throw error;
      } finally {
        await disconnect(client);
      }
    };
    const done = Promise.all(connected.map(run)).then(() => {});
    done.catch(() => {});
    return { stop: () => (stopping = true), done };
  }

  async #unit({ sql, redis, documents }: Client, random: Random): Promise<void> {
    const id = this.#journal.begin();
    await sql.query('begin');
    const { rows } = await sql.query<{ token: string }>('select facetdb.share_transaction() as token');
    const { token } = rows[0]!;
    await sql.query('insert into joined values ($1)', [id]);
    const reply = await documents.command('torture', { insert: 'joined', documents: [{ _id: id }], comment: `facetdb:transaction=${token}` });
    if (reply.ok !== 1) throw new Error(`away: ${String(reply['errmsg'])}`);
    await redis.call('FACETDB', 'JOIN', token);
    await redis.hset(`joined:${id % 16}`, String(id), 'x');
    await redis.call('FACETDB', 'LEAVE');
    if (random.between(0, 4) === 0) {
      await sql.query('rollback');
      this.#journal.set(id, 'undone');
      return;
    }
    this.#journal.set(id, 'asked');
    await sql.query('commit');
    this.#journal.set(id, 'acknowledged');
  }

  async check(url: string): Promise<Verdict> {
    const [rows, documents, fields] = await withClient(url, async (sql) => {
      const ids = async (text: string): Promise<Set<number>> => new Set((await sql.query<{ id: number }>(text)).rows.map(({ id }) => id));
      return [
        await ids('select id from joined'),
        await ids(`select (doc->>'_id')::int as id from torture.joined`),
        await ids(`select field::int as id from keyspace0.hashes where key like 'joined:%'`),
      ] as const;
    });
    const violations = this.#settled.violations(rows, this.#journal);
    for (const id of new Set([...rows, ...documents, ...fields])) {
      if (!rows.has(id) || !documents.has(id) || !fields.has(id)) violations.push(`unit ${id} is half there: row ${rows.has(id)}, document ${documents.has(id)}, key ${fields.has(id)}`);
    }
    const verdict = { acknowledged: this.#journal.idsOf('acknowledged').length, unanswered: this.#journal.idsOf('asked').length, violations };
    this.#journal.clear();
    return verdict;
  }
}

/** FacetDB or its PostgreSQL is gone, or is about to be; what was asked for then may have happened or not. */
function isAway(error: unknown): boolean {
  return isConnectionLost(error) || (error instanceof Error && /away|LOADING|transaction has ended|no open transaction|(connection|server|engine|PostgreSQL).*(lost|closed|unavailable|not reachable)|shutting down|Connection is closed|aborted due|Stream isn't|broke|socket/iu.test(error.message));
}
