// Hints and the bounds `min` and `max`. PostgreSQL chooses its indexes itself; a hint has to name one that exists.

import { equalValues } from '../../../values/bson/compare.ts';
import { int32, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError, type DocumentErrorName } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import { orderedFilter } from '../filters/ordered-filter.ts';
import { naturalDirectionOf } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { compareEntries, type IndexEntry, indexEntriesOf, type Signs, signsOf } from './index-entries.ts';

/** The keys of the index that a hint names, if it names one. Throws DocumentError: BadValue where no index has the hint's name or keys. */
export function checkHint(info: CollectionInfo, hint: Maybe): Document | undefined {
  if (hint === undefined || (hint instanceof Map && hint.size === 0)) return undefined;
  if (hint === '$natural' || (hint instanceof Map && naturalDirectionOf(hint) !== undefined)) return undefined;
  if (hint === '_id_' || (hint instanceof Map && hint.size === 1 && hint.has('_id'))) return idKeys;
  const found = info.indexes.filter(({ specification }) => specification.get('hidden') !== true).find(({ name, specification }) => hint === name || (hint instanceof Map && equalValues(specification.get('key'), hint)));
  const keys = found?.specification.get('key');
  if (keys instanceof Map) return keys;
  throw plannerError('BadValue', 'hint provided does not correspond to an existing index');
}

/** The order that the hint `{$natural: ±1}` asks for. */
export function naturalHint(hint: Maybe): 1 | -1 | undefined {
  return hint instanceof Map ? naturalDirectionOf(hint) : undefined;
}

function plannerError(code: DocumentErrorName | number, reason: string): DocumentError {
  return new DocumentError(code, `error processing query: planner returned error :: caused by :: ${reason}`);
}

const idKeys: Document = new Map([['_id', int32(1)]]);

/** `min` (inclusive) and `max` (exclusive), in the order of the index that the hint names. */
export type Bounds = { readonly hint?: Value | undefined; readonly min?: Document | undefined; readonly max?: Document | undefined };

const isGiven = (bound: Document | undefined): bound is Document => bound !== undefined && bound.size > 0;

/** Refuses bounds that no index could make good. Throws DocumentError: 51176. */
export function checkBounds({ min, max }: Bounds): void {
  if (isGiven(min) && isGiven(max) && !haveSameNames(min, max)) throw new DocumentError(51_176, 'min and max must have the same field names');
}

function haveSameNames(a: Document, b: Document): boolean {
  return a.size === b.size && equalValues([...a.keys()], [...b.keys()]);
}

/**
 * A query within its bounds; without a sort of its own in the order of the index. Throws DocumentError: 51173, 51174, 51175,
 * BadValue, NoQueryExecutionPlans.
 *
 * DIFFERS: a document with several entries in the index stands at its first one, also where that is not within the bounds.
 */
export function withinBounds(info: CollectionInfo, query: CollectionQuery, bounds: Bounds): CollectionQuery {
  const { hint, min, max } = bounds;
  const given = [min, max].filter(isGiven);
  if (given.length === 0) return query;
  if (query.natural !== undefined) throw plannerError('NoQueryExecutionPlans', 'min and max are incompatible with $natural');
  const keys = checkHint(info, hint);
  if (keys === undefined) throw plannerError(51_173, 'When using min()/max() a hint of which index to use must be provided');
  if (!given.every((bound) => haveSameNames(bound, keys))) throw plannerError(51_174, 'The index chosen is not compatible with min/max');
  const signs = signsOf(keys);
  if (isGiven(min) && isGiven(max) && compareEntries([...min.values()], [...max.values()], signs) >= 0) {
    throw plannerError(51_175, 'The value provided for min() does not come before the value provided for max() in the hinted index');
  }
  const filters: Filter[] = [query.filter];
  if (isGiven(min)) filters.push(beyond(min, signs, { isUpper: false }));
  if (isGiven(max)) filters.push(beyond(max, signs, { isUpper: true }));
  // Elements of an array may each be within one of several conditions, and none within all.
  const names = [...keys.keys()].map((path) => path.split('.')[0]);
  if (given.length > 1 || new Set(names).size < names.length) {
    const isWithin = entryTest(keys, bounds);
    filters.push({ operator: '$expr', expression: { evaluate: ({ root }) => root instanceof Map && indexEntriesOf(root, keys).some(isWithin) } });
  }
  const order = [...keys.keys()].map((name, index) => ({ path: name.split('.'), descending: signs[index] === -1 }));
  return { ...query, filter: { operator: '$and', filters }, sort: query.sort ?? order };
}

/** Whether an entry of the index is within the bounds. */
export function entryTest(keys: Document, { min, max }: Bounds): (entry: IndexEntry) => boolean {
  const signs = signsOf(keys);
  const [least, limit] = [min, max].map((bound) => (isGiven(bound) ? [...bound.values()] : undefined));
  return (entry) => (least === undefined || compareEntries(entry, least, signs) >= 0) && (limit === undefined || compareEntries(entry, limit, signs) < 0);
}

/** Beyond a compound key: before it, or at it or behind. */
function beyond(bound: Document, signs: Signs, { isUpper }: { readonly isUpper: boolean }): Filter {
  const parts = [...bound].map(([name, value]) => ({ path: name.split('.'), value }));
  const alternatives = parts.map(({ path, value }, index): Filter => {
    const strict = isUpper === (signs[index] === 1) ? '$lt' : '$gt';
    const operator = !isUpper && index === parts.length - 1 ? (`${strict}e` as const) : strict;
    return { operator: '$and', filters: [...parts.slice(0, index).map((part): Filter => ({ operator: '$eq', ...part })), orderedFilter(operator, path, value)] };
  });
  return { operator: '$or', filters: alternatives };
}
