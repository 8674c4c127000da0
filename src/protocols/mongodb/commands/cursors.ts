// getMore and killCursors. Source of the fields: MongoDB 7.0, getmore_command.idl, kill_cursors.idl.

import { DocumentError, assertUsable } from '../../../facets/documents/index.ts';
import type { Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import type { OpenCursor } from '../cursors.ts';
import { mongodbLimits } from '../limits.ts';
import { collectionName } from '../names.ts';
import { arrayOf, exactLong, ignored, long, nonNegativeLong, object, optional, required, text } from '../fields.ts';

export const getMore = command({
  name: 'getMore',
  summary: 'Gives the next documents of a cursor.',
  inTransaction: true,
  apiVersion1: true,
  fields: {
    getMore: required(exactLong),
    collection: required(text),
    batchSize: optional(nonNegativeLong),
    // Read with the other generic fields; here for the error that this command has for its own.
    maxTimeMS: optional(long),
    term: ignored('it concerns replication', exactLong),
    lastKnownCommittedOpTime: ignored('it concerns replication', object),
    includeQueryStatsMetrics: ignored('it concerns routers of sharded clusters'),
  },
  run: async ({ getMore: id, collection, batchSize }, { server, operation, database, session, txnNumber, maxTimeMs, abort }) => {
    if (collection === '') throw new DocumentError('InvalidNamespace', 'Collection names cannot be empty');
    const open = server.cursors.find(id, operation.role);
    assertOfSession(open, session?.name);
    assertOfTransaction(open, operation.transaction === undefined ? undefined : txnNumber);
    const namespace = `${database}.${collection}`;
    if (open.namespace !== namespace) throw new DocumentError('Unauthorized', `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${open.namespace}`);
    if (maxTimeMs !== undefined && !open.awaitsData) throw new DocumentError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
    const waiting = open.awaitsData ? { waitMs: maxTimeMs ?? mongodbLimits.awaitDataMs, signal: abort.signal } : {};
    return await server.cursors.nextBatch(open, batchSize === undefined || batchSize === 0n ? undefined : Number(batchSize), waiting);
  },
});

/** Throws DocumentError: codes 50736 to 50738. */
function assertOfSession({ id, session: creator }: OpenCursor, own: string | undefined): void {
  if (creator === own) return;
  const beginning = `Cannot run getMore on cursor ${id}, which was ${creator === undefined ? 'not created in a session' : `created in session ${creator}`}`;
  if (creator === undefined) throw new DocumentError(50_736, `${beginning}, in session ${own}`);
  throw own === undefined ? new DocumentError(50_737, `${beginning}, without an lsid`) : new DocumentError(50_738, `${beginning}, in session ${own}`);
}

/** Throws DocumentError: codes 50739 to 50741. */
function assertOfTransaction({ id, txnNumber: creator }: OpenCursor, own: bigint | undefined): void {
  if (creator === own) return;
  const beginning = `Cannot run getMore on cursor ${id}, which was ${creator === undefined ? 'not created in a transaction' : `created in transaction ${creator}`}`;
  if (creator === undefined) throw new DocumentError(50_739, `${beginning}, in transaction ${own}`);
  throw own === undefined ? new DocumentError(50_740, `${beginning}, without a txnNumber`) : new DocumentError(50_741, `${beginning}, in transaction ${own}`);
}

export const killCursors = command({
  name: 'killCursors',
  summary: 'Closes cursors.',
  inTransaction: true,
  apiVersion1: true,
  fields: { killCursors: required(collectionName), cursors: required(arrayOf(exactLong)) },
  run: async ({ killCursors: collection, cursors: ids }, { server, operation, database }) => {
    assertUsable({ database, collection });
    const killed: Value[] = [];
    const missing: Value[] = [];
    for (const id of ids) {
      try {
        const open = server.cursors.find(id, operation.role);
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

