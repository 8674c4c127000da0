// What an upsert takes from its filter: the fields that the filter says to be equal to one value.

import { equalValues } from '../../../values/bson/compare.ts';
import type { Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Filter, Path } from './filter.ts';

export type Equality = { readonly path: Path; readonly value: Value };

/**
 * The equalities that hold for every document that matches, by path in the order of texts (the order in which an upsert
 * sets them). Two for one path, or for a path within another, contradict each other whatever their values.
 * Throws DocumentError: NotSingleValueField.
 */
export function equalitiesOf(filter: Filter): readonly Equality[] {
  const equalities = collect(filter).map(({ path, value }) => ({ path, value, name: path.join('.') }));
  const sorted = equalities.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const seen = new Set<string>();
  for (const { path, name } of sorted) {
    const conflict = prefixIn(seen, path);
    if (conflict === name) throw new DocumentError('NotSingleValueField', `cannot infer query fields to set, path '${name}' is matched twice`);
    if (conflict !== undefined) throw new DocumentError('NotSingleValueField', `cannot infer query fields to set, both paths '${name}' and '${conflict}' are matched`);
    seen.add(name);
  }
  return sorted.map(({ path, value }) => ({ path, value }));
}

function collect(filter: Filter): Equality[] {
  switch (filter.operator) {
    case '$eq':
      return [{ path: filter.path, value: filter.value }];
    case '$and':
      return filter.filters.flatMap(collect);
    case '$or':
      return filter.filters.length === 1 ? collect(filter.filters[0]!) : [];
    case '$in':
      return isOneValue(filter.values) && filter.patterns.length === 0 ? [{ path: filter.path, value: filter.values[0]! }] : [];
    default:
      return [];
  }
}

function isOneValue(values: readonly Value[]): boolean {
  return values.length > 0 && values.every((value) => equalValues(value, values[0]));
}

/** The longest of the path and its prefixes that is among `seen`. */
function prefixIn(seen: ReadonlySet<string>, path: Path): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const prefix = path.slice(0, length).join('.');
    if (seen.has(prefix)) return prefix;
  }
  return undefined;
}
