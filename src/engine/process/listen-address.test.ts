import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { isFacetError } from '../../kernel/errors.ts';
import { findListenAddress } from './listen-address.ts';

const option = '--postgres-port';

test('port 0 becomes a free one, names become numbers', async () => {
  const { addresses, port } = await findListenAddress({ host: 'localhost', port: 0, option });
  assert.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'));
  assert.ok(port > 1023);
});

test('a taken port is named with its option', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    for (const host of ['127.0.0.1', '0.0.0.0', '*', 'localhost']) {
      await assert.rejects(findListenAddress({ host, port, option }), (error) => isFacetError(error, 'port_taken') && error.message.includes(String(port)) && error.message.includes(option));
    }
  } finally {
    server.close();
  }
});

test('a host that is not this machine is refused', async () => {
  for (const host of ['192.0.2.1', 'no-such-host.invalid']) {
    await assert.rejects(findListenAddress({ host, port: 0, option }), (error) => isFacetError(error, 'configuration_invalid') && error.message.includes('--host'));
  }
});
