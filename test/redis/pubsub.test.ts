// Messages across the gateways of one store, from SQL, and slow subscribers. What one server does alone: transcripts/pubsub.txt.

import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { after, test } from 'node:test';
import pg from 'pg';
import { start } from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { newDataFolder } from '../support/new-data-folder.ts';
import { freePorts, freePortsOverEngine } from '../support/ports.ts';
import { RespClient, addressOf, closed } from './support/resp-client.ts';
import { shownReply } from './support/resp-reply.ts';

const first = await start({ data: newDataFolder(), ...freePorts });
const second = await start({ engine: first.urls['postgres']!, ...freePortsOverEngine });
after(async () => {
  await second.stop();
  await first.stop();
});

const connect = async (server: typeof first): Promise<RespClient> => {
  const client = await RespClient.connect(addressOf(server.urls['redis']!));
  after(() => client.close());
  const { username, password } = new URL(first.urls['redis']!);
  await client.call('AUTH', username, decodeURIComponent(password));
  return client;
};

/** The next message that a client gets, as its words. */
async function message(client: RespClient): Promise<string[]> {
  const reply = await client.receive();
  assert.ok(reply !== closed && reply.type === '*');
  return reply.items!.map((item) => ('bytes' in item ? item.bytes!.toString() : shownReply(item)));
}

test('messages reach subscribers on another gateway, in order', async () => {
  const [subscriber, publisher] = [await connect(first), await connect(second)];
  await subscriber.call('SUBSCRIBE', 'news');
  await eventually('a gateway hears of the first subscription on another one', async () => {
    await publisher.call('PUBLISH', 'news', 'hello');
    return await message(subscriber).catch(() => false as const);
  });
  // Some are too long for a notification.
  const payloads = Array.from({ length: 200 }, (_, index) => (index % 20 === 7 ? `${index}:`.padEnd(20_000, 'x') : `${index % 3}`));
  for (const payload of payloads) publisher.send(['PUBLISH', 'news', payload]);
  for (const payload of payloads) assert.deepEqual(await message(subscriber), ['message', 'news', payload]);
});

test('SQL publishes when its transaction commits', async () => {
  const subscriber = await connect(second);
  await subscriber.call('PSUBSCRIBE', 'sql*');
  const sql = new pg.Client({ connectionString: first.urls['postgres']! });
  await sql.connect();
  await sql.query('begin');
  await sql.query(`select facetdb.publish('sql:orders', 'lost')`);
  await sql.query('rollback');
  await sql.query(`select facetdb.publish('sql:orders', 'paid')`);
  await sql.end();
  assert.deepEqual(await message(subscriber), ['pmessage', 'sql*', 'sql:orders', 'paid']);
});

test('keyspace notifications reach subscribers on another gateway', async () => {
  const [subscriber, writer] = [await connect(first), await connect(second)];
  await writer.call('CONFIG', 'SET', 'notify-keyspace-events', 'K$');
  await subscriber.call('SUBSCRIBE', '__keyspace@0__:noted');
  await writer.call('SET', 'noted', '1');
  assert.deepEqual(await message(subscriber), ['message', '__keyspace@0__:noted', 'set']);
});

test('a subscriber that leaves too much unread is cut, and nobody else is', async () => {
  const [publisher, other] = [await connect(first), await connect(first)];
  await publisher.call('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1000000 0 0');
  await other.call('SUBSCRIBE', 'calm');
  const { hostname, port, username, password } = new URL(first.urls['redis']!);
  // Nobody reads from it.
  const slow = createConnection({ host: hostname, port: Number(port) });
  after(() => slow.destroy());
  slow.write(`AUTH ${username} ${decodeURIComponent(password)}\r\nSUBSCRIBE flood\r\n`);
  await eventually('the slow one subscribes', async () => (await subscribers(publisher, 'flood')) === 1);
  await eventually('the slow one is cut', async () => {
    await publisher.call('PUBLISH', 'flood', 'x'.repeat(1_000_000));
    return (await subscribers(publisher, 'flood')) === 0;
  });
  await publisher.call('PUBLISH', 'calm', 'still here');
  assert.deepEqual(await message(other), ['message', 'calm', 'still here']);
});

async function subscribers(client: RespClient, channel: string): Promise<number> {
  const reply = await client.call('PUBSUB', 'NUMSUB', channel);
  assert.ok(reply !== closed && reply.type === '*');
  return Number(shownReply(reply.items![1]!).slice(1));
}
