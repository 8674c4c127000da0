// Durability of keys: rounds of `kill -9` under a load of INCR, LPUSH and MULTI, after which every acknowledged result is
// there, no MULTI is half there, and the rows of every collection agree with each other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { torture } from '../acid/torture/torture.ts';

const rounds = 8;

test(`${rounds} rounds of kill -9 under a load of Redis commands: nothing acknowledged is lost, nothing is half there`, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}: npm run torture -- --load redis --rounds ${rounds} --seed ${seed}`);
  const finished = await torture({ rounds, seed, load: 'redis' });
  for (const { number, victim, violations } of finished) assert.deepEqual(violations, [], `round ${number}, killed: ${victim}, seed ${seed}`);
  const acknowledged = finished.reduce((sum, round) => sum + round.acknowledged, 0);
  t.diagnostic(`${acknowledged} acknowledged commands, longest recovery ${Math.round(Math.max(...finished.map((round) => round.recoveryMs)))} ms`);
  assert.ok(acknowledged > rounds * 5, `only ${acknowledged} commands were acknowledged: that proves nothing`);
});
