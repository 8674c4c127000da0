// The filters of listCollections and listDatabases.

import { matcherOf } from '../../facets/documents/index.ts';
import type { Document } from '../../values/bson/types.ts';

/** Whether an entry of a listing matches. Throws DocumentError for a filter that cannot be read. */
export function compileDocumentFilter(filter: Document | undefined): (entry: Document) => boolean {
  return filter === undefined ? () => true : matcherOf(filter);
}
