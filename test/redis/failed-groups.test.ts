// A group that fails because of one request: the others are executed again, from their beginning, and what is
// acknowledged is there.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { eventually } from '../support/eventually.ts';
import { connectClient } from '../support/with-client.ts';
import { startOwnServer } from './support/own-server.ts';

const server = await startOwnServer();
const { sql } = server;
const clients = Array.from({ length: 4 }, () => server.client());
after(() => server.stop());

test('an acknowledged EXEC took effect, although another request undid its group', async () => {
  const [first, second, third, locked] = clients as [Redis, Redis, Redis, Redis];
  await sql.query(`
    create function public.refuse_poison() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$;
    create trigger refuse_poison before insert on keyspace0.keys for each row when (new.id = 'poison') execute function public.refuse_poison()`);
  await Promise.all(clients.map((client) => client.ping()));
  await locked.set('locked', '0');
  // While the write lane waits for this lock, the other requests gather to one group.
  await sql.query('begin');
  await sql.query(`select from keyspace0.keys where id = 'locked' for update`);
  const waiting = locked.incr('locked');
  const observer = await connectClient(server.urls.postgres);
  await eventually('the lane waits for the lock', async () => {
    const { rowCount } = await observer.query(`select from pg_stat_activity where wait_event_type = 'Lock'`);
    return rowCount !== null && rowCount > 0;
  });
  await observer.end();
  const exec = first.multi().set('a', '1').incr('counter').exec();
  const poisoned = second.set('poison', 'x');
  const plain = third.incr('other');
  const refused = assert.rejects(poisoned, /poison/u);
  // Nothing tells from outside that requests have come; they are on loopback.
  await sleep(200);
  await sql.query('commit');
  assert.equal(await waiting, 1);
  assert.deepEqual(await exec, [[null, 'OK'], [null, 1]]);
  assert.equal(await plain, 1);
  await refused;
  assert.deepEqual(await first.mget('a', 'counter', 'other', 'poison'), ['1', '1', '1', null]);
});
