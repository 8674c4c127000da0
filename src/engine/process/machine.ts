// What the machine offers, as PostgreSQL's memory and disk settings follow from it.

import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';

export type Machine = {
  /** Of the machine, or of the container where that has a limit. */
  readonly memoryBytes: number;
  readonly processors: number;
  /** The size of the data folder's file system. */
  readonly diskBytes: number;
  /** The size of `/dev/shm`; `undefined` where the system has none (macOS). */
  readonly sharedMemoryBytes: number | undefined;
};

export async function readMachine(dataFolder: string): Promise<Machine> {
  const limit = process.constrainedMemory() ?? 0;
  const total = totalmem();
  return {
    memoryBytes: limit > 0 && limit < total ? limit : total,
    processors: availableParallelism(),
    diskBytes: (await fileSystemBytes(dataFolder)) ?? Number.POSITIVE_INFINITY,
    sharedMemoryBytes: process.platform === 'linux' ? ((await fileSystemBytes('/dev/shm')) ?? 0) : undefined,
  };
}

async function fileSystemBytes(path: string): Promise<number | undefined> {
  try {
    const { bsize, blocks } = await statfs(path);
    return bsize * blocks;
  } catch {
    return undefined;
  }
}
