// Consistency: no committed state breaks a constraint, whichever kind it is and whenever it is checked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';
import { runTranscript } from '../support/transcript.ts';

const database = await testDatabase('consistency');

test('every kind of constraint holds, at once or at commit', async () => {
  await runTranscript(await database.connect(), new URL('consistency.sql', import.meta.url));
});

test('a unique key holds between transactions that cannot see each other', async () => {
  const [one, other] = [await database.connect(), await database.connect()];
  await one.query('create table seat (number integer primary key, taken_by text)');
  await one.query(`begin; insert into seat values (1, 'one')`);
  await other.query('begin isolation level read committed');
  const second = other.query(`insert into seat values (1, 'other')`);
  const outcome = assert.rejects(second, { code: '23505' });
  await one.query('commit');
  await outcome;
  await other.query('rollback');
  assert.deepEqual((await one.query('select taken_by from seat')).rows, [{ taken_by: 'one' }]);
});

test('a foreign key holds against a deletion that is under way', async () => {
  const [deleting, inserting] = [await database.connect(), await database.connect()];
  await deleting.query('create table parent (id integer primary key); create table child (parent integer references parent); insert into parent values (1)');
  await deleting.query('begin; delete from parent where id = 1');
  const outcome = assert.rejects(inserting.query('insert into child values (1)'), { code: '23503' });
  await deleting.query('commit');
  await outcome;
});
