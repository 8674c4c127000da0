// createIndexes, listIndexes, dropIndexes.

import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { equalValues } from '../../../values/bson/compare.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { indexCommentOf, readCollection, type IndexInfo } from './catalog.ts';
import { ensureCollection, inOneTransaction } from './collections.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { assertUsable, identifierOf, namespaceOf, schemaOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

export async function listIndexes({ engine }: StoreContext, operation: Operation, target: CollectionName): Promise<Document[]> {
  assertUsable(target);
  const info = await onConnection(engine, operation, (connection) => readCollection(connection, target));
  if (info === undefined) throw new DocumentError('NamespaceNotFound', `ns does not exist: ${namespaceOf(target)}`);
  if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
  return indexSpecificationsOf(info);
}
export async function createIndexes(context: StoreContext, operation: Operation, { target }: { readonly target: CollectionName; readonly indexes: readonly Document[] }): Promise<Document> {
  await ensureCollection(context, operation, target);
  throw new DocumentError('CommandNotSupported', 'createIndexes: under way');
}
export async function dropIndexes(_context: StoreContext, _operation: Operation, _request: { readonly target: CollectionName; readonly index: Value }): Promise<Document> {
  throw new DocumentError('CommandNotSupported', 'dropIndexes: under way');
}
