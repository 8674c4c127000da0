// The reply of an explained command.

import { hostname } from 'node:os';
import type { ExplainedCommand, Verbosity } from '../../facets/documents/index.ts';
import { int32, type Document, type Value } from '../../values/bson/types.ts';
import type { CommandContext } from './command.ts';
import { mongodbVersion } from './version.ts';

export async function explainReply({ documents, operation, body, server }: CommandContext, explained: ExplainedCommand, verbosity: Verbosity): Promise<Document> {
  const reply = await documents.explain(operation, explained, verbosity);
  reply.set('command', body);
  return reply.set('serverInfo', new Map<string, Value>([['host', hostname()], ['port', int32(server.port)], ['version', mongodbVersion], ['gitVersion', 'facetdb']]));
}
