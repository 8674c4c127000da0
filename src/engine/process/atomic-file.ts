// Writes a whole file so that a reader, or a start after a power loss, finds the old content or the new, never a part.

import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../../kernel/errors.ts';
import type { SystemUser } from './system-user.ts';

export type AtomicFileOptions = {
  readonly mode: number;
  /** Who shall own the file; without it, whoever writes. */
  readonly owner?: SystemUser | undefined;
};

/**
 * Replaces or creates `path`. It follows no symbolic link there: root writes into folders of PostgreSQL's user, who must
 * not be able to point that write at another file.
 */
export async function writeFileAtomically(path: string, content: string | Buffer, { mode, owner }: AtomicFileOptions): Promise<void> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.chmod(mode);
      if (owner?.isOther) await file.chown(owner.uid, owner.gid);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable: a rename alone may be forgotten by a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems (of containers, of networks) do not sync folders at all; PostgreSQL forgives them the same.
    if (!['EBADF', 'EINVAL', 'ENOTSUP'].includes(systemErrorCode(error) ?? '')) throw error;
  } finally {
    await folder.close();
  }
}
