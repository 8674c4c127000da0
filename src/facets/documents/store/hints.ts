// Hints and the bounds `min` and `max`. PostgreSQL chooses its indexes itself; a hint has to name one that exists.

import { equalValues } from '../../../values/bson/compare.ts';
import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import { naturalDirectionOf } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';

/** Throws DocumentError: BadValue where no index has the hint's name or keys. */
export function checkHint(info: CollectionInfo, hint: Maybe): void {
  if (hint === undefined || (hint instanceof Map && hint.size === 0)) return;
  if (hint === '_id_' || hint === '$natural' || (hint instanceof Map && (naturalDirectionOf(hint) !== undefined || isIdKeys(hint)))) return;
  if (info.indexes.some(({ name, specification }) => hint === name || (hint instanceof Map && equalValues(specification.get('key'), hint)))) return;
  throw new DocumentError('BadValue', 'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index');
}

function isIdKeys(hint: Document): boolean {
  return hint.size === 1 && hint.has('_id');
}

/** The bounds `min` (inclusive) and `max` (exclusive) as a filter over their fields. Throws DocumentError. */
export function boundsFilter({ hint, min, max }: { readonly hint?: Value | undefined; readonly min?: Document | undefined; readonly max?: Document | undefined }): Filter | undefined {
  const hasMin = min !== undefined && min.size > 0;
  const hasMax = max !== undefined && max.size > 0;
  if (!hasMin && !hasMax) return undefined;
  if (hint === undefined || (hint instanceof Map && hint.size === 0)) throw new DocumentError(51_173, 'When using min()/max() a hint of which index to use must be provided');
  const filters: Filter[] = [];
  if (hasMin) filters.push(beyond(min, '$gt', 'inclusive'));
  if (hasMax) filters.push(beyond(max, '$lt', 'exclusive'));
  return { operator: '$and', filters };
}

/** Lexicographically beyond a compound key. */
function beyond(bound: Document, operator: '$gt' | '$lt', end: 'inclusive' | 'exclusive'): Filter {
  const parts = [...bound].map(([name, value]) => ({ path: name.split('.'), value }));
  const alternatives = parts.map(({ path, value }, index): Filter => {
    const isLast = index === parts.length - 1;
    const own = isLast && end === 'inclusive' ? '$gte' : operator;
    return { operator: '$and', filters: [...parts.slice(0, index).map((part): Filter => ({ operator: '$eq', ...part })), { operator: own, path, value }] };
  });
  return { operator: '$or', filters: alternatives };
}
