// The data folder of a server of one's own. In a whole run it is a copy of one that the run has prepared (tools/run-tests.ts):
// dozens of files start servers, and creating a cluster costs half as much again as starting one.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** Its path. Where none is prepared (yet), nothing is there, and the start creates it. Tests of that take a `temporaryFolder`. */
export function newDataFolder(): string {
  const path = join(temporaryFolder(), 'data');
  const { FACETDB_TEST_PREPARED_FOLDER: prepared } = process.env;
  if (prepared !== undefined && existsSync(prepared)) copyDataFolder(prepared, path);
  return path;
}

/** Copies that of a server that was stopped. */
export function copyDataFolder(from: string, to: string): void {
  // With its owners, which Node's own copy forgets: started by root, PostgreSQL runs as another user.
  execFileSync('cp', ['-a', from, to]);
}
