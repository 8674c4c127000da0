// Commands for who has no connection: a program that FacetDB runs in, an HTTP client. The same rows of the registry as for
// drivers, over the same store.

import type { StoreTransaction } from '../../access/shared-transactions.ts';
import type { MongodbClient } from './client.ts';
import { messageHeadBytes } from './message.ts';
import type { MongodbServer } from './server.ts';

const address = 'in process';

export type DocumentCommandOptions = {
  /** The PostgreSQL role that it runs as. */
  readonly role: string;
  readonly transaction?: StoreTransaction | undefined;
  /** Ends the command: it fails with Interrupted (11601). */
  readonly signal?: AbortSignal | undefined;
};

/** Runs one command, BSON with `$db` in it; gives the reply as BSON, that of a command that failed too (`ok: 0`). */
export async function runDocumentCommand(server: MongodbServer, body: Buffer, { role, transaction, signal }: DocumentCommandOptions): Promise<Buffer> {
  let abort = (): void => {};
  const client: MongodbClient = {
    id: 0, role, isSuperuser: false, login: undefined, clientMetadata: undefined, appName: undefined, running: undefined, host: address, address, transaction,
    started: (running) => {
      abort = () => running.abort.abort();
      if (signal?.aborted === true) abort();
    },
    ended: () => {},
  };
  const onAbort = (): void => abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const reply = await server.dispatcher.dispatch(client, {
      requestId: 0, kind: 'message', body, sequences: new Map(), moreToCome: false, exhaustAllowed: false, namespace: undefined, compressor: undefined,
    });
    return reply.subarray(messageHeadBytes);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
