// LISTEN and NOTIFY: to other sessions, at commit only, once for what is said twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import postgres from 'postgres';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('notifications');
const sender = await database.connect();

/** A session that listens on a channel, and what it heard so far. A question of its own brings in what is on its way. */
async function listener(channel: string) {
  const client = await database.connect();
  const heard: (string | undefined)[] = [];
  client.on('notification', ({ payload }) => heard.push(payload));
  await client.query(`listen ${channel}`);
  return {
    client,
    heard: async () => {
      await client.query('select 1');
      return heard.splice(0);
    },
  };
}

test('every listener hears, and who has stopped listening does not', async () => {
  const [one, other] = [await listener('news'), await listener('news')];
  await sender.query(`notify news, 'first'`);
  assert.deepEqual([await one.heard(), await other.heard()], [['first'], ['first']]);
  await other.client.query('unlisten news');
  await sender.query('select pg_notify($1, $2)', ['news', 'second']);
  assert.deepEqual([await one.heard(), await other.heard()], [['second'], []]);
});

test('a notification is sent at commit, and not after a rollback', async () => {
  const { heard } = await listener('orders');
  await sender.query('begin');
  await sender.query(`notify orders, 'early'`);
  assert.deepEqual(await heard(), []);
  await sender.query('rollback');
  assert.deepEqual(await heard(), []);

  await sender.query('begin');
  for (const payload of ['a', 'b', 'a']) await sender.query('select pg_notify($1, $2)', ['orders', payload]);
  await sender.query('commit');
  assert.deepEqual(await heard(), ['a', 'b']);
});

test('a trigger tells of every change', async () => {
  const { heard } = await listener('changes');
  await sender.query(`
    create table watched (id integer);
    create function tell() returns trigger language plpgsql as $$ begin perform pg_notify('changes', tg_op || ' ' || new.id); return null; end $$;
    create trigger tells after insert or update on watched for each row execute function tell();
    insert into watched values (1), (2);
    update watched set id = 3 where id = 2;
  `);
  assert.deepEqual(await heard(), ['INSERT 1', 'INSERT 2', 'UPDATE 3']);
});

test('postgres.js listens over a connection of its own', async () => {
  const sql = postgres(database.url, { max: 1 });
  database.beforeDrop(() => sql.end());
  const heard = new Promise<string>((resolve, reject) => {
    sql.listen('driver', resolve).catch(reject);
  });
  // The promise of `listen` settles before the first notification; sending until one is heard needs no clock.
  const sending = (async () => {
    for (let done = false; !done; ) {
      await sql.notify('driver', 'hello');
      done = await Promise.race([heard.then(() => true), sql`select 1`.then(() => false)]);
    }
  })();
  assert.equal(await heard, 'hello');
  await sending;
});

test('a payload of 8,000 bytes or more is refused', async () => {
  await sender.query('select pg_notify($1, $2)', ['long', 'x'.repeat(7999)]);
  await assert.rejects(sender.query('select pg_notify($1, $2)', ['long', 'x'.repeat(8000)]), { code: '22023' });
});
