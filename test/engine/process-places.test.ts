// Places that make it hard: long paths, full and read-only disks, programs that PostgreSQL's user cannot reach.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { findProgram, type Program } from '../../src/engine/process/program.ts';
import { copyOfProgram } from '../../src/engine/process/program-cache.ts';
import { installedProgram, type ProgramSource, repairLinks } from '../../src/engine/process/program-source.ts';
import { runProgram } from '../../src/engine/process/run-program.ts';
import { isRoot, userForPostgres } from '../../src/engine/process/system-user.ts';
import { isFacetError } from '../../src/kernel/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ask, startEmbedded, untilUp } from './embedded.ts';

const parent = temporaryFolder();
const mounts: string[] = [];
after(() => {
  for (const mount of mounts) spawnSync('umount', ['--lazy', mount]);
});

/** A small file system in memory, where this user may mount one; otherwise skips the test. */
function mountSmall(t: TestContext, megabytes: number): string | undefined {
  const mount = mkdtempSync(join(parent, 'mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', mount]);
  if (status === 0) {
    mounts.push(mount);
    return mount;
  }
  t.skip('this user may not mount file systems');
  return undefined;
}

/** The installed package as npm leaves it when install scripts are off: without the links. */
function packageWithoutLinks(name: string): ProgramSource {
  const installed = installedProgram();
  const root = join(parent, name);
  cpSync(installed.root, root, { recursive: true });
  const links = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) rmSync(join(root, target), { force: true });
  return { root, name: installed.name };
}

async function assertRuns(program: Program): Promise<void> {
  const result = await runProgram(program.postgres, ['--version'], userForPostgres(), 10_000);
  assert.ok(result.outcome === 'ended' && result.output.includes('PostgreSQL) 18.'));
}

test('with a path too long for a socket, the socket is elsewhere', async () => {
  const path = join(parent, 'long'.repeat(30), 'data');
  const { postgres, stop } = await startEmbedded(path);
  assert.equal(postgres.socketDirectory.startsWith(path), false);
  assert.equal(lstatSync(postgres.socketDirectory).mode & 0o777, 0o700);
  assert.equal(await ask(postgres, 'select 1'), 1);
  await stop();
  assert.equal(existsSync(postgres.socketDirectory), false);
});

test('the links that npm drops are repaired in place', async () => {
  const source = packageWithoutLinks('without-links');
  for (const name of ['postgres', 'initdb']) chmodSync(join(source.root, 'native', 'bin', name), 0o644);
  const [first, second] = await Promise.all([findProgram(userForPostgres(), undefined, source), findProgram(userForPostgres(), undefined, source)]);
  assert.deepEqual([first.isCopy, second.isCopy], [false, false]);
  await assertRuns(first);
});

test('programs that PostgreSQL’s user cannot reach run from a copy', { skip: !isRoot() && 'only root hands PostgreSQL to another user' }, async () => {
  const closed = join(parent, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const source = packageWithoutLinks(join('closed', 'package'));
  const copies: string[] = [];
  const program = await findProgram(userForPostgres(), (folder) => copies.push(folder), source);
  assert.equal(program.isCopy, true);
  assert.equal(program.postgres.startsWith(closed), false);
  await assertRuns(program);
});

test('a copy is made once, whole, and again when it is damaged', async () => {
  const source = installedProgram();
  repairLinks(source.root);
  const cache = join(parent, 'cache');
  let made = 0;
  const copy = (): Promise<string> => copyOfProgram(source, cache, () => made++);
  const roots = await Promise.all([copy(), copy()]);
  assert.equal(roots[0], roots[1]);
  made = 0;
  const root = await copy();
  assert.equal(made, 0);

  truncateSync(join(root, 'native', 'bin', 'initdb'));
  await copy();
  assert.equal(made, 1);
  assert.ok(lstatSync(join(root, 'native', 'bin', 'initdb')).size > 0);
  assert.deepEqual(readdirSync(cache), [source.name]);
});

test('a cache that others can write to is not used', async () => {
  const cache = join(parent, 'planted');
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  await assert.rejects(copyOfProgram(installedProgram(), cache, () => undefined), /only this user/);
  assert.deepEqual(readdirSync(cache), []);
});

test('a full disk is said to be full, and leaves nothing half made', async (t) => {
  const mount = mountSmall(t, 20);
  if (mount === undefined) return;
  const path = join(mount, 'data');
  await assert.rejects(startEmbedded(path), (error) => isFacetError(error, 'disk_full') && error.message.includes(path));
  assert.deepEqual(readdirSync(path).filter((name) => name.startsWith('postgres')), []);
});

test('a disk that fills up is said to be full, and loses nothing', async (t) => {
  const mount = mountSmall(t, 200);
  if (mount === undefined) return;
  const path = join(mount, 'data');
  const { postgres, stop } = await startEmbedded(path);
  await ask(postgres, 'create table kept as select 42 as answer');
  const filler = join(mount, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k']);
  // The log needs its next file, and cannot have it: PostgreSQL stops at once, and cannot come back either.
  await assert.rejects(ask(postgres, `select count(pg_logical_emit_message(true, 'x', repeat('y', 1000000))) from generate_series(1, 40)`));
  const [error] = (await once(postgres, 'down')) as [unknown];
  assert.ok(isFacetError(error, 'disk_full'));
  const up = untilUp(postgres);
  rmSync(filler);
  await up;
  assert.equal(await ask(postgres, 'select answer from kept'), 42);
  await stop();
  const again = await startEmbedded(path);
  assert.equal(await ask(again.postgres, 'select answer from kept'), 42);
  await again.stop();
});

test('a read-only disk is said to be read-only', async (t) => {
  const mount = mountSmall(t, 20);
  if (mount === undefined) return;
  spawnSync('mount', ['-o', 'remount,ro', mount]);
  await assert.rejects(startEmbedded(join(mount, 'data')), (error) => isFacetError(error, 'data_folder_unwritable') && /read-only/.test(error.message));
});

test('an unprivileged user runs it as itself; a folder of another’s is refused', (t) => {
  if (!isRoot()) return t.skip('this whole suite runs as an unprivileged user already');
  const { uid, gid } = userForPostgres();
  const home = join(parent, 'home');
  spawnSync('install', ['-d', '-o', String(uid), '-g', String(gid), home]);
  const run = (path: string): { status: number | null; output: string } => {
    const program = new URL('start-and-stop.ts', import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program, path], { uid, gid, cwd: dirname(program), env: { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home }, encoding: 'utf8', timeout: 30_000 });
    return { status, output: stdout + stderr };
  };
  if (spawnSync(process.execPath, ['--version'], { uid, gid }).status !== 0 || spawnSync('test', ['-r', import.meta.filename], { uid, gid }).status !== 0) return t.skip('the unprivileged user cannot reach this checkout');

  const path = join(home, 'data');
  assert.deepEqual(run(path), { status: 0, output: 'created\n' });
  assert.equal(lstatSync(path).mode & 0o777, 0o700);
  assert.match(run(join(parent, 'not-mine')).output, /data_folder_unwritable: .*has no right/);
});
