// The keys that documents are sorted by. An array stands for its smallest element, or in a descending sort its largest;
// fields below one array are taken from one element together. Missing counts as null, an empty array as less than that.

import { compareValues } from '../../../values/bson/compare.ts';
import { bsonUndefined, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { SortPart, SortPattern } from './parse-sort.ts';

export type SortKeys = readonly Value[];

/** The keys of a document, one for each part of the pattern. Throws DocumentError BadValue if two parts run through two arrays. */
export function sortKeysOf(pattern: SortPattern, document: Document): SortKeys {
  const keys: Value[] = [];
  for (const { path } of pattern) {
    const key = plainKey(document, path);
    if (key === undefined) return smallestKeys(pattern, document);
    keys.push(key);
  }
  return keys;
}

/** The key of a path without arrays; undefined if it meets one. */
function plainKey(document: Document, path: readonly string[]): Value | undefined {
  let value: Maybe = document;
  for (const field of path) {
    if (Array.isArray(value)) return undefined;
    value = value instanceof Map ? value.get(field) : undefined;
  }
  return Array.isArray(value) ? undefined : (value ?? null);
}

/** Compares keys of the same pattern. */
export function compareSortKeys(pattern: SortPattern): (a: SortKeys, b: SortKeys) => number {
  const signs = pattern.map(({ descending }) => (descending ? -1 : 1));
  return (a, b) => {
    for (const [index, sign] of signs.entries()) {
      const difference = compareValues(a[index], b[index]);
      if (difference !== 0) return difference < 0 ? -sign : sign;
    }
    return 0;
  };
}

/** Compares documents; to sort many, `sortDocuments` makes each one's keys only once. */
export function compareBySort(pattern: SortPattern): (a: Document, b: Document) => number {
  const compare = compareSortKeys(pattern);
  return (a, b) => compare(sortKeysOf(pattern, a), sortKeysOf(pattern, b));
}

/** The documents in order, those with equal keys as they were. Throws DocumentError as `sortKeysOf` does. */
export function sortDocuments(documents: readonly Document[], pattern: SortPattern): Document[] {
  const compare = compareSortKeys(pattern);
  return documents
    .map((document) => ({ document, keys: sortKeysOf(pattern, document) }))
    .toSorted((a, b) => compare(a.keys, b.keys))
    .map(({ document }) => document);
}

function smallestKeys(pattern: SortPattern, document: Document): SortKeys {
  const candidates: SortKeys[] = [];
  collect(document, pattern.map(({ path }: SortPart): Place => ({ path, at: 0 })), candidates);
  const compare = compareSortKeys(pattern);
  return candidates.reduce((smallest, keys) => (compare(keys, smallest) < 0 ? keys : smallest));
}

/** What a part still has to go through, or where it has stopped. */
type Place = { readonly path: readonly string[]; readonly at: number } | Stop;

/** Where a part stopped: at a value, or at an array with the components of the path that are left. */
type Stop = { readonly found: Value } | { readonly array: readonly Value[]; readonly path: readonly string[]; readonly at: number };

/** Adds the keys of every element of the array that the parts run through, or the one key if there is none. */
function collect(document: Maybe, places: readonly Place[], candidates: SortKeys[]): void {
  const stops = places.map((place) => ('found' in place || 'array' in place ? place : stopOf(document, place.path, place.at)));
  const array = sharedArray(stops);
  if (!array) {
    candidates.push(stops.map((stop) => ('found' in stop ? stop.found : null)));
    return;
  }
  if (array.length === 0) {
    candidates.push(stops.map((stop) => ('found' in stop ? stop.found : stop.at === stop.path.length ? bsonUndefined : null)));
    return;
  }
  for (const element of array) collect(element, stops.map((stop) => placeWithin(stop, element)), candidates);
}

function stopOf(document: Maybe, path: readonly string[], start: number): Stop {
  let value = document;
  for (let at = start; at < path.length; at += 1) {
    value = value instanceof Map ? value.get(path[at]!) : undefined;
    if (Array.isArray(value)) return { array: value, path, at: at + 1 };
  }
  return { found: value ?? null };
}

function sharedArray(stops: readonly Stop[]): readonly Value[] | undefined {
  let shared: readonly Value[] | undefined;
  for (const stop of stops) {
    if ('found' in stop) continue;
    if (shared && shared !== stop.array) throw new DocumentError('BadValue', 'cannot sort with keys that are parallel arrays');
    shared = stop.array;
  }
  return shared;
}

/** An index goes straight to its element, whichever element is looked at. */
function placeWithin(stop: Stop, element: Value): Place {
  if ('found' in stop) return stop;
  const { array, path, at } = stop;
  if (at === path.length) return { found: element };
  const indexed = /^(?:0|[1-9][0-9]*)$/.test(path[at]!) ? array[Number(path[at])] : undefined;
  if (indexed === undefined || (element instanceof Map && element.has(path[at]!))) return { path, at };
  return at + 1 === path.length ? { found: indexed } : stopOf(indexed, path, at + 1);
}
