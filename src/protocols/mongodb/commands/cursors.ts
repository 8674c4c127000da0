// getMore and killCursors. Source of the fields: MongoDB 7.0, getmore_command.idl, kill_cursors.idl.

import { DocumentError } from '../../../facets/documents/index.ts';
import type { Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { mongodbLimits } from '../limits.ts';
import { collectionName } from '../names.ts';
import { arrayOf, exactLong, ignored, nonNegativeLong, optional, required, text } from '../fields.ts';

export const getMore = command({
  name: 'getMore',
  summary: 'Gives the next documents of a cursor.',
  inTransaction: true,
  apiVersion1: true,
  fields: {
    getMore: required(exactLong),
    collection: required(text),
    batchSize: optional(nonNegativeLong),
    term: ignored('it concerns replication'),
    lastKnownCommittedOpTime: ignored('it concerns replication'),
    includeQueryStatsMetrics: ignored('it concerns routers of sharded clusters'),
  },
  run: async ({ getMore: id, collection, batchSize }, { server, operation, database, session, txnNumber, maxTimeMs, abort }) => {
    if (collection === '') throw new DocumentError('InvalidNamespace', 'Collection names cannot be empty');
    const open = server.cursors.find(id, operation.role);
    const namespace = `${database}.${collection}`;
    if (open.namespace !== namespace) throw new DocumentError('Unauthorized', `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${open.namespace}`);
    const own = session?.name;
    if (open.session !== undefined && own === undefined) throw new DocumentError(50_736, `Cannot run getMore on cursor ${id}, which was created in session ${open.session}, without an lsid`);
    if (open.session !== own) throw new DocumentError(open.session === undefined ? 50_737 : 50_738, `Cannot run getMore on cursor ${id}, which was not created in session ${own}`);
    if (open.txnNumber !== (operation.transaction === undefined ? undefined : txnNumber)) throw new DocumentError(50_740, `Cannot run getMore on cursor ${id}, which was created in another transaction`);
    if (maxTimeMs !== undefined && !open.awaitsData) throw new DocumentError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
    const waiting = open.awaitsData ? { waitMs: maxTimeMs ?? mongodbLimits.awaitDataMs, signal: abort.signal } : {};
    return await server.cursors.nextBatch(open, batchSize === undefined || batchSize === 0n ? undefined : Number(batchSize), waiting);
  },
});

export const killCursors = command({
  name: 'killCursors',
  summary: 'Closes cursors.',
  inTransaction: true,
  apiVersion1: true,
  fields: { killCursors: required(collectionName), cursors: required(arrayOf(exactLong)) },
  run: async ({ killCursors: collection, cursors: ids }, { server, operation, database }) => {
    const killed: Value[] = [];
    const missing: Value[] = [];
    for (const id of ids) {
      try {
        const open = server.cursors.find(id, operation.role);
        if (open.namespace !== `${database}.${collection}`) throw new DocumentError('CursorNotFound', `cursor id ${id} not found`);
        await server.cursors.close(open);
        killed.push(id);
      } catch (error) {
        if (!(error instanceof DocumentError) || error.codeName !== 'CursorNotFound') throw error;
        missing.push(id);
      }
    }
    return new Map<string, Value>([['cursorsKilled', killed], ['cursorsNotFound', missing], ['cursorsAlive', []], ['cursorsUnknown', []]]);
  },
});

