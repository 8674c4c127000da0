import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { Listener, type ListenerOptions } from '../../src/protocols/net/listener.ts';

const observer = { connectionOpened() {}, connectionClosed() {}, requestDone() {} };

async function listen(options: Partial<ListenerOptions> = {}): Promise<Listener> {
  return await Listener.open({ protocol: 'test', server: createServer(), host: '127.0.0.1', port: 0, option: '--test-port', observer, ...options });
}

async function connectTo({ port }: Listener): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

test('connections past the bound are closed at once', async () => {
  const server = createServer();
  const listener = await listen({ server, connections: 1 });
  const first = await connectTo(listener);
  const dropped = once(server, 'drop');
  const second = await connectTo(listener);
  await dropped;
  await once(second, 'close');
  assert.equal(listener.connections, 1);
  assert.ok(!first.destroyed);
  first.destroy();
  await listener.close();
  assert.equal(listener.connections, 0);
});

test('closing waits for connections to end, and cuts them at its limit', async () => {
  const listener = await listen();
  const socket = await connectTo(listener);
  const startedAt = performance.now();
  await Promise.all([listener.close({ drainTimeoutMs: 100 }), once(socket, 'close')]);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 95 && tookMs < 2_000, `${tookMs} ms`);
  await listener.close();
});
