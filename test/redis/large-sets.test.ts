// Sets and sorted sets too large to be read whole: ranks come from counted pieces, which triggers keep whoever writes;
// random members are sampled.

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

/** Pieces whose number is not that of the elements between their beginning and the next one's. */
const wrongPieces = `
  with piece as (
    select ref, score, prefix, count, lead(score) over following as next_score, lead(prefix) over following as next_prefix
    from keyspace0.sorted_set_pieces window following as (partition by ref, level order by score, prefix)
  )
  select count(*)::int as wrong from piece where count <> (
    select count(*) from keyspace0.sorted_set_members as stored
    where stored.ref = piece.ref and (stored.score, substring(stored.member from 1 for 1000)) >= (piece.score, piece.prefix)
      and (stored.score, substring(stored.member from 1 for 1000)) < (coalesce(next_score, 'NaN'), coalesce(next_prefix, '')))`;

suite('large sets', () => {
  let server: OwnServer;
  let sql: pg.Client;
  let redis: Redis;

  before(async () => {
    server = await startOwnServer();
    ({ sql, redis } = server);
  });
  after(() => server.stop());

  const pieces = async (): Promise<number> => (await sql.query<{ pieces: number }>('select count(*)::int as pieces from keyspace0.sorted_set_pieces')).rows[0]!.pieces;
  const wrong = async (): Promise<number> => (await sql.query<{ wrong: number }>(wrongPieces)).rows[0]!.wrong;

  test('ranks stay right while members come, go and move', async () => {
    const scores = new Map<string, number>();
    let state = 20_240_607;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return Math.floor((state / 0x8000_0000) * below);
    };
    const add = async (count: number): Promise<void> => {
      const pairs: (string | number)[] = [];
      for (let index = 0; index < count; index++) {
        const member = `m${random(20_000)}`;
        // Many with one score, so that members decide.
        const score = random(3) === 0 ? 7 : random(50_000);
        scores.set(member, score);
        pairs.push(score, member);
      }
      await redis.zadd('board', ...pairs);
    };
    const check = async (): Promise<void> => {
      const sorted = [...scores].sort(([leftName, left], [rightName, right]) => left - right || Buffer.compare(Buffer.from(leftName), Buffer.from(rightName)));
      assert.equal(await redis.zcard('board'), sorted.length);
      for (let probe = 0; probe < 20; probe++) {
        const rank = random(sorted.length);
        assert.equal(await redis.zrank('board', sorted[rank]![0]), rank);
        assert.deepEqual(await redis.zrange('board', `${rank}`, `${rank + 2}`), sorted.slice(rank, rank + 3).map(([member]) => member));
        const score = sorted[rank]![1];
        assert.equal(await redis.zcount('board', '-inf', `(${score}`), sorted.filter(([, other]) => other < score).length);
      }
      assert.equal(await wrong(), 0);
    };
    await add(900);
    assert.equal(await pieces(), 0, 'a smaller set is not counted');
    for (let round = 0; round < 8; round++) {
      await add(1_500);
      const gone = [...scores.keys()].filter(() => random(20) === 0);
      await redis.zrem('board', ...gone);
      for (const member of gone) scores.delete(member);
      await check();
    }
    assert.ok((await pieces()) >= 40);
    // SQL writes too.
    await sql.query(`select facetdb.zadd('board', 1e6, 'by sql')`);
    scores.set('by sql', 1e6);
    await check();
    await redis.rename('board', 'renamed');
    assert.equal(await redis.zrank('renamed', 'by sql'), scores.size - 1);
    await redis.del('renamed');
    // The sweeper does that.
    await eventually('pieces go with their set', async () => (await pieces()) === 0);
  });

  test('one command may fill a large set', async () => {
    await redis.zadd('filled', ...Array.from({ length: 10_000 }, (_, index) => [index, `m${index}`]).flat());
    assert.equal(await redis.zrank('filled', 'm7654'), 7654);
    assert.equal(await redis.zunionstore('copied', 1, 'filled'), 10_000);
    assert.equal(await redis.zrevrank('copied', 'm7654'), 10_000 - 1 - 7654);
    assert.equal(await redis.zremrangebyrank('copied', 10, -11), 9_980);
    assert.equal(await redis.zrank('copied', 'm9999'), 19);
    assert.equal(await wrong(), 0);
  });

  test('random members are spread over a large set', async () => {
    const size = 4_000;
    await redis.sadd('urn', ...Array.from({ length: size }, (_, index) => `m${index}`));
    const halves = [0, 0];
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      for (const member of await redis.srandmember('urn', -100)) {
        halves[Number(member.slice(1)) < size / 2 ? 0 : 1]! += 1;
        seen.add(member);
      }
    }
    // 2,000 picks: a half's share is further than this from 1,000 once in a million runs at most.
    assert.ok(Math.abs(halves[0]! - 1_000) < 200, `${halves}`);
    assert.ok(seen.size > 1_300, `${seen.size} different members`);
    const distinct = await redis.srandmember('urn', 200);
    assert.equal(new Set(distinct).size, 200);
    const popped = new Set<string>();
    for (const replies of await Promise.all(Array.from({ length: 50 }, () => redis.spop('urn', 20)))) for (const member of replies) popped.add(member);
    assert.equal(popped.size, 1_000);
    assert.equal(await redis.scard('urn'), size - 1_000);
    for (const member of popped) seen.delete(member);
    assert.ok((await redis.smismember('urn', ...popped)).every((found) => found === 0));
  });
});
