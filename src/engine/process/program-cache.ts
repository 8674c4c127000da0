// A copy of the PostgreSQL programs in a place that PostgreSQL's user can reach. As it is executed, it only counts when
// nobody but FacetDB's own user can have written it, and when every file is there in full.

import { constants, type Dirent, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { systemErrorCode } from '../../kernel/errors.ts';
import { processExists } from './process-identity.ts';
import { type ProgramSource, repairLinks } from './program-source.ts';
import { isRoot } from './system-user.ts';

/** The folders that may hold the copy, the best first. */
export function cacheFolders(): string[] {
  return [standardCache(), join(tmpdir(), `facetdb-${process.getuid?.() ?? 'user'}`)];
}

function standardCache(): string {
  const isMac = process.platform === 'darwin';
  if (isRoot()) return isMac ? '/Library/Caches/facetdb' : '/var/cache/facetdb';
  if (isMac) return join(homedir(), 'Library', 'Caches', 'facetdb');
  const configured = process.env['XDG_CACHE_HOME'];
  return join(configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.cache'), 'facetdb');
}

/** The root of a complete copy in this cache, made where there is none; throws where the cache cannot be used. */
export async function copyOfProgram({ root, name }: ProgramSource, cache: string, onCopy: () => void): Promise<string> {
  mkdirSync(cache, { recursive: true, mode: 0o755 });
  assertOurs(cache);
  await chmod(cache, 0o755);
  const target = join(cache, name);
  if (isComplete(root, target)) return target;

  onCopy();
  await removeAbandoned(cache);
  const draft = join(cache, `${name}.copying-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await copyTree(root, draft, '');
    repairLinks(draft);
    await moveIntoPlace(draft, target, root);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
}

function assertOurs(folder: string): void {
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new Error('it is not a folder that only this user can write to');
  }
}

/** Only what running needs: no static libraries, no build files. */
function isNeeded(path: string): boolean {
  if (path === '' || path === 'native' || path === 'package.json') return true;
  if (!path.startsWith('native/')) return false;
  return !path.endsWith('.a') && !/\/(pgxs|pkgconfig)$/.test(path);
}

function neededEntries(root: string, path: string): { entry: Dirent; path: string }[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .map((entry) => ({ entry, path: path === '' ? entry.name : `${path}/${entry.name}` }))
    .filter((found) => isNeeded(found.path));
}

/** Compares names and sizes: a power loss shortly after a copy can leave files empty. */
function isComplete(root: string, target: string, path = ''): boolean {
  const own = lstatSync(join(target, path), { throwIfNoEntry: false });
  if (own === undefined || !own.isDirectory()) return false;
  assertOurs(join(target, path));
  return neededEntries(root, path).every(({ entry, path: child }) => {
    if (entry.isDirectory()) return isComplete(root, target, child);
    if (!entry.isFile()) return true;
    return lstatSync(join(target, child), { throwIfNoEntry: false })?.size === lstatSync(join(root, child)).size;
  }) && (path !== '' || repairLinks(target));
}

async function copyTree(root: string, draft: string, path: string): Promise<void> {
  const folder = join(draft, path);
  await mkdir(folder);
  await chmod(folder, 0o755);
  await Promise.all(
    neededEntries(root, path).map(async ({ entry, path: child }) => {
      if (entry.isDirectory()) return copyTree(root, draft, child);
      if (!entry.isFile()) return;
      // Shares the blocks with the original where the file system can.
      await copyFile(join(root, child), join(draft, child), constants.COPYFILE_FICLONE);
      await chmod(join(draft, child), isExecutable(child) ? 0o755 : 0o644);
    }),
  );
}

function isExecutable(path: string): boolean {
  return path.startsWith('native/bin/') || path.includes('.so') || path.endsWith('.dylib');
}

async function moveIntoPlace(draft: string, target: string, root: string): Promise<void> {
  try {
    await rename(draft, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
    // Another start was quicker, or what is there is damaged.
    if (isComplete(root, target)) return;
    const damaged = `${draft}.replaced`;
    await rename(target, damaged);
    await rename(draft, target);
    await rm(damaged, { recursive: true, force: true });
  }
}

/** Removes the unfinished copies of starts that were killed. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /\.copying-(\d+)-[0-9a-f]+(\.replaced)?$/.exec(name)?.[1];
    if (pid !== undefined && !processExists(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
  }
}
