// An embedded engine in a temporary folder, with the settings of a real one, for as long as a benchmark needs it.

import { join } from 'node:path';
import { Engine } from '../src/engine/engine.ts';
import { DataFolder } from '../src/engine/process/data-folder.ts';
import { EmbeddedPostgres } from '../src/engine/process/embedded-postgres.ts';
import { silentLog } from '../src/kernel/log.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';

/** Runs `body` with the engine and the path of PostgreSQL's private socket; stops it afterwards. The folder goes with the process. */
export async function withTemporaryEngine(body: (engine: Engine, socketPath: string) => Promise<void>): Promise<void> {
  const folder = await DataFolder.open(join(temporaryFolder(), 'data'));
  try {
    const postgres = await EmbeddedPostgres.start({ folder, listen: undefined, tls: undefined, authentication: 'scram', insecure: false, log: silentLog });
    try {
      const engine = await Engine.openEmbedded({ postgres, log: silentLog });
      await body(engine, `${postgres.socketDirectory}/.s.PGSQL.${postgres.port}`);
      await engine.close();
    } finally {
      await postgres.stop();
    }
  } finally {
    await folder.close();
  }
}
