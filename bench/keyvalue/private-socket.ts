// Where the PostgreSQL of a FacetDB that was started listens, as FacetDB itself connects: its pid file tells.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../../test/support/server.ts';

export function privateSocket({ dataDir, urls }: Server): { readonly socketPath: string; readonly database: string } {
  const [, , , port, socketDirectory] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return { socketPath: `${socketDirectory}/.s.PGSQL.${port}`, database: new URL(urls.postgres).pathname.slice(1) };
}
