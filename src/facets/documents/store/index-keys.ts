// `returnKey` and `{$meta: 'indexKey'}`: of each document the key that it has in the index that serves the query.

import type { Document, Value } from '../../../values/bson/types.ts';
import { type Filter, matchAll } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import { walkedIndex } from '../planner/walked-index.ts';
import type { CollectionInfo } from './catalog.ts';
import { type Bounds, checkHint, entryTest } from './hints.ts';
import { type IndexEntry, indexEntriesOf } from './index-entries.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { usableIndexes } from './usable-indexes.ts';

type Choice = Bounds & { readonly sort: Document | undefined; readonly filter: Filter };

/**
 * Of the index that `hint` names, else of one that gives the order of `sort`, else of the one by which the filter is looked up;
 * undefined where there is none: documents of a scan have no key. Of several keys it is the first within the bounds.
 */
export function keyReader(info: CollectionInfo, choice: Choice): ((document: Document) => Document) | undefined {
  const key = keyOf(info, choice);
  if (key === undefined) return undefined;
  const paths = [...key.keys()];
  const isServed = servedTest(key, choice);
  return (document) => {
    const entries = indexEntriesOf(document, key);
    const entry = entries.find(isServed) ?? entries[0]!;
    return new Map(paths.map((path, index) => [path, entry[index]!]));
  };
}

function keyOf(info: CollectionInfo, { hint, sort, filter }: Choice): Document | undefined {
  if (isAsked(hint)) return checkHint(info, hint);
  if (sort !== undefined && sort.size > 0) {
    const names = [...sort.keys()];
    const inOrder = indexSpecificationsOf(info).map(keysIn).find((key) => key !== undefined && names.every((name, index) => [...key.keys()][index] === name));
    if (inOrder !== undefined) return inOrder;
  }
  if (info.table !== undefined) return undefined;
  const parts = walkedIndex(usableIndexes(info, filter), filter)?.parts;
  return parts === undefined ? undefined : new Map(parts.map(({ path, descending }) => [path.join('.'), descending ? -1 : 1]));
}

function isAsked(hint: Value | undefined): hint is Value {
  return hint !== undefined && !(hint instanceof Map && hint.size === 0);
}

function keysIn(specification: Document): Document | undefined {
  const key = specification.get('key');
  return key instanceof Map ? key : undefined;
}

/** Whether the walk over the index comes upon the entry: it is within the bounds, and of each field within the first condition on it. */
function servedTest(key: Document, choice: Choice): (entry: IndexEntry) => boolean {
  const isWithin = entryTest(key, choice);
  const conditions = [...key.keys()].map((path) => {
    const condition = conditionOn(path, choice.filter);
    return compileFilter(condition === undefined ? matchAll : { ...condition, path: ['value'] });
  });
  return (entry) => isWithin(entry) && conditions.every((matches, index) => matches(new Map([['value', entry[index]!]])));
}

type Condition = Extract<Filter, { readonly operator: '$eq' | '$lt' | '$lte' | '$gt' | '$gte' | '$in' }>;

function conditionOn(path: string, filter: Filter): Condition | undefined {
  switch (filter.operator) {
    case '$and':
      return filter.filters.map((part) => conditionOn(path, part)).find((condition) => condition !== undefined);
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
    case '$in':
      return filter.path.join('.') === path ? filter : undefined;
    default:
      return undefined;
  }
}
