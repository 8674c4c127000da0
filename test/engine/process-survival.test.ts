// What an embedded PostgreSQL lives through: its own death, FacetDB's, and interruptions at any moment.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import pg from 'pg';
import { systemRole } from '../../src/engine/process/embedded-postgres.ts';
import { processExists } from '../../src/engine/process/process-identity.ts';
import { isFacetError } from '../../src/kernel/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask, postmasterPidIn, type Running, startEmbedded, until, untilUp } from './embedded.ts';

const parent = temporaryFolder();
const path = join(parent, 'data');

async function started(t: TestContext, folder = path): Promise<Running> {
  const running = await startEmbedded(folder);
  t.after(() => running.stop());
  return running;
}

/** A session that looks at nothing but its numbers for minutes, and holds the shared memory; waits until it is lost. */
async function keepBusy(t: TestContext): Promise<() => Promise<void>> {
  const busy = new pg.Client({ host: join(path, 'run'), port: 5432, user: systemRole, database: 'postgres' });
  busy.on('error', () => undefined);
  await busy.connect();
  t.after(() => busy.end());
  const lost = assert.rejects(busy.query('select count(*) from generate_series(1, 100000000000)'));
  return () => lost;
}

type OtherProcess = { readonly outcome: 'up' | 'refused'; readonly kill: (signal: NodeJS.Signals) => Promise<void> };

/** A FacetDB of its own process, which starts PostgreSQL on the folder; returns when that is up or was refused. */
async function startInOtherProcess(): Promise<OtherProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', new URL('start-embedded.ts', import.meta.url).pathname, path], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const outcome = await Promise.race([once(child.stdout, 'data').then(() => 'up' as const), exited.then(() => 'refused' as const)]);
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { outcome, kill };
}

test('a PostgreSQL that is killed comes back, with what was committed, while a session of it is busy', async (t) => {
  const { postgres } = await started(t);
  await ask(postgres, 'create table if not exists kept as select 42 as answer');
  const lost = await keepBusy(t);

  for (let restarts = 1; restarts <= 2; restarts++) {
    const down = once(postgres, 'down');
    const up = untilUp(postgres);
    process.kill(postgres.pid ?? 0, 'SIGKILL');
    const [error] = (await down) as [unknown];
    assert.ok(isFacetError(error, 'engine_unavailable'));
    assert.equal(postgres.state, 'down');
    await up;
    assert.equal(postgres.restarts, restarts);
    assert.equal(await ask(postgres, 'select answer from kept'), 42);
  }
  await lost();
});

test('a stop while PostgreSQL is coming back ends in order', async () => {
  const { folder, postgres, stop } = await startEmbedded(path);
  process.kill(postgres.pid ?? 0, 'SIGKILL');
  await once(postgres, 'down');
  await stop();
  assert.equal(postgres.state, 'stopped');
  assert.equal(postmasterPidIn(folder.path) === undefined || !processExists(postmasterPidIn(folder.path) ?? 0), true);
});

test('kill ends it at once, and the next start recovers', async (t) => {
  const { folder, postgres } = await startEmbedded(path);
  await ask(postgres, 'create table if not exists kept as select 42 as answer');
  const pid = postgres.pid ?? 0;
  postgres.kill();
  await until(() => !processExists(pid));
  await postgres.stop();
  await folder.close();
  assert.equal(await ask((await started(t)).postgres, 'select answer from kept'), 42);
});

test('what a killed FacetDB left running is stopped, and there is one PostgreSQL', async (t) => {
  await (await startInOtherProcess()).kill('SIGKILL');
  const left = postmasterPidIn(path) ?? 0;
  assert.equal(processExists(left), true);
  const steps: string[] = [];
  const running = await startEmbedded(path, { onStep: (step) => steps.push(step) });
  t.after(() => running.stop());
  assert.equal(processExists(left), false);
  assert.ok(steps.some((step) => step.startsWith('Stopping the PostgreSQL')));
  assert.equal(await ask(running.postgres, 'select 1'), 1);
});

test('FacetDB and its PostgreSQL killed together, with a session busy: the next start has it alone', async (t) => {
  const other = await startInOtherProcess();
  const lost = await keepBusy(t);
  const left = postmasterPidIn(path) ?? 0;
  await other.kill('SIGKILL');
  process.kill(left, 'SIGKILL');
  const running = await started(t);
  await lost();
  assert.equal(await ask(running.postgres, 'select 1'), 1);
});

test('a FacetDB that ends by an error takes its PostgreSQL with it', async () => {
  const other = await startInOtherProcess();
  const pid = postmasterPidIn(path) ?? 0;
  await other.kill('SIGUSR2');
  await until(() => !processExists(pid));
  assert.equal(existsSync(join(path, 'postgres', 'postmaster.pid')), false);
});

test('a second FacetDB on the folder is told of the first', async () => {
  const other = await startInOtherProcess();
  try {
    await assert.rejects(startEmbedded(path), (error) => isFacetError(error, 'data_folder_in_use') && /process \d+ has held/.test(error.message));
  } finally {
    await other.kill('SIGTERM');
  }
  assert.equal(existsSync(join(path, 'postgres', 'postmaster.pid')), false);
});

test('of two that start at once where one was killed, one gets the folder', async () => {
  await (await startInOtherProcess()).kill('SIGKILL');
  const others = await Promise.all([startInOtherProcess(), startInOtherProcess()]);
  assert.deepEqual(others.map(({ outcome }) => outcome).toSorted(), ['refused', 'up']);
  for (const other of others) if (other.outcome === 'up') await other.kill('SIGTERM');
});

test('an interrupted creation leaves nothing that looks finished', async (t) => {
  const interrupted = join(parent, 'interrupted');
  mkdirSync(join(interrupted, 'postgres.creating-4711', 'base'), { recursive: true });
  writeFileSync(join(interrupted, 'postgres.creating-4711', 'PG_VERSION'), '18\n');
  writeFileSync(join(interrupted, 'facetdb.json'), '{"format":1}');
  const { postgres } = await started(t, interrupted);
  assert.equal(postgres.created, true);
  assert.deepEqual(readdirSync(interrupted).filter((name) => name.startsWith('postgres')), ['postgres']);
});

test('the number in a stale pid file belongs to another process by now', async (t) => {
  const { folder, stop } = await startEmbedded(path);
  await stop();
  // A process of PostgreSQL's own user, which PostgreSQL by itself would take for another server.
  const { uid, gid, isOther } = folder.postgresUser;
  const bystander = spawn('sleep', ['60'], isOther ? { uid, gid } : {});
  t.after(() => bystander.kill());
  writeFileSync(join(folder.postgresDir, 'postmaster.pid'), `${bystander.pid}\n${folder.postgresDir}\n1\n5432\n${path}/run\n\n  1 1\nready\n`);
  assert.equal(await ask((await started(t)).postgres, 'select 1'), 1);
  assert.equal(bystander.exitCode, null);
});
