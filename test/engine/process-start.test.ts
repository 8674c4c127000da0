// A first start, a second one, and who may connect.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { systemRole } from '../../src/engine/process/embedded-postgres.ts';
import { isFacetError } from '../../src/kernel/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask, askAs, freePort, type Running, startEmbedded } from './embedded.ts';

const parent = temporaryFolder();
const path = join(parent, 'data');
const steps: string[] = [];
let running: Running;

const overTcp = (settings: pg.ClientConfig = {}): pg.ClientConfig => ({ host: '127.0.0.1', port: running.postgres.port, user: 'ann', password: 'secret', database: 'postgres', ...settings });

before(async () => {
  running = await startEmbedded(path, { listen: freePort, onStep: (step) => steps.push(step) });
});
after(() => running.stop());

test('the first start creates the cluster as it is meant to be', async () => {
  assert.equal(running.postgres.created, true);
  assert.deepEqual(steps.filter((step) => !step.startsWith('Copying')), ['Creating the PostgreSQL cluster', 'Starting PostgreSQL']);
  const settings = await ask(running.postgres, `select jsonb_object_agg(name, setting) from pg_settings where name in ('data_checksums', 'server_encoding', 'wal_level', 'password_encryption', 'fsync', 'full_page_writes', 'synchronous_commit', 'max_connections')`);
  assert.deepEqual(settings, { data_checksums: 'on', server_encoding: 'UTF8', wal_level: 'logical', password_encryption: 'scram-sha-256', fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', max_connections: '1250' });
  assert.equal(await ask(running.postgres, `select format('%s %s', datlocprovider, datlocale) from pg_database where datname = 'template1'`), 'b C.UTF-8');
});

test('PostgreSQL does not run as root, and its folders are closed', () => {
  const owner = execFileSync('ps', ['-o', 'uid=', '-p', String(running.postgres.pid)], { encoding: 'utf8' }).trim();
  assert.notEqual(owner, '0');
  assert.equal(String(running.folder.postgresUser.uid), owner);
  for (const folder of [running.folder.postgresDir, running.postgres.socketDirectory]) assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('over TCP a password is needed, and the system role does not get in with any', async () => {
  await ask(running.postgres, `create role ann login password 'secret'`);
  await ask(running.postgres, `alter role ${systemRole} password 'secret'`);
  assert.equal(await askAs(overTcp(), 'select current_user'), 'ann');
  await assert.rejects(askAs(overTcp({ password: 'wrong' }), 'select 1'), { code: '28P01' });
  await assert.rejects(askAs(overTcp({ user: systemRole }), 'select 1'), { code: '28000' });
});

test('a failed login is slowed', async () => {
  const startedAt = performance.now();
  await assert.rejects(askAs(overTcp({ password: 'wrong' }), 'select 1'));
  assert.ok(performance.now() - startedAt >= 450);
});

test('the private socket makes FacetDB every role', async () => {
  assert.equal(await askAs({ host: running.postgres.socketDirectory, port: running.postgres.port, user: 'ann', database: 'postgres' }, 'select current_user'), 'ann');
});

test('ALTER SYSTEM cannot take PostgreSQL away from FacetDB, and sets the rest', async () => {
  for (const setting of [`listen_addresses to ''`, `port to 1`, `unix_socket_directories to '/nowhere'`, `log_line_prefix to 'x'`, `work_mem to '7MB'`]) await ask(running.postgres, `alter system set ${setting}`);
  await running.stop();
  running = await startEmbedded(path, { listen: freePort });
  assert.equal(running.postgres.created, false);
  assert.equal(await askAs(overTcp(), 'show work_mem'), '7MB');
  assert.deepEqual(readdirSync(running.postgres.socketDirectory).filter((name) => !name.endsWith('.lock')), [`.s.PGSQL.${running.postgres.port}`]);
});

test('a setting that PostgreSQL does not start with is an error that says which and where', async () => {
  const broken = await startEmbedded(join(parent, 'broken'));
  await ask(broken.postgres, `alter system set shared_buffers to '4000GB'`);
  await broken.stop();
  await assert.rejects(startEmbedded(broken.folder.path), (error) => isFacetError(error, 'engine_failed') && /shared memory/.test(error.message) && error.message.includes('postgresql.auto.conf'));
});

test('a taken port is refused by number and option, before anything is started', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address() as AddressInfo;
    await running.stop();
    await assert.rejects(startEmbedded(path, { listen: { ...freePort, port } }), (error) => isFacetError(error, 'port_taken') && error.message.includes(String(port)) && error.message.includes('--postgres-port'));
  } finally {
    other.close();
    running = await startEmbedded(path, { listen: { ...freePort, host: 'localhost' } });
  }
  assert.equal(await askAs(overTcp({ host: 'localhost' }), 'select current_user'), 'ann');
});

test('without authentication, anyone gets in, but not as the system role', async () => {
  await running.stop();
  running = await startEmbedded(path, { listen: freePort, authentication: 'none' });
  assert.equal(await askAs(overTcp({ password: undefined }), 'select current_user'), 'ann');
  await assert.rejects(askAs(overTcp({ user: systemRole }), 'select 1'), { code: '28000' });
});
