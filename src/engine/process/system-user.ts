// The user of the operating system that PostgreSQL runs as: FacetDB's own, or, as PostgreSQL refuses to run as root, an
// unprivileged one that root gives it. Also what that user can reach.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { FacetError } from '../../kernel/errors.ts';
import { processLimits } from './limits.ts';

export type SystemUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True where this is not the user that FacetDB itself runs as: FacetDB is root and hands over to it. */
  readonly isOther: boolean;
};

/** In this order, the users that root runs PostgreSQL as. */
const unprivilegedUsers = ['postgres', 'nobody'];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The user that a new cluster belongs to. */
export function userForPostgres(): SystemUser {
  if (!isRoot()) return ownUser();
  for (const name of unprivilegedUsers) {
    const user = lookUpUser(name);
    if (user !== undefined) return user;
  }
  throw new FacetError('engine_failed', `PostgreSQL does not run as root, and this system has no user called ${unprivilegedUsers.join(' or ')}; add one (adduser --system postgres), or start FacetDB as another user`);
}

/** The user with this id, for a cluster that exists already; `undefined` where the system knows none. */
export function userWithId(uid: number): SystemUser | undefined {
  return uid === process.getuid?.() ? ownUser() : lookUpUser(String(uid));
}

/** The name of FacetDB's own user, which PostgreSQL asks the system for when FacetDB connects. */
export function ownUser(): SystemUser {
  const uid = process.getuid?.() ?? -1;
  try {
    return { name: userInfo().username, uid, gid: process.getgid?.() ?? -1, isOther: false };
  } catch (error) {
    throw new FacetError('engine_failed', `PostgreSQL asks the system for the name of its user, and user id ${uid} has none; add it to /etc/passwd, or run FacetDB as a user that has a name`, { cause: error });
  }
}

/** The fields of `child_process.spawn` that run a program as this user, with no other groups than its own. */
export function spawnAs(user: SystemUser): { uid?: number; gid?: number } {
  // Node.js takes ids as signed 32-bit numbers; macOS' `nobody` is -2.
  return user.isOther ? { uid: user.uid | 0, gid: user.gid | 0 } : {};
}

/**
 * The folder that keeps the user from getting into `folder`, which exists: itself or one above it. `undefined` where
 * the user can get in.
 */
export function blockingFolder(folder: string, user: SystemUser): string | undefined {
  if (!user.isOther) return undefined;
  const path: string[] = [];
  for (let current = folder; ; current = dirname(current)) {
    path.unshift(current);
    if (current === dirname(current)) break;
  }
  const blocked = path.find((step) => !mayEnter(statSync(step), user));
  // The mode bits do not show access control lists: the user itself has the last word.
  return blocked === undefined || entersInFact(folder, user) ? undefined : blocked;
}

function mayEnter(folder: Stats, user: SystemUser): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

function entersInFact(folder: string, user: SystemUser): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$0"', folder], { ...spawnAs(user), env: {}, cwd: '/', stdio: 'ignore', timeout: processLimits.programAnswerMs });
  return status === 0;
}

/** A user by name or by id in digits: from `/etc/passwd`, or from `id`, which also knows directories (macOS, LDAP). */
function lookUpUser(nameOrId: string): SystemUser | undefined {
  for (const line of passwordFile().split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if ((name === nameOrId || uid === nameOrId) && name && uid && gid) return otherUser(name, uid, gid);
  }
  const [name, uid, gid] = ['-un', '-u', '-g'].map((option) => askId(option, nameOrId));
  return name && uid && gid ? otherUser(name, uid, gid) : undefined;
}

function otherUser(name: string, uid: string, gid: string): SystemUser {
  return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0, isOther: true };
}

function passwordFile(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

function askId(option: string, nameOrId: string): string | undefined {
  try {
    return execFileSync('id', [option, nameOrId], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: processLimits.programAnswerMs }).trim();
  } catch {
    return undefined;
  }
}
