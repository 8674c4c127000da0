// The merge of documents one after the other: the core of `$mergeObjects`, the operator and the accumulator.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { isNullish, typeNameOfMaybe } from './coercions.ts';
import { DocumentError } from '../errors.ts';
import type { Fold } from './numeric-folds.ts';
import { valueText } from './shell-text.ts';

/**
 * Of a field in several documents the last value counts, at the first one's place; `onField` is told of each first one.
 * `add` throws DocumentError 40400.
 */
export function newMerge(onField?: (name: string, field: Value) => void): Fold {
  const merged: Document = new Map();
  return {
    add: (value: Maybe) => {
      if (isNullish(value)) return;
      if (!(value instanceof Map)) throw new DocumentError(40400, `$mergeObjects requires object inputs, but input ${valueText(value)} is of type ${typeNameOfMaybe(value)}`);
      for (const [name, field] of value) {
        if (onField !== undefined && !merged.has(name)) onField(name, field);
        merged.set(name, field);
      }
    },
    result: () => new Map(merged),
  };
}
