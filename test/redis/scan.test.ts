// SCAN's guarantee: a key that is there from the beginning to the end of a scan is returned, whatever comes and goes
// meanwhile.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { answerOf, itemsOf, textOf } from './support/answers.ts';
import { startFacetDB } from './support/facetdb.ts';
import { RespClient } from './support/resp-client.ts';

const client = await RespClient.connect(await startFacetDB());
after(() => client.close());

const steady = 2_000;

test('keys that stay are met while others come, go and are renamed', async () => {
  await answerOf(client, 'FLUSHDB');
  await answerOf(client, 'MSET', ...numbers(steady).flatMap((number) => [`steady:${number}`, 'x', `fleeting:${number}`, 'x']));
  const met = new Set<string>();
  let cursor = '0';
  let pages = 0;
  do {
    const [next, keys] = itemsOf(await answerOf(client, 'SCAN', cursor, 'COUNT', '50'));
    for (const key of itemsOf(keys!)) met.add(textOf(key));
    cursor = textOf(next!);
    pages += 1;
    await answerOf(client, 'DEL', ...numbers(20).map((number) => `fleeting:${(pages * 20 + number) % steady}`));
    await answerOf(client, 'MSET', ...numbers(20).flatMap((number) => [`new:${pages}:${number}`, 'x']));
    await answerOf(client, 'RENAME', `new:${pages}:0`, `renamed:${pages}`);
    await answerOf(client, 'EXPIRE', `new:${pages}:1`, '-1');
  } while (cursor !== '0');
  assert.ok(pages > steady / 50, `${pages} pages`);
  assert.deepEqual(numbers(steady).filter((number) => !met.has(`steady:${number}`)), []);
});

test('a scan of a keyspace that does not change returns each key once', async () => {
  await answerOf(client, 'FLUSHDB');
  await answerOf(client, 'MSET', ...numbers(777).flatMap((number) => [`key:${number}`, 'x']));
  const met: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = itemsOf(await answerOf(client, 'SCAN', cursor));
    for (const key of itemsOf(keys!)) met.push(textOf(key));
    cursor = textOf(next!);
  } while (cursor !== '0');
  assert.equal(met.length, 777);
  assert.equal(new Set(met).size, 777);
});

test('random keys are of all keys', async () => {
  await answerOf(client, 'FLUSHDB');
  await answerOf(client, 'MSET', ...numbers(10).flatMap((number) => [`key:${number}`, 'x']));
  const met = new Set<string>();
  for (let round = 0; round < 200; round++) met.add(textOf(await answerOf(client, 'RANDOMKEY')));
  assert.equal(met.size, 10);
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
