// Makes PostgreSQL's programs run for PostgreSQL's user: repaired where npm put them, or from a copy (program-cache.ts)
// where the user cannot reach the original or it cannot be repaired.

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';
import { cacheFolders, copyOfProgram } from './program-cache.ts';
import { installedProgram, makeExecutable, type ProgramSource, repairLinks, useEngine } from './program-source.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { ownUser, type SystemUser } from './system-user.ts';

export type Program = {
  /** Absolute paths. */
  readonly postgres: string;
  readonly initdb: string;
  /** True where this is a copy that FacetDB made. */
  readonly isCopy: boolean;
};

/**
 * The programs, ready to run as this user. `platform_unsupported` where npm has none for this platform or they do not
 * run on it; `engine_failed` where the user cannot be given a copy.
 */
export async function findProgram(user: SystemUser, onCopy: (folder: string) => void = () => undefined, source: ProgramSource = installedProgram()): Promise<Program> {
  const isRepaired = repairLinks(source.root) && makeExecutable(source.root);
  const original = isRepaired ? await tryProgram(source.root, user) : undefined;
  if (original === undefined || original === 'unreachable') return copyThatRuns(source, user, onCopy);
  return original;
}

/** Before anything is made in a data folder: throws `platform_unsupported` where the programs cannot run at all. */
export async function assertProgramsRun(): Promise<void> {
  const { root } = installedProgram();
  const isRepaired = repairLinks(root) && makeExecutable(root);
  // What cannot be repaired in place will be in the copy.
  if (isRepaired) await tryProgram(root, ownUser());
}

async function copyThatRuns(source: ProgramSource, user: SystemUser, onCopy: (folder: string) => void): Promise<Program> {
  const failures: string[] = [];
  for (const cache of cacheFolders()) {
    try {
      const root = await copyOfProgram(source, cache, () => onCopy(cache));
      const program = await tryProgram(root, user);
      if (program !== 'unreachable') return { ...program, isCopy: true };
      failures.push(`${user.name} cannot run programs in ${cache}`);
    } catch (error) {
      if (error instanceof FacetError) throw error;
      failures.push(`${cache}: ${messageOf(error)}`);
    }
  }
  throw new FacetError('engine_failed', `the user ${user.name} cannot run PostgreSQL where npm installed it (${source.root}), and no copy could be made (${failures.join('; ')}); install FacetDB where that user can reach it, or make one of these folders usable`);
}

/** The programs if they run; whether they only cannot be reached; otherwise throws why this platform does not run them. */
async function tryProgram(root: string, user: SystemUser): Promise<Program | 'unreachable'> {
  const bin = join(root, 'native', 'bin');
  const postgres = join(bin, 'postgres');
  const result = await runProgram(postgres, ['--version'], user, processLimits.programAnswerMs);
  if (result.outcome === 'ended' && result.exitCode === 0) return { postgres, initdb: join(bin, 'initdb'), isCopy: false };
  if (isOutOfReach(result)) return 'unreachable';
  throw cannotRun(postgres, result, user);
}

function isOutOfReach(result: ProgramResult): boolean {
  if (result.outcome === 'not started') return result.code === 'EACCES';
  return /permission denied/i.test(result.errorOutput);
}

function cannotRun(postgres: string, result: ProgramResult, user: SystemUser): FacetError {
  if (result.outcome === 'ended') {
    const said = result.errorOutput.trim() || `exit code ${result.exitCode ?? 'none'}`;
    return new FacetError('platform_unsupported', `${postgres} does not run on this system (${said}); it needs glibc 2.27 or newer and libstdc++ on Linux, macOS 11 or newer; ${useEngine}`);
  }
  switch (result.code) {
    case 'ENOENT':
      // The file is there: what is missing is the loader that it names.
      if (lstatSync(postgres, { throwIfNoEntry: false })) return new FacetError('platform_unsupported', `the PostgreSQL that comes with FacetDB needs glibc, which this system (Alpine or another one with musl?) does not have; ${useEngine}`);
      return new FacetError('platform_unsupported', `${postgres} is missing; install again (npm ci), or ${useEngine}`);
    case 'EPERM':
    case 'EINVAL':
      if (user.isOther) return new FacetError('engine_failed', `FacetDB runs as root and may not run PostgreSQL as the user ${user.name} (are the capabilities SETUID and SETGID taken away?); start FacetDB as an unprivileged user instead`);
      break;
    default:
  }
  return new FacetError('platform_unsupported', `${postgres} cannot be started (${result.code}); ${useEngine}`);
}
