// The folder of PostgreSQL's private unix socket. Only PostgreSQL's user (and root) can get in. It is in the data folder
// unless that makes the socket's path longer than the system allows.

import { chmod, chown, lstat, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { FacetError } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';
import { blockingFolder, type SystemUser } from './system-user.ts';

const temporaryPrefix = 'facetdb-';

/** Makes the folder, empty. No PostgreSQL runs on the data folder. */
export async function makeSocketDirectory(dataFolder: string, user: SystemUser): Promise<string> {
  const usual = join(dataFolder, 'run');
  if (socketFits(usual)) {
    await emptySocketDirectory(usual, user);
    return usual;
  }
  await rm(usual, { recursive: true, force: true });
  for (const parent of temporaryFolders()) {
    if (!socketFits(join(parent, `${temporaryPrefix}XXXXXX`))) continue;
    if (blockingFolder(await realpath(parent), user) !== undefined) continue;
    const made = await mkdtemp(join(parent, temporaryPrefix));
    await handOver(made, user);
    return made;
  }
  throw new FacetError('data_folder_unreachable', `${usual} is too long a path for a unix socket, and ${temporaryFolders().join(' and ')} cannot serve instead; choose a data folder with a shorter path (--data)`);
}

/**
 * Makes the same folder again, empty: what a killed PostgreSQL left there may stop the next one, and something that
 * tidies temporary folders up may have removed it.
 */
export async function emptySocketDirectory(path: string, user: SystemUser): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path);
  await handOver(path, user);
}

/** Removes a socket folder outside of the data folder: one of our own, or one that a killed FacetDB told of. */
export async function removeSocketDirectory(path: string, user: SystemUser): Promise<void> {
  const isTemporary = basename(path).startsWith(temporaryPrefix) && temporaryFolders().includes(dirname(path));
  if (!isTemporary) return;
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() && found.uid === user.uid) await rm(path, { recursive: true, force: true });
}

function temporaryFolders(): string[] {
  return [...new Set([tmpdir(), '/tmp'])];
}

function socketFits(directory: string): boolean {
  return Buffer.byteLength(join(directory, '.s.PGSQL.65535')) <= processLimits.socketPathBytes;
}

async function handOver(path: string, user: SystemUser): Promise<void> {
  await chmod(path, 0o700);
  if (user.isOther) await chown(path, user.uid, user.gid);
}
