// The smallest, the greatest, the first and the last of values: the cores of operators and accumulators.

import { compareValues } from '../../../values/bson/compare.ts';
import type { Maybe, Value } from '../../../values/bson/types.ts';
import { isNumeric } from '../../../values/bson/types.ts';
import { coerceToLong, isNullish, toDouble } from './coercions.ts';
import { DocumentError } from '../errors.ts';
import type { Fold } from './numeric-folds.ts';
import { valueText } from './shell-text.ts';

/** The smallest or greatest value; null of nothing. Null, missing and undefined are passed over. */
export function newExtreme(sense: 'min' | 'max'): Fold {
  const sign = sense === 'min' ? 1 : -1;
  let extreme: Maybe;
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (extreme === undefined || sign * compareValues(value, extreme) < 0) extreme = value;
    },
    result: () => extreme ?? null,
  };
}

/** The `count` smallest values in ascending, or greatest in descending order. Null, missing and undefined are passed over. */
export function newExtremes(sense: 'min' | 'max', count: number): Fold {
  // In ascending order; a value goes behind those that equal it.
  const kept: Value[] = [];
  const insert = (value: Value) => {
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareValues(kept[middle]!, value) <= 0) low = middle + 1;
      else high = middle;
    }
    kept.splice(low, 0, value);
  };
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (kept.length < count) {
        insert(value);
        return;
      }
      const worst = sense === 'min' ? kept.at(-1)! : kept[0]!;
      const order = compareValues(worst, value);
      if (sense === 'min' ? order <= 0 : order >= 0) return;
      if (sense === 'min') kept.pop();
      else kept.shift();
      insert(value);
    },
    result: () => (sense === 'min' ? [...kept] : kept.toReversed()),
  };
}

/** The `count` first or last values; missing ones as null. */
export function newEnds(sense: 'first' | 'last', count: number): Fold {
  const kept: Value[] = [];
  return {
    add: (value) => {
      if (sense === 'first' && kept.length === count) return;
      kept.push(value ?? null);
      if (kept.length > count) kept.shift();
    },
    result: () => [...kept],
  };
}

/** The `n` of `$firstN`, `$maxN`, `$topN` and the like. Throws DocumentError: 5787902, 5787903, 5787908. */
export function countOf(n: Maybe): number {
  if (!isNumeric(n)) throw notIntegral(5787902, n);
  const double = toDouble(n);
  if (!Number.isInteger(double)) throw notIntegral(5787903, n);
  const count = coerceToLong(n);
  if (Number(count) !== double) throw notIntegral(5787903, n);
  if (count <= 0n) throw new DocumentError(5787908, `'n' must be greater than 0, found ${count}`);
  return Number(count);
}

function notIntegral(code: number, n: Maybe): DocumentError {
  return new DocumentError(code, `Value for 'n' must be of integral type, but found ${valueText(n)}`);
}
