// A server's life as a user sees it: started, looked at, stopped, started again, killed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { cliLimits } from '../../src/cli/limits.ts';
import { portOptionNames } from '../../src/server/options.ts';
import { facetdb } from '../support/command.ts';
import { freePortFlags } from '../support/ports.ts';
import { endPostgres, postmasterPid } from '../support/postgres-processes.ts';
import { startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts a server of which all output and the end are looked at. */
function spawnStart(dataDir: string, args: readonly string[] = []) {
  const child = spawn(process.execPath, [program, 'start', '--data', dataDir, ...freePortFlags, ...args], {
    env: { PATH: process.env['PATH'] ?? '' },
  });
  process.once('exit', () => {
    child.kill('SIGKILL');
    endPostgres(dataDir);
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]): Outcome => ({ code: code as number | null, ...output }));
  return {
    child,
    ended,
    /** Resolves with the first match in its standard output. */
    async says(words: RegExp): Promise<string> {
      for (;;) {
        const [match] = words.exec(output.stdout) ?? [];
        if (match !== undefined) return match;
        const gone = await Promise.race([once(child.stdout, 'data'), ended]);
        if ('code' in gone) throw new Error(`it ended (${gone.code}) without saying ${words}: ${gone.stderr}`);
      }
    },
  };
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

test('start, status, a second start, stop, start again', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const first = await startServer({ dataDir });
  await query(first.urls.postgres, 'create table kept as select 42 as answer');

  const passwordFile = join(dataDir, 'administrator-password');
  assert.equal(statSync(passwordFile).mode & 0o777, 0o600);
  const password = readFileSync(passwordFile, 'utf8').trim();
  assert.ok(password.length >= 32);
  assert.equal(new URL(first.urls.postgres).password, password);

  const state = readFileSync(join(dataDir, 'server.json'), 'utf8');
  assert.ok(!state.includes(password) && !first.log.includes(password), 'neither the state nor the log holds the password');

  const status = await facetdb(['status', '--data', dataDir, '--json']);
  const { pid, urls, ...rest } = JSON.parse(status.stdout) as { pid: number; urls: Record<string, string> };
  assert.equal(status.code, exitCodes.ok);
  assert.equal(pid, first.pid);
  assert.deepEqual(urls, Object.fromEntries(Object.entries(first.urls).map(([name, url]) => [name, url.replace(`:${password}`, '')])));
  assert.deepEqual(Object.keys(rest).toSorted(), ['dataDir', 'startedAt', 'status', 'version']);
  assert.match((await facetdb(['status', '--data', dataDir])).stdout, /is ready\n +process +\d+, for \d+ s\n/);

  const second = await facetdb(['start', '--data', dataDir, ...freePortFlags]);
  assert.equal(second.code, exitCodes.dataFolder);
  assert.match(second.stderr, new RegExp(`in use by another FacetDB: process ${first.pid} `));

  const stopped = await facetdb(['stop', '--data', dataDir]);
  assert.equal(stopped.code, exitCodes.ok, stopped.stderr);
  assert.equal(await first.stop(), exitCodes.ok);
  assert.equal((await facetdb(['status', '--data', dataDir])).code, exitCodes.notRunning);

  const again = await startServer({ dataDir });
  assert.equal(new URL(again.urls.postgres).password, password);
  assert.deepEqual(await query(again.urls.postgres, 'select * from kept'), [{ answer: 42 }]);
  assert.equal(await again.stop(), exitCodes.ok);
});

test('with --json, standard output holds one line, and the log is JSON', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const server = spawnStart(dataDir, ['--json']);
  await server.says(/\n/);
  server.child.kill('SIGTERM');
  const { stdout, stderr, code } = await server.ended;
  assert.equal(code, exitCodes.ok);
  const [line = '', end, ...more] = stdout.split('\n');
  assert.deepEqual([end, more], ['', []]);
  const ready = JSON.parse(line) as { ready: boolean; urls: Record<string, string>; dataDir: string; startMs: number };
  assert.deepEqual(Object.keys(ready), ['ready', 'urls', 'dataDir', 'startMs']);
  assert.deepEqual([ready.ready, ready.dataDir, Object.keys(ready.urls)], [true, dataDir, portOptionNames.map((name) => name.slice(0, -'Port'.length))]);
  assert.ok(Number.isInteger(ready.startMs));
  for (const logged of stderr.trim().split('\n')) assert.ok('level' in (JSON.parse(logged) as object), logged);
});

test('a second signal ends it at once, and the next start has everything that was committed', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const server = spawnStart(dataDir);
  const url = await server.says(/postgres:\S+/);
  const http = await server.says(/http:\S+/);
  await server.says(/Stop it with/);
  await query(url, 'create table kept as select 1 as one');
  // A request that never ends keeps an orderly stop busy until its limit.
  const { port, hostname } = new URL(http);
  const slow = connect(Number(port), hostname);
  slow.on('error', () => {});
  slow.write('GET /health HTTP/1.1\r\n');
  await sleep(50);

  server.child.kill('SIGINT');
  await sleep(cliLimits.sameSignalMs + 100);
  const secondAt = performance.now();
  server.child.kill('SIGINT');
  assert.equal((await server.ended).code, 130);
  assert.ok(performance.now() - secondAt < 1_000);

  const again = await startServer({ dataDir });
  assert.deepEqual(await query(again.urls.postgres, 'select * from kept'), [{ one: 1 }]);
  assert.equal(await again.stop(), exitCodes.ok);
});

test('a start that is stopped half-way ends well, and the next one completes it', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const server = spawnStart(dataDir, ['--log-level', 'silent']);
  await once(server.child.stderr, 'data'); // It says what it is doing.
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).code, exitCodes.ok);
  const again = await startServer({ dataDir });
  assert.deepEqual(await query(again.urls.postgres, 'select current_user'), [{ current_user: 'facet' }]);
  await again.stop();
});

test('a taken port is named with its option, and nothing stays behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const dataDir = join(temporaryFolder(), 'data');
  for (const option of ['--http-port', '--postgres-port']) {
    const outcome = await spawnStart(dataDir, [option, port]).ended;
    assert.equal(outcome.code, exitCodes.portTaken);
    assert.match(outcome.stderr, new RegExp(`^error: the port is taken: .*\\b${port}\\b.*${option}`, 'm'));
    assert.equal(outcome.stdout, '');
    assert.equal((await facetdb(['status', '--data', dataDir])).code, exitCodes.notRunning);
    assert.equal(postmasterPid(dataDir), undefined);
  }
  other.close();
});
