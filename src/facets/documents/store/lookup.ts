// Finds the collection that an operation names.

import type { CollectionName } from '../pipelines/stage.ts';
import { type CollectionInfo, readCollections } from './catalog.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { isSystemViews, systemViewsOf } from './system-views.ts';
import { onConnection } from './unit.ts';

/** As the operation sees it; undefined where there is none. */
export async function findCollection({ engine, catalog }: StoreContext, operation: Operation, target: CollectionName): Promise<CollectionInfo | undefined> {
  if (isSystemViews(target)) return systemViewsOf(await onConnection(engine, operation, (connection) => readCollections(connection, target.database)));
  const known = operation.transaction === undefined ? catalog.peek(target) : undefined;
  if (known !== undefined) return known;
  return await onConnection(engine, operation, (connection) => catalog.find(connection, target, operation.transaction !== undefined));
}
