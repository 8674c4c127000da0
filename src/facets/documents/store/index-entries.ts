// The entries that an index has of a document: one, or of a document with an array there one for each element. Source: MongoDB
// 7.0, src/mongo/db/index/btree_key_generator.cpp.

import { compareValues } from '../../../values/bson/compare.ts';
import { BsonUndefined, isNumeric, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { doubleOf } from '../filters/numbers.ts';
import { elementAt } from './array-position.ts';

/** The values of one entry, in the order of the index's fields. */
export type IndexEntry = readonly Value[];

/** 1 for a field in ascending order, -1 for one in descending. */
export type Signs = readonly (1 | -1)[];

export function signsOf(key: Document): Signs {
  return [...key.values()].map((direction) => (isNumeric(direction) && doubleOf(direction) < 0 ? -1 : 1));
}

/** As they stand one after the other in the index. */
export function compareEntries(a: IndexEntry, b: IndexEntry, signs: Signs): number {
  for (const [index, value] of a.entries()) {
    const difference = compareValues(value, b[index]) * signs[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** In the order of the index, each once. Arrays are not parallel: the index would have refused the document. */
export function indexEntriesOf(document: Document, key: Document): IndexEntry[] {
  const signs = signsOf(key);
  const entries = entriesWithin([...key.keys()].map((path) => ({ value: document, path: path.split('.') })));
  if (entries.length === 1) return entries;
  return entries.sort((a, b) => compareEntries(a, b, signs)).filter((entry, index, sorted) => index === 0 || compareEntries(entry, sorted[index - 1]!, signs) !== 0);
}

/** Where a field's value is looked for. An element of an array is not opened once more: `path` is then undefined. */
type Place = { readonly value: Maybe; readonly path: readonly string[] | undefined };

function entriesWithin(places: readonly Place[]): IndexEntry[] {
  const reached = places.map(walk);
  const array = reached.map(arrayAt).find((found) => found !== undefined);
  if (array === undefined) return [reached.map(({ value, path }) => (path === undefined || path.length === 0 ? (value ?? null) : null))];
  const within = (element: Maybe): Place[] => reached.map((place) => (arrayAt(place) === array ? elementPlace(element, place.path!) : place));
  if (array.length === 0) return entriesWithin(reached.map((place) => (arrayAt(place) === array ? { value: place.path!.length === 0 ? new BsonUndefined() : null, path: undefined } : place)));
  return array.flatMap((element) => entriesWithin(within(element)));
}

/** Down to the end of the path, or to the first array on it. */
function walk({ value, path }: Place): Place {
  if (path === undefined) return { value, path };
  let at = value;
  let index = 0;
  for (; index < path.length; index += 1) {
    const element: Maybe = Array.isArray(at) ? elementAt(at, path[index]) : undefined;
    if (element === undefined && !(at instanceof Map)) break;
    at = element ?? (at as Document).get(path[index]!);
  }
  const isThere = index === path.length || Array.isArray(at);
  return isThere ? { value: at, path: path.slice(index) } : { value: null, path: undefined };
}

function arrayAt({ value, path }: Place): readonly Value[] | undefined {
  return path !== undefined && Array.isArray(value) ? value : undefined;
}

/** Arrays in arrays are values, and lead nowhere. */
function elementPlace(element: Maybe, path: readonly string[]): Place {
  if (path.length === 0) return { value: element, path: undefined };
  return element instanceof Map ? { value: element, path } : { value: null, path: undefined };
}
