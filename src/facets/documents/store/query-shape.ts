// The shape of a query: what it asks for without the values that it asks about. Its hash is the same for the same shape, as the
// hashes by which MongoDB's `explain` and logs tell queries apart; the numbers themselves are not MongoDB's.

import { createHash } from 'node:crypto';
import type { Document, Value } from '../../../values/bson/types.ts';
import { shellText } from '../expressions/shell-text.ts';

export type QueryShape = { readonly parsedQuery: Document; readonly sort?: Document | undefined; readonly projection?: Document | undefined };

/** Eight hexadecimal digits. */
export function queryHash({ parsedQuery, sort, projection }: QueryShape): string {
  return hashOf([shapeOf(parsedQuery), shellText(sort ?? new Map()), shellText(projection ?? new Map())]);
}

/** That of the plan: which indexes there are decides with the shape. */
export function planCacheKey(shape: QueryShape, indexNames: readonly string[]): string {
  return hashOf([queryHash(shape), ...indexNames.toSorted()]);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8).toUpperCase();
}

const logical: ReadonlySet<string> = new Set(['$and', '$or', '$nor']);

function shapeOf(filter: Document): string {
  return [...filter].map(([name, value]) => (logical.has(name) && Array.isArray(value) ? `${name}[${value.map((part) => (part instanceof Map ? shapeOf(part) : '')).toSorted().join(',')}]` : `${name}(${operatorsOf(value)})`)).join(',');
}

function operatorsOf(value: Value): string {
  if (!(value instanceof Map)) return '';
  return [...value].map(([name, operand]) => (name === '$not' || name === '$elemMatch' ? `${name}(${operatorsOf(operand)})` : name)).join(',');
}
