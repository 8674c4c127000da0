// Translates what the file system refuses into FacetDB's errors, in one place.

import { FacetError, messageOf, systemErrorCode } from '../../kernel/errors.ts';

/** The FacetError for what the system refused at `path`. */
function folderError(error: unknown, path: string): FacetError {
  switch (systemErrorCode(error) ?? 'unknown') {
    case 'ENOSPC':
      return diskFull(path, error);
    case 'EDQUOT':
      return new FacetError('disk_full', `this user's quota on the file system of ${path} is used up`, { cause: error });
    case 'EROFS':
      return unwritable(path, 'it is on a file system that is mounted read-only', error);
    case 'EACCES':
    case 'EPERM':
      return unwritable(path, `the user that FacetDB runs as (${userText()}) has no right to; give it the right, or choose another folder with --data`, error);
    case 'ENOTDIR':
    case 'EEXIST':
      return unwritable(path, 'it, or a folder above it, is not a folder; choose another with --data', error);
    case 'ENAMETOOLONG':
      return unwritable(path, 'the path is too long', error);
    default:
      return unwritable(path, messageOf(error), error);
  }
}

/** The error for a full file system: where, and what to do. */
export function diskFull(path: string, cause?: unknown): FacetError {
  return new FacetError('disk_full', `no space is left on the file system of ${path}; free some (nothing that was committed is lost)`, { cause });
}

/** Runs a step on the data folder and gives what the system refuses as a FacetError. */
export async function onFolder<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof FacetError) throw error;
    throw systemErrorCode(error) === undefined ? error : folderError(error, path);
  }
}

function unwritable(path: string, why: string, cause: unknown): FacetError {
  return new FacetError('data_folder_unwritable', `${path}: ${why}`, { cause });
}

function userText(): string {
  return process.getuid === undefined ? 'this one' : `user id ${process.getuid()}`;
}
