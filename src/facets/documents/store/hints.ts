// Hints and the bounds `min` and `max`. PostgreSQL chooses its indexes itself; a hint has to name one that exists.

import { compareValues, equalValues } from '../../../values/bson/compare.ts';
import { int32, isNumeric, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import { doubleOf } from '../filters/numbers.ts';
import { orderedFilter } from '../filters/ordered-filter.ts';
import { naturalDirectionOf } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';

/** The keys of the index that a hint names, if it names one. Throws DocumentError: BadValue where no index has the hint's name or keys. */
export function checkHint(info: CollectionInfo, hint: Maybe): Document | undefined {
  if (hint === undefined || (hint instanceof Map && hint.size === 0)) return undefined;
  if (hint === '$natural' || (hint instanceof Map && naturalDirectionOf(hint) !== undefined)) return undefined;
  if (hint === '_id_' || (hint instanceof Map && hint.size === 1 && hint.has('_id'))) return idKeys;
  const found = info.indexes.filter(({ specification }) => specification.get('hidden') !== true).find(({ name, specification }) => hint === name || (hint instanceof Map && equalValues(specification.get('key'), hint)));
  const keys = found?.specification.get('key');
  if (keys instanceof Map) return keys;
  throw new DocumentError('BadValue', 'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index');
}

const idKeys: Document = new Map([['_id', int32(1)]]);

/** `min` (inclusive) and `max` (exclusive), in the order of the index that the hint names. */
export type Bounds = { readonly hint?: Value | undefined; readonly min?: Document | undefined; readonly max?: Document | undefined };

const isGiven = (bound: Document | undefined): bound is Document => bound !== undefined && bound.size > 0;

/** Refuses bounds that no index could make good. Throws DocumentError: 51173, 51176. */
export function checkBounds({ hint, min, max }: Bounds): void {
  if (!isGiven(min) && !isGiven(max)) return;
  if (isGiven(min) && isGiven(max) && !haveSameNames(min, max)) throw new DocumentError(51_176, 'min and max must have the same field names');
  if (hint === undefined || (hint instanceof Map && hint.size === 0)) throw new DocumentError(51_173, 'When using min()/max() a hint of which index to use must be provided');
}

function haveSameNames(a: Document, b: Document): boolean {
  return a.size === b.size && equalValues([...a.keys()], [...b.keys()]);
}

/** A query within its bounds; without a sort of its own in the order of the index. Throws DocumentError: 51174, 51175, BadValue. */
export function withinBounds(info: CollectionInfo, query: CollectionQuery, { hint, min, max }: Bounds): CollectionQuery {
  const given = [min, max].filter(isGiven);
  if (given.length === 0) return query;
  const keys = checkHint(info, hint);
  if (keys === undefined || !given.every((bound) => haveSameNames(bound, keys))) throw new DocumentError(51_174, 'The index chosen is not compatible with min/max');
  const signs = [...keys.values()].map((direction) => (isNumeric(direction) && doubleOf(direction) < 0 ? -1 : 1));
  if (isGiven(min) && isGiven(max) && compareKeys(min, max, signs) >= 0) {
    throw new DocumentError(51_175, 'The value provided for min() does not come before the value provided for max() in the hinted index');
  }
  const filters: Filter[] = [query.filter];
  if (isGiven(min)) filters.push(beyond(min, signs, { isUpper: false }));
  if (isGiven(max)) filters.push(beyond(max, signs, { isUpper: true }));
  const order = [...keys.keys()].map((name, index) => ({ path: name.split('.'), descending: signs[index] === -1 }));
  return { ...query, filter: { operator: '$and', filters }, sort: query.sort ?? (query.natural === undefined ? order : undefined) };
}

type Signs = readonly (1 | -1)[];

function compareKeys(a: Document, b: Document, signs: Signs): number {
  const others = [...b.values()];
  for (const [index, value] of [...a.values()].entries()) {
    const difference = compareValues(value, others[index]) * signs[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
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
