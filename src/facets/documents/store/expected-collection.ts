// Collections by their identity. `collectionUUID` means an operation for one collection, whatever has been renamed or dropped meanwhile; it
// is looked up when the operation begins. Source: MongoDB 7.0, src/mongo/db/catalog/collection_uuid_mismatch.cpp.

import { Binary, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { uuidText } from '../expressions/shell-text.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { readCollections, uuidOf } from './catalog.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

type Identity = { readonly database: string; readonly uuid: Uint8Array };

async function identifiedBy(context: StoreContext, operation: Operation, { database, uuid }: Identity): Promise<CollectionName | undefined> {
  const infos = await onConnection(context.engine, operation, (connection) => readCollections(connection, database));
  return infos.find((info) => info.kind !== 'view' && Buffer.compare(uuidOf(info), uuid) === 0)?.target;
}

/** The collection of that identity, as it is named now. Throws DocumentError: NamespaceNotFound. */
export async function collectionOf(context: StoreContext, operation: Operation, identity: Identity): Promise<CollectionName> {
  const found = await identifiedBy(context, operation, identity);
  if (found === undefined) throw new DocumentError('NamespaceNotFound', `Unable to resolve ${uuidText(identity.uuid)}`);
  return found;
}

/** Throws DocumentError: CollectionUUIDMismatch where `target` is not the collection of that identity. */
export async function assertExpectedCollection(context: StoreContext, operation: Operation, target: CollectionName, uuid: Uint8Array): Promise<void> {
  const actual = (await identifiedBy(context, operation, { database: target.database, uuid }))?.collection;
  if (actual === target.collection) return;
  const extra = new Map<string, Value>([
    ['db', target.database], ['collectionUUID', new Binary(uuid, 4)], ['expectedCollection', target.collection], ['actualCollection', actual ?? null],
  ]);
  throw new DocumentError('CollectionUUIDMismatch', 'Collection UUID does not match that specified', { extra });
}
