// FacetDB on a PostgreSQL that it does not own.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { start } from '../../src/index.ts';
import type { EmbeddingOptions } from '../../src/server/settings.ts';
import { facetdb } from '../support/command.ts';
import { testDatabase } from '../support/database.ts';
import { freePortFlags, freePortsOverEngine } from '../support/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const database = await testDatabase('external');
// SQL clients do not come through FacetDB here.
const ports: EmbeddingOptions = freePortsOverEngine;
const portFlags = freePortFlags.slice(freePortFlags.indexOf('--http-port'));

test('it serves HTTP, shows the URL without its password, and keeps nothing here', async (context) => {
  const server = await start({ engine: database.url, ...ports });
  context.after(() => server.stop());
  const { password } = new URL(database.url);
  assert.equal(server.dataDir, undefined);
  assert.ok(!JSON.stringify(server.urls).includes(password));
  assert.equal(new URL(server.urls['postgres']!).pathname, `/${database.name}`);
  assert.equal((await fetch(`${server.urls['http']}/health`)).status, 200);
  const metrics = await (await fetch(`${server.urls['http']}/metrics`)).text();
  assert.match(metrics, /^facetdb_engine_up 1$/m);
  assert.doesNotMatch(metrics, /facetdb_connections\{protocol="postgres"\}/);
  await server.stop();
  const client = await database.connect();
  assert.equal((await client.query('select count(*)::int as n from facetdb.migrations')).rows[0].n > 0, true);
});

test('users are managed over its URL', async () => {
  const name = `${database.name}_ann`;
  const environment = { FACETDB_ENGINE: database.url };
  const folder = temporaryFolder();
  const added = await facetdb(['users', 'add', name, '--json'], { environment, folder });
  assert.equal(added.code, exitCodes.ok, added.stderr);
  const { password } = JSON.parse(added.stdout) as { password: string };
  const client = new pg.Client({ connectionString: Object.assign(new URL(database.url), { username: name, password }).href });
  await client.connect();
  await client.end();
  assert.equal((await facetdb(['users', 'remove', name], { environment, folder })).code, exitCodes.ok);
  assert.ok(!existsSync(join(folder, 'facetdb-data')));
});

test('an engine that is not there, or lets nobody in, ends the start with a clear error', async () => {
  const absent = await facetdb(['start', '--engine', 'postgres://u:secret@127.0.0.1:1/d', '--pool-wait-ms', '500', ...portFlags]);
  assert.equal(absent.code, exitCodes.engine);
  assert.match(absent.stderr, /PostgreSQL is not reachable: .*127\.0\.0\.1:1/);
  const refused = await facetdb(['start', '--engine', Object.assign(new URL(database.url), { password: 'wrong' }).href, ...portFlags]);
  assert.equal(refused.code, exitCodes.failed);
  assert.match(refused.stderr, /authentication failed/);
  for (const { stderr, stdout } of [absent, refused]) assert.doesNotMatch(stderr + stdout, /secret|wrong@/);
});
