// Documents under torture: inserts, transfers between documents in transactions, transactions that are given up, and
// increments as retryable writes, which are sent once more after the crash and must have happened once. What the store holds
// is read through SQL.

import { randomUUID } from 'node:crypto';
import { RawClient, type RawReply } from '../../mongodb/support/raw-client.ts';
import { withClient } from '../../support/with-client.ts';
import { Journal } from './journal.ts';
import type { Load } from './load.ts';
import type { Random } from './random.ts';
import { SettledUnits } from './settled-units.ts';
import type { Verdict, Workload } from './workload.ts';

const database = 'torture';
const counters = 4;
const accounts = 20;

/** HostUnreachable, ShutdownInProgress, PrimarySteppedDown, InterruptedAtShutdown: FacetDB or its PostgreSQL is away. */
const awayCodes: ReadonlySet<unknown> = new Set([6, 91, 189, 11_600]);
/** LockTimeout, WriteConflict, NoSuchTransaction: the transaction has not happened. */
const conflictCodes: ReadonlySet<unknown> = new Set([24, 112, 251]);

class Away extends Error {}
class Conflict extends Error {}

export function mongodbWorkload(): Workload {
  const documents = new DocumentsUnderTorture();
  return {
    prepare: (urls) => documents.prepare(urls.mongodb),
    start: (urls, { clients, random }) => documents.start(urls.mongodb, clients, random),
    isReachable: async (urls) => (await isReachable(urls.mongodb)) && (await withClient(urls.postgres, () => Promise.resolve(true)).catch(() => false)),
    check: (urls) => documents.check(urls),
  };
}

async function isReachable(url: string): Promise<boolean> {
  const client = await RawClient.connect(url).catch(() => undefined);
  try {
    return client !== undefined && (await client.command(database, { count: 'accounts' })).ok === 1;
  } catch {
    return false;
  } finally {
    client?.close();
  }
}

/** An increment, as it is sent and perhaps sent again. */
type Increment = { readonly counter: number; readonly command: Readonly<Record<string, unknown>> };

/** One client, with a session for transactions and one for retryable writes. */
class Client {
  readonly #connection: RawClient;
  readonly #transactions = new Session();
  readonly writes = new Session();

  constructor(connection: RawClient) {
    this.#connection = connection;
  }

  async send(command: Readonly<Record<string, unknown>>, within = database): Promise<void> {
    let reply: RawReply;
    try {
      reply = await this.#connection.command(within, command);
    } catch (error) {
      throw new Away('the connection broke', { cause: error });
    }
    const [first] = Array.isArray(reply['writeErrors']) ? (reply['writeErrors'] as { code: number; errmsg: string }[]) : [];
    const failed = reply.ok === 1 ? first : reply;
    if (failed === undefined) return;
    if (awayCodes.has(failed.code)) throw new Away(failed.errmsg);
    if (conflictCodes.has(failed.code)) throw new Conflict(failed.errmsg);
    throw new Error(`${String(failed.code)} ${String(failed.errmsg)}`);
  }

  /** Sends statements within a transaction; gives how to end it. */
  async begin(statements: readonly Readonly<Record<string, unknown>>[]): Promise<(how: 'commitTransaction' | 'abortTransaction') => Promise<void>> {
    const own = { ...this.#transactions.next(), autocommit: false };
    for (const [index, statement] of statements.entries()) await this.send({ ...statement, ...own, ...(index === 0 && { startTransaction: true }) });
    return (how) => this.send({ [how]: 1, ...own }, 'admin');
  }

  close(): void {
    this.#connection.close();
  }
}

class Session {
  readonly #id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64');
  #number = 0;

