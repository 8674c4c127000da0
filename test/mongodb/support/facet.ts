// The facet of documents by itself, over the shared server's PostgreSQL, without a protocol.

import { Engine } from '../../../src/engine/engine.ts';
import { Documents, type Operation } from '../../../src/facets/documents/index.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { sharedServer } from '../../support/shared-server.ts';

export type OwnFacet = { readonly engine: Engine; readonly documents: Documents; readonly operation: Operation; readonly close: () => Promise<void> };

/** `database` is gone when it is closed. */
export async function ownFacet(database: string): Promise<OwnFacet> {
  const engine = await Engine.openExternal({ url: (await sharedServer()).postgres, log: silentLog });
  const documents = new Documents({ engine, log: silentLog });
  const operation = { role: engine.ownRole };
  const close = async (): Promise<void> => {
    await documents.dropDatabase(operation, database);
    await documents.close();
    await engine.close();
  };
  return { engine, documents, operation, close };
}
