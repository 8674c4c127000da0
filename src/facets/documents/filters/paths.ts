// How a filter's path finds values in a document. Arrays on the way are gone through element by element; a numeric
// component is an index as well as a field's name; at its end an array stands for its elements and for itself.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import type { Path } from './filter.ts';

/** What a path starts from. Within `$elemMatch` an array may stand for a document whose fields are its indexes. */
export type Container = Document | readonly Value[];

/** Whether an array at a path's end gives its elements and itself, or only itself. */
export type LeafArrays = 'elements' | 'whole';

/** `offset` is the index in the outermost array that was gone through on the way to the value, or -1. */
export type Visit = (value: Maybe, offset: number) => boolean;

/** A path with its numeric components parsed (-1 for the others). */
export type Steps = { readonly names: Path; readonly indexes: readonly number[]; readonly leafArrays: LeafArrays };

export function stepsOf(path: Path, leafArrays: LeafArrays): Steps {
  return { names: path, indexes: path.map((name) => (isIndex(name) ? Number(name) : -1)), leafArrays };
}

/** Whether a component is written as an array's index is: without leading zeros. */
function isIndex(name: string): boolean {
  return /^(?:0|[1-9][0-9]{0,15})$/.test(name);
}

/** Whether `visit` accepts any value that the path finds. What is missing is visited as `undefined`. */
export function anyAtPath(container: Container, steps: Steps, visit: Visit): boolean {
  return descend(container, steps, 0, -1, visit);
}

function descend(container: Container, steps: Steps, start: number, offset: number, visit: Visit): boolean {
  const { names, leafArrays } = steps;
  const last = names.length - 1;
  let at = start;
  let value = container instanceof Map ? container.get(names[at]!) : fieldOfArray(container, steps.indexes[at]!);
  while (at < last) {
    if (Array.isArray(value)) return descendArray(value, steps, at + 1, offset, visit);
    at += 1;
    if (!(value instanceof Map)) return visit(undefined, offset);
    value = value.get(names[at]!);
  }
  if (leafArrays === 'elements' && Array.isArray(value) && anyElement(value, offset, visit)) return true;
  return visit(value, offset);
}

function fieldOfArray(values: readonly Value[], index: number): Maybe {
  return index === -1 ? undefined : values[index];
}

function anyElement(values: readonly Value[], offset: number, visit: Visit): boolean {
  for (let index = 0; index < values.length; index += 1) {
    if (visit(values[index], offset === -1 ? index : offset)) return true;
  }
  return false;
}

function descendArray(values: readonly Value[], steps: Steps, at: number, offset: number, visit: Visit): boolean {
  const wanted = steps.indexes[at]!;
  for (let index = 0; index < values.length; index += 1) {
    const element = values[index]!;
    if (element instanceof Map && descend(element, steps, at, offset === -1 ? index : offset, visit)) return true;
    if (index === wanted && descendIndexed(element, steps, at, offset, visit)) return true;
  }
  return false;
}

/** Goes on behind an index. An array that the path ends at in this way stands only for itself. */
function descendIndexed(element: Value, steps: Steps, at: number, offset: number, visit: Visit): boolean {
  if (at === steps.names.length - 1) return visit(element, offset);
  if (element instanceof Map) return descend(element, steps, at + 1, offset, visit);
  return Array.isArray(element) && descendArray(element, steps, at + 1, offset, visit);
}

/** The value at a path that goes through documents only. */
export function valueOfFields(document: Document, path: Path): Maybe {
  let value: Maybe = document;
  for (const name of path) {
    if (!(value instanceof Map)) return undefined;
    value = value.get(name);
  }
  return value;
}
