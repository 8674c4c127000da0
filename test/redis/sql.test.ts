// Keys through SQL: the views show what Redis clients wrote, the functions change what Redis clients read, in one
// transaction with rows.

import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { connectClient } from '../support/with-client.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

suite('keys through SQL', () => {
  let server: OwnServer;
  let sql: pg.Client;
  let redis: Redis;

  before(async () => {
    server = await startOwnServer();
    ({ sql, redis } = server);
  });
  after(() => server.stop());
  beforeEach(async () => {
    await sql.query('delete from keyspace0.keys');
  });

  /** The first column of the first row. */
  const value = async (text: string, values: unknown[] = []): Promise<unknown> => {
    const { rows } = await sql.query<unknown[]>({ text, values, rowMode: 'array' });
    return rows[0]?.[0];
  };
  const rows = async (text: string): Promise<unknown[][]> => (await sql.query<unknown[]>({ text, rowMode: 'array' })).rows;

  suite('views', () => {
    test('entries show every kind of key, and not what has expired', async () => {
      await redis.set('greeting', 'hällo');
      await redis.set('token', Buffer.from([0xff, 0x00]), 'PX', 60_000);
      await redis.rpush('list', 'a', 'b');
      await redis.hset('hash', 'f', 'v');
      await redis.sadd('set', 'm');
      await redis.zadd('board', 1, 'ann');
      await redis.set('gone', 'x', 'PX', 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(await rows('select key, type, size::int, value, expires_at > now() from keyspace0.entries order by key'), [
        ['board', 'zset', 1, null, null],
        ['greeting', 'string', 6, 'hällo', null],
        ['hash', 'hash', 1, null, null],
        ['list', 'list', 2, null, null],
        ['set', 'set', 1, null, null],
        ['token', 'string', 2, null, true],
      ]);
      assert.deepEqual(await value(`select value_bytes from keyspace0.entries where key = 'token'`), Buffer.from([0xff, 0x00]));
    });

    test('elements have a text form and a binary one, and their order', async () => {
      await redis.rpush('list', 'b', 'c');
      await redis.lpush('list', 'a');
      await redis.hset('hash', 'second', '2', Buffer.from([0x80]), 'x');
      await redis.sadd('set', 'm');
      await redis.zadd('board', 5, 'ann', 3, 'bob', 5, 'al');
      assert.deepEqual(await rows('select key, index::int, value from keyspace0.lists order by index'), [['list', 0, 'a'], ['list', 1, 'b'], ['list', 2, 'c']]);
      assert.deepEqual(await rows('select field, value, field_bytes from keyspace0.hashes order by number'), [
        ['second', '2', Buffer.from('second')],
        [null, 'x', Buffer.from([0x80])],
      ]);
      assert.deepEqual(await rows('select key, member, member_bytes from keyspace0.sets'), [['set', 'm', Buffer.from('m')]]);
      assert.deepEqual(await rows('select rank::int, member, score from keyspace0.sorted_sets order by rank'), [[0, 'bob', 3], [1, 'al', 5], [2, 'ann', 5]]);
    });

    test('one key is found by its index, a long one too', async () => {
      const long = 'k'.repeat(5_000);
      await redis.set(long, 'v');
      assert.equal(await value('select value from keyspace0.entries where id = facetdb.key_identity($1)', [long]), 'v');
      assert.equal(await value('select key from keyspace0.entries'), long);
      const plan = (await rows(`explain select * from keyspace0.sorted_sets where id = facetdb.key_identity('board')`)).flat().join('\n');
      assert.match(plan, /Index (Only )?Scan using keys_pkey/);
    });

    test('keys can be deleted by a condition, and not changed past the rules', async () => {
      await redis.mset('session:1', 'a', 'session:2', 'b', 'other', 'c');
      await sql.query(`delete from keyspace0.entries where key like 'session:%'`);
      assert.equal(await redis.dbsize(), 1);
      assert.equal(await redis.get('session:1'), null);
      await assert.rejects(sql.query(`update keyspace0.entries set value_bytes = 'x'`), /cannot update/);
    });

    test('an expiry beyond any calendar is shown as infinity', async () => {
      await redis.call('set', 'k', 'v', 'pxat', '9000000000000000');
      assert.equal(await value('select expires_at from keyspace0.entries'), Infinity);
    });
  });

  suite('functions', () => {
    test('strings', async () => {
      await sql.query(`select facetdb.set('k', 'v')`);
      assert.equal(await redis.get('k'), 'v');
      assert.equal(await value(`select facetdb.get('k')`), 'v');
      assert.equal(await value(`select facetdb.get('none')`), null);
      await sql.query(`select facetdb.set('k', '41', '1 minute')`);
      const ttl = await redis.pttl('k');
      assert.ok(ttl > 50_000 && ttl <= 60_000, String(ttl));
      assert.equal(await value(`select facetdb.incr('k')`), '42');
      assert.equal(await value(`select facetdb.incr('new', -7)`), '-7');
      assert.equal(await redis.incr('k'), 43);
      assert.ok((await redis.pttl('k')) > 0);
      await sql.query('select facetdb.set($1::bytea, $2::bytea)', [Buffer.from([0]), Buffer.from([0xff])]);
      assert.deepEqual(await redis.getBuffer(Buffer.from([0])), Buffer.from([0xff]));
      assert.deepEqual(await value('select facetdb.get($1::bytea)', [Buffer.from([0])]), Buffer.from([0xff]));
    });

    test('a string takes the place of a collection', async () => {
      await redis.rpush('k', 'a');
      await sql.query(`select facetdb.set('k', 'v')`);
      assert.equal(await redis.get('k'), 'v');
      assert.equal(await redis.del('k'), 1);
    });

    test('numbers follow the rules of INCR', async () => {
      for (const text of ['', 'x', '1.5', ' 1', '01', '-0', '9223372036854775808', '1\n']) {
        await redis.set('k', text);
        await assert.rejects(sql.query(`select facetdb.incr('k')`), Error, text);
      }
      await redis.set('k', '9223372036854775807');
      await assert.rejects(sql.query(`select facetdb.incr('k')`), { code: '22003' });
      assert.equal(await redis.get('k'), '9223372036854775807');
    });

    test('expiry', async () => {
      assert.equal(await value(`select facetdb.expire('none', '1 minute')`), false);
      await redis.set('k', 'v');
      assert.equal(await value(`select facetdb.expires_at('k')`), null);
      assert.equal(await value(`select facetdb.expire('k', '1 minute')`), true);
      assert.ok((await redis.pttl('k')) > 50_000);
      assert.equal(await value(`select facetdb.expires_at('k') between now() + interval '50 s' and now() + interval '61 s'`), true);
      assert.equal(await value(`select facetdb.persist('k')`), true);
      assert.equal(await value(`select facetdb.persist('k')`), false);
      assert.equal(await redis.pttl('k'), -1);
      assert.equal(await value(`select facetdb.expire('k', '-1 second')`), true);
      assert.equal(await redis.exists('k'), 0);
      await assert.rejects(sql.query(`select facetdb.set('k', 'v', '0')`), /ttl/);
    });

    test('what has expired is not there, and is built anew', async () => {
      await redis.rpush('list', 'old');
      await redis.set('counter', '5');
      await sql.query('update keyspace0.keys set expires_at = 1');
      assert.equal(await value(`select facetdb.exists('list')`), false);
      assert.equal(await value(`select facetdb.type('list')`), null);
      assert.equal(await value(`select facetdb.delete('counter')`), false);
      assert.equal(await value(`select facetdb.incr('counter')`), '1');
      assert.equal(await value(`select facetdb.rpush('list', 'new')`), '1');
      assert.deepEqual(await redis.lrange('list', 0, -1), ['new']);
    });

    test('hashes', async () => {
      assert.equal(await value(`select facetdb.hset('h', 'a', '1')`), true);
      await redis.hset('h', 'b', '2');
      assert.equal(await value(`select facetdb.hset('h', 'a', '3')`), false);
      assert.equal(await value(`select facetdb.hset('h', 'c', '')`), true);
      assert.deepEqual(Object.entries(await redis.hgetall('h')), [['a', '3'], ['b', '2'], ['c', '']]);
      assert.equal(await redis.hlen('h'), 3);
      assert.equal(await value(`select facetdb.hget('h', 'b')`), '2');
      assert.equal(await value(`select facetdb.hdel('h', 'x')`), false);
      for (const field of ['a', 'b', 'c']) assert.equal(await value(`select facetdb.hdel('h', $1)`, [field]), true);
      assert.equal(await redis.exists('h'), 0);
    });

    test('lists', async () => {
      for (const item of ['b', 'a']) await sql.query(`select facetdb.lpush('l', $1)`, [item]);
      assert.equal(await value(`select facetdb.rpush('l', 'c')`), '3');
      await redis.rpush('l', 'd');
      assert.deepEqual(await redis.lrange('l', 0, -1), ['a', 'b', 'c', 'd']);
      assert.equal(await value(`select facetdb.lpop('l')`), 'a');
      assert.equal(await value(`select facetdb.rpop('l')`), 'd');
      assert.equal(await redis.lpop('l'), 'b');
      assert.equal(await value(`select facetdb.size('l')`), '1');
      assert.equal(await value(`select facetdb.rpop('l')`), 'c');
      assert.equal(await value(`select facetdb.rpop('l')`), null);
      assert.equal(await redis.exists('l'), 0);
    });

    test('sets and sorted sets', async () => {
      assert.equal(await value(`select facetdb.sadd('s', 'a')`), true);
      assert.equal(await value(`select facetdb.sadd('s', 'a')`), false);
      assert.equal(await redis.scard('s'), 1);
      assert.equal(await value(`select facetdb.sismember('s', 'a')`), true);
      assert.equal(await value(`select facetdb.sismember('s', 'b')`), false);
      assert.equal(await value(`select facetdb.srem('s', 'a')`), true);
      assert.equal(await redis.exists('s'), 0);
      assert.equal(await value(`select facetdb.zadd('z', 2, 'ann')`), true);
      assert.equal(await value(`select facetdb.zadd('z', 3, 'ann')`), false);
      assert.equal(await value(`select facetdb.zincrby('z', 0.5, 'ann')`), 3.5);
      assert.equal(await value(`select facetdb.zincrby('z', 1, 'bob')`), 1);
      assert.deepEqual(await redis.call('zrange', 'z', '0', '-1', 'withscores'), ['bob', '1', 'ann', '3.5']);
      assert.equal(await value(`select facetdb.zscore('z', 'ann')`), 3.5);
      await assert.rejects(sql.query(`select facetdb.zadd('z', 'nan', 'x')`), /a score is a number/);
      assert.equal(await redis.zcard('z'), 2);
    });

    test('another kind of value is refused, and nothing changes', async () => {
      await redis.set('k', 'v');
      for (const call of [`lpush('k', 'a')`, `lpop('k')`, `hset('k', 'f', 'v')`, `hget('k', 'f')`, `sadd('k', 'm')`, `zadd('k', 1, 'm')`, `zscore('k', 'm')`]) {
        await assert.rejects(sql.query(`select facetdb.${call}`), { code: '42809', message: /key "k" holds a string, not a/ }, call);
      }
      await redis.rpush('l', 'a');
      await assert.rejects(sql.query(`select facetdb.get('l')`), { code: '42809' });
      assert.equal(await redis.get('k'), 'v');
    });

    test('nulls and unknown keyspaces are refused', async () => {
      await assert.rejects(sql.query(`select facetdb.set('k', null)`), { code: '22004' });
      await assert.rejects(sql.query(`select facetdb.rpush(null::text, 'v')`), { code: '22004' });
      await assert.rejects(sql.query(`select facetdb.get('k', 16)`), { code: '22023' });
    });

    test('another keyspace is named last', async () => {
      await sql.query(`select facetdb.set('k', 'three', keyspace => 3)`);
      const third = redis.duplicate({ db: 3 });
      assert.equal(await third.get('k'), 'three');
      assert.equal(await redis.get('k'), null);
      third.disconnect();
    });
  });

  suite('transactions', () => {
    test('rows and keys change together, or not at all', async () => {
      await sql.query('create table orders (id int primary key)');
      await redis.set('orders', '0');
      const change = async (id: number, end: 'commit' | 'rollback'): Promise<void> => {
        await sql.query('begin');
        await sql.query('insert into orders values ($1)', [id]);
        await sql.query(`select facetdb.incr('orders'), facetdb.rpush('queue', $1)`, [String(id)]);
        await sql.query(end);
      };
      await change(1, 'rollback');
      assert.deepEqual([await redis.get('orders'), await redis.exists('queue')], ['0', 0]);
      await change(2, 'commit');
      assert.deepEqual([await redis.get('orders'), await redis.lrange('queue', 0, -1)], ['1', ['2']]);
    });

    test('a change by SQL spoils a WATCH', async () => {
      await redis.rpush('k', 'a');
      await redis.watch('k');
      await sql.query(`select facetdb.rpush('k', 'b')`);
      assert.equal(await redis.multi().llen('k').exec(), null);
    });

    test('a pushed item wakes a waiting client', async () => {
      const waiting = redis.duplicate();
      const popped = waiting.blpop('queue:waiting', 5);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql.query(`select facetdb.rpush('queue:waiting', 'item')`);
      assert.deepEqual(await popped, ['queue:waiting', 'item']);
      assert.equal(await value(`select facetdb.exists('queue:waiting')`), false);
      waiting.disconnect();
    });

    test('SQL and Redis clients that push and pop at the same time lose nothing', async () => {
      const clients = await Promise.all([1, 2, 3].map(() => connectClient(server.urls.postgres)));
      const rounds = 40;
      await Promise.all([
        ...clients.map(async (client) => {
          for (let round = 0; round < rounds; round++) await client.query(`select facetdb.hset('h', $1, 'v'), facetdb.rpush('l', 'x'), facetdb.incr('n')`, [String(round % 7)]);
        }),
        (async () => {
          for (let round = 0; round < rounds; round++) await Promise.all([redis.lpush('l', 'y'), redis.incr('n'), redis.rpop('l'), redis.hset('h', String(round % 7), 'w')]);
        })(),
      ]);
      assert.equal(await redis.get('n'), String(4 * rounds));
      assert.equal(await redis.llen('l'), 3 * rounds);
      assert.equal((await redis.lrange('l', 0, -1)).length, 3 * rounds);
      assert.equal(await redis.hlen('h'), 7);
      assert.equal(Object.keys(await redis.hgetall('h')).length, 7);
      for (const client of clients) await client.end();
    });
  });
});
