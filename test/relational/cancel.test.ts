// Cancelling what runs: by the driver, by another session, by a limit, and by ending a session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import postgres from 'postgres';
import { testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';

const cancelled = { code: '57014' };

const database = await testDatabase('cancel');
const administrator = await database.connect();

/** The pid of the session that runs the statement, once it does. */
async function running(marker: string): Promise<number> {
  return await eventually(`${marker} runs`, async () => {
    const { rows } = await administrator.query<{ pid: number }>(
      `select pid from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid() and datname = current_database()`,
      [`%${marker}%`],
    );
    return rows[0]?.pid;
  });
}

test('a driver cancels its query, and the connection goes on', async () => {
  const sql = postgres(database.url, { max: 1 });
  database.beforeDrop(() => sql.end());
  const query = sql`select pg_sleep(30) as driver_cancels`;
  const outcome = assert.rejects(query.execute(), cancelled);
  await running('driver_cancels');
  query.cancel();
  await outcome;
  assert.deepEqual([...(await sql`select 1 as one`)], [{ one: 1 }]);
});

test('another session cancels a statement; its transaction has failed', async () => {
  const victim = await database.connect();
  await victim.query('create table kept (id integer)');
  await victim.query('begin; insert into kept values (1)');
  const outcome = assert.rejects(victim.query('select pg_sleep(30) as session_cancels'), cancelled);
  const pid = await running('session_cancels');
  await administrator.query('select pg_cancel_backend($1)', [pid]);
  await outcome;
  await assert.rejects(victim.query('select 1'), { code: '25P02' });
  await victim.query('rollback');
  assert.deepEqual((await victim.query('select * from kept')).rows, []);
});

test('a role may cancel its own statements only', async () => {
  const [one, other] = await Promise.all([database.createRole('one'), database.createRole('other')]);
  const victim = await database.connect(one.url);
  const [stranger, friend] = [await database.connect(other.url), await database.connect(one.url)];
  const outcome = assert.rejects(victim.query('select pg_sleep(30) as roles_cancel'), cancelled);
  const pid = await running('roles_cancel');
  await assert.rejects(stranger.query('select pg_cancel_backend($1)', [pid]), { code: '42501' });
  await friend.query('select pg_cancel_backend($1)', [pid]);
  await outcome;
});

test('a statement and a wait for a lock end at their limits', async () => {
  const [holder, waiter] = [await database.connect(), await database.connect()];
  await waiter.query(`set statement_timeout = '50ms'`);
  await assert.rejects(waiter.query('select pg_sleep(30)'), cancelled);
  await holder.query('create table locked (id integer)');
  await holder.query('begin; lock table locked');
  await waiter.query(`reset statement_timeout; set lock_timeout = '50ms'`);
  await assert.rejects(waiter.query('select * from locked'), { code: '55P03' });
  await assert.rejects(waiter.query('begin; lock table locked nowait'), { code: '55P03' });
  await holder.query('rollback');
});

test('a session that is ended tells its client', async () => {
  const victim = new pg.Client({ connectionString: database.url });
  await victim.connect();
  victim.on('error', () => {});
  const outcome = assert.rejects(victim.query('select pg_sleep(30) as session_ends'), { code: '57P01' });
  await administrator.query('select pg_terminate_backend($1)', [await running('session_ends')]);
  await outcome;
});

test('a client that goes away stops what it asked for', async () => {
  // How often a busy session looks whether its client is still there; FacetDB's default is 10 s.
  const client = new pg.Client({ connectionString: database.url, options: '-c client_connection_check_interval=50ms' });
  await client.connect();
  client.on('error', () => {});
  const outcome = assert.rejects(client.query('select pg_sleep(30) as goes_away'), /Connection terminated/);
  const pid = await running('goes_away');
  client.connection.stream.destroy();
  await outcome;
  await eventually('the session is over', async () => {
    const { rowCount } = await administrator.query('select from pg_stat_activity where pid = $1', [pid]);
    return rowCount === 0;
  });
});
