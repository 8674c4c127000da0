// PostgreSQL's own account of its running server, `postmaster.pid` in its data directory, and the name by which its
// processes are known from outside. Source: PostgreSQL's `src/include/utils/pidfile.h`.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../kernel/errors.ts';

export type PostmasterFile = {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string;
  /** `starting`, `ready`, `stopping`, `standby`; empty in the first moment. */
  readonly status: string;
};

/** `undefined` where there is none, or it is just being written. */
export async function readPostmasterFile(postgresDir: string): Promise<PostmasterFile | undefined> {
  let text: string;
  try {
    text = await readFile(postmasterFilePath(postgresDir), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n').map((line) => line.trim());
  // Negative for a PostgreSQL in single-user mode.
  const pid = Math.abs(Number(lines[0]));
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, port: Number(lines[3] ?? 0), socketDirectory: lines[4] ?? '', status: lines[7] ?? '' };
}

export function postmasterFilePath(postgresDir: string): string {
  return join(postgresDir, 'postmaster.pid');
}

/**
 * The name that the processes of the PostgreSQL on this data directory bear in their titles. It comes from the
 * directory itself and not from its path: on one machine, several containers may have the same path.
 */
export async function clusterNameOf(postgresDir: string): Promise<string> {
  const { dev, ino } = await stat(postgresDir, { bigint: true });
  return `facetdb-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 12)}`;
}
