// Which sorts PostgreSQL carries out.

import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from '../store/catalog.ts';

/** The ORDER BY that gives exactly the order of `pattern`; undefined where there is none. */
export function planSort(pattern: SortPattern, _info: CollectionInfo): string | undefined {
  const [part] = pattern;
  // No two documents have one `_id`, so what follows it decides nothing.
  if (part === undefined || part.path.length !== 1 || part.path[0] !== '_id') return undefined;
  return part.descending ? 'id desc' : 'id';
}
