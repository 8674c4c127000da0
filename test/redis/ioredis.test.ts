// ioredis: its main paths, over both protocol versions.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const url = await sharedRedisUrl();

for (const protocol of [2, 3] as const) {
  describe(`RESP${protocol}`, () => {
    const key = keyMaker('ioredis');
    const redis = new Redis(url, { protocol });
    after(() => redis.quit());

    test('strings, with bytes of any kind', async () => {
      assert.equal(await redis.set(key('text'), 'naïve'), 'OK');
      assert.equal(await redis.get(key('text')), 'naïve');
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      await redis.set(key('bytes'), bytes);
      assert.deepEqual(await redis.getBuffer(key('bytes')), bytes);
      assert.equal(await redis.get(key('missing')), null);
      assert.deepEqual(await redis.mget(key('text'), key('missing')), ['naïve', null]);
    });

    test('a large value', async () => {
      const large = Buffer.alloc(5 * 1024 * 1024, 'large ');
      await redis.set(key('large'), large, 'EX', 60);
      assert.ok(large.equals((await redis.getBuffer(key('large')))!));
    });

    test('options of SET, and expiry', async () => {
      assert.equal(await redis.set(key('once'), '1', 'EX', 100, 'NX'), 'OK');
      assert.equal(await redis.set(key('once'), '2', 'NX'), null);
      assert.equal(await redis.set(key('once'), '2', 'GET'), '1');
      assert.equal(await redis.ttl(key('once')), -1);
      await redis.pexpire(key('once'), 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(await redis.exists(key('once')), 0);
    });

    test('hashes, lists, sets and sorted sets', async () => {
      await redis.hset(key('hash'), { name: 'Ada', year: 1815 });
      assert.deepEqual(await redis.hgetall(key('hash')), { name: 'Ada', year: '1815' });
      await redis.rpush(key('list'), 'a', 'b', 'c');
      assert.deepEqual(await redis.lrange(key('list'), 0, -1), ['a', 'b', 'c']);
      await redis.sadd(key('set'), 'x', 'y');
      assert.deepEqual((await redis.smembers(key('set'))).toSorted(), ['x', 'y']);
      await redis.zadd(key('scores'), '1.5', 'one', '2', 'two');
      assert.deepEqual(await redis.zrange(key('scores'), '0', '-1'), ['one', 'two']);
      assert.equal(Number(await redis.zscore(key('scores'), 'one')), 1.5);
    });

    test('a pipeline answers each command, and an error for itself only', async () => {
      const results = await redis.pipeline().set(key('p'), 'word').incr(key('p')).get(key('p')).exec();
      assert.ok(results);
      assert.match(String(results[1]?.[0]), /ERR value is not an integer or out of range/);
      assert.deepEqual([results[0]?.[1], results[2]?.[1]], ['OK', 'word']);
    });

    test('pipelined requests are carried out in order', async () => {
      const pushed = Array.from({ length: 2_000 }, (_, index) => redis.rpush(key('ordered'), `${index}`));
      assert.deepEqual(await Promise.all(pushed), pushed.map((_, index) => index + 1));
      assert.equal(await redis.lindex(key('ordered'), 1_234), '1234');
    });

    test('a transaction', async () => {
      const results = await redis.multi().incr(key('counter')).incrby(key('counter'), 41).exec();
      assert.deepEqual(results, [[null, 1], [null, 42]]);
    });

    test('a watched key that changes ends the transaction', async () => {
      const other = redis.duplicate();
      await redis.watch(key('watched'));
      await other.set(key('watched'), 'changed');
      assert.equal(await redis.multi().set(key('watched'), 'mine').exec(), null);
      assert.equal(await redis.get(key('watched')), 'changed');
      await other.quit();
    });

    test('a blocked client is woken by another', async () => {
      const blocked = redis.duplicate();
      const popped = blocked.blpop(key('queue'), key('other queue'), 5);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await redis.rpush(key('other queue'), 'job');
      assert.deepEqual(await popped, [key('other queue'), 'job']);
      assert.equal(await blocked.blpop(key('queue'), 0.01), null);
      await blocked.quit();
    });

    test('messages', async () => {
      const subscriber = redis.duplicate();
      await subscriber.subscribe(key('news'));
      await subscriber.psubscribe(key('n*s'));
      const [message, patternMessage] = [once(subscriber, 'message'), once(subscriber, 'pmessage')];
      assert.equal(await redis.publish(key('news'), 'hello'), 2);
      assert.deepEqual(await message, [key('news'), 'hello']);
      assert.deepEqual(await patternMessage, [key('n*s'), key('news'), 'hello']);
      await subscriber.quit();
    });

    test('scanning finds every field', async () => {
      const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, `${index}`]));
      await redis.hset(key('scanned'), fields);
      const found = new Set<string>();
      for await (const page of redis.hscanStream(key('scanned'), { count: 100 })) {
        for (const [index, text] of (page as string[]).entries()) if (index % 2 === 0) found.add(text);
      }
      assert.deepEqual(found, new Set(Object.keys(fields)));
    });

    test('keys are found by pattern', async () => {
      await redis.mset({ [key('scan:1')]: 1, [key('scan:2')]: 2 });
      const found: string[] = [];
      for await (const page of redis.scanStream({ match: `${key('scan')}:*` })) found.push(...(page as string[]));
      assert.deepEqual([...new Set(found)].toSorted(), [key('scan:1'), key('scan:2')]);
    });

    test('another database', async () => {
      const other = redis.duplicate({ db: 7 });
      await other.set(key('here'), 'seven');
      assert.equal(await redis.get(key('here')), null);
      await other.del(key('here'));
      await other.quit();
    });

    test('errors are the ones that clients look for', async () => {
      await redis.set(key('string'), 'text');
      await assert.rejects(redis.lpush(key('string'), 'x'), { name: 'ReplyError', message: /^WRONGTYPE / });
      await assert.rejects(redis.call('NOSUCHCOMMAND'), /^ReplyError: ERR unknown command/);
    });

    test('it connects again after its connection was killed', async () => {
      const victim = redis.duplicate();
      const id = await victim.client('ID');
      const again = once(victim, 'ready');
      assert.equal(await redis.client('KILL', 'ID', `${id}`), 1);
      await again;
      assert.equal(await victim.ping(), 'PONG');
      await victim.quit();
    });
  });
}
