// Histories of concurrent clients, on two FacetDBs over one store: single keys are linearizable, MULTI is strictly
// serializable, and the rows agree with each other afterwards.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import { type RunningServer, start } from '../../src/index.ts';
import { seededRandom } from '../acid/torture/random.ts';
import { type Server, startServer } from '../support/server.ts';
import { keyViolations } from '../support/key-violations.ts';
import { freePortsOverEngine } from '../support/ports.ts';
import { withClient } from '../support/with-client.ts';
import { type Operation, findUnexplained } from './histories/linearizable.ts';

const clientsEach = 3;
const accounts = 5;
const openingBalance = 100;

suite('histories over two servers on one store', () => {
  let first: Server;
  let second: RunningServer;
  const clients: Redis[] = [];
  const random = seededRandom(Date.now() % 1_000_000);

  before(async () => {
    // A process of its own, which owns PostgreSQL, and this one, which reaches it as an external engine.
    first = await startServer();
    second = await start({ engine: first.urls.postgres, ...freePortsOverEngine });
    const secondUrl = new URL(first.urls.redis);
    secondUrl.port = new URL(second.urls['redis']!).port;
    for (const url of [first.urls.redis, secondUrl.href]) {
      for (let n = 0; n < clientsEach; n++) clients.push(new Redis(url, { enableReadyCheck: false, maxRetriesPerRequest: 0 }));
    }
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await second.stop();
    await first.stop();
  });

  test('SET, GET and GETSET of single keys are linearizable', async () => {
    const histories = new Map<string, Operation[]>(['a', 'b', 'c', 'd'].map((key) => [key, []]));
    let lastValue = 0;
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < 60; n++) {
          const key = random.oneOf([...histories.keys()]);
          const write = String((lastValue += 1));
          const calledAt = performance.now();
          const operation = await random.oneOf([
            async () => ({ read: await client.get(key) }),
            async () => (await client.set(key, write), { write }),
            async () => ({ read: await client.getset(key, write), write }),
          ])();
          histories.get(key)!.push({ ...operation, calledAt, returnedAt: performance.now() });
        }
      }),
    );
    for (const [key, history] of histories) assert.deepEqual(findUnexplained(history), undefined, key);
  });

  test('every INCR has a result of its own, in the order of time', async () => {
    const counted: { result: number; calledAt: number; returnedAt: number }[] = [];
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < 50; n++) {
          const calledAt = performance.now();
          counted.push({ result: await client.incr('counter'), calledAt, returnedAt: performance.now() });
        }
      }),
    );
    counted.sort((left, right) => left.result - right.result);
    assert.deepEqual(counted.map(({ result }) => result), counted.map((_, index) => index + 1));
    let latestCall = 0;
    for (const { result, calledAt, returnedAt } of counted) {
      assert.ok(returnedAt >= latestCall, `the one that counted ${result} had returned before one that counted less was called`);
      latestCall = Math.max(latestCall, calledAt);
    }
  });

  test('MULTI is strictly serializable: sums stay, states follow each other, nothing goes back', async () => {
    const balances = Array.from({ length: accounts }, (_, n) => `account:${n}`);
    const versions = Array.from({ length: accounts }, (_, n) => `version:${n}`);
    await clients[0]!.mset(balances.flatMap((key) => [key, openingBalance]));
    await clients[0]!.mset(versions.flatMap((key) => [key, 0]));
    const states: { versions: readonly number[]; calledAt: number; returnedAt: number }[] = [];
    let transfers = 0;

    const transfer = async (client: Redis): Promise<void> => {
      const from = random.between(0, accounts - 1);
      const to = (from + random.between(1, accounts - 1)) % accounts;
      const amount = random.between(1, 20);
      const replies = await client.multi().decrby(balances[from]!, amount).incr(versions[from]!).incr(versions[to]!).incrby(balances[to]!, amount).exec();
      assert.ok(replies!.every(([error]) => error === null));
      transfers += 1;
    };
    const read = async (client: Redis, how: 'MULTI' | 'MGET'): Promise<void> => {
      const keys = [...balances, ...versions];
      const calledAt = performance.now();
      const values =
        how === 'MGET'
          ? await client.mget(keys)
          : (await keys.reduce((multi, key) => multi.get(key), client.multi()).exec())!.map(([error, value]) => (assert.equal(error, null), value as string));
      const numbers = values.map(Number);
      const sum = numbers.slice(0, accounts).reduce((left, right) => left + right);
      assert.equal(sum, accounts * openingBalance, `${how} saw a transfer half done`);
      states.push({ versions: numbers.slice(accounts), calledAt, returnedAt: performance.now() });
    };

    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < 60; n++) await random.oneOf([transfer, (each: Redis) => read(each, 'MULTI'), (each: Redis) => read(each, 'MGET')])(client);
      }),
    );
    await read(clients.at(-1)!, 'MULTI');

    const isAtMost = (left: readonly number[], right: readonly number[]): boolean => left.every((version, n) => version <= right[n]!);
    for (const one of states) {
      for (const other of states) {
        assert.ok(isAtMost(one.versions, other.versions) || isAtMost(other.versions, one.versions), `${one.versions} and ${other.versions} cannot both have been`);
        if (one.returnedAt < other.calledAt) assert.ok(isAtMost(one.versions, other.versions), `${other.versions} was seen after ${one.versions}`);
      }
    }
    const counted = states.at(-1)!.versions.reduce((left, right) => left + right);
    assert.equal(counted, 2 * transfers);
  });

  test('WATCH lets only one of those who saw the same value change it', async () => {
    await clients[0]!.set('watched', 0);
    let changed = 0;
    await Promise.all(
      clients.map(async (client) => {
        for (let n = 0; n < 15; n++) {
          await client.watch('watched');
          const value = Number(await client.get('watched'));
          if ((await client.multi().set('watched', value + 1).exec()) !== null) changed += 1;
        }
      }),
    );
    assert.equal(await clients[0]!.get('watched'), String(changed));
    assert.ok(changed > 0);
  });

  test('collections that all change at once agree with themselves', async () => {
    await Promise.all(
      clients.map(async (client, id) => {
        for (let n = 0; n < 30; n++) {
          const element = String(random.between(0, 9));
          await Promise.all([
            client.rpush('list', `${id}:${n}`), client.lpop('list'), client.hset('hash', element, n), client.hdel('hash', String(random.between(0, 9))),
            client.sadd('set', element), client.spop('set'), client.zadd('board', n, element), client.zpopmin('board'),
          ]);
        }
      }),
    );
    assert.deepEqual(await withClient(first.urls.postgres, (sql) => keyViolations(sql, 'keyspace0')), []);
  });

  test('what does not agree would be found', async () => {
    await withClient(first.urls.postgres, async (sql) => {
      await sql.query('begin');
      await sql.query(`select facetdb.rpush('broken list', 'a'), facetdb.rpush('broken list', 'b'), facetdb.sadd('broken set', 'm')`);
      await sql.query(`update keyspace0.list_items set position = 7 where position = 1 and ref = (select ref from keyspace0.keys where id = 'broken list')`);
      await sql.query(`delete from keyspace0.set_members where ref = (select ref from keyspace0.keys where id = 'broken set')`);
      await sql.query('insert into keyspace0.key_counts values (1)');
      const found = await keyViolations(sql, 'keyspace0');
      assert.equal(found.length, 4, found.join('\n'));
      await sql.query('rollback');
    });
  });
});
