// The parts of update paths: what is an index, what is dynamic, and in which order siblings are applied.

import { compareTexts } from '../../../values/bson/compare.ts';

const largestIndex = 4_294_967_295;

/** The index that a part of a path names within an array. */
export function indexOfPart(part: string): number | undefined {
  if (!/^[0-9]+$/.test(part)) return undefined;
  const index = Number(part);
  return index <= largestIndex ? index : undefined;
}

/** The order in which new fields are added since MongoDB 5.0: by name, indexes by number. */
export function compareParts(a: string, b: string): number {
  const [first, second] = [indexOfPart(a), indexOfPart(b)];
  if (first !== undefined && second !== undefined && first !== second) return first - second;
  return compareTexts(a, b);
}

export function isPositionalPart(part: string): boolean {
  return part === '$';
}

/** Whether it is `$[]` or `$[identifier]`. */
export function isArrayFilterPart(part: string): boolean {
  return part.length >= 3 && part.startsWith('$[') && part.endsWith(']');
}

export function isDynamicPath(path: readonly string[]): boolean {
  return path.some((part) => isPositionalPart(part) || isArrayFilterPart(part));
}

/** Whether one of two paths leads through the other, or to the same place. */
export function isPathWithin(path: readonly string[], outer: readonly string[]): boolean {
  return outer.length <= path.length && outer.every((part, index) => part === path[index]);
}
