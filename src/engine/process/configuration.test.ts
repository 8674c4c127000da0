import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLineSettings, serverConfiguration } from './configuration.ts';
import type { Machine } from './machine.ts';

const gibibyte = 1024 ** 3;
const laptop: Machine = { memoryBytes: 16 * gibibyte, processors: 8, diskBytes: 500 * gibibyte, sharedMemoryBytes: 8 * gibibyte };

function setting(machine: Machine, name: string): string | undefined {
  return new RegExp(`^${name} = '?([^'\n]*)'?$`, 'm').exec(serverConfiguration(machine))?.[1];
}

test('memory follows the machine, within bounds', () => {
  const buffers = (memoryBytes: number): string | undefined => setting({ ...laptop, memoryBytes }, 'shared_buffers');
  assert.equal(buffers(16 * gibibyte), '2048MB');
  assert.equal(buffers(0.5 * gibibyte), '128MB');
  assert.equal(buffers(0.25 * gibibyte), '64MB');
  assert.equal(buffers(512 * gibibyte), '8192MB');
  assert.equal(setting(laptop, 'work_mem'), '16MB');
  assert.equal(setting({ ...laptop, memoryBytes: gibibyte }, 'work_mem'), '4MB');
});

test('a small disk gets a small write-ahead log', () => {
  assert.equal(setting(laptop, 'max_wal_size'), '4096MB');
  assert.equal(setting({ ...laptop, diskBytes: 5 * gibibyte }, 'max_wal_size'), '512MB');
  assert.equal(setting({ ...laptop, diskBytes: Number.POSITIVE_INFINITY }, 'max_wal_size'), '4096MB');
});

test('the small /dev/shm of a container is not relied on', () => {
  assert.equal(setting(laptop, 'dynamic_shared_memory_type'), 'posix');
  assert.equal(setting({ ...laptop, sharedMemoryBytes: 64 * 1024 ** 2 }, 'dynamic_shared_memory_type'), 'sysv');
  assert.equal(setting({ ...laptop, sharedMemoryBytes: undefined }, 'dynamic_shared_memory_type'), 'posix');
});

test('a socket path with commas and quotes stays one path', () => {
  const facts = { clusterName: 'x', port: 5432, addresses: ['127.0.0.1', '::1'], hbaFile: '/d/hba', identFile: '/d/ident', tls: undefined };
  const settings = commandLineSettings({ ...facts, socketDirectory: '/a, "b"/run' });
  assert.equal(settings['unix_socket_directories'], '"/a, ""b""/run"');
  assert.equal(settings['listen_addresses'], '127.0.0.1,::1');
  assert.equal(settings['ssl'], 'off');
});
