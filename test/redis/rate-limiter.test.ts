// rate-limiter-flexible in its mode without scripts: counters that expire, changed by MULTI.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Redis } from 'ioredis';
import { RateLimiterRedisNonAtomic, RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const url = await sharedRedisUrl();
const ioredis = new Redis(url);
const nodeRedis = await createClient({ url }).connect();
after(async () => {
  await ioredis.quit();
  await nodeRedis.close();
});

for (const [name, storeClient, useRedisPackage] of [['ioredis', ioredis, false], ['node-redis', nodeRedis, true]] as const) {
  test(`over ${name}`, async () => {
    const keyPrefix = keyMaker('rate-limiter')(name);
    const limiter = new RateLimiterRedisNonAtomic({ storeClient, useRedisPackage, keyPrefix, points: 3, duration: 60 });
    const first = await limiter.consume('visitor');
    assert.deepEqual([first.consumedPoints, first.remainingPoints, first.isFirstInDuration], [1, 2, true]);
    assert.ok(first.msBeforeNext > 0 && first.msBeforeNext <= 60_000);
    await limiter.consume('visitor', 2);
    await assert.rejects(limiter.consume('visitor'), (refused: unknown) => refused instanceof RateLimiterRes && refused.remainingPoints === 0);

    assert.equal((await limiter.get('visitor'))?.consumedPoints, 4);
    assert.equal((await limiter.reward('visitor', 2)).consumedPoints, 2);
    await limiter.consume('another');
    await limiter.block('visitor', 10);
    await assert.rejects(limiter.consume('visitor'));
    assert.equal(await limiter.delete('visitor'), true);
    assert.equal(await limiter.get('visitor'), null);
  });
}
