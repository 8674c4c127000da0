// $rename: sets the target to the source's value, then removes the source. It works on documents within documents;
// neither path may lead through an array.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { elementText, idText } from './messages.ts';
import { indexOfPart } from './path-order.ts';

type Target = { readonly path: readonly string[]; readonly missing: readonly string[] };

/** The value of a rename's source, or undefined where there is none. Throws PathNotViable, BadValue for a path through an array. */
export function sourceValue(source: readonly string[], document: Document): Maybe {
  const parents: { readonly name: string; readonly value: Value }[] = [];
  let current: Value = document;
  for (const [index, part] of source.entries()) {
    const child = childOf(current, part, source, index);
    if (child === undefined) return undefined;
    if (index < source.length - 1) parents.push({ name: part, value: child });
    current = child;
  }
  assertNoArray('source', source, parents, document);
  return current;
}

function childOf(value: Value, part: string, source: readonly string[], index: number): Maybe {
  if (value instanceof Map) return value.get(part);
  const arrayIndex = Array.isArray(value) ? indexOfPart(part) : undefined;
  if (arrayIndex !== undefined) return (value as Value[])[arrayIndex];
  const parent = source[index - 1]!;
  throw new DocumentError('PathNotViable', `cannot use the part (${parent} of ${source.join('.')}) to traverse the element ({${elementText(parent, value)}})`);
}

/** Throws BadValue where the way to a rename's target leads through an array. */
export function assertTargetOutsideArrays({ path, missing }: Target, document: Document): void {
  const parents: { readonly name: string; readonly value: Value }[] = [];
  let current: Maybe = document;
  for (const part of missing.length > 0 ? path : path.slice(0, -1)) {
    current = current instanceof Map ? current.get(part) : (current as Value[])[indexOfPart(part)!];
    if (current === undefined) break;
    parents.push({ name: part, value: current });
  }
  assertNoArray('destination', [...path, ...missing], parents, document);
}

function assertNoArray(side: 'source' | 'destination', path: readonly string[], parents: readonly { readonly name: string; readonly value: Value }[], document: Document): void {
  const array = parents.findLast(({ value }) => Array.isArray(value));
  if (!array) return;
  throw new DocumentError('BadValue', `The ${side} field cannot be an array element, '${path.join('.')}' in doc with ${idText(document, 'no id')} has an array field called '${array.name}'`);
}

/** A copy of the document without the field at `path`, which leads through documents only. */
export function removeField(document: Document, path: readonly string[]): Document {
  const [name, ...rest] = path as [string, ...string[]];
  const result = new Map(document);
  if (rest.length === 0) {
    result.delete(name);
    return result;
  }
  const child = document.get(name);
  if (child instanceof Map) result.set(name, removeField(child, rest));
  return result;
}
