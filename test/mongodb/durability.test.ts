// Durability of documents: rounds of `kill -9` under a load of inserts, transactions and retryable writes, after which every
// acknowledged write is there, no transaction is half there, and what is sent again has happened once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { torture } from '../acid/torture/torture.ts';

const rounds = 5;

test(`${rounds} rounds of kill -9 under a load of documents: nothing acknowledged is lost, nothing is half there, nothing happens twice`, async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}: npm run torture -- --load mongodb --rounds ${rounds} --seed ${seed}`);
  const finished = await torture({ rounds, seed, load: 'mongodb' });
  for (const { number, victim, violations } of finished) assert.deepEqual(violations, [], `round ${number}, killed: ${victim}, seed ${seed}`);
  const acknowledged = finished.reduce((sum, round) => sum + round.acknowledged, 0);
  t.diagnostic(`${acknowledged} acknowledged units`);
  assert.ok(acknowledged > rounds * 3, `only ${acknowledged} units were acknowledged: that proves nothing`);
});
