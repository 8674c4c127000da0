// How the administrator comes about: also when the first start is interrupted, or is one without passwords.

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { createLog, start } from '../../src/index.ts';
import { freePorts } from '../support/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Starts a server in this process; it ends with the test at the latest. */
async function startIn(context: TestContext, dataDir: string, { noAuth = false } = {}) {
  let log = '';
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) });
  const server = await start({ data: dataDir, ...freePorts, noAuth, log: createLog({ level: 'warn', format: 'json', stream }) });
  context.after(() => server.stop());
  return { url: server.urls['postgres']!, stop: () => server.stop(), log };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

test('made without a password, it gets one when one is needed', async (context) => {
  const dataDir = join(temporaryFolder(), 'data');
  const open = await startIn(context, dataDir, { noAuth: true });
  assert.equal(new URL(open.url).password, '');
  assert.deepEqual(await query(open.url, 'select current_user as name'), [{ name: 'facet' }]);
  await open.stop();
  assert.ok(!existsSync(join(dataDir, 'administrator-password')));

  const closed = await startIn(context, dataDir);
  assert.notEqual(new URL(closed.url).password, '');
  assert.deepEqual(await query(closed.url, 'select current_user as name'), [{ name: 'facet' }]);
  await assert.rejects(query(closed.url.replace(/:[^:@]*@/, '@'), 'select 1'));
  await closed.stop();
});

test('a first start that ended before the role was made is completed, with the password that was kept', async (context) => {
  const dataDir = join(temporaryFolder(), 'data');
  const first = await startIn(context, dataDir, { noAuth: true });
  // As the start leaves it when it is killed right after the password file was written.
  const helper = first.url.replace('facet@', 'helper@');
  await query(first.url, 'create role helper login superuser');
  await query(helper, 'alter database facet owner to facetdb_system');
  await query(helper, 'reassign owned by facet to facetdb_system; drop role facet');
  await first.stop();
  writeFileSync(join(dataDir, 'administrator-password'), 'kept-from-before\n', { mode: 0o600 });

  const second = await startIn(context, dataDir);
  assert.equal(new URL(second.url).password, 'kept-from-before');
  assert.deepEqual(await query(second.url, `select rolsuper from pg_roles where rolname = 'facet'`), [{ rolsuper: true }]);
  await second.stop();
});

test('an administrator that was removed does not come back by itself', async (context) => {
  const dataDir = join(temporaryFolder(), 'data');
  const first = await startIn(context, dataDir, { noAuth: true });
  const other = first.url.replace('facet@', 'other@');
  await query(first.url, 'create role other login superuser');
  await query(other, 'reassign owned by facet to other; drop role facet');
  await first.stop();

  const second = await startIn(context, dataDir);
  assert.equal(new URL(second.url).username, '');
  assert.match(second.log, /the role facet was removed/);
  await second.stop();
});
