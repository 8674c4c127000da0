// Creates PostgreSQL's cluster. It is made under another name and renamed when it is complete and on disk, so whatever
// interrupts the creation, a folder called `postgres` is a whole cluster. Manual: "initdb".

import { chmod, chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FacetError, messageOf, systemErrorCode } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { syncFolder } from './atomic-file.ts';
import type { DataFolder } from './data-folder.ts';
import { diskFull } from './folder-error.ts';
import { processLimits } from './limits.ts';
import type { Program } from './program.ts';
import { runProgram } from './run-program.ts';

const draftPrefix = 'postgres.creating-';

const initdbOptions = [
  '--encoding=UTF8',
  // Sorts by code point, the same on every machine; an index never breaks with a system's new collation version.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--data-checksums',
  '--auth-local=peer',
  '--auth-host=scram-sha-256',
  '--no-instructions',
];

export type CreateClusterOptions = {
  readonly folder: DataFolder;
  readonly program: Program;
  /** The cluster's bootstrap superuser. */
  readonly systemRole: string;
  readonly log: Log;
  readonly onStep: (step: string) => void;
};

/** Creates the cluster where there is none; tells whether it did. `disk_full`, `engine_failed`. */
export async function createCluster({ folder, program, systemRole, log, onStep }: CreateClusterOptions): Promise<boolean> {
  await removeDrafts(folder, log);
  if (await exists(folder.postgresDir)) return false;
  onStep('Creating the PostgreSQL cluster');
  const draft = join(folder.path, `${draftPrefix}${process.pid}`);
  const user = folder.postgresUser;
  try {
    await mkdir(draft);
    await chmod(draft, 0o700);
    if (user.isOther) await chown(draft, user.uid, user.gid);
    // initdb itself waits until all of it is on disk, which takes half of its second.
    const result = await runProgram(program.initdb, [`--pgdata=${draft}`, `--username=${systemRole}`, ...initdbOptions], user, processLimits.createClusterMs);
    if (result.outcome === 'not started') throw new FacetError('engine_failed', `${program.initdb} cannot be started (${result.code})`);
    if (result.exitCode !== 0) throw initdbError(`${result.output}\n${result.errorOutput}`, folder);
    await rename(draft, folder.postgresDir);
    await syncFolder(folder.path);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    throw error;
  }
}

function initdbError(output: string, folder: DataFolder): FacetError {
  if (output.includes('No space left on device')) return diskFull(folder.path);
  const lines = output.split('\n').filter((line) => /error|fatal|panic|hint|could not/i.test(line));
  const said = lines.slice(-processLimits.explanationLines).join('; ') || 'initdb gave no reason';
  return new FacetError('engine_failed', `the cluster could not be created in ${folder.path}: ${said}`);
}

/** What interrupted creations left. We hold the data folder's lock, so none is under way. */
async function removeDrafts(folder: DataFolder, log: Log): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (!name.startsWith(draftPrefix)) continue;
    try {
      await rm(join(folder.path, name), { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      // An initdb that outlived a killed FacetDB may still be writing there; the next start tries again.
      log.warn(`${join(folder.path, name)}, left by an interrupted start, cannot be removed yet: ${messageOf(error)}`);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
