// The load: clients that write notes and transfers as fast as they can, and note down in the journal what they were told.
// A client ends when its connection does.

import type pg from 'pg';
import { connectClient } from '../../support/with-client.ts';
import type { Fate, Journal } from './journal.ts';
import { accountCount, noteContent } from './ledger.ts';
import type { Random } from './random.ts';

export type Load = {
  /** Lets the units under way finish, then ends. */
  readonly stop: () => void;
  /** Settles when every client has ended, by `stop` or by its lost connection. */
  readonly done: Promise<void>;
};

export type LoadOptions = { readonly url: string; readonly clients: number; readonly journal: Journal; readonly random: Random };

/** Connects the clients and starts them. */
export async function startLoad({ url, clients, journal, random }: LoadOptions): Promise<Load> {
  const connected = await Promise.all(Array.from({ length: clients }, () => connectClient(url)));
  let stopping = false;
  const run = async (client: pg.Client): Promise<void> => {
    const kinds = [writeNote, writeTransfer, writeTransfer, undoTransfer];
    try {
      while (!stopping) await random.oneOf(kinds)(client, journal, random);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const done = Promise.all(connected.map(run)).then(() => {});
  // Whoever awaits `done` hears of it; until then it is not unhandled.
  done.catch(() => {});
  return {
    stop: () => {
      stopping = true;
    },
    done,
  };
}

/** One row, one statement: it is asked for as soon as it is sent. */
async function writeNote(client: pg.Client, journal: Journal): Promise<void> {
  const id = journal.begin();
  await committing(journal, id, () => client.query({ name: 'note', text: 'insert into note values ($1, $2)', values: [id, noteContent(id)] }));
}

async function writeTransfer(client: pg.Client, journal: Journal, random: Random): Promise<void> {
  const id = journal.begin();
  await transfer(client, id, random);
  await committing(journal, id, () => client.query('commit'));
}

async function undoTransfer(client: pg.Client, journal: Journal, random: Random): Promise<void> {
  const id = journal.begin();
  await transfer(client, id, random);
  await client.query('rollback');
  journal.set(id, 'undone');
}

async function transfer(client: pg.Client, id: number, random: Random): Promise<void> {
  // Always in the order of the accounts, so that no two transfers wait for each other.
  const first = random.between(1, accountCount - 1);
  const second = random.between(first + 1, accountCount);
  const amount = random.between(-50, 50);
  await client.query('begin');
  for (const [account, change] of [[first, -amount], [second, amount]] as const) {
    await client.query({ name: 'change', text: 'update account set balance = balance + $2 where id = $1', values: [account, change] });
    await client.query({ name: 'enter', text: 'insert into entry values ($1, $2, $3)', values: [id, account, change] });
  }
}

async function committing(journal: Journal, id: number, commit: () => Promise<unknown>): Promise<void> {
  journal.set(id, 'asked');
  await commit();
  journal.set(id, 'acknowledged' satisfies Fate);
}

/** The connection broke, or PostgreSQL said that it ends or starts (class 57P, connection exceptions 08). */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(57P0|08)/.test(code) || /^(ECONN|EPIPE)/.test(code) || /Connection terminated|not queryable|Connection ended/.test(error.message);
}
