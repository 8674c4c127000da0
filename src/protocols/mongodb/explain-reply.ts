// The reply of an explained command.

import { hostname } from 'node:os';
import type { ExplainedCommand, Verbosity } from '../../facets/documents/index.ts';
import { int32, type Document, type Value } from '../../values/bson/types.ts';
import type { CommandContext } from './command.ts';
import { mongodbVersion } from './version.ts';

/** `command`: what is explained, as it was sent. */
export type Explaining = { readonly command: Document; readonly explained: ExplainedCommand; readonly verbosity: Verbosity };

/** What drivers add to each command. */
const isOfDrivers: ReadonlySet<string> = new Set(['lsid', '$clusterTime', '$readPreference', '$db']);

export async function explainReply({ documents, operation, database, server }: CommandContext, { command, explained, verbosity }: Explaining): Promise<Document> {
  const reply = await documents.explain(operation, explained, verbosity);
  reply.set('command', new Map<string, Value>([...[...command].filter(([name]) => !isOfDrivers.has(name)), ['$db', database]]));
  return reply.set('serverInfo', new Map<string, Value>([['host', hostname()], ['port', int32(server.port)], ['version', mongodbVersion], ['gitVersion', 'facetdb']]));
}
