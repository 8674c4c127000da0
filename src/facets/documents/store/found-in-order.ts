// Whether MongoDB comes upon a filter's documents in the order of their insertion.

import type { Filter } from '../filters/filter.ts';
import { walkedIndex } from '../planner/walked-index.ts';
import type { CollectionInfo } from './catalog.ts';
import { usableIndexes } from './usable-indexes.ts';

/** So it is where it walks no index, or finds all of them under one key. */
export function isFoundInOrder(info: CollectionInfo, filter: Filter): boolean {
  const walked = walkedIndex(usableIndexes(info, filter), filter);
  return walked === undefined || (walked.isEquality && walked.parts.length === 1);
}
