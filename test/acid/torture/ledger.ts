// The tables that the load writes, and the check of what must hold of them after a crash. Double-entry book-keeping: a
// transfer is two changed balances and two entries in one transaction, so that half of one shows; a note is one row.

import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Fate, Journal } from './journal.ts';

export const accountCount = 40;
const openingBalance = 1000;

export async function createLedger(client: pg.Client): Promise<void> {
  await client.query(`
    create table account (id integer primary key, balance bigint not null);
    create table entry (transfer bigint not null, account integer not null references account, amount bigint not null, primary key (transfer, account));
    create table note (id bigint primary key, content text not null);
  `);
  await client.query('insert into account select n, $2 from generate_series(1, $1) as n', [accountCount, openingBalance]);
}

/** A note's content follows from its number, so that a torn or swapped value shows. */
export function noteContent(id: number): string {
  return createHash('sha256').update(`note ${id}`).digest('hex').repeat(4);
}

/** What was there when a round had been checked: it must be there for ever, unchanged. */
export type Settled = { readonly lastId: number; readonly summary: string };

/** Everything that is wrong with the store, one line each; empty when all is well. */
export async function violations(client: pg.Client, journal: Journal, settled: Settled | undefined): Promise<string[]> {
  const after = settled?.lastId ?? 0;
  const notes = await client.query<{ id: string; content: string }>('select id, content from note where id > $1', [after]);
  const transfers = await client.query<{ id: string; entries: number; sum: string }>(
    'select transfer as id, count(*)::int as entries, sum(amount) from entry where transfer > $1 group by transfer',
    [after],
  );
  const accounts = await client.query<{ id: number; balance: string; booked: string }>(
    'select id, balance, $1 + coalesce((select sum(amount) from entry where account = account.id), 0) as booked from account',
    [openingBalance],
  );
  const present = new Set([...notes.rows, ...transfers.rows].map((row) => Number(row.id)));

  return [
    ...journal.idsOf('acknowledged').flatMap((id) => (present.has(id) ? [] : [`unit ${id} was acknowledged and is missing`])),
    ...[...present].flatMap((id) => presenceViolation(id, journal.fateOf(id))),
    ...notes.rows.flatMap(({ id, content }) => (content === noteContent(Number(id)) ? [] : [`note ${id} has another content`])),
    ...transfers.rows.flatMap(({ id, entries, sum }) => (entries === 2 && sum === '0' ? [] : [`transfer ${id} is half there: ${entries} entries, sum ${sum}`])),
    ...accounts.rows.flatMap(({ id, balance, booked }) => (balance === booked ? [] : [`account ${id} holds ${balance}, its entries say ${booked}`])),
    ...(accounts.rows.length === accountCount ? [] : [`${accounts.rows.length} of ${accountCount} accounts are there`]),
    ...(settled && (await summaryUpTo(client, settled.lastId)) !== settled.summary ? ['what earlier rounds had stored has changed'] : []),
  ];
}

/** Takes the store as it is, once checked, for what later rounds must find unchanged. */
export async function settle(client: pg.Client, journal: Journal): Promise<Settled> {
  const { lastId } = journal;
  journal.clear();
  return { lastId, summary: await summaryUpTo(client, lastId) };
}

function presenceViolation(id: number, fate: Fate | undefined): string[] {
  switch (fate) {
    case 'acknowledged':
    case 'asked':
      return [];
    case 'open':
      return [`unit ${id} is there although its COMMIT was never sent`];
    case 'undone':
      return [`unit ${id} is there although it was rolled back`];
    case undefined:
      return [`unit ${id} is there and nobody asked for it`];
  }
}

async function summaryUpTo(client: pg.Client, lastId: number): Promise<string> {
  const { rows } = await client.query<{ summary: string }>(
    `select concat_ws(' ',
       (select concat(count(*), '/', bit_xor(hashtextextended(id || content, 0))) from note where id <= $1),
       (select concat(count(*), '/', bit_xor(hashtextextended(transfer || '-' || account || '-' || amount, 0))) from entry where transfer <= $1)) as summary`,
    [lastId],
  );
  return rows[0]?.summary ?? '';
}
