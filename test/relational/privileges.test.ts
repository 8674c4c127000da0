// GRANT and REVOKE, on tables, columns and rows, as roles that log in by password meet them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { testDatabase } from '../support/database.ts';

const permissionDenied = { code: '42501' };

const database = await testDatabase('privileges');
const administrator = await database.connect();
const [clerk, auditor] = await Promise.all([database.createRole('clerk'), database.createRole('auditor')]);
const asClerk = await database.connect(clerk.url);
const asAuditor = await database.connect(auditor.url);

await administrator.query(`
  create table salary (id integer generated always as identity primary key, person text unique not null, amount integer not null, note text);
  insert into salary (person, amount, note) values ('${clerk.name}', 100, 'own'), ('Else', 200, 'other');
`);

test('a role sees itself as who it logged in as', async () => {
  assert.deepEqual(await rows(asClerk, 'select current_user, session_user'), [{ current_user: clerk.name, session_user: clerk.name }]);
});

test('without a grant a table is closed', async () => {
  for (const statement of ['select * from salary', 'delete from salary', `insert into salary (person, amount) values ('x', 1)`, 'drop table salary']) {
    await assert.rejects(asClerk.query(statement), permissionDenied, statement);
  }
});

test('a grant opens exactly what it names, and a revoke closes it for connections that are open', async () => {
  await administrator.query(`grant select, insert on salary to ${clerk.name}`);
  assert.equal((await rows(asClerk, 'select person from salary')).length, 2);
  await asClerk.query(`insert into salary (person, amount) values ('New', 1)`);
  await assert.rejects(asClerk.query('update salary set amount = 0'), permissionDenied);

  await administrator.query(`revoke insert on salary from ${clerk.name}`);
  await assert.rejects(asClerk.query(`insert into salary (person, amount) values ('Newer', 1)`), permissionDenied);
  await administrator.query(`revoke all on salary from ${clerk.name}`);
  await assert.rejects(asClerk.query('select person from salary'), permissionDenied);
});

test('columns are granted one by one', async () => {
  await administrator.query(`grant select (id, person), update (note) on salary to ${auditor.name}`);
  assert.deepEqual(await rows(asAuditor, `select person from salary where id = 2`), [{ person: 'Else' }]);
  await assert.rejects(asAuditor.query('select amount from salary'), permissionDenied);
  await assert.rejects(asAuditor.query('select person from salary order by amount'), permissionDenied);
  await assert.rejects(asAuditor.query('select * from salary'), permissionDenied);

  await asAuditor.query(`update salary set note = 'seen' where id = 2`);
  await assert.rejects(asAuditor.query('update salary set amount = 1 where id = 2'), permissionDenied);
  await administrator.query(`revoke update (note) on salary from ${auditor.name}`);
  await assert.rejects(asAuditor.query(`update salary set note = 'again' where id = 2`), permissionDenied);
});

test('rows are granted by policies', async () => {
  await administrator.query(`
    create table letter (id integer primary key, owner text not null default current_user, body text);
    insert into letter values (1, '${clerk.name}', 'mine'), (2, '${auditor.name}', 'not mine');
    alter table letter enable row level security;
    grant select, insert, update, delete on letter to ${clerk.name}, ${auditor.name};
  `);
  assert.deepEqual(await rows(asClerk, 'select * from letter'), [], 'without a policy there is no row');

  await administrator.query(`
    create policy own on letter to ${clerk.name} using (owner = current_user);
    create policy readable on letter for select to ${auditor.name} using (true);
  `);
  assert.deepEqual(await rows(asClerk, 'select id from letter'), [{ id: 1 }]);
  assert.equal((await asClerk.query(`update letter set body = 'changed'`)).rowCount, 1);
  assert.equal((await asClerk.query('delete from letter where id = 2')).rowCount, 0);
  await assert.rejects(asClerk.query(`insert into letter values (3, '${auditor.name}', 'forged')`), permissionDenied);
  await assert.rejects(asClerk.query(`update letter set owner = '${auditor.name}'`), permissionDenied);
  await asClerk.query(`insert into letter (id, body) values (3, 'honest')`);

  assert.deepEqual(await rows(asAuditor, 'select id, body from letter order by id'), [
    { id: 1, body: 'changed' },
    { id: 2, body: 'not mine' },
    { id: 3, body: 'honest' },
  ]);
  assert.equal((await asAuditor.query('delete from letter')).rowCount, 0);
});

test('a right comes through membership, and goes with it', async () => {
  const group = await database.createRole('group', 'nologin');
  await administrator.query(`create table shared (id integer); grant select on shared to ${group.name}; grant ${group.name} to ${clerk.name}`);
  assert.deepEqual(await rows(asClerk, 'select * from shared'), []);
  await administrator.query(`revoke ${group.name} from ${clerk.name}`);
  await assert.rejects(asClerk.query('select * from shared'), permissionDenied);
  await assert.rejects(database.connect(group.url), { code: '28000' });
});

test('a grant with grant option can be handed on, and is taken back with what hangs on it', async () => {
  await administrator.query(`create table lent (id integer); grant select on lent to ${clerk.name} with grant option`);
  await assert.rejects(asAuditor.query('select * from lent'), permissionDenied);
  await asClerk.query(`grant select on lent to ${auditor.name}`);
  await asAuditor.query('select * from lent');
  await assert.rejects(administrator.query(`revoke select on lent from ${clerk.name}`), { code: '2BP01' });
  await administrator.query(`revoke select on lent from ${clerk.name} cascade`);
  await assert.rejects(asAuditor.query('select * from lent'), permissionDenied);
});

test('a definer’s function does what its caller may not', async () => {
  await administrator.query(`
    create function headcount() returns bigint language sql security definer set search_path = public begin atomic select count(*) from salary; end;
    revoke execute on function headcount from public;
  `);
  await assert.rejects(asClerk.query('select headcount()'), permissionDenied);
  await administrator.query(`grant execute on function headcount to ${clerk.name}`);
  assert.deepEqual(await rows(asClerk, 'select headcount()'), [{ headcount: '3' }]);
});

test('an ordinary role makes no roles and no superusers, and reads no files of the server', async () => {
  for (const statement of [
    'create role another',
    `alter role ${clerk.name} superuser`,
    `alter role ${auditor.name} password 'taken over'`,
    'set role pg_read_all_data',
    `copy salary from '/etc/passwd'`,
    'select rolpassword from pg_authid',
    'create table public.not_allowed (id integer)',
  ]) {
    await assert.rejects(asClerk.query(statement), permissionDenied, statement);
  }
});

async function rows(client: pg.Client, statement: string): Promise<unknown[]> {
  return (await client.query(statement)).rows;
}
