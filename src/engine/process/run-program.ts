// Runs one of PostgreSQL's programs to its end (`initdb`, `postgres --version`), with bounded time and output.

import { execFile } from 'node:child_process';
import { systemErrorCode } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';
import { spawnAs, type SystemUser } from './system-user.ts';

export type ProgramResult =
  /** It ran: exit code, or `undefined` after a signal or past the time limit. */
  | { readonly outcome: 'ended'; readonly exitCode: number | undefined; readonly output: string; readonly errorOutput: string }
  /** It did not even begin, with the system's error code (`EACCES`, `ENOENT`, `EPERM` …). */
  | { readonly outcome: 'not started'; readonly code: string };

/**
 * What every PostgreSQL process gets as its environment: nothing of FacetDB's own, as `PG…` variables, locales and
 * preloaded libraries would change what it does.
 */
export const programEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

export function runProgram(file: string, parameters: readonly string[], user: SystemUser, timeoutMs: number): Promise<ProgramResult> {
  return new Promise((done) => {
    const options = { ...spawnAs(user), cwd: '/', env: programEnvironment, timeout: timeoutMs, maxBuffer: processLimits.programOutputBytes };
    try {
      execFile(file, [...parameters], options, (error, output, errorOutput) => {
        // Of a program that ended, the code is its exit code; of one that never began, the system's name for why.
        const code = systemErrorCode(error);
        const isStartFailure = error !== null && 'syscall' in error && code !== undefined;
        if (isStartFailure) return done({ outcome: 'not started', code });
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        done({ outcome: 'ended', exitCode, output, errorOutput });
      });
    } catch (error) {
      // Node.js throws some failures to start instead of reporting them.
      done({ outcome: 'not started', code: systemErrorCode(error) ?? 'UNKNOWN' });
    }
  });
}
