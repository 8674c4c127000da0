// Filters over documents that are in no collection: listings.

import type { Document } from '../../../values/bson/types.ts';
import { compileFilter } from './match.ts';
import { parseFilter } from './parse-filter.ts';

/** Whether a document matches. Throws DocumentError for a filter that cannot be read. */
export function matcherOf(filter: Document): (document: Document) => boolean {
  return compileFilter(parseFilter(filter));
}
