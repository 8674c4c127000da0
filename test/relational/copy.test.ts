// COPY in and out: as streams through postgres.js, and by its messages where that driver does not help.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import postgres from 'postgres';
import { copyIn, copyOut } from '../support/copy.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase('copy');
const sql = postgres(database.url, { max: 2 });
database.beforeDrop(() => sql.end());

await sql`create table reading (id integer primary key, place text, value numeric(6, 2))`;

test('rows stream in and out as text, with nulls and escapes', async () => {
  const input = '1\tDelft\t1.50\n2\t\\N\t\\N\n3\ttab\\tand\\\\slash\t-7.00\n';
  await pipeline(Readable.from([input.slice(0, 20), input.slice(20)]), await sql`copy reading from stdin`.writable());
  assert.deepEqual([...(await sql`select place from reading order by id`)], [{ place: 'Delft' }, { place: null }, { place: 'tab\tand\\slash' }]);
  assert.equal(await text(await sql`copy (select * from reading order by id) to stdout`.readable()), input);
});

test('CSV with a header, quotes and a list of columns', async () => {
  const input = 'place,id\n"Bergen, op ""Zoom""",10\n,11\n';
  await pipeline(Readable.from([input]), await sql`copy reading (place, id) from stdin (format csv, header match)`.writable());
  const output = await text(await sql`copy (select place, id from reading where id >= 10 order by id) to stdout (format csv, header)`.readable());
  assert.equal(output, input);
});

test('a hundred thousand rows', async () => {
  const lines = function* (): Generator<string> {
    for (let first = 1000; first < 101_000; first += 1000) {
      yield Array.from({ length: 1000 }, (_, n) => `${first + n}\tplace ${n}\t${n % 100}.25\n`).join('');
    }
  };
  await pipeline(Readable.from(lines()), await sql`copy reading from stdin`.writable());
  assert.deepEqual([...(await sql`select count(*)::int, sum(value)::text from reading where id >= 1000`)], [{ count: 100_000, sum: '4975000.00' }]);

  const client = await database.connect();
  const binary = await copyOut(client, 'copy (select id from reading where id >= 1000) to stdout (format binary)');
  const [headerBytes, rowBytes, trailerBytes] = [19, 2 + 4 + 4, 2];
  assert.equal(binary.length, headerBytes + 100_000 * rowBytes + trailerBytes);
});

test('one bad line, and nothing of the whole is stored', async () => {
  const client = await database.connect();
  const statement = 'copy reading from stdin';
  await assert.rejects(copyIn(client, statement, '200001\tgood\t1\n200002\tbad\tmuch\n'), { code: '22P02', where: 'COPY reading, line 2, column value: "much"' });
  await assert.rejects(copyIn(client, statement, '200001\tgood\t1\n1\ttaken\t1\n'), { code: '23505' });
  await assert.rejects(copyIn(client, statement, '200001\ttoo\t1\tmany\n'), { code: '22P04' });
  assert.equal((await sql`select 1 from reading where id > 200000`).length, 0);
});

test('what is copied in a transaction that rolls back is gone', async () => {
  const failing = sql.begin(async (tx) => {
    await pipeline(Readable.from(['300001\tx\t1\n']), await tx`copy reading from stdin`.writable());
    assert.equal((await tx`select 1 from reading where id = 300001`).length, 1);
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  assert.equal((await sql`select 1 from reading where id = 300001`).length, 0);
});
