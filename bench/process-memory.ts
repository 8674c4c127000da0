// The memory of processes, as the system counts it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export type Memory = {
  readonly residentBytes: number;
  /** Shared pages divided by those who share them (Linux's "Pss"); undefined where the system does not tell. */
  readonly proportionalBytes: number | undefined;
};

/** The sum over processes. */
export function memoryOf(pids: readonly number[]): Memory {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
  const shares = pids.map(proportionalBytes);
  return {
    residentBytes: 1024 * sum(kilobytes),
    proportionalBytes: shares.every((share) => share !== undefined) ? sum(shares) : undefined,
  };
}

function proportionalBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
