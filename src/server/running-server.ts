// A FacetDB that runs in another process, found by its data folder: asked how it is, and asked to stop.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServerState } from '../engine/process/data-folder.ts';
import { type LockRecord, lockHolder } from '../engine/process/folder-lock.ts';
import { processExists } from '../engine/process/process-identity.ts';
import { FacetError, isFacetError, systemErrorCode } from '../kernel/errors.ts';
import { Administration } from './administration.ts';
import { dataFolderOf } from './data-folder-setting.ts';
import { serverLimits } from './limits.ts';
import type { Settings } from './options.ts';

/** What `facetdb status` tells. */
export type RunningServerStatus = {
  /** `starting`: it has not published where it answers, yet. `degraded`: it runs, but its PostgreSQL does not answer. */
  readonly status: 'starting' | 'ready' | 'degraded';
  readonly pid: number;
  readonly dataDir: string;
  readonly version?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** Without passwords. */
  readonly urls: Readonly<Record<string, string>>;
};

/** Errors: `not_running`, `permission_denied` for another user's server. */
export async function statusOfRunningServer(settings: Settings): Promise<RunningServerStatus> {
  const dataDir = dataFolderOf(settings).path;
  const pid = await pidOf(dataDir);
  const state = await readServerState(dataDir);
  if (state === undefined) return { status: 'starting', pid, dataDir, urls: {} };
  const { version, startedAt, urls } = state;
  return { status: (await answers(settings)) ? 'ready' : 'degraded', pid, dataDir, version, startedAt, urls };
}

/**
 * Stops it in order and resolves, with its process id, once it has ended. Errors: `not_running`; `permission_denied`;
 * `limit_exceeded` when it has not ended in time.
 */
export async function stopRunningServer(settings: Settings): Promise<number> {
  const dataDir = dataFolderOf(settings).path;
  const pid = await pidOf(dataDir);
  signalProcess(pid, 'SIGTERM');
  const deadline = performance.now() + serverLimits.stopTimeoutMs;
  while (await isHeldBy(dataDir, pid)) {
    if (performance.now() > deadline) {
      throw new FacetError('limit_exceeded', `process ${pid} has not ended within ${serverLimits.stopTimeoutMs / 1_000} s; its log says what it waits for`);
    }
    await sleep(serverLimits.stopPollMs);
  }
  return pid;
}

async function pidOf(dataDir: string): Promise<number> {
  const holder = await holderOf(dataDir);
  if (holder === undefined) throw new FacetError('not_running', `no process works on ${dataDir}; another folder is named with --data`);
  return holder.pid;
}

async function holderOf(dataDir: string): Promise<LockRecord | undefined> {
  try {
    return await lockHolder(join(dataDir, 'lock'));
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(systemErrorCode(error) ?? '')) throw error;
    throw new FacetError('permission_denied', `${dataDir} belongs to another user; ask as that user, or as root`, { cause: error });
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return; // It has just ended by itself.
    throw new FacetError('permission_denied', `process ${pid} belongs to another user; stop it as that user, or as root`, { cause: error });
  }
}

/** Until the process itself is gone: it lets the folder go a moment before. */
async function isHeldBy(dataDir: string, pid: number): Promise<boolean> {
  const holder = await holderOf(dataDir);
  return holder === undefined ? processExists(pid) : holder.pid === pid;
}

async function answers(settings: Settings): Promise<boolean> {
  try {
    const administration = await Administration.open(settings, { connectTimeoutMs: serverLimits.statusTimeoutMs });
    await administration.close();
    return true;
  } catch (error) {
    // Root is not let in where FacetDB runs as another user; but that was an answer.
    return isFacetError(error, 'permission_denied');
  }
}
