// PostgreSQL's own shell, where it is installed: scripts, variables, catalogue commands, \copy, exit codes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const installed = spawnSync('psql', ['--version']).status === 0;
const skip = installed ? false : 'psql is not installed';
const database = installed ? await testDatabase('psql') : undefined;

test('a script runs, and prints what it should', { skip }, () => {
  const script = String.raw`
    create table city (name text primary key, people integer);
    insert into city values ('Delft', 103000), ('Groningen', 238000), ('Bourtange', 430);
    \set smallest 1000
    select name from city where people > :smallest order by name;
    begin;
    delete from city;
    rollback;
    select count(*) from city;
  `;
  const { status, stdout } = psql(['-At'], script);
  assert.equal(status, 0);
  assert.deepEqual(stdout.split('\n'), ['CREATE TABLE', 'INSERT 0 3', 'Delft', 'Groningen', 'BEGIN', 'DELETE 3', 'ROLLBACK', '3']);
});

test('the catalogue is shown', { skip }, () => {
  assert.match(psql(['-c', '\\d city']).stdout, /name +\| text +\| +\| not null/);
  assert.match(psql(['-c', '\\dt']).stdout, /public \| city \| table/);
});

test('\\copy writes and reads files of the client', { skip }, () => {
  const file = join(temporaryFolder(), 'cities.csv');
  psql(['-c', `\\copy (select * from city order by name) to '${file}' csv header`]);
  assert.deepEqual(readFileSync(file, 'utf8').trimEnd().split('\n'), ['name,people', 'Bourtange,430', 'Delft,103000', 'Groningen,238000']);

  writeFileSync(file, 'name,people\nUrk,21000\n');
  assert.match(psql(['-c', `\\copy city from '${file}' csv header`]).stdout, /COPY 1/);
});

test('a failing script ends with its exit code', { skip }, () => {
  const { status, stderr } = psql(['-v', 'ON_ERROR_STOP=1'], 'select * from no_such_table;\nselect 1;\n');
  assert.equal(status, 3);
  assert.match(stderr, /relation "no_such_table" does not exist/);
});

function psql(args: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  assert.ok(database);
  const { status, stdout, stderr } = spawnSync('psql', ['--no-psqlrc', ...args, database.url], { input, encoding: 'utf8' });
  return { status, stdout: stdout.trimEnd(), stderr };
}
