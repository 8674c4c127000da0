// Connecting to servers that FacetDB does not own: several hosts, the kind of server that is wanted, TLS.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../src/engine/engine.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('external_servers');

/** The test database's URL with another list of hosts and further parameters. */
function urlOf({ hosts = '', query = '' }: { readonly hosts?: string; readonly query?: string }): string {
  const { username, password, host, pathname } = new URL(database.url);
  return `postgres://${username}:${password}@${hosts}${host}${pathname}?${query}`;
}

async function databaseReached(url: string, poolWaitMs = 1_500): Promise<unknown> {
  const engine = await Engine.openExternal({ url, log: silentLog, poolWaitMs });
  try {
    const [row] = await engine.systemPool.query('select current_database()::text as name');
    return row?.['name'];
  } finally {
    await engine.close();
  }
}

test('a host that is away is passed over', async () => {
  assert.equal(await databaseReached(urlOf({ hosts: '127.0.0.1:1,' })), database.name);
});

test('target_session_attrs decides between the hosts that answer', async () => {
  for (const wanted of ['any', 'read-write', 'primary', 'prefer-standby']) {
    assert.equal(await databaseReached(urlOf({ query: `target_session_attrs=${wanted}` })), database.name, wanted);
  }
  for (const wanted of ['standby', 'read-only']) {
    await assert.rejects(databaseReached(urlOf({ query: `target_session_attrs=${wanted}` })), (error: Error & { code: string }) => {
      assert.equal(error.code, 'engine_unavailable');
      assert.match(error.message, new RegExp(`target_session_attrs=${wanted}`, 'u'));
      return true;
    });
  }
});

test('a server without TLS is used where TLS is only preferred, and refused where it is required', async () => {
  assert.equal(await databaseReached(urlOf({ query: 'sslmode=prefer' })), database.name);
  assert.equal(await databaseReached(urlOf({ query: 'sslmode=disable' })), database.name);
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    await assert.rejects(databaseReached(urlOf({ query: `sslmode=${mode}` })), /does not offer TLS/u, mode);
  }
});

test('a wrong password and an unknown database are said at once, whatever hosts follow', async () => {
  const wrong = Object.assign(new URL(database.url), { password: 'wrong' }).href;
  // PostgreSQL lets half a second pass before it refuses a password.
  await assert.rejects(databaseReached(wrong, 5_000), { code: 'authentication_failed' });
  const unknown = Object.assign(new URL(database.url), { pathname: '/no_such_database' }).href;
  await assert.rejects(databaseReached(unknown, 5_000), { code: 'object_unknown' });
});
