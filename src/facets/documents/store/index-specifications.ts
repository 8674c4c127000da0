// Indexes as MongoDB describes them.

import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import type { CollectionInfo } from './catalog.ts';

/** Of all indexes, that on `_id` first. */
export function indexSpecificationsOf({ indexes, table }: CollectionInfo): Document[] {
  // Rows without a primary key have no `_id`.
  if (table?.key.length === 0) return indexes.map(({ specification }) => specification);
  const ofId: Document = new Map<string, Value>([['v', int32(2)], ['key', new Map([['_id', int32(1)]])], ['name', '_id_']]);
  return [ofId, ...indexes.map(({ specification }) => specification)];
}
