// A folder of its own for a test or a tool, removed when the process ends.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

/** Creates an empty folder under the system's temporary one. Root's PostgreSQL runs as another user, so all may enter. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'facetdb-'));
  chmodSync(folder, 0o755);
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
