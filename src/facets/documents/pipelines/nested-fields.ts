// Writing fields within documents within documents, where arrays are no way through: a path as $unwind, $lookup's `as`
// and $graphLookup's `depthField` mean it. To read one is `valueOfFields`.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';

/**
 * A document like `document` with `value` at `path`; without that field, if it is undefined. What stands in the way and
 * is no document is replaced by one.
 */
export function withNestedValue(document: Document, path: readonly string[], value: Maybe, index = 0): Document {
  const field = path[index]!;
  const changed: Document = new Map(document);
  if (index < path.length - 1) {
    const inner = document.get(field);
    if (value !== undefined || inner instanceof Map) changed.set(field, withNestedValue(inner instanceof Map ? inner : new Map<string, Value>(), path, value, index + 1));
  } else if (value === undefined) {
    changed.delete(field);
  } else {
    changed.set(field, value);
  }
  return changed;
}
