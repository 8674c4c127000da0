// Pools, sessions, transactions, migrations and groups on a real PostgreSQL, through the engine as FacetDB uses it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../../src/engine/engine.ts';
import { Grouper } from '../../src/engine/group.ts';
import type { GroupKind } from '../../src/engine/group-kind.ts';
import { foundation, migrate } from '../../src/engine/migrations.ts';
import { noObserver } from '../../src/engine/observer.ts';
import { statement } from '../../src/engine/wire/statement.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('store_access');
const bounds = { log: silentLog, poolConnections: 3, poolWaiting: 2, poolWaitMs: 400 };
const engine = await Engine.openExternal({ url: database.url, ...bounds });
after(() => engine.close());
const pool = engine.systemPool;

test('values go and come back with their types, declared or inferred', async () => {
  const declared = statement('select $1::int8 as n, $2::bytea as b, $3::text[] as t, $4::jsonb as j', ['int8', 'bytea', 'text[]', 'jsonb']);
  const values = [2n ** 62n, Buffer.from([0, 255]), ['x', null], { a: [1] }];
  const expected = [{ n: 2n ** 62n, b: Buffer.from([0, 255]), t: ['x', null], j: { a: [1] } }];
  assert.deepEqual(await pool.query(declared, values), expected);
  assert.deepEqual(await pool.query('select $1::int8 as n, $2::bytea as b, $3::text[] as t, $4::jsonb as j', values), expected);
  assert.deepEqual(await pool.query('select 1.50::numeric as n, null as nothing'), [{ n: '1.50', nothing: null }]);
});

test('what PostgreSQL refuses is an error with a code, and the connection goes on', async () => {
  await assert.rejects(pool.query('selec 1'), { code: 'syntax_invalid' });
  await assert.rejects(pool.query(statement('select * from nowhere')), { code: 'object_unknown' });
  await assert.rejects(pool.query('select 1 / $1::int', [0]), { code: 'data_invalid' });
  await assert.rejects(pool.query(statement('select $1', ['jsonb']), [{ toJSON: () => { throw new Error('no'); } }]), { code: 'data_invalid' });
  await assert.rejects(pool.query('copy (select 1) to stdout'), { code: 'engine_unsupported' });
  assert.deepEqual(await pool.query('select 1 as one'), [{ one: 1 }]);
});

test('a statement whose table changed its columns is prepared anew', async () => {
  const read = statement('select * from changing');
  await pool.query('create table changing (a int4)');
  await pool.query('insert into changing values (1)');
  assert.deepEqual(await pool.query(read), [{ a: 1 }]);
  await pool.query('alter table changing add b int4 default 2');
  assert.deepEqual(await pool.query(read), [{ a: 1, b: 2 }]);
});

