// Isolation: what each level, by its exact name, prevents and what it permits. Two or three sessions play each anomaly in a
// fixed order; the table below says how it ends ("Transaction Isolation" in PostgreSQL's manual; the anomalies' names are
// those of Berenson et al., "A Critique of ANSI SQL Isolation Levels").

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../support/database.ts';

const levels = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const;
type Level = (typeof levels)[number];

/** `happens`; `not seen`: the transaction does not notice the other; an SQLSTATE: one of them is rolled back with it. */
type Outcome = 'happens' | 'not seen' | '40001';

type Sessions = { readonly a: pg.Client; readonly b: pg.Client; readonly c: pg.Client };

type Anomaly = {
  readonly outcome: Readonly<Record<Level, Outcome>>;
  /** Plays it in transactions that have begun at the level (`c`: not begun). */
  readonly play: (sessions: Sessions) => Promise<Outcome>;
};

const anomalies: Readonly<Record<string, Anomaly>> = {
  // PostgreSQL's weakest level is read committed, whatever it is called.
  'dirty read': {
    outcome: { 'read uncommitted': 'not seen', 'read committed': 'not seen', 'repeatable read': 'not seen', serializable: 'not seen' },
    async play({ a, b }) {
      await a.query('update account set balance = 0 where id = 1');
      const seen = await balance(b, 1);
      await a.query('rollback');
      await b.query('commit');
      return seen === 0 ? 'happens' : 'not seen';
    },
  },
  'non-repeatable read': {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': 'not seen', serializable: 'not seen' },
    async play({ a, b }) {
      const first = await balance(a, 1);
      await b.query('update account set balance = 0 where id = 1');
      await b.query('commit');
      const second = await balance(a, 1);
      await a.query('commit');
      return first === second ? 'not seen' : 'happens';
    },
  },
  phantom: {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': 'not seen', serializable: 'not seen' },
    async play({ a, b }) {
      const count = async () => (await a.query('select from account where balance >= 100')).rowCount;
      const first = await count();
      await b.query('insert into account values (3, 100)');
      await b.query('commit');
      const second = await count();
      await a.query('commit');
      return first === second ? 'not seen' : 'happens';
    },
  },
  'lost update': {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': '40001', serializable: '40001' },
    async play({ a, b }) {
      const [seenByA, seenByB] = [await balance(a, 1), await balance(b, 1)];
      await a.query('update account set balance = $1 where id = 1', [seenByA + 10]);
      return await outcomeOf(
        async () => {
          const waiting = b.query('update account set balance = $1 where id = 1', [seenByB + 20]);
          await Promise.all([waiting, a.query('commit')]);
          await b.query('commit');
        },
        async () => (await balance(a, 1)) !== 130,
      );
    },
  },
  // Both see the other's shift covered and go off duty.
  'write skew': {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': 'happens', serializable: '40001' },
    async play({ a, b }) {
      const sum = 'select sum(balance)::int from account';
      await a.query(sum);
      await b.query(sum);
      await a.query('update account set balance = balance - 150 where id = 1');
      await b.query('update account set balance = balance - 150 where id = 2');
      return await outcomeOf(
        async () => {
          await a.query('commit');
          await b.query('commit');
        },
        async () => (await balance(a, 1)) + (await balance(a, 2)) < 0,
      );
    },
  },
  // Each inserts what the other's search would have found.
  'phantom write skew': {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': 'happens', serializable: '40001' },
    async play({ a, b }) {
      for (const [session, id] of [[a, 11], [b, 12]] as const) {
        const { rowCount } = await session.query('select from account where id > 10');
        if (rowCount === 0) await session.query('insert into account values ($1, 0)', [id]);
      }
      return await outcomeOf(
        async () => {
          await a.query('commit');
          await b.query('commit');
        },
        async () => (await a.query('select from account where id > 10')).rowCount === 2,
      );
    },
  },
  // A report (c) sees a deposit that was committed later, but not the withdrawal that came before it.
  'read-only anomaly': {
    outcome: { 'read uncommitted': 'happens', 'read committed': 'happens', 'repeatable read': 'happens', serializable: '40001' },
    async play({ a, b, c }) {
      const seenByA = [await balance(a, 1), await balance(a, 2)];
      await b.query('update account set balance = balance + 20 where id = 2');
      await b.query('commit');
      return await outcomeOf(
        async () => {
          const { rows } = await c.query('select balance from account where id in (1, 2) order by id');
          assert.deepEqual(rows, [{ balance: 100 }, { balance: 120 }]);
          await c.query('commit');
          await a.query('update account set balance = $1 where id = 1', [(seenByA[0] ?? 0) - 11]);
          await a.query('commit');
        },
        () => Promise.resolve(true),
      );
    },
  },
};

const database = await testDatabase('isolation');
const sessions: Sessions = { a: await database.connect(), b: await database.connect(), c: await database.connect() };
await sessions.a.query('create table account (id integer primary key, balance integer)');

for (const [name, { outcome, play }] of Object.entries(anomalies)) {
  for (const level of levels) {
    test(`${level}: ${name}: ${outcome[level]}`, async () => {
      await sessions.a.query('truncate account');
      await sessions.a.query('insert into account values (1, 100), (2, 100)');
      for (const session of Object.values(sessions)) await session.query(`begin isolation level ${level}`);
      try {
        assert.equal(await play(sessions), outcome[level]);
      } finally {
        for (const session of Object.values(sessions)) await session.query('rollback');
      }
    });
  }
}

test('a level is reported by the name it was asked for', async () => {
  for (const level of levels) {
    await sessions.a.query(`begin isolation level ${level}`);
    const { rows } = await sessions.a.query('show transaction_isolation');
    assert.deepEqual(rows, [{ transaction_isolation: level }]);
    await sessions.a.query('rollback');
  }
});

test('a row can be locked against a lost update at any level', async () => {
  const { a, b } = sessions;
  await a.query('truncate account; insert into account values (1, 100)');
  for (const session of [a, b]) await session.query('begin isolation level read committed');
  const change = async (session: pg.Client, amount: number) => {
    const { rows } = await session.query<{ balance: number }>('select balance from account where id = 1 for update');
    await session.query('update account set balance = $1 where id = 1', [(rows[0]?.balance ?? 0) + amount]);
    await session.query('commit');
  };
  await Promise.all([change(a, 10), change(b, 20)]);
  assert.equal(await balance(a, 1), 130);
});

async function balance(session: pg.Client, id: number): Promise<number> {
  const { rows } = await session.query<{ balance: number }>('select balance from account where id = $1', [id]);
  return rows[0]?.balance ?? Number.NaN;
}

/** Whether the steps end with an SQLSTATE; if they do not, whether what should not happen has happened. */
async function outcomeOf(steps: () => Promise<void>, hasHappened: () => Promise<boolean>): Promise<Outcome> {
  try {
    await steps();
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '40001') return '40001';
    throw error;
  }
  return (await hasHappened()) ? 'happens' : 'not seen';
}
