// Which process a number means. A process id is used again after its process has ended, so an id alone proves nothing:
// together with the moment the process began, and the boot that this is counted from, it does.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';

/**
 * When the process began, as a text that only serves to be compared; `undefined` where there is no such process, it
 * has ended and only waits for its parent (a zombie), or the system does not say.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

/** Whether a process with this id exists, whoever owns it. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and is another user's.
    return systemErrorCode(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** Whether the process that had this id and identity still runs. Where the system does not tell, it is taken to. */
export function isSameProcess(pid: number, identity: string | undefined): boolean {
  if (!processExists(pid)) return false;
  const current = processIdentity(pid);
  return current === undefined || identity === undefined || current === identity;
}

/** Whether it was killed and is about to be gone: the system has taken its memory away already. */
export function isEnding(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '';
  } catch {
    return false;
  }
}

/** The fields of `/proc/<pid>/stat` from the third (state) on; the second, in brackets, may hold anything. */
function procStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const state = procStat(pid)?.[0];
  return state === 'Z' || state === 'X';
}

function identityFromProc(pid: number): string | undefined {
  const fields = procStat(pid);
  const ticksAtStart = fields?.[19];
  if (fields === undefined || ticksAtStart === undefined || isZombie(pid)) return undefined;
  return `${bootId()}/${ticksAtStart}`;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}

function identityFromPs(pid: number): string | undefined {
  try {
    const answer = execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: processLimits.programAnswerMs,
    });
    return answer.trim() || undefined;
  } catch {
    return undefined;
  }
}