test('a time limit and an abort signal end a statement, and nothing else', async () => {
  await assert.rejects(pool.query('select pg_sleep(5)', [], { timeoutMs: 50 }), { code: 'statement_timeout' });
  const controller = new AbortController();
  const aborted = pool.query('select pg_sleep(5)', [], { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(aborted, { code: 'cancelled' });
  for (let round = 0; round < 20; round++) {
    await assert.rejects(pool.query('select pg_sleep(5)', [], { timeoutMs: 1 }), { code: 'statement_timeout' });
    assert.deepEqual(await pool.query('select 1 as one'), [{ one: 1 }]);
  }
});

test('the pool is bounded in connections, in waiting requests and in waiting time', async () => {
  const busy = [1, 2, 3].map(() => pool.query('select pg_sleep(0.7)'));
  await sleep(100);
  assert.equal(pool.counts.busy, 3);
  const waiting = [1, 2].map(() => pool.query('select 1'));
  await assert.rejects(pool.query('select 1'), { code: 'pool_exhausted' });
  for (const request of waiting) await assert.rejects(request, { code: 'pool_exhausted' });
  await Promise.all(busy);
  assert.deepEqual(pool.counts, { open: 3, busy: 0, waiting: 0 });
});

test('a session: isolation, savepoints, cancel, and rollback when it closes', async () => {
  const session = engine.session({ principal: engine.ownRole });
  const level = async (): Promise<unknown> => (await session.query(`select current_setting('transaction_isolation') as level`))[0]!['level'];
  await session.query('create table notes (text text)');
  await session.begin();
  assert.equal(await level(), 'serializable');
  await session.query('insert into notes values ($1)', ['kept']);
  await session.savepoint('before "it"');
  await session.query('insert into notes values ($1)', ['undone']);
  await assert.rejects(session.query('select 1 / 0'), { code: 'data_invalid' });
  await assert.rejects(session.query('select 1'), { code: 'transaction_aborted' });
  await session.rollbackTo('before "it"');
  await assert.rejects(session.begin(), { code: 'transaction_state' });
  await session.commit();
  assert.deepEqual(await session.query('select * from notes'), [{ text: 'kept' }]);
  await assert.rejects(session.commit(), { code: 'transaction_state' });

  const slow = session.query('select pg_sleep(5)');
  setTimeout(() => session.cancel(), 50);
  await assert.rejects(slow, { code: 'cancelled' });

  await session.begin({ isolation: 'read committed' });
  assert.equal(await level(), 'read committed');
  await session.query('delete from notes');
  await assert.rejects(session.query('select 1 / 0'));
  await assert.rejects(session.commit(), { code: 'transaction_aborted' });
  await session.begin();
  await session.query('delete from notes');
  await session.close();
  assert.deepEqual(await pool.query('select count(*)::int as n from notes'), [{ n: 1 }]);
  await assert.rejects(session.query('select 1'), { code: 'connection_lost' });
});

test('two serializable transactions that conflict: one fails with a code, and is not repeated', async () => {
  await pool.query('create table counters (name text primary key, value int)');
  await pool.query(`insert into counters values ('a', 0)`);
  let runs = 0;
  const increment = (): Promise<void> =>
    pool.transaction({}, async (transaction) => {
      runs += 1;
      await transaction.query('select value from counters');
      await sleep(50);
      await transaction.query('update counters set value = value + 1');
    });
  const settled = await Promise.allSettled([increment(), increment()]);
  assert.equal(runs, 2);
  const refused = settled.find((outcome) => outcome.status === 'rejected');
  assert.equal(refused?.reason.code, 'serialization_failure');
  assert.deepEqual(await pool.query('select value from counters'), [{ value: 1 }]);
});

test('every statement runs on a connection that is logged in as its principal', async () => {
  const role = await database.createRole('principal');
  engine.learnSecret(role.name, role.password);
  const session = engine.session({ principal: role.name });
  const who = await session.query('select session_user::text as session, current_user::text as current');
  assert.deepEqual(who, [{ session: role.name, current: role.name }]);
  await session.query('reset role');
  await session.query('reset session authorization');
  await assert.rejects(session.query('select * from notes'), { code: 'permission_denied' });
  const stranger = engine.session({ principal: 'nobody_in_particular' });
  await assert.rejects(stranger.query('select 1'), { code: 'authentication_failed' });
  await engine.pool(role.name).close();
});

test('a connection that PostgreSQL ends fails what is under way, and the pool opens another', async () => {
  const running = assert.rejects(pool.query('select pg_sleep(5)'), { code: 'connection_lost' });
  await sleep(100);
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(5)%' and pid <> pg_backend_pid()`);
  await running;
  assert.deepEqual(await pool.query('select 1 as one'), [{ one: 1 }]);
});

test('migrations run once, also when two start together, and a newer store is refused', async (context) => {
  const name = `${database.name}_${randomBytes(3).toString('hex')}`;
  await pool.query(`create database ${name}`);
  const own = await Engine.openExternal({ url: Object.assign(new URL(database.url), { pathname: `/${name}` }).href, log: silentLog });
  context.after(async () => {
    await own.close();
    await pool.query(`drop database ${name} with (force)`);
  });
  const second = { number: 2, name: 'second', sql: 'create table facetdb.second (n int); insert into facetdb.second values (1)' };
  const applied = await Promise.all([1, 2, 3].map(() => migrate(own.systemPool, [foundation, second])));
  assert.deepEqual(applied.toSorted((left, right) => right.length - left.length), [[1, 2], [], []]);
  assert.deepEqual(await own.systemPool.query('select n from facetdb.second'), [{ n: 1 }]);
  const broken = { number: 3, name: 'broken', sql: 'create table facetdb.third (n int); select 1 / 0' };
  await assert.rejects(migrate(own.systemPool, [foundation, second, broken]), { code: 'data_invalid' });
  assert.deepEqual(await own.systemPool.query(`select to_regclass('facetdb.third')::text as third`), [{ third: null }]);
  await assert.rejects(migrate(own.systemPool, [foundation]), { code: 'store_too_new' });
});

test('groups: durable writes of many origins in few transactions, one bad request alone refused', async () => {
  await pool.query('create table grouped (n int8 primary key check (n >= 0), by xid8 default pg_current_xact_id())');
  const insert = statement('insert into grouped select unnest($1)', ['int8[]']);
  const kind: GroupKind<number, string> = {
    name: 'write',
    lanes: 1,
    run: async (connection, numbers) => {
      await connection.execute([{ statement: insert, values: [numbers] }]);
      return numbers.map((number) => `done ${number}`);
    },
  };
  const connect = () => engine.connect(engine.ownRole);
  const grouper = new Grouper([kind as unknown as GroupKind<never, unknown>], { connect, observer: noObserver });
  const ask = (number: number): Promise<string> =>
    new Promise((resolve, reject) => {
      grouper.submit<number, string>(grouper.origin(), 'write', number, (error, reply) => (error === undefined ? resolve(reply!) : reject(error)));
    });
  const replies = await Promise.all(Array.from({ length: 300 }, (_, number) => ask(number)));
  assert.deepEqual(replies.at(-1), 'done 299');
  const [{ transactions } = { transactions: 0 }] = await pool.query<{ transactions: number }>('select count(distinct by)::int4 as transactions from grouped');
  assert.ok(transactions <= 3, `${transactions} transactions`);
  const mixed = await Promise.allSettled([1000, -1, 1001, 5].map(ask));
  assert.deepEqual(mixed.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : outcome.reason.code)), ['done', 'check_violation', 'done', 'unique_violation']);
  await grouper.close();
});