  next(): Readonly<Record<string, unknown>> {
    this.#number += 1;
    return { lsid: { id: { $binary: { base64: this.#id, subType: '04' } } }, txnNumber: { $numberLong: String(this.#number) } };
  }
}

class DocumentsUnderTorture {
  readonly #journal = new Journal();
  /** Units that earlier rounds left behind. */
  readonly #settled = new SettledUnits();
  readonly #counted = Array.from({ length: counters }, () => 0);
  readonly #unanswered = new Set<Increment>();

  async prepare(url: string): Promise<void> {
    const client = new Client(await RawClient.connect(url));
    await client.send({ insert: 'accounts', documents: Array.from({ length: accounts }, (_, _id) => ({ _id, balance: 0 })) });
    await client.send({ insert: 'counters', documents: Array.from({ length: counters }, (_, _id) => ({ _id, value: 0 })) });
    for (const collection of ['notes', 'transfers']) await client.send({ create: collection });
    client.close();
  }

  async start(url: string, clients: number, random: Random): Promise<Load> {
    const connected = await Promise.all(Array.from({ length: clients }, async () => new Client(await RawClient.connect(url))));
    let stopping = false;
    const run = async (client: Client): Promise<void> => {
      const kinds = [this.#count, this.#note, this.#transfer, this.#transfer, this.#giveUp];
      try {
        while (!stopping) await random.oneOf(kinds).call(this, client, random);
      } catch (error) {
        if (!(error instanceof Away)) throw error;
      } finally {
        client.close();
      }
    };
    const done = Promise.all(connected.map(run)).then(() => {});
    done.catch(() => {});
    return { stop: () => (stopping = true), done };
  }

  async #count(client: Client, random: Random): Promise<void> {
    const counter = random.between(0, counters - 1);
    const increment: Increment = { counter, command: { update: 'counters', updates: [{ q: { _id: counter }, u: { $inc: { value: 1 } } }], ...client.writes.next() } };
    this.#unanswered.add(increment);
    await client.send(increment.command);
    this.#unanswered.delete(increment);
    this.#counted[counter]! += 1;
  }

  async #note(client: Client): Promise<void> {
    const id = this.#journal.begin();
    this.#journal.set(id, 'asked');
    await client.send({ insert: 'notes', documents: [{ _id: id }] });
    this.#journal.set(id, 'acknowledged');
  }

  async #transfer(client: Client, random: Random): Promise<void> {
    const id = this.#journal.begin();
    try {
      const end = await client.begin(transferring(id, random));
      this.#journal.set(id, 'asked');
      await end('commitTransaction');
      this.#journal.set(id, 'acknowledged');
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      this.#journal.set(id, 'undone');
    }
  }

  async #giveUp(client: Client, random: Random): Promise<void> {
    const id = this.#journal.begin();
    this.#journal.set(id, 'undone');
    try {
      await (await client.begin(transferring(id, random)))('abortTransaction');
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }

  async check(urls: { readonly mongodb: string; readonly postgres: string }): Promise<Verdict> {
    const repeated = await this.#repeat(urls.mongodb);
    const [notes, transfers, balances, values] = await withClient(urls.postgres, async (sql) => {
      const rows = async (text: string): Promise<{ id: number; value: number; other: number; amount: number }[]> => (await sql.query(text)).rows;
      return [
        await rows(`select (doc->>'_id')::int as id from torture.notes`),
        await rows(`select (doc->>'_id')::int as id, (doc->>'from')::int as value, (doc->>'to')::int as other, (doc->>'amount')::int as amount from torture.transfers`),
        await rows(`select (doc->>'_id')::int as id, (doc->>'balance')::int as value from torture.accounts order by 1`),
        await rows(`select (doc->>'_id')::int as id, (doc->>'value')::int as value from torture.counters`),
      ];
    });
    const booked = Array.from({ length: accounts }, () => 0);
    for (const { value: from, other: to, amount } of transfers!) {
      booked[from]! -= amount;
      booked[to]! += amount;
    }
    const violations = [
      ...this.#settled.violations([...notes!, ...transfers!].map(({ id }) => id), this.#journal),
      ...balances!.flatMap(({ id, value }) => (value === booked[id] ? [] : [`account ${id} holds ${value}, the transfers say ${booked[id]}`])),
      ...(balances!.length === accounts ? [] : [`${balances!.length} of ${accounts} accounts are there`]),
      ...values!.flatMap(({ id, value }) => (value === this.#counted[id] ? [] : [`counter ${id} is ${value}; ${this.#counted[id]} increments were acknowledged`])),
    ];
    const verdict = { acknowledged: this.#journal.idsOf('acknowledged').length, unanswered: this.#journal.idsOf('asked').length + repeated, violations };
    this.#journal.clear();
    return verdict;
  }

  /** What was not answered is sent again, as drivers do: whether it had happened or not, it has happened once then. */
  async #repeat(url: string): Promise<number> {
    const client = new Client(await RawClient.connect(url));
    const all = [...this.#unanswered];
    for (const increment of all) {
      for (let times = 0; times < 2; times += 1) await client.send(increment.command);
      this.#counted[increment.counter]! += 1;
      this.#unanswered.delete(increment);
    }
    client.close();
    return all.length;
  }
}

function transferring(id: number, random: Random): Readonly<Record<string, unknown>>[] {
  const from = random.between(0, accounts - 1);
  const to = (from + random.between(1, accounts - 1)) % accounts;
  const amount = random.between(1, 50);
  const add = (account: number, value: number): Record<string, unknown> => ({ update: 'accounts', updates: [{ q: { _id: account }, u: { $inc: { balance: value } } }] });
  return [add(from, -amount), { insert: 'transfers', documents: [{ _id: id, from, to, amount }] }, add(to, amount)];
}
