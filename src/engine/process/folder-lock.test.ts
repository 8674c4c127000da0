import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isFacetError } from '../../kernel/errors.ts';
import { FolderLock, lockHolder } from './folder-lock.ts';
import { processIdentity } from './process-identity.ts';

function lockFolder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'facetdb-'));
  t.after(() => rmSync(root, { recursive: true }));
  return join(root, 'lock');
}

function leave(folder: string, number: number, record: unknown): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, String(number)), typeof record === 'string' ? record : JSON.stringify(record));
}

const long = { host: 'here', since: '2020-01-01T00:00:00.000Z' };

test('one holds it, the next is told who', async (t) => {
  const folder = lockFolder(t);
  const lock = await FolderLock.acquire(folder);
  assert.equal((await lockHolder(folder))?.pid, process.pid);
  await assert.rejects(FolderLock.acquire(folder), (error) => isFacetError(error, 'data_folder_in_use') && error.message.includes(String(process.pid)));
  await lock.release();
  assert.equal(await lockHolder(folder), undefined);
  await (await FolderLock.acquire(folder)).release();
  assert.deepEqual(readdirSync(folder), ['2']);
});

test('a live process holds it, whoever it is', async (t) => {
  const folder = lockFolder(t);
  leave(folder, 3, { ...long, pid: process.ppid, identity: processIdentity(process.ppid) });
  await assert.rejects(FolderLock.acquire(folder), (error) => isFacetError(error, 'data_folder_in_use') && error.message.includes(String(process.ppid)));
});

test('a dead holder, one whose number another process has now, and an empty file do not hold it', async (t) => {
  for (const record of [{ ...long, pid: 2 ** 30 }, { ...long, pid: process.ppid, identity: 'of another time' }, '']) {
    const folder = lockFolder(t);
    leave(folder, 7, record);
    await (await FolderLock.acquire(folder)).release();
    assert.deepEqual(readdirSync(folder), ['8']);
  }
});

test('of many that race for a stale lock, one wins', async (t) => {
  const folder = lockFolder(t);
  leave(folder, 1, { ...long, pid: 2 ** 30 });
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => FolderLock.acquire(folder)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') assert.ok(isFacetError(outcome.reason, 'data_folder_in_use'), String(outcome.reason));
});

test('who looked long ago cannot take what others took since', async (t) => {
  const folder = lockFolder(t);
  leave(folder, 5, { ...long, pid: 2 ** 30 });
  const lock = await FolderLock.acquire(folder);
  // As a start that saw nothing but number 3, and slept: its number is free, the lock is not.
  leave(folder, 4, { ...long, pid: process.ppid, identity: processIdentity(process.ppid) });
  assert.equal((await lockHolder(folder))?.pid, process.pid);
  await lock.release();
});
