// `maxmemory-clients`: of clients that take more than that together the largest are cut; who asked not to be is spared.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, suite, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startFacetDB } from './support/facetdb.ts';
import { type RedisAddress, RespClient, closed } from './support/resp-client.ts';
import { shownReply } from './support/resp-reply.ts';

const megabyte = 1024 * 1024;

suite('clients that take too much memory', async () => {
  const address: RedisAddress = await startFacetDB();
  const administrator = await RespClient.connect(address);
  after(() => administrator.close());
  const ask = async (client: RespClient, ...words: readonly string[]): Promise<string> => {
    const reply = await client.call(...words);
    return reply === closed ? '(closed)' : shownReply(reply);
  };
  const evicted = async (): Promise<number> => Number(/evicted_clients:(\d+)/.exec(await ask(administrator, 'INFO', 'stats'))![1]);
  /** The beginning of a SET: its value never comes whole. */
  const begin = (client: RespClient, bytes: number): void => {
    client.sendBytes(Buffer.from(`*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$${100 * megabyte}\r\n`));
    client.sendBytes(Buffer.alloc(bytes, 'v'));
  };

  test('the largest request that has come in part', async () => {
    assert.equal(await ask(administrator, 'CLIENT', 'NO-EVICT', 'ON'), '+OK');
    assert.equal(await ask(administrator, 'CONFIG', 'SET', 'maxmemory-clients', '20mb'), '+OK');
    const before = await evicted();
    const [small, large] = [await RespClient.connect(address), await RespClient.connect(address)];
    begin(small, 8 * megabyte);
    begin(large, 16 * megabyte);
    await eventually('it is cut', () => Promise.resolve(large.isClosed));
    assert.equal(small.isClosed, false);
    assert.equal(await evicted(), before + 1);
    small.close();
  });

  test('the largest reply that is not taken', async () => {
    assert.equal(await ask(administrator, 'CONFIG', 'SET', 'maxmemory-clients', '0'), '+OK');
    assert.equal(await ask(administrator, 'SETRANGE', 'long', `${30 * megabyte - 1}`, 'x'), `:${30 * megabyte}`);
    const before = await evicted();
    const reader = await RespClient.connect(address);
    reader.pause();
    reader.send(['GET', 'long']);
    await eventually('the reply is on its way', async () => /omem=[23]\d{7}/.test(await ask(administrator, 'CLIENT', 'LIST')));
    assert.equal(await ask(administrator, 'CONFIG', 'SET', 'maxmemory-clients', '10mb'), '+OK');
    await eventually('it is cut', async () => (await evicted()) === before + 1);
    reader.close();
    assert.equal(await ask(administrator, 'PING'), '+PONG');
  });

  test('not one that is not to be evicted', async () => {
    assert.equal(await ask(administrator, 'CONFIG', 'SET', 'maxmemory-clients', '10mb'), '+OK');
    const before = await evicted();
    const [spared, other] = [await RespClient.connect(address), await RespClient.connect(address)];
    assert.equal(await ask(spared, 'CLIENT', 'NO-EVICT', 'ON'), '+OK');
    begin(spared, 16 * megabyte);
    begin(other, 2 * megabyte);
    await eventually('it is cut', () => Promise.resolve(other.isClosed));
    assert.equal(spared.isClosed, false);
    assert.ok((await evicted()) > before);
    spared.close();
  });
});
