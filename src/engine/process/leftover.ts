// Ends what an earlier PostgreSQL left on the data folder, so that ours is the only one: a whole server that outlived a
// killed FacetDB, or the sessions of a killed postmaster, which hold its shared memory for as long as their statements run.

import { realpath, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FacetError, messageOf, systemErrorCode } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { processLimits } from './limits.ts';
import { clusterNameOf, type PostmasterFile, postmasterFilePath, readPostmasterFile } from './postmaster-file.ts';
import { processExists } from './process-identity.ts';
import { commandLineOf, processesWith } from './process-table.ts';

export type LeftoverOptions = {
  readonly postgresDir: string;
  readonly log: Log;
  readonly onStep: (step: string) => void;
};

/**
 * Returns what the earlier PostgreSQL told of itself, `undefined` where none left anything. `data_folder_in_use` where
 * one runs that FacetDB did not start, or that it cannot see: in another container.
 */
export async function endLeftover({ postgresDir, log, onStep }: LeftoverOptions): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(postgresDir);
  if (file === undefined) return undefined;
  const name = await clusterNameOf(postgresDir);
  const stranger = await strangerOf(name, file.pid);
  if (stranger !== undefined) throw inUse(postgresDir, `process ${stranger}`);

  if (postmastersOf(name).includes(file.pid)) {
    onStep('Stopping the PostgreSQL that an ended FacetDB left running');
    log.warn({ pid: file.pid }, 'a PostgreSQL of an earlier FacetDB still runs; stopping it');
    await stopProcess(file.pid, postgresDir);
  } else if (await isPostgresOn(file.pid, postgresDir)) {
    throw inUse(postgresDir, `process ${file.pid}, which FacetDB did not start,`);
  } else if (await keepsAnswering(join(file.socketDirectory, `.s.PGSQL.${file.port}`))) {
    throw inUse(postgresDir, 'one in another container, or otherwise out of sight,');
  }
  await endOrphans(name, log);
  // PostgreSQL takes the number of a dead postmaster for alive when any other process of its user has it by now.
  await rm(postmasterFilePath(postgresDir), { force: true });
  return file;
}

function postmastersOf(clusterName: string): number[] {
  return processesWith(`cluster_name=${clusterName}`);
}

/** A postmaster of this name beside the known one. A process that one has just started bears its command line for a moment. */
async function strangerOf(clusterName: string, known: number): Promise<number | undefined> {
  const find = (): number | undefined => postmastersOf(clusterName).find((pid) => pid !== known);
  let stranger = find();
  for (const deadline = performance.now() + processLimits.endingMs; stranger !== undefined && performance.now() < deadline; stranger = find()) {
    await pause(processLimits.processPollMs);
  }
  return stranger;
}

/** Ends processes of a postmaster that is dead. They would end by themselves, but not before their statement does. */
async function endOrphans(clusterName: string, log: Log): Promise<void> {
  const deadline = performance.now() + processLimits.orphanMs;
  const killAfter = performance.now() + processLimits.stopImmediateMs;
  const find = (): number[] => processesWith(`postgres: ${clusterName}: `).filter(processExists);
  for (let orphans = find(); orphans.length > 0; orphans = find()) {
    if (performance.now() > deadline) throw new FacetError('engine_failed', `processes of an earlier PostgreSQL do not end: ${orphans.join(', ')}`);
    log.debug({ orphans }, 'ending processes of an earlier PostgreSQL');
    for (const pid of orphans) signal(pid, performance.now() > killAfter ? 'SIGKILL' : 'SIGQUIT');
    await pause(processLimits.processPollMs);
  }
}

async function stopProcess(pid: number, postgresDir: string): Promise<void> {
  for (const [name, waitMs] of [['SIGINT', processLimits.stopFastMs], ['SIGQUIT', processLimits.stopImmediateMs], ['SIGKILL', processLimits.stopImmediateMs]] as const) {
    try {
      signal(pid, name);
    } catch (error) {
      throw new FacetError('data_folder_in_use', `process ${pid}, a PostgreSQL on ${postgresDir}, cannot be stopped: ${messageOf(error)}`, { cause: error });
    }
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline) {
      if (!processExists(pid)) return;
      await pause(processLimits.processPollMs);
    }
  }
  throw new FacetError('engine_failed', `process ${pid}, a PostgreSQL on ${postgresDir}, does not end`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

/** Whether the process is a PostgreSQL that works in this directory, started by somebody's hand. */
async function isPostgresOn(pid: number, postgresDir: string): Promise<boolean> {
  if (!processExists(pid)) return false;
  const commandLine = commandLineOf(pid);
  if (!/postgres|postmaster/.test(commandLine)) return false;
  if (commandLine.includes(postgresDir) || commandLine.includes(await realpath(postgresDir))) return true;
  try {
    const [own, its] = await Promise.all([stat(postgresDir), stat(`/proc/${pid}/cwd`)]);
    return own.dev === its.dev && own.ino === its.ino;
  } catch {
    return false;
  }
}

/** A postmaster that is killed at this moment still has its socket, while it is not to be seen as one any more. */
async function keepsAnswering(socketPath: string): Promise<boolean> {
  for (const deadline = performance.now() + processLimits.endingMs; performance.now() < deadline; await pause(processLimits.processPollMs)) {
    if (!(await answers(socketPath))) return false;
  }
  return true;
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function inUse(postgresDir: string, who: string): FacetError {
  return new FacetError('data_folder_in_use', `a PostgreSQL, ${who} runs on ${postgresDir}; stop it first`);
}
