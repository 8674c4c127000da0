// A part of a path that may be the position of an element.

import type { Maybe, Value } from '../../../values/bson/types.ts';

const position = /^(0|[1-9]\d*)$/;

/** The element at the position that a part of a path names; undefined where that is not one of the array. */
export function elementAt(values: readonly Value[], name: string | undefined): Maybe {
  return name !== undefined && position.test(name) ? values[Number(name)] : undefined;
}
