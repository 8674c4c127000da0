// Arrays that indexes cannot hold: more than one among the fields of a compound index, any at all in a hashed one.
// Source: MongoDB 7.0, btree_key_generator.cpp and ExpressionKeysPrivate::getHashKeys.

import type { Document, Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { elementAt } from './array-position.ts';
import type { CollectionInfo } from './catalog.ts';

/** Whether documents have to be looked at. */
export function refusesArrays({ indexes }: CollectionInfo): boolean {
  return indexes.some(({ specification }) => pathsOf(specification).length > 1 || isHashed(specification));
}

/** Throws DocumentError: CannotIndexParallelArrays, code 16766. */
export function assertIndexable({ indexes }: CollectionInfo, document: Document): void {
  for (const { specification } of indexes) {
    if (isHashed(specification)) assertHashable(specification, document);
    else assertNoParallelArrays(pathsOf(specification), document);
  }
}

function isHashed(specification: Document): boolean {
  const key = specification.get('key');
  return key instanceof Map && [...key.values()].includes('hashed');
}

/** Throws DocumentError: code 16766. */
export function assertHashable(specification: Document, document: Document): void {
  const array = pathsOf(specification).map((path) => arrayOn(document, path.split('.'))).find((path) => path !== undefined);
  if (array !== undefined) throw new DocumentError(16_766, `Error: hashed indexes do not currently support array values. Found array at path: ${array}`);
}

/** Throws DocumentError: CannotIndexParallelArrays. */
export function assertNoParallelArrays(paths: readonly string[], document: Document): void {
  if (paths.length < 2) return;
  let first: string | undefined;
  for (const path of paths) {
    const array = arrayOn(document, path.split('.'));
    if (array === undefined || array === first) continue;
    if (first !== undefined) throw new DocumentError('CannotIndexParallelArrays', `cannot index parallel arrays [${lastOf(array)}] [${lastOf(first)}]`);
    first = array;
  }
}

function pathsOf(specification: Document): string[] {
  const key = specification.get('key');
  return key instanceof Map ? [...key.keys()] : [];
}

/** The part of the path that leads to its first array, of which it does not name the element. */
function arrayOn(document: Document, path: readonly string[]): string | undefined {
  let value: Maybe = document;
  for (const [index, name] of path.entries()) {
    value = Array.isArray(value) ? elementAt(value, name) : value instanceof Map ? value.get(name) : undefined;
    if (Array.isArray(value) && elementAt(value, path[index + 1]) === undefined) return path.slice(0, index + 1).join('.');
  }
  return undefined;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
