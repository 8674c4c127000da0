// Lists too long to be renumbered: what is put in or taken out in the middle moves few items, and SQL sees the same list.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

suite('long lists', () => {
  let server: OwnServer;
  let sql: pg.Client;
  let redis: Redis;
  let state = 20_241_126;

  before(async () => {
    server = await startOwnServer();
    ({ sql, redis } = server);
  });
  after(() => server.stop());

  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * below);
  };
  const fill = async (key: string, count: number): Promise<string[]> => {
    const items = Array.from({ length: count }, (_, index) => `i${index}`);
    await redis.rpush(key, ...items);
    return items;
  };
  const runs = async (): Promise<number> => (await sql.query<{ runs: number }>('select coalesce(sum(cardinality(firsts)), 0)::int as runs from keyspace0.list_runs')).rows[0]!.runs;

  test('insertions, removals, pushes and cuts all over a list', async () => {
    const expected = await fill('list', 3_000);
    for (let step = 0; step < 400; step++) {
      const at = random(expected.length);
      const pivot = expected[at]!;
      switch (random(5)) {
        case 0: case 1: {
          const isBefore = random(2) === 0;
          await redis.call('linsert', 'list', isBefore ? 'before' : 'after', pivot, `n${step}`);
          expected.splice(expected.indexOf(pivot) + (isBefore ? 0 : 1), 0, `n${step}`);
          break;
        }
        case 2:
          assert.equal(await redis.lrem('list', 1, pivot), 1);
          expected.splice(expected.indexOf(pivot), 1);
          break;
        case 3:
          await redis.lset('list', at, `s${step}`);
          expected[at] = `s${step}`;
          break;
        default:
          await redis.multi().lpush('list', `l${step}`).rpush('list', `r${step}`).lpop('list', 2).exec();
          expected.push(`r${step}`);
          expected.splice(0, 1);
      }
      assert.equal(await redis.lindex('list', at), expected[at] ?? null);
    }
    assert.ok((await runs()) > 2);
    assert.deepEqual(await redis.lrange('list', 0, -1), expected);
    const { rows } = await sql.query<{ value: string }>(`select value from keyspace0.lists where key = 'list' order by index`);
    assert.deepEqual(rows.map(({ value }) => value), expected);
  });

  test('SQL pushes and pops at both ends of it, and drops it', async () => {
    const before = await redis.lrange('list', 0, -1);
    await sql.query(`select facetdb.lpush('list', 'left'), facetdb.rpush('list', 'right')`);
    assert.deepEqual(await redis.lrange('list', 0, -1), ['left', ...before, 'right']);
    const { rows } = await sql.query<{ left: string; right: string }>(`select facetdb.lpop('list') as left, facetdb.rpop('list') as right`);
    assert.deepEqual(rows, [{ left: 'left', right: 'right' }]);
    await redis.copy('list', 'copy');
    await redis.rename('list', 'renamed');
    assert.deepEqual(await redis.lrange('copy', 0, -1), before);
    assert.deepEqual(await redis.lrange('renamed', 0, -1), before);
    for (let left = before.length; left > 0; left--) await sql.query(`select facetdb.${left % 2 === 0 ? 'lpop' : 'rpop'}('renamed')`);
    assert.equal(await redis.exists('renamed'), 0);
    await redis.del('copy');
    assert.equal(await runs(), 0);
  });

  test('many equal items go at once, from an uneven list too', async () => {
    const expected = await fill('list', 2_000);
    await redis.call('linsert', 'list', 'before', 'i1000', 'x');
    expected.splice(1_000, 0, 'x');
    const same = Array.from({ length: 200 }, () => 'same');
    await redis.lpush('list', ...same);
    await redis.rpush('list', ...same);
    assert.equal(await redis.lrem('list', -250, 'same'), 250);
    assert.deepEqual(await redis.lrange('list', 0, -1), [...same.slice(50), ...expected]);
    assert.equal(await redis.lrem('list', 20, 'same'), 20);
    assert.equal(await redis.lrem('list', 0, 'same'), 130);
    assert.deepEqual(await redis.lrange('list', 0, -1), expected);
  });

  test('what LTRIM keeps of much is a list of its own', async () => {
    const items = await fill('trimmed', 12_000);
    await redis.call('linsert', 'trimmed', 'after', 'i6000', 'x');
    items.splice(6_001, 0, 'x');
    await redis.multi().rpush('trimmed', 'y').ltrim('trimmed', 5_990, 6_010).lpush('trimmed', 'z').exec();
    assert.deepEqual(await redis.lrange('trimmed', 0, -1), ['z', ...items.slice(5_990, 6_011)]);
  });
});
