// The users of a running server, managed from the command line, and what they may then do through a driver.

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import type { Role } from '../../src/server/administration.ts';
import { facetdb } from '../support/command.ts';
import { type Server, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const dataDir = join(temporaryFolder(), 'data');
let server: Server;
before(async () => {
  server = await startServer({ dataDir });
});
after(async () => {
  await server.stop();
});

async function users(args: readonly string[], input = '') {
  return await facetdb(['users', ...args, '--data', dataDir], { input });
}

/** Runs `users …`, which must succeed, and gives what it says. */
async function said(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await users(args, input);
  assert.equal(code, exitCodes.ok, stderr);
  assert.equal(stderr, '');
  return stdout;
}

async function refused(args: readonly string[], message: RegExp, code: number = exitCodes.failed): Promise<void> {
  const outcome = await users(args);
  assert.match(outcome.stderr, message);
  assert.equal(outcome.code, code);
}

/** Runs SQL as the administrator, or as a user with this password. */
async function query(sql: string, user?: { name: string; password: string }): Promise<unknown[]> {
  const url = new URL(server.urls.postgres);
  if (user !== undefined) Object.assign(url, { username: user.name, password: user.password });
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

test('a user gets a password that is shown once, or brings its own', async () => {
  const { name, password } = JSON.parse(await said(['add', 'ann', '--json'])) as { name: string; password: string };
  assert.equal(name, 'ann');
  assert.deepEqual(await query('select current_user as name', { name, password }), [{ name: 'ann' }]);

  const shown = /shown only now: (\S+)\n$/.exec(await said(['add', 'bob', '--create-role']));
  assert.deepEqual(await query('select 1 as one', { name: 'bob', password: shown![1]! }), [{ one: 1 }]);

  const own = 'naïve pass\\word "\' $1';
  assert.equal(await said(['add', 'Eve "x"', '--password-stdin'], `${own}\n`), 'User Eve "x" was added.\n');
  assert.deepEqual(await query('select current_user as name', { name: 'Eve "x"', password: own }), [{ name: 'Eve "x"' }]);
});

test('mistakes are refused by name', async () => {
  await refused(['add', 'ann'], /the role exists already: "ann"/);
  await refused(['add', 'pg_mine'], /reserved/);
  await refused(['add', 'x'.repeat(64)], /longer than 63 bytes/);
  await refused(['add', 'zoe', '--password-stdin'], /there is no password on standard input/);
  await refused(['remove', 'nobody'], /the role does not exist: "nobody"/);
  await refused(['password', 'nobody'], /the role does not exist: "nobody"/);
  await refused(['grant', 'nobody', 'read', 'on', 'public'], /role "nobody" does not exist/);
  await refused(['grant', 'ann', 'read', 'on', 'nowhere'], /schema "nowhere" does not exist/);
  await refused(['grant', 'ann', 'read', 'on', 'a.b.c'], /"a\.b\.c" is not a SCHEMA or SCHEMA\.TABLE/);
  await refused(['grant', 'ann', 'read', 'on', 'public', '--database', 'nowhere'], /database "nowhere" does not exist/);
});

test('list shows who there is, and FacetDB keeps its own role to itself', async () => {
  const list = JSON.parse(await said(['list', '--json'])) as Role[];
  assert.deepEqual(list.map(({ name, superuser, createRole }) => [name, superuser, createRole]), [
    ['Eve "x"', false, false],
    ['ann', false, false],
    ['bob', false, true],
    ['facet', true, false],
  ]);
  assert.match(await said(['list']), /^NAME +MAY +MEMBER OF\n(.*\n)*facet +everything\n/);
});

test('rights on a schema and on one table: given, used, taken back', async () => {
  const carl = { name: 'carl', password: 'carl' };
  await said(['add', 'carl', '--password-stdin'], 'carl\n');
  await query(`create schema "My shop"; create table "My shop".orders (id serial primary key, item text);
               create table "My shop".secrets (id int); insert into "My shop".orders (item) values ('pen')`);
  const read = () => query('select item from "My shop".orders', carl);
  const write = () => query(`insert into "My shop".orders (item) values ('ink') returning id`, carl);
  const denied = { code: '42501' };

  await assert.rejects(read(), denied);
  assert.equal(await said(['grant', 'carl', 'read', 'on', '"My shop".orders']), 'carl may read "My shop".orders.\n');
  assert.deepEqual(await read(), [{ item: 'pen' }]);
  await assert.rejects(write(), denied);
  await assert.rejects(query('select * from "My shop".secrets', carl), denied);

  await said(['grant', 'carl', 'write', 'on', '"My shop".orders']);
  assert.deepEqual(await write(), [{ id: 2 }]);
  await said(['revoke', 'carl', 'write', 'on', '"My shop".orders']);
  await assert.rejects(write(), denied);
  assert.equal((await read()).length, 2);
  await said(['revoke', 'carl', 'read', 'on', '"My shop".orders']);
  await assert.rejects(read(), denied);

  await said(['grant', 'carl', 'all', 'on', '"My shop"']);
  assert.deepEqual(await query('select * from "My shop".secrets', carl), []);
  await query('create table "My shop".his (id int)', carl);
  await said(['revoke', 'carl', 'all', 'on', '"My shop"']);
  await assert.rejects(read(), denied);
});

test('a role passes on its rights', async () => {
  await query('create role readers; grant usage on schema "My shop" to readers; grant select on "My shop".secrets to readers');
  await said(['add', 'dora', '--password-stdin'], 'dora\n');
  const read = () => query('select * from "My shop".secrets', { name: 'dora', password: 'dora' });
  await assert.rejects(read(), { code: '42501' });
  assert.equal(await said(['grant', 'dora', '--role', 'readers']), 'dora has the rights of readers.\n');
  assert.deepEqual(await read(), []);
  await said(['revoke', 'dora', '--role', 'readers']);
  await assert.rejects(read(), { code: '42501' });
});

test('a user is removed with its rights, but not with what it owns', async () => {
  await said(['grant', 'dora', 'read', 'on', 'public']);
  await query('create database other');
  await said(['grant', 'dora', 'all', 'on', 'public', '--database', 'other']);
  assert.equal(await said(['remove', 'dora']), 'User dora was removed.\n');

  await refused(['remove', 'carl'], /carl owns one object .*--reassign-to/);
  await refused(['remove', 'carl', '--reassign-to', 'nobody'], /does not exist: .*"nobody"/);
  await said(['remove', 'carl', '--reassign-to', 'ann']);
  assert.deepEqual(await query(`select tableowner from pg_tables where tablename = 'his'`), [{ tableowner: 'ann' }]);
});

test("the administrator's password: set here it is kept; changed in SQL the URL goes without", async () => {
  const passwordFile = join(dataDir, 'administrator-password');
  await said(['password', 'facet', '--password-stdin'], 'new one\n');
  assert.equal(readFileSync(passwordFile, 'utf8'), 'new one\n');
  assert.equal(statSync(passwordFile).mode & 0o777, 0o600);
  await server.stop();

  server = await startServer({ dataDir });
  assert.equal(decodeURIComponent(new URL(server.urls.postgres).password), 'new one');
  await query(`alter role facet password 'changed'`);
  await server.stop();

  server = await startServer({ dataDir });
  assert.equal(new URL(server.urls.postgres).password, '');
  assert.match(server.log, /the password of facet was changed/);
  assert.deepEqual(await query('select 1 as one', { name: 'facet', password: 'changed' }), [{ one: 1 }]);
});
