// Many idle connections beside busy ones stay up. The full size: npm run bench -- idle-connections.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionCrowd } from '../support/connection-crowd.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('idle_connections');

test('200 idle and 20 busy connections stay up', async () => {
  const crowd = await ConnectionCrowd.connect(database.url, { idle: 200, busy: 20 });
  database.beforeDrop(() => crowd.close());
  await crowd.work(500);
  assert.ok(crowd.statements >= 20, `${crowd.statements} statements`);
  assert.equal(await crowd.alive(), 220);
  assert.deepEqual(crowd.lost, []);
});
