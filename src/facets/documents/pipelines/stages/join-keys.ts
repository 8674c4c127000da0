// Joins by equal values: the keys that a document has at its local path, and the documents that have a key at theirs.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import { BsonUndefined, RegularExpression } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import type { Filter } from '../../filters/filter.ts';
import { anyAtPath, stepsOf } from '../../filters/paths.ts';

/** Calls `visit` with every value along a path: through arrays, by index too, and with the elements of an array at its end. */
export function visitValues(document: Document, path: readonly string[], visit: (value: Maybe) => void, start = 0): void {
  let value: Maybe = document.get(path[start]!);
  let at = start + 1;
  while (at < path.length && Array.isArray(value) && /^(?:0|[1-9][0-9]*)$/.test(path[at]!)) {
    value = value[Number(path[at])];
    at += 1;
  }
  if (at === path.length) {
    if (Array.isArray(value)) for (const element of value) visit(element);
    else visit(value);
  } else if (value instanceof Map) {
    visitValues(value, path, visit, at);
  } else if (Array.isArray(value)) {
    for (const element of value) if (element instanceof Map) visitValues(element, path, visit, at);
  }
}

/** The values that a local document is joined by: null, if it has none. */
export function localKeys(document: Document, path: readonly string[]): Value[] {
  const keys: Value[] = [];
  visitValues(document, path, (value) => {
    if (value !== undefined) keys.push(value);
  });
  return keys.length === 0 ? [null] : keys;
}

/** Finds the documents that have any of `keys` at `path`. */
export function keysFilter(path: readonly string[], keys: readonly Value[]): Filter {
  const values = keys.filter((key) => !(key instanceof RegularExpression));
  // What is undefined joins what is null, whichever other documents it is joined with.
  if (values.some((value) => value instanceof BsonUndefined)) values.push(null);
  const patterns = keys.filter((key) => key instanceof RegularExpression);
  const isIn: Filter = { operator: '$in', path, values, patterns: [] };
  if (patterns.length === 0) return isIn;
  return { operator: '$or', filters: [isIn, ...patterns.map((value): Filter => ({ operator: '$eq', path, value }))] };
}

/** Documents by the keys at their foreign path. */
export class JoinTable {
  private readonly documents: Document[] = [];
  private readonly places = new Map<string, number[]>();
  private readonly steps;

  constructor(path: readonly string[]) {
    this.steps = stepsOf(path, 'elements');
  }

  add(document: Document): void {
    const place = this.documents.push(document) - 1;
    anyAtPath(document, this.steps, (value) => {
      this.addPlace(joinKeyOf(value), place);
      return false;
    });
  }

  private addPlace(key: string, place: number): void {
    const places = this.places.get(key);
    if (!places) this.places.set(key, [place]);
    else if (places.at(-1) !== place) places.push(place);
  }

  /** Those that have any of the keys, in the order in which they were added. */
  find(keys: readonly Value[]): Document[] {
    const found = keys.map((key) => this.places.get(joinKeyOf(key)) ?? []);
    const places = found.length === 1 ? found[0]! : [...new Set(found.flat())].toSorted((a, b) => a - b);
    return places.map((place) => this.documents[place]!);
  }
}

/** Null, undefined and missing join each other. */
function joinKeyOf(value: Maybe): string {
  return hashKeyOf(value === undefined || value instanceof BsonUndefined ? null : value);
}
