// node-redis: its main paths, over both protocol versions.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, describe, test } from 'node:test';
import { RESP_TYPES, WatchError, createClient, createClientPool } from 'redis';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const url = await sharedRedisUrl();

for (const RESP of [2, 3] as const) {
  describe(`RESP${RESP}`, async () => {
    const key = keyMaker('node-redis');
    const client = await createClient({ url, RESP }).connect();
    after(() => client.close());

    test('strings and their options', async () => {
      assert.equal(await client.set(key('a'), 'one', { expiration: { type: 'EX', value: 100 }, condition: 'NX' }), 'OK');
      assert.equal(await client.set(key('a'), 'two', { condition: 'NX' }), null);
      assert.equal(await client.get(key('a')), 'one');
      assert.ok((await client.pTTL(key('a'))) > 0);
      assert.equal(await client.getDel(key('a')), 'one');
      assert.equal(await client.get(key('a')), null);
    });

    test('bytes of any kind', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => 255 - index));
      await client.set(key('bytes'), bytes);
      assert.deepEqual(await client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(key('bytes')), bytes);
    });

    test('hashes, lists, sets and sorted sets', async () => {
      await client.hSet(key('hash'), { name: 'Grace', year: '1906' });
      assert.deepEqual({ ...(await client.hGetAll(key('hash'))) }, { name: 'Grace', year: '1906' });
      assert.equal(await client.hIncrBy(key('hash'), 'year', 1), 1907);
      await client.lPush(key('list'), ['c', 'b', 'a']);
      assert.deepEqual(await client.lRange(key('list'), 0, -1), ['a', 'b', 'c']);
      await client.sAdd(key('set'), ['x', 'y']);
      assert.deepEqual([...(await client.sMembers(key('set')))].toSorted(), ['x', 'y']);
      await client.zAdd(key('scores'), [{ score: 1.5, value: 'one' }, { score: Infinity, value: 'most' }]);
      assert.deepEqual((await client.zRangeWithScores(key('scores'), 0, -1)).map((each) => ({ ...each })), [
        { value: 'one', score: 1.5 },
        { value: 'most', score: Infinity },
      ]);
      assert.equal(await client.zScore(key('scores'), 'nobody'), null);
    });

    test('requests of one tick are pipelined, in order', async () => {
      const replies = await Promise.all(Array.from({ length: 1_000 }, () => client.incr(key('counter'))));
      assert.deepEqual(replies, replies.map((_, index) => index + 1));
    });

    test('a transaction', async () => {
      const replies = await client.multi().set(key('t'), '1').incr(key('t')).get(key('t')).exec();
      assert.deepEqual(replies, ['OK', 2, '2']);
    });

    test('a watched key that changes ends the transaction', async () => {
      const other = await client.duplicate().connect();
      await other.watch(key('watched'));
      await client.set(key('watched'), 'changed');
      await assert.rejects(other.multi().set(key('watched'), 'mine').exec(), WatchError);
      await other.close();
    });

    test('a pool shares connections, also with clients that block', async () => {
      const pool = createClientPool({ url, RESP }, { minimum: 1, maximum: 3 });
      await pool.connect();
      const popped = pool.blPop(key('queue'), 5);
      await pool.rPush(key('queue'), 'job');
      assert.deepEqual({ ...(await popped) }, { key: key('queue'), element: 'job' });
      await pool.close();
    });

    test('messages', async () => {
      const subscriber = await client.duplicate().connect();
      const received: string[] = [];
      const { promise, resolve } = lastMessage();
      await subscriber.subscribe(key('news'), (message) => received.push(message));
      await subscriber.pSubscribe(`${key('ne')}*`, (message) => (message === 'last' ? resolve() : received.push(`by pattern: ${message}`)));
      await client.publish(key('news'), 'hello');
      await client.publish(key('news'), 'last');
      await promise;
      assert.deepEqual(received, ['hello', 'by pattern: hello', 'last']);
      await subscriber.close();
    });

    test('scanning', async () => {
      await client.mSet(Array.from({ length: 250 }, (_, index): [string, string] => [key(`scan:${index}`), '']));
      const found = new Set<string>();
      for await (const keys of client.scanIterator({ MATCH: `${key('scan')}:*`, COUNT: 50 })) for (const each of keys) found.add(each);
      assert.equal(found.size, 250);
    });

    test('errors are the ones that clients look for', async () => {
      await client.set(key('string'), 'text');
      await assert.rejects(client.sAdd(key('string'), 'x'), /^SimpleError: WRONGTYPE |^Error: WRONGTYPE /);
      await assert.rejects(client.incr(key('string')), /ERR value is not an integer or out of range/);
      await assert.rejects(client.sendCommand(['NOSUCHCOMMAND']), /ERR unknown command/);
    });
  });
}

function lastMessage(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
