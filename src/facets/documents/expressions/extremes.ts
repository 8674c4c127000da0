// The smallest, the greatest, the first and the last of values: the cores of operators and accumulators.

import { compareValues } from '../../../values/bson/compare.ts';
import type { Maybe, Value } from '../../../values/bson/types.ts';
import { isNullish } from './coercions.ts';
import type { Fold } from './numeric-folds.ts';
import { insertOrdered } from './ordered.ts';

/** Told of each value for which room is made, so that an accumulator can account for its memory. */
export type OnGrowth = (value: Maybe) => void;

const ignoreGrowth: OnGrowth = () => undefined;

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
export function newExtremes(sense: 'min' | 'max', count: number, onGrowth = ignoreGrowth): Fold {
  // In ascending order: of the greatest, equal ones come out the last one first.
  const kept: Value[] = [];
  const isWorse = sense === 'min' ? (value: Value) => compareValues(kept.at(-1), value) <= 0 : (value: Value) => compareValues(kept[0], value) >= 0;
  const drop = sense === 'min' ? () => kept.pop() : () => kept.shift();
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (kept.length < count) onGrowth(value);
      else if (isWorse(value)) return;
      else drop();
      insertOrdered(kept, value, count, compareValues);
    },
    result: () => (sense === 'min' ? [...kept] : kept.toReversed()),
  };
}

/** The `count` first or last values; missing ones as null. */
export function newEnds(sense: 'first' | 'last', count: number, onGrowth = ignoreGrowth): Fold {
  return sense === 'first' ? newFirsts(count, onGrowth) : newLasts(count, onGrowth);
}

function newFirsts(count: number, onGrowth: OnGrowth): Fold {
  const kept: Value[] = [];
  return {
    add: (value) => {
      if (kept.length === count) return;
      onGrowth(value);
      kept.push(value ?? null);
    },
    result: () => [...kept],
  };
}

/** How many values beyond twice those that are asked for are kept before the rest is cut off. */
const slack = 64;

function newLasts(count: number, onGrowth: OnGrowth): Fold {
  let kept: Value[] = [];
  return {
    add: (value) => {
      if (kept.length < count) onGrowth(value);
      kept.push(value ?? null);
      // Cut now and then only: to shift at every value would cost as much as there are values.
      if (kept.length >= 2 * count + slack) kept = kept.slice(-count);
    },
    result: () => kept.slice(-count),
  };
}
