// SCAN's guarantee: a key that is there from the beginning to the end of a scan is returned, whatever comes and goes
// meanwhile.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startFacetDB } from './support/facetdb.ts';
import { RespClient } from './support/resp-client.ts';
import { type RespReply } from './support/resp-reply.ts';

const client = await RespClient.connect(await startFacetDB());
after(() => client.close());

const steady = 2_000;

test('keys that stay are met while others come, go and are renamed', async () => {
  await call('FLUSHDB');
  await call('MSET', ...numbers(steady).flatMap((number) => [`steady:${number}`, 'x', `fleeting:${number}`, 'x']));
  const met = new Set<string>();
  let cursor = '0';
  let pages = 0;
  do {
    const [next, keys] = itemsOf(await call('SCAN', cursor, 'COUNT', '50'));
    for (const key of itemsOf(keys!)) met.add(textOf(key));
    cursor = textOf(next!);
    pages += 1;
    await call('DEL', ...numbers(20).map((number) => `fleeting:${(pages * 20 + number) % steady}`));
    await call('MSET', ...numbers(20).flatMap((number) => [`new:${pages}:${number}`, 'x']));
    await call('RENAME', `new:${pages}:0`, `renamed:${pages}`);
    await call('EXPIRE', `new:${pages}:1`, '-1');
  } while (cursor !== '0');
  assert.ok(pages > steady / 50, `${pages} pages`);
  assert.deepEqual(numbers(steady).filter((number) => !met.has(`steady:${number}`)), []);
});

test('a scan of a keyspace that does not change returns each key once', async () => {
  await call('FLUSHDB');
  await call('MSET', ...numbers(777).flatMap((number) => [`key:${number}`, 'x']));
  const met: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = itemsOf(await call('SCAN', cursor));
    for (const key of itemsOf(keys!)) met.push(textOf(key));
    cursor = textOf(next!);
  } while (cursor !== '0');
  assert.equal(met.length, 777);
  assert.equal(new Set(met).size, 777);
});

test('random keys are of all keys', async () => {
  await call('FLUSHDB');
  await call('MSET', ...numbers(10).flatMap((number) => [`key:${number}`, 'x']));
  const met = new Set<string>();
  for (let round = 0; round < 200; round++) met.add(textOf(await call('RANDOMKEY')));
  assert.equal(met.size, 10);
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function call(...words: readonly string[]): Promise<RespReply> {
  const reply = await client.call(...words);
  assert.ok(typeof reply !== 'symbol' && reply.type !== '-', `${words[0]}: ${JSON.stringify(reply)}`);
  return reply;
}

function itemsOf(reply: RespReply): readonly RespReply[] {
  assert.ok('items' in reply && reply.items !== null);
  return reply.items;
}

function textOf(reply: RespReply): string {
  assert.ok('bytes' in reply && reply.bytes !== null);
  return reply.bytes.toString('latin1');
}
