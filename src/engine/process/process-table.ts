// The command lines of the machine's processes. PostgreSQL's processes write their titles there.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { processLimits } from './limits.ts';

/** Arguments are joined by spaces. Empty where the process has ended. */
export function commandLineOf(pid: number): string {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(['-p', String(pid)]).map(({ commandLine }) => commandLine).join('');
}

/** The processes whose command line holds this text. */
export function processesWith(text: string): number[] {
  const all = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), commandLine: fromProc(Number(name)) })) : fromPs(['-A']);
  return all.filter(({ commandLine }) => commandLine.includes(text)).map(({ pid }) => pid);
}

function fromProc(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function fromPs(selection: readonly string[]): { pid: number; commandLine: string }[] {
  try {
    const answer = execFileSync('/bin/ps', ['-ww', '-o', 'pid=,command=', ...selection], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: processLimits.programAnswerMs, maxBuffer: 64 * 1024 * 1024 });
    return answer.split('\n').flatMap((line) => {
      const [, pid, commandLine] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
      return commandLine === undefined ? [] : [{ pid: Number(pid), commandLine }];
    });
  } catch {
    return [];
  }
}
