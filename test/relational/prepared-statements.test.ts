// Prepared statements: a driver's own, SQL's PREPARE, plans that follow the schema, and bounds of parameters.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('prepared');
const client = await database.connect();

await client.query('create table item (id integer primary key, label text)');

test('a named statement is prepared once and run with many values', async () => {
  for (let id = 1; id <= 20; id++) await client.query({ name: 'add_item', text: 'insert into item values ($1, $2)', values: [id, `item ${id}`] });
  const { rows } = await client.query(`select name, parameter_types::text, generic_plans + custom_plans as runs from pg_prepared_statements`);
  assert.deepEqual(rows, [{ name: 'add_item', parameter_types: '{integer,text}', runs: '20' }]);
});

test('PREPARE, EXECUTE and DEALLOCATE', async () => {
  await client.query('prepare by_id (integer) as select label from item where id = $1');
  assert.deepEqual((await client.query('execute by_id (7)')).rows, [{ label: 'item 7' }]);
  await assert.rejects(client.query('execute by_id'), { code: '42601' });
  await client.query('deallocate by_id');
  await assert.rejects(client.query('execute by_id (7)'), { code: '26000' });
});

test('a statement fails alone, and stays usable', async () => {
  const add = (id: unknown) => client.query({ name: 'add_item', text: 'insert into item values ($1, $2)', values: [id, 'again'] });
  await assert.rejects(add(1), { code: '23505' });
  await assert.rejects(add('not a number'), { code: '22P02' });
  await add(21);
});

test('a changed table changes the plan, and a changed result says so', async () => {
  const byId = { name: 'all_of_item', text: 'select * from item where id = $1', values: [3] };
  assert.deepEqual((await client.query(byId)).rows, [{ id: 3, label: 'item 3' }]);
  await client.query('create index item_by_label on item (label)');
  assert.deepEqual((await client.query(byId)).rows, [{ id: 3, label: 'item 3' }]);
  await client.query('alter table item add column extra integer');
  await assert.rejects(client.query(byId), { code: '0A000' });
});

test('many parameters, and arrays instead of more', async () => {
  const values = Array.from({ length: 60_000 }, (_, n) => n);
  const { rows } = await client.query(`select count(*)::int from (values ${values.map((n) => `($${n + 1}::int)`).join(',')}) as given (n)`, values);
  assert.deepEqual(rows, [{ count: 60_000 }]);
  const array = Array.from({ length: 200_000 }, (_, n) => n);
  assert.deepEqual((await client.query('select count(*)::int, max(n) from unnest($1::int[]) as n', [array])).rows, [{ count: 200_000, max: 199_999 }]);
});
