// Data definition waits in PostgreSQL for everyone who reads the collection, and whoever comes after it waits for it. A cursor
// between two batches reads for as long as its client likes: those that are in the way give up their connections.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, statement } from '../../../engine/client.ts';
import { DocumentError } from '../errors.ts';
import { uuidText } from '../expressions/shell-text.ts';
import { type CollectionInfo, uuidOf } from './catalog.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { namespaceOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';

const findBlocking = statement('select unnest(pg_blocking_pids($1)) as pid', ['int4']);
/** Most definitions are done by then. */
const lookEveryMs = 20;

type Definition = {
  /** That on which `body` runs. */
  readonly connection: Connection;
  /** What the cursors end with; without it they read their rest into memory, as far as that goes, and go on with it. */
  readonly ending?: DocumentError;
};

/** Runs `body`, past the cursors of this gateway that wait for their clients. */
export async function definePastCursors<T>(context: StoreContext, operation: Operation, definition: Definition, body: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const clearing = clearTheWay(context, operation, definition, done.signal);
  try {
    return await body();
  } finally {
    done.abort();
    await clearing;
  }
}

/** A cursor whose batch is being fetched is met between that and the next one. */
async function clearTheWay({ engine, held, log }: StoreContext, { role }: Operation, { connection, ending }: Definition, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    await sleep(lookEveryMs, undefined, { signal: done }).catch(() => {});
    if (done.aborted || held.isEmpty) continue;
    try {
      const rows = await engine.pool(role).use((other) => other.query(findBlocking, [connection.processId]), done);
      const inTheWay = held.take(new Set(rows.map(({ pid }) => Number(pid))));
      await Promise.all(inTheWay.map(async (holder) => await (ending === undefined ? holder.letGo() : holder.end(ending))));
    } catch (error) {
      if (!done.aborted) log.debug({ err: error }, 'cursors in the way of a definition were not found');
    }
  }
}

/** What a cursor ends with whose collection is gone. */
export function collectionDropped(info: CollectionInfo, cause?: unknown): DocumentError {
  return new DocumentError('QueryPlanKilled', `collection dropped. UUID ${uuidText(uuidOf(info))}`, { cause });
}

/** In MongoDB too cursors do not follow their collection to its new name. */
export function collectionRenamed(info: CollectionInfo, to: CollectionName): DocumentError {
  return new DocumentError('QueryPlanKilled', `collection renamed from '${namespaceOf(info.target)}' to '${namespaceOf(to)}'. UUID ${uuidText(uuidOf(info))}`);
}
