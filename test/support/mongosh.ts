// MongoDB's shell: the one that `npm ci --prefix test/peers/mongosh` puts there, the machine's own, or none.

import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const peerFolder = fileURLToPath(new URL('../peers/mongosh/node_modules/.bin', import.meta.url));

/** A `PATH` on which `mongosh` is found, where there is one. */
export const pathWithMongosh = `${peerFolder}${delimiter}${process.env['PATH'] ?? ''}`;

/** Why tests that need mongosh are skipped; false where it is there. */
export function missingMongosh(): string | false {
  const { status } = spawnSync('mongosh', ['--version'], { env: { ...process.env, PATH: pathWithMongosh } });
  return status === 0 ? false : 'mongosh is not installed: npm ci --prefix test/peers/mongosh';
}
