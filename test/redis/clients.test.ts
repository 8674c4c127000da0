// What ends a client's connection besides itself: CLIENT KILL by each of its filters, idleness, and output that it does
// not take.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { Redis } from 'ioredis';
import { eventually } from '../support/eventually.ts';
import { type OwnServer, startOwnServer } from './support/own-server.ts';

suite('clients that are ended', () => {
  let server: OwnServer;
  let redis: Redis;
  let port: number;

  before(async () => {
    server = await startOwnServer();
    ({ redis } = server);
    port = Number(new URL(server.urls.redis).port);
  });
  after(() => server.stop());
  beforeEach(async () => {
    await redis.config('SET', 'timeout', '0');
  });

  const kill = async (...args: string[]): Promise<unknown> => await redis.call('CLIENT', 'KILL', ...args);

  type Victim = { readonly id: string; readonly address: string; readonly localAddress: string; readonly isClosed: () => boolean; readonly socket: Socket };

  /** A bare connection; a driver would connect again. */
  async function victim(...commands: string[]): Promise<Victim> {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    let closed = false;
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.once('close', () => (closed = true));
    await once(socket, 'connect');
    socket.write(['CLIENT ID', ...commands].map((command) => `${command}\r\n`).join(''));
    const id = await eventually('the client has an id', () => Promise.resolve(/^:(\d+)\r\n/.exec(received)?.[1]));
    return { id, address: `127.0.0.1:${socket.localPort}`, localAddress: `127.0.0.1:${port}`, isClosed: () => closed, socket };
  }
  const closes = async ({ isClosed }: Victim): Promise<void> => {
    await eventually('the client is disconnected', () => Promise.resolve(isClosed()), 5_000);
  };

  test('CLIENT KILL ends whom each filter means, and nobody else', async () => {
    const bystander = await victim();
    const cases: ((one: Victim) => string[])[] = [
      ({ id }) => ['ID', id],
      ({ address }) => ['ADDR', address],
      ({ id, localAddress }) => ['LADDR', localAddress, 'ID', id],
      ({ id }) => ['ID', id, 'TYPE', 'normal'],
      ({ id }) => ['ID', id, 'USER', 'default'],
      ({ id }) => ['ID', id, 'SKIPME', 'no'],
    ];
    for (const argumentsFor of cases) {
      const one = await victim();
      assert.equal(await kill(...argumentsFor(one)), 1, argumentsFor(one).join(' '));
      await closes(one);
    }
    const [old, subscriber] = [await victim(), await victim('SUBSCRIBE news')];
    assert.equal(await kill(old.address), 'OK');
    await closes(old);
    await eventually('the subscription holds', async () => ((await redis.pubsub('NUMSUB', 'news')) as [string, number])[1] === 1);
    assert.equal(await kill('TYPE', 'pubsub'), 1);
    await closes(subscriber);
    assert.equal(bystander.isClosed(), false);
    bystander.socket.destroy();
  });

  test('filters that mean nobody, and those that mean nothing', async () => {
    const one = await victim();
    assert.equal(await kill('ID', one.id, 'TYPE', 'pubsub'), 0);
    assert.equal(await kill('ID', '999999'), 0);
    assert.equal(await kill('ADDR', '127.0.0.1:1'), 0);
    await assert.rejects(kill('127.0.0.1:1'), { message: 'ERR No such client' });
    await assert.rejects(kill('ID', '0'), { message: 'ERR client-id should be greater than 0' });
    await assert.rejects(kill('TYPE', 'other'), { message: "ERR Unknown client type 'other'" });
    await assert.rejects(kill('USER', 'nobody'), { message: "ERR No such user 'nobody'" });
    await assert.rejects(kill('SKIPME', 'maybe'), { message: 'ERR syntax error' });
    await assert.rejects(kill('ID'), { message: /No such client/ });
    assert.equal(one.isClosed(), false);
    one.socket.destroy();
  });

  test('who asks is spared, unless it says otherwise', async () => {
    const own = String(await redis.client('ID'));
    assert.equal(await kill('ID', own), 0);
    const one = server.client({ retryStrategy: null });
    const id = String(await one.client('ID'));
    assert.equal(await one.call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no'), 1);
    await eventually('it is ended after its reply', () => Promise.resolve(one.status === 'end'), 5_000);
  });

  test('an idle client is ended after its timeout; one that subscribes or waits is not', async () => {
    const [idle, subscriber, waiting] = [await victim(), await victim('SUBSCRIBE news'), await victim('BLPOP nothing 0')];
    await redis.config('SET', 'timeout', '1');
    await closes(idle);
    assert.deepEqual([subscriber.isClosed(), waiting.isClosed()], [false, false]);
    for (const { socket } of [subscriber, waiting]) socket.destroy();
  });

  test('a request that never ends ends its client: many small arguments count by the memory that they take', async () => {
    await redis.config('SET', 'client-query-buffer-limit', '1048576');
    const [whole, endless] = [await victim(), await victim()];
    whole.socket.write(`*5001\r\n$3\r\nDEL\r\n${'$1\r\na\r\n'.repeat(5_000)}`);
    endless.socket.write(`*1000000\r\n$3\r\nDEL\r\n${'$1\r\na\r\n'.repeat(15_000)}`);
    await closes(endless);
    assert.equal(whole.isClosed(), false);
    whole.socket.destroy();
    await redis.config('SET', 'client-query-buffer-limit', '1gb');
  });

  test('output beyond the hard limit ends the client, and so does output beyond the soft limit for too long', async () => {
    await redis.set('large', Buffer.alloc(4_000_000));
    const read = 'GET large\r\n'.repeat(20);
    for (const limits of ['normal 20000000 0 0', 'normal 0 1000000 1']) {
      const slow = await victim();
      slow.socket.pause();
      await redis.config('SET', 'client-output-buffer-limit', limits);
      slow.socket.write(read);
      await eventually(`${limits} ends it`, async () => !String(await redis.client('LIST')).includes(`addr=${slow.address} `), 10_000);
      slow.socket.destroy();
    }
    await redis.config('SET', 'client-output-buffer-limit', 'normal 0 0 0');
  });
});
