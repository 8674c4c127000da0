import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type ErrorCode, isFacetError } from '../../kernel/errors.ts';
import { DataFolder, defaultDataFolder, readServerState } from './data-folder.ts';
import { isRoot } from './system-user.ts';

function parentFolder(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'facetdb-'));
  chmodSync(parent, 0o755);
  t.after(() => rmSync(parent, { recursive: true }));
  return parent;
}

/** Every path below with its content, to show that nothing was touched. */
function snapshot(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(paths.map((path) => [path, statSync(join(folder, path)).isDirectory() ? 'folder' : readFileSync(join(folder, path), 'utf8')]));
}

async function assertRefusedUntouched(folder: string, code: ErrorCode, text: RegExp): Promise<void> {
  const before = snapshot(folder);
  await assert.rejects(DataFolder.open(folder), (error) => isFacetError(error, code) && text.test(error.message));
  assert.deepEqual(snapshot(folder), before);
}

test('a new folder is made, marked and closed to others; it opens again', async (t) => {
  const path = join(parentFolder(t), 'a', 'b');
  for (let time = 0; time < 2; time++) {
    const folder = await DataFolder.open(path);
    assert.equal(folder.path, path);
    await assert.rejects(DataFolder.open(path), (error) => isFacetError(error, 'data_folder_in_use'));
    await folder.close();
  }
  assert.equal(statSync(path).mode & 0o777, isRoot() ? 0o711 : 0o700);
  assert.deepEqual(readdirSync(path).toSorted(), ['facetdb.json', 'lock']);
});

test('an empty folder is taken, also one that only its owner may enter, and one that is a mount point', async (t) => {
  const path = parentFolder(t);
  chmodSync(path, 0o700);
  mkdirSync(join(path, 'lost+found'));
  await (await DataFolder.open(path)).close();
  assert.equal(readdirSync(path).includes('facetdb.json'), true);
});

test('where it may not be made, nothing is', async (t) => {
  const path = parentFolder(t);
  await assert.rejects(DataFolder.open(path, { mayCreate: false }), (error) => isFacetError(error, 'not_running'));
  await assert.rejects(DataFolder.open(join(path, 'x'), { mayCreate: false }), (error) => isFacetError(error, 'not_running'));
  assert.deepEqual(readdirSync(path), []);
});

test('a folder of something else is refused untouched', async (t) => {
  const path = parentFolder(t);
  writeFileSync(join(path, 'thesis.txt'), 'years of work');
  await assertRefusedUntouched(path, 'data_folder_foreign', /not empty/);
});

test('the data directory of another PostgreSQL is refused untouched, by that name', async (t) => {
  const path = parentFolder(t);
  writeFileSync(join(path, 'PG_VERSION'), '18\n');
  await assertRefusedUntouched(path, 'data_folder_foreign', /PostgreSQL 18.*--engine/);
});

test('a folder of another major version, or of a newer FacetDB, is refused untouched', async (t) => {
  const path = parentFolder(t);
  await (await DataFolder.open(path)).close();
  mkdirSync(join(path, 'postgres'));
  writeFileSync(join(path, 'postgres', 'PG_VERSION'), '17\n');
  await assertRefusedUntouched(path, 'data_folder_version', /PostgreSQL 17/);
  writeFileSync(join(path, 'facetdb.json'), '{"format":99}');
  await assertRefusedUntouched(path, 'store_too_new', /format 99/);
  writeFileSync(join(path, 'facetdb.json'), 'not json');
  await assertRefusedUntouched(path, 'data_folder_foreign', /facetdb\.json/);
});

test('a path through a file is refused', async (t) => {
  const file = join(parentFolder(t), 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'x')]) await assert.rejects(DataFolder.open(path), (error) => isFacetError(error, 'data_folder_unwritable') && error.message.includes(path));
});

test('the state is there while the server runs, and private', async (t) => {
  const path = join(parentFolder(t), 'data');
  const folder = await DataFolder.open(path);
  assert.equal(await readServerState(path), undefined);
  const state = { pid: process.pid, version: '1.2.3', startedAt: new Date().toISOString(), urls: { postgres: 'postgres://127.0.0.1:1/facet' } };
  await folder.writeState(state);
  assert.deepEqual(await readServerState(path), state);
  assert.equal(statSync(join(path, 'server.json')).mode & 0o777, 0o600);
  await folder.close();
  assert.equal(await readServerState(path), undefined);
});

test('the state of a killed server does not count', async (t) => {
  const path = join(parentFolder(t), 'data');
  const folder = await DataFolder.open(path);
  await folder.close();
  writeFileSync(join(path, 'server.json'), JSON.stringify({ pid: 2 ** 30, urls: {} }));
  assert.equal(await readServerState(path), undefined);
  assert.equal(await readServerState(join(path, 'nowhere')), undefined);
});

test('root is told which folder its PostgreSQL cannot get into, and nothing is made', { skip: !isRoot() && 'only root hands PostgreSQL to another user' }, async (t) => {
  const closed = join(parentFolder(t), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const path = join(closed, 'data');
  await assert.rejects(DataFolder.open(path), (error) => isFacetError(error, 'data_folder_unreachable') && error.message.includes(`'${closed}'`) && error.message.includes('--data /var/lib/facetdb'));
  assert.deepEqual(readdirSync(closed), []);
});

test('where root’s PostgreSQL cannot reach the current folder, another is the default', { skip: !isRoot() && 'only root hands PostgreSQL to another user' }, (t) => {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  const open = parentFolder(t);
  process.chdir(open);
  assert.deepEqual(defaultDataFolder(), { path: join(open, 'facetdb-data') });
  const closed = join(open, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  process.chdir(closed);
  const { path, reason } = defaultDataFolder();
  assert.equal(path, '/var/lib/facetdb');
  assert.ok(reason?.includes(closed));
});
