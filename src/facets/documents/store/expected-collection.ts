// `collectionUUID`: an operation that is meant for one collection, whatever has been renamed or dropped meanwhile. It is looked
// up when the operation begins. Source: MongoDB 7.0, src/mongo/db/catalog/collection_uuid_mismatch.cpp.

import { Binary, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { readCollections, uuidOf } from './catalog.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

/** Throws DocumentError: CollectionUUIDMismatch where `target` is not the collection of that identity. */
export async function assertExpectedCollection(context: StoreContext, operation: Operation, target: CollectionName, uuid: Uint8Array): Promise<void> {
  const infos = await onConnection(context.engine, operation, (connection) => readCollections(connection, target.database));
  const actual = infos.find((info) => info.kind !== 'view' && Buffer.compare(uuidOf(info), uuid) === 0)?.target.collection;
  if (actual === target.collection) return;
  const extra = new Map<string, Value>([
    ['db', target.database], ['collectionUUID', new Binary(uuid, 4)], ['expectedCollection', target.collection], ['actualCollection', actual ?? null],
  ]);
  throw new DocumentError('CollectionUUIDMismatch', 'Collection UUID does not match that specified', { extra });
}
