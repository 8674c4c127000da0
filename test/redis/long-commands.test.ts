// Commands that take long: others do not wait for them, what touches their keys does, and each connection keeps its order. A lock on a
// table of elements makes them as long as the test wants.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

const many = 20_000;

suite('commands that take long', () => {
  let server: OwnServer;
  let sql: pg.Client;
  let redis: Redis;
  let others: Redis[];

  before(async () => {
    server = await startOwnServer();
    ({ sql, redis } = server);
    others = Array.from({ length: 4 }, () => server.client());
  });
  after(() => server.stop());

  const whileLocked = async (table: string, mode: string, work: () => Promise<void>): Promise<void> => {
    await sql.query(`begin; lock table keyspace0.${table} in ${mode} mode`);
    try {
      await work();
    } finally {
      await sql.query('commit');
    }
  };

  test('writes: two of them wait, others go on', async () => {
    const items = Array.from({ length: many }, (_, index) => (index % 2 === 0 ? 'even' : `i${index}`));
    for (const list of ['list1', 'list2']) await redis.rpush(list, ...items);
    const [first, second, third, fourth] = others as [Redis, Redis, Redis, Redis];
    const answers: Promise<unknown>[] = [];
    const answered: string[] = [];
    const note = (name: string, answer: Promise<unknown>): void => void answers.push(answer.then(() => answered.push(name)));
    await whileLocked('list_items', 'exclusive', async () => {
      note('lrem1', first.lrem('list1', 0, 'even'));
      note('own', first.set('own', 'after'));
      note('lrem2', second.lrem('list2', 0, 'even'));
      await waitUntil(async () => (await waitingForLock(sql)) === 2);
      note('same key', third.rename('list1', 'list3'));
      for (let round = 0; round < 20; round++) {
        await fourth.set('other', `${round}`);
        assert.equal(await fourth.get('other'), `${round}`);
        await fourth.hset('hash', 'field', round);
      }
      assert.equal(await fourth.llen('list1'), many, 'what is not committed is not seen');
      assert.equal(await fourth.exists('own'), 0, 'the order of a connection');
      assert.deepEqual(answered, []);
    });
    await Promise.all(answers);
    assert.deepEqual(await redis.lrange('list3', 0, -1), items.filter((item) => item !== 'even'));
    assert.equal(await redis.exists('list1'), 0);
    assert.equal(await redis.llen('list2'), many / 2);
    assert.equal(await redis.get('own'), 'after');
  });

  test('reads: two of them wait, others go on', async () => {
    await redis.sadd('set', ...Array.from({ length: many }, (_, index) => `m${index}`));
    const [first, second, third, fourth] = others as [Redis, Redis, Redis, Redis];
    const long: Promise<unknown>[] = [];
    await whileLocked('set_members', 'access exclusive', async () => {
      long.push(first.smembers('set'), first.get('other'), second.smembers('set'));
      await waitUntil(async () => (await waitingForLock(sql)) === 2);
      long.push(third.sort('set', 'ALPHA'));
      for (let round = 0; round < 20; round++) {
        await fourth.set('other', `${round}`);
        assert.equal(await fourth.get('other'), `${round}`);
        assert.equal(await fourth.scard('set'), many);
      }
    });
    const [members, own, same, sorted] = (await Promise.all(long)) as [string[], string, string[], string[]];
    assert.equal(members.length, many);
    assert.equal(own, '19');
    assert.deepEqual(members.toSorted(), sorted);
    assert.deepEqual(same.toSorted(), sorted);
  });

  test('a transaction with one of them is atomic, and begins again where it was not alone', async () => {
    const [first, second] = others as [Redis, Redis];
    await redis.set('counter', 0);
    const transfers = Array.from({ length: 5 }, () => first.multi().incr('counter').sunionstore('copy', 'set').incr('counter').exec());
    const increments = Array.from({ length: 200 }, () => second.incr('counter'));
    for (const replies of await Promise.all(transfers)) {
      const [[, before], [, stored], [, then]] = replies as [[null, number], [null, number], [null, number]];
      assert.equal(stored, many);
      assert.equal(then, before + 1);
    }
    await Promise.all(increments);
    assert.equal(await redis.get('counter'), '210');
  });

  test('ranges of sorted sets and KEYS, small and large ones', async () => {
    await redis.zadd('scores', ...Array.from({ length: many }, (_, index) => [index, `m${index}`]).flat());
    await redis.mset(...Array.from({ length: many }, (_, index) => [`key:${index}`, 'value']).flat());
    assert.equal((await redis.zrangebyscore('scores', 10, 19)).length, 10);
    assert.equal((await redis.zrangebyscore('scores', '-inf', '+inf')).length, many);
    assert.equal((await redis.zrevrangebyscore('scores', '+inf', 5)).length, many - 5);
    assert.equal((await redis.keys('key:1999?')).length, 10);
    assert.equal((await redis.keys('key:*')).length, many);
    assert.equal(await redis.zremrangebyscore('scores', '-inf', `(${many - 5}`), many - 5);
    assert.deepEqual(await redis.lpos('list2', 'absent'), null);
    assert.equal(await redis.lpos('list2', `i${many - 1}`), many / 2 - 1);
  });
});

/** Backends that wait for a lock on a table. */
async function waitingForLock(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(`select count(distinct pid)::int as count from pg_locks where locktype = 'relation' and not granted`);
  return rows[0]!.count;
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
