// The processes of the embedded PostgreSQL, found from outside: its pid file in the data folder and the process table.
// For the tests that kill it and the tools that measure it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type ProcessEntry = { readonly pid: number; readonly parent: number; readonly command: string };

/** The pid of the PostgreSQL that serves this data folder, or undefined when none is alive. */
export function postmasterPid(dataDir: string): number | undefined {
  let firstLine: string;
  try {
    firstLine = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0] ?? '';
  } catch {
    return undefined;
  }
  const pid = Number(firstLine);
  // The file outlives a killed postmaster, and its pid may be another program's by now.
  const entry = processTable().find((candidate) => candidate.pid === pid);
  return entry?.command.includes(dataDir) ? pid : undefined;
}

/** The pids of a postmaster's children: its sessions and background processes. */
export function childPids(pid: number): number[] {
  return processTable()
    .filter((entry) => entry.parent === pid)
    .map((entry) => entry.pid);
}

/** Ends the PostgreSQL of this data folder at once, with all its processes, where there is one. */
export function endPostgres(dataDir: string): void {
  const pid = postmasterPid(dataDir);
  if (pid === undefined) return;
  for (const victim of [pid, ...childPids(pid)]) killIfAlive(victim);
}

/** Sends SIGKILL; a process that is gone already is fine. */
export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Whether none of them runs any more; one that only waits to be reaped does not. */
export function areGone(pids: readonly number[]): boolean {
  return !processTable().some(({ pid, command }) => pids.includes(pid) && !command.endsWith('<defunct>'));
}

/** Every process of the machine, from `ps`, which Linux and macOS both have. */
export function processTable(): ProcessEntry[] {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return table.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}
