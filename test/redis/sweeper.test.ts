// What the sweeper frees: expired keys, elements of collections that are gone, and the store's own book-keeping; and that
// it leaves alone what is alive.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

suite('the sweeper', () => {
  let server: OwnServer;
  let sql: pg.Client;
  let redis: Redis;

  before(async () => {
    server = await startOwnServer();
    ({ sql, redis } = server);
  });
  after(() => server.stop());

  const count = async (table: string, condition = 'true'): Promise<number> => {
    const { rows } = await sql.query<{ count: number }>(`select count(*)::int as count from ${table} where ${condition}`);
    return rows[0]!.count;
  };

  test('expired keys go, others stay', async () => {
    await sql.query(`insert into keyspace0.keys (id, kind, value, expires_at)
      select convert_to('key:' || n, 'UTF8'), 1, 'v', case n % 3 when 0 then 1 when 1 then facetdb.now_ms() + 1000000 end from generate_series(1, 15000) as n`);
    await eventually('expired keys are gone', async () => (await count('keyspace0.keys', 'expires_at = 1')) === 0, 20_000);
    assert.equal(await count('keyspace0.keys'), 10_000);
    const { rows } = await sql.query('select sum(change)::int as sum from keyspace0.key_counts');
    assert.deepEqual(rows, [{ sum: 10_000 }]);
  });

  test('a key that expires later goes later, and says so', async () => {
    await redis.config('SET', 'notify-keyspace-events', 'Ex');
    const subscriber = redis.duplicate();
    const events: string[] = [];
    subscriber.on('message', (_channel, key) => events.push(key));
    await subscriber.subscribe('__keyevent@0__:expired');
    await redis.set('short', 'v', 'PX', 300);
    await eventually('the row is gone', async () => (await count('keyspace0.keys', `id = 'short'`)) === 0, 10_000);
    await eventually('the event came', () => Promise.resolve(events.includes('short')));
    subscriber.disconnect();
  });

  test('while clients are paused nothing goes; a key that is then read goes at once', async () => {
    await redis.config('SET', 'notify-keyspace-events', 'Ex');
    const [subscriber, reader] = [redis.duplicate(), redis.duplicate()];
    const expired = new Set<string>();
    subscriber.on('message', (_channel, key) => expired.add(key));
    await subscriber.subscribe('__keyevent@0__:expired');
    await redis.set('paused', 'v', 'PX', 20);
    await redis.call('CLIENT', 'PAUSE', '60000', 'WRITE');
    await sleep(400);
    assert.equal(await reader.get('paused'), null);
    assert.equal(await count('keyspace0.keys', `id = 'paused'`), 1);
    assert.equal(expired.size, 0);
    await redis.call('CLIENT', 'UNPAUSE');
    assert.equal(await reader.get('paused'), null);
    await eventually('the event came', () => Promise.resolve(expired.has('paused')));
    subscriber.disconnect();
    reader.disconnect();
  });

  test('elements of collections that are gone are freed', async () => {
    await sql.query(`insert into keyspace0.keys (id, kind, ref, size, edge) values ('long', 2, 1, 25000, 0), ('alive', 2, 2, 1, 0)`);
    await sql.query(`insert into keyspace0.list_items select 1, n, 'item'::bytea from generate_series(0, 24999) as n union all select 2, 0, 'item'::bytea`);
    await sql.query(`select facetdb.hset('h' || n, 'f', 'v'), facetdb.sadd('s' || n, 'm'), facetdb.zadd('z' || n, 1, 'm') from generate_series(1, 100) as n`);
    await sql.query(`delete from keyspace0.keys where id = 'long' or kind in (3, 4, 5)`);
    for (const table of ['dropped_collections', 'hash_fields', 'set_members', 'sorted_set_members']) {
      await eventually(`${table} is empty`, async () => (await count(`keyspace0.${table}`)) === 0, 20_000);
    }
    assert.equal(await count('keyspace0.list_items'), 1);
    assert.deepEqual(await redis.lrange('alive', 0, -1), ['item']);
  });

  test('key counts are summed up', async () => {
    for (let n = 0; n < 300; n++) await sql.query(`insert into keyspace0.keys (id, kind, value) values ($1, 1, 'v')`, [`counted:${n}`]);
    const before = await count('keyspace0.keys');
    await eventually('few addends are left', async () => (await count('keyspace0.key_counts')) < 200, 20_000);
    const { rows } = await sql.query('select sum(change)::int as sum from keyspace0.key_counts');
    assert.deepEqual(rows, [{ sum: before }]);
  });

  test('rows of gateways that are gone are forgotten, those of a waiting client stay', async () => {
    const waiting = redis.duplicate();
    const popped = waiting.blpop('nothing', 0);
    popped.catch(() => {});
    await eventually('the waiting client has its row', async () => (await count('keyspace0.blocked_keys')) === 1);
    await sql.query(`insert into keyspace0.blocked_keys values ('other', 'facetdb_gone')`);
    await eventually('the stale row is gone', async () => (await count('keyspace0.blocked_keys', `gateway = 'facetdb_gone'`)) === 0, 10_000);
    assert.equal(await count('keyspace0.blocked_keys'), 1);
    waiting.disconnect();
  });

  test('a keyspace that is made later is swept too', async () => {
    const fifth = redis.duplicate({ db: 5 });
    await fifth.set('k', 'v', 'PX', 1);
    await eventually('the key is gone', async () => (await count('keyspace5.keys')) === 0, 15_000);
    fifth.disconnect();
  });
});
