// What processes have computed so far, as the system counts it.

import { readFileSync } from 'node:fs';
import { childPids, postmasterPid } from '../test/support/postgres-processes.ts';

/** Of a clock tick of /proc, on every Linux that Node.js runs on. */
const tickMicroseconds = 10_000;

/** Microseconds of processor time, user's and system's; undefined where the system has no /proc. */
export function processorTimeOf(pid: number): number | undefined {
  return ticksOf(pid, [utime, stime]);
}

/** Of all processes of the PostgreSQL of a data folder, those that have ended too. */
export function postgresProcessorTime(dataDir: string): number | undefined {
  const postmaster = postmasterPid(dataDir);
  const own = postmaster === undefined ? undefined : ticksOf(postmaster, [utime, stime, cutime, cstime]);
  if (postmaster === undefined || own === undefined) return undefined;
  return childPids(postmaster).reduce((total, pid) => total + (processorTimeOf(pid) ?? 0), own);
}

// Places in /proc/PID/stat behind the command's name, which stands in brackets (proc(5)).
const utime = 11;
const stime = 12;
const cutime = 13;
const cstime = 14;

function ticksOf(pid: number, places: readonly number[]): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return tickMicroseconds * places.reduce((sum, place) => sum + Number(fields[place]), 0);
  } catch {
    return undefined;
  }
}
