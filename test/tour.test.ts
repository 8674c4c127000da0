// The tour (npm run demo): it shows what it should, and leaves nothing, whether it ends well, is stopped, or cannot go on.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testDatabase } from './support/database.ts';

const program = fileURLToPath(new URL('../examples/tour/main.ts', import.meta.url));
const database = await testDatabase('tour');
const administrator = await database.connect();

test('against a server that runs, the tour shows statements, answers and refusals', async () => {
  const { code, output } = await tour({ url: database.url });
  assert.equal(code, 0, output);
  assert.match(output, /airports +flights +films\n.*\n +3376 +20000 +3201\n/);
  assert.match(output, /refused, as it should be: .*flight_destination_fkey.* \(23503\)/);
  assert.match(output, /Amelia +700\n +Bessie +500\n/);
  assert.equal(output.match(/refused, as it should be: permission denied for table airport \(42501\)/g)?.length, 2);
  assert.ok(!output.includes('\u001b['), 'no colours where there is no terminal');
  await isLeftAsItWas();
});

test('on a server of its own, every chapter is shown', async () => {
  const { code, output } = await tour();
  assert.equal(code, 0, output);
  assert.match(output, /San Francisco +11:00\n/);
  assert.match(output, /ended by a rollback[^]*San Francisco International +- +1\n[^]*ended by a commit[^]*San Francisco International \(closed\) +1 +2\n/);
  assert.match(output, /airports\n.*\n +3376\n[^]*refused, as it should be: .*\(13\)/);
  assert.ok(!output.includes('Not shown'), output);
});

test('stopped half-way, it still cleans up', async () => {
  const { code, output } = await tour({ url: database.url, stopAt: 'create table flight' });
  assert.equal(code, 130, output);
  assert.match(output, /The tour ended early: stopped by Ctrl-C/);
  await isLeftAsItWas();
});

test('a schema of its name that it did not make is left alone', async () => {
  await administrator.query('create schema facetdb_tour');
  const { code, output } = await tour({ url: database.url });
  assert.equal(code, 1);
  assert.match(output, /The tour ended early: schema "facetdb_tour" already exists/);
  await administrator.query('drop schema facetdb_tour');
});

test('a server that is not there is an error, not a wait', async () => {
  const { code, output } = await tour({ url: 'postgres://facet@127.0.0.1:1/facet' });
  assert.equal(code, 1);
  assert.match(output, /The tour ended early: .*ECONNREFUSED/);
});

/** Against the server of a URL, or one of its own. */
async function tour({ url, stopAt }: { url?: string; stopAt?: string } = {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...(url === undefined ? [] : ['--url', url])], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (stopAt !== undefined && text.includes(stopAt)) child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function isLeftAsItWas(): Promise<void> {
  const { rows } = await administrator.query(`
    select nspname as name from pg_namespace where nspname like 'facetdb_tour%'
    union all select rolname from pg_roles where rolname like 'facetdb_tour%'`);
  assert.deepEqual(rows, []);
}
