// One FacetDB at a time on one data folder. The lock is a folder of numbered files, `lock/1`, `lock/2`, …: the highest
// number says who holds it. A number is never used twice, so whoever was asleep between looking and taking cannot
// take away a lock that somebody else took meanwhile: deleting a stale lock and making a new one would allow that.

import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FacetError, systemErrorCode } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';
import { isEnding, isSameProcess, processExists, processIdentity } from './process-identity.ts';

export type LockRecord = {
  readonly pid: number;
  readonly identity?: string | undefined;
  readonly host: string;
  readonly since: string;
  /** The holder has let go; the file stays, as its number must not come again. */
  readonly released?: boolean;
};

export class FolderLock {
  readonly #folder: string;
  readonly #number: number;
  readonly #record: LockRecord;

  private constructor(folder: string, number: number, record: LockRecord) {
    this.#folder = folder;
    this.#number = number;
    this.#record = record;
  }

  /** Takes the lock in this folder, which is made where missing; `data_folder_in_use` while a live process holds it. */
  static async acquire(folder: string): Promise<FolderLock> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const record: LockRecord = { pid: process.pid, identity: processIdentity(process.pid), host: hostname(), since: new Date().toISOString() };
    // A whole file is linked into place, so that nobody ever reads a part of it.
    const draft = await writeDraft(folder, record);
    try {
      for (const deadline = performance.now() + processLimits.lockWaitMs; performance.now() < deadline; await pause(processLimits.processPollMs)) {
        const number = await tryAcquire(folder, draft);
        if (number === undefined) continue;
        await removeOlder(folder, number);
        return new FolderLock(folder, number, record);
      }
    } finally {
      await rm(draft, { force: true });
    }
    throw new FacetError('data_folder_in_use', `the lock in ${folder} could not be had in ${processLimits.lockWaitMs / 1000} s, as others are being started or killed; try again`);
  }

  async release(): Promise<void> {
    const draft = await writeDraft(this.#folder, { ...this.#record, released: true });
    await rename(draft, join(this.#folder, String(this.#number)));
  }
}

/** Who holds the lock in this folder, if a live process does. */
export async function lockHolder(folder: string): Promise<LockRecord | undefined> {
  const latest = (await lockNumbers(folder)).at(-1);
  if (latest === undefined) return undefined;
  const record = await readRecord(folder, latest);
  return record !== undefined && isHeld(record) ? record : undefined;
}

/** The number taken; `undefined` when it is worth another look: another was quicker, or the holder is about to be gone. */
async function tryAcquire(folder: string, draft: string): Promise<number | undefined> {
  const latest = (await lockNumbers(folder)).at(-1) ?? 0;
  const record = latest === 0 ? undefined : await readRecord(folder, latest);
  if (record !== undefined && isHeld(record)) {
    if (isEnding(record.pid)) return undefined;
    throw inUse(folder, record);
  }

  const number = latest + 1;
  try {
    await link(draft, join(folder, String(number)));
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return undefined;
    throw error;
  }
  // Between the look and the link the lock may have moved on past this number, and this number's file been removed.
  const isOvertaken = (await lockNumbers(folder)).some((other) => other > number);
  if (!isOvertaken) return number;
  await rm(join(folder, String(number)), { force: true });
  return undefined;
}

async function removeOlder(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const draftOf = /^draft-(\d+)-/.exec(name)?.[1];
    const isOlder = isLockNumber(name) && Number(name) < number;
    const isAbandoned = draftOf !== undefined && !processExists(Number(draftOf));
    if (isOlder || isAbandoned) await rm(join(folder, name), { force: true });
  }
}

async function writeDraft(folder: string, record: LockRecord): Promise<string> {
  const draft = join(folder, `draft-${process.pid}-${randomBytes(6).toString('hex')}`);
  await writeFile(draft, `${JSON.stringify(record)}\n`, { flag: 'wx', mode: 0o644 });
  return draft;
}

async function lockNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.filter(isLockNumber).map(Number).toSorted((left, right) => left - right);
}

function isLockNumber(name: string): boolean {
  return /^[1-9]\d{0,14}$/.test(name);
}

/** `undefined` where the file is gone, or empty as a power loss may leave it: either way its writer is gone as well. */
async function readRecord(folder: string, number: number): Promise<LockRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(folder, String(number)), 'utf8')) as LockRecord;
    return Number.isSafeInteger(record?.pid) ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isHeld(record: LockRecord): boolean {
  return record.released !== true && isSameProcess(record.pid, record.identity);
}

function inUse(folder: string, { pid, since }: LockRecord): FacetError {
  const who = pid === process.pid ? `this very process (${pid})` : `process ${pid}`;
  return new FacetError('data_folder_in_use', `${who} has held ${folder} since ${since}; stop it with "facetdb stop", or choose another folder with --data`);
}
