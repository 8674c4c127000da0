// What a gateway remembers of keys is never told once somebody else has changed them: by SQL, through another gateway, by
// taking a right away.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { type RunningServer, start } from '../../src/index.ts';
import { type Server, startServer } from '../support/server.ts';
import { freePortsOverEngine } from '../support/ports.ts';
import { connectClient } from '../support/with-client.ts';

const rounds = 50;

suite('remembered keys', () => {
  let server: Server;
  let other: RunningServer;
  let redis: Redis;
  let elsewhere: Redis;
  let sql: pg.Client;

  before(async () => {
    server = await startServer();
    other = await start({ engine: server.urls.postgres, ...freePortsOverEngine });
    const otherUrl = new URL(server.urls.redis);
    otherUrl.port = new URL(other.urls['redis']!).port;
    redis = new Redis(server.urls.redis);
    elsewhere = new Redis(otherUrl.href);
    sql = await connectClient(server.urls.postgres);
  });
  after(async () => {
    redis.disconnect();
    elsewhere.disconnect();
    await sql.end();
    await other.stop();
    await server.stop();
  });

  /** Reads until it is likely to be remembered. */
  const remember = async (...keys: string[]): Promise<void> => {
    for (let times = 0; times < 5; times++) await redis.mget(keys);
  };

  test('a change by SQL is told to the next reader', async () => {
    await redis.set('told', '0');
    for (let round = 1; round <= rounds; round++) {
      await remember('told');
      await sql.query(`select facetdb.set('told', $1)`, [String(round)]);
      assert.equal(await redis.get('told'), String(round));
    }
    await remember('told');
    await sql.query(`delete from keyspace0.entries where key = 'told'`);
    assert.equal(await redis.get('told'), null);
    await remember('told');
    await sql.query(`select facetdb.set('told', 'again')`);
    assert.equal(await redis.get('told'), 'again');
  });

  test('a change through another gateway is told to the next reader, here and there', async () => {
    for (let round = 1; round <= rounds; round++) {
      await remember('shared');
      await elsewhere.set('shared', `there ${round}`);
      assert.equal(await redis.get('shared'), `there ${round}`);
      await elsewhere.get('shared');
      await redis.set('shared', `here ${round}`);
      assert.equal(await elsewhere.get('shared'), `here ${round}`);
    }
  });

  test('two keys that SQL changes together are seen together', async () => {
    await redis.mset('left', '0', 'right', '0');
    let isDone = false;
    const readers = Array.from({ length: 4 }, async () => {
      for (let last = 0; !isDone; ) {
        const [left, right] = await redis.mget('left', 'right');
        assert.equal(left, right);
        assert.ok(Number(left) >= last, 'it never goes back');
        last = Number(left);
      }
    });
    for (let round = 1; round <= rounds; round++) {
      await sql.query('begin');
      await sql.query(`select facetdb.set('left', $1)`, [String(round)]);
      await sql.query(`select facetdb.set('right', $1)`, [String(round)]);
      await sql.query('commit');
      if (round % 3 === 0) await redis.set('unrelated', round);
    }
    isDone = true;
    await Promise.all(readers);
  });

  test('what expires is not told, and what is emptied is gone', async () => {
    await redis.set('brief', 'x', 'PX', 150);
    await redis.set('lasting', 'x');
    await remember('brief', 'lasting');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(await redis.mget('brief', 'lasting'), [null, 'x']);
    await redis.flushdb();
    assert.deepEqual(await redis.mget('brief', 'lasting'), [null, null]);
  });

  test('writes by the same gateway are told at once, by any command', async () => {
    for (let round = 1; round <= rounds; round++) {
      await remember('own', 'moved');
      await redis.multi().set('own', round).append('own', '!').rename('own', 'moved').exec();
      assert.deepEqual(await redis.mget('own', 'moved'), [null, `${round}!`]);
      assert.equal(await redis.strlen('moved'), String(round).length + 1);
      await redis.rpush('own', 'item');
      await assert.rejects(redis.get('own'), /WRONGTYPE/u);
      assert.equal(await redis.type('own'), 'list');
      await redis.del('own');
      assert.equal(await redis.exists('own', 'moved'), 1);
    }
  });

  test('a plain SET overwrites what others have deleted, or made something else, since it was written here', async () => {
    const changes: readonly (() => Promise<unknown>)[] = [
      () => elsewhere.del('overwritten'),
      () => elsewhere.multi().del('overwritten').rpush('overwritten', 'item').exec(),
      () => sql.query(`delete from keyspace0.entries where key = 'overwritten'`),
      () => sql.query(`with gone as (delete from keyspace0.entries where key = 'overwritten') select facetdb.set('another', 'x')`),
      () => elsewhere.flushdb(),
    ];
    for (const change of changes) {
      // So often that whatever was noticed of others before has worn off.
      for (let times = 0; times < 20; times++) await redis.set('overwritten', 'before');
      await change();
      assert.deepEqual(await Promise.all([redis.set('overwritten', 'after'), redis.set('beside', 'x')]), ['OK', 'OK']);
      assert.deepEqual(await elsewhere.mget('overwritten', 'beside'), ['after', 'x']);
      const { rows } = await sql.query(`select kind, ref, size from keyspace0.keys where id = 'overwritten'`);
      assert.deepEqual(rows, [{ kind: 1, ref: null, size: null }]);
    }
    assert.equal(await redis.dbsize(), (await redis.keys('*')).length);
  });

  test('a read that takes long keeps no remembered key from being told', async () => {
    await redis.set('quick', 'x');
    await redis.sadd('slow', 'member');
    await remember('quick');
    await sql.query('begin');
    await sql.query('lock table keyspace0.set_members in access exclusive mode');
    const patient = new Redis(server.urls.redis);
    try {
      const members = patient.smembers('slow');
      await new Promise((resolve) => setTimeout(resolve, 100));
      const told = await Promise.race([redis.get('quick'), new Promise((resolve) => setTimeout(() => resolve('it waits'), 5_000))]);
      await sql.query('rollback');
      assert.equal(told, 'x');
      assert.deepEqual(await members, ['member']);
    } finally {
      patient.disconnect();
    }
  });

  test('a right that is taken away is gone for what is remembered', async () => {
    await redis.set('guarded', 'secret');
    await sql.query(`create role reader login password 'reader'`);
    await sql.query('grant usage on schema keyspace0 to reader; grant select on all tables in schema keyspace0 to reader');
    const url = new URL(server.urls.redis);
    url.username = 'reader';
    url.password = 'reader';
    const reader = new Redis(url.href, { enableReadyCheck: false });
    try {
      for (let times = 0; times < 5; times++) assert.equal(await reader.get('guarded'), 'secret');
      await sql.query('revoke select on keyspace0.keys from reader');
      await assert.rejects(reader.get('guarded'), /NOPERM/u);
    } finally {
      reader.disconnect();
    }
  });
});
