// The operators that only find's projections have: $slice, $elemMatch and the positional $.

import { isNumeric, typeNameOf, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Scope } from '../expressions/expression.ts';
import type { Filter } from '../filters/filter.ts';
import { compilePositionedFilter } from '../filters/match.ts';
import { clampedInt32 } from '../filters/numbers.ts';

/** Works on what the projection has made of a document. */
export type Finish = (projected: Document, document: Document, scope: Scope) => Document;

export type Slice = { readonly skip: number | undefined; readonly limit: number };

/** The operand of find's $slice. Throws DocumentError: 31272, 31257, 31258, 31259, 31273. */
export function parseSlice(operand: Value): Slice {
  if (isNumeric(operand)) return { skip: undefined, limit: clampedInt32(operand) };
  if (!Array.isArray(operand)) throw new DocumentError(31_273, '$slice only supports numbers and [skip, limit] arrays');
  const [skip, limit] = operand;
  if (operand.length !== 2 || skip === undefined || limit === undefined) throw new DocumentError(31_272, '$slice array argument should be of form [skip, limit]');
  if (!isNumeric(skip)) throw new DocumentError(31_257, `$slice expects the skip argument to be a number, got ${typeNameOf(skip)}`);
  if (!isNumeric(limit)) throw new DocumentError(31_258, `$slice expects the limit argument to be a number, got ${typeNameOf(limit)}`);
  const count = clampedInt32(limit);
  if (count <= 0) throw new DocumentError(31_259, `$slice limit must be positive, got ${count}`);
  return { skip: clampedInt32(skip), limit: count };
}

/** Cuts the arrays at a path. Documents within an array are gone into, arrays within it are not. */
export function sliceAt(path: readonly string[], slice: Slice): Finish {
  return (projected) => sliceField(projected, path, 0, slice);
}

function sliceField(document: Document, path: readonly string[], at: number, slice: Slice): Document {
  const name = path[at]!;
  const value = document.get(name);
  const sliced = sliceValue(value, path, at + 1, slice);
  return sliced === value || sliced === undefined ? document : new Map(document).set(name, sliced);
}

function sliceValue(value: Maybe, path: readonly string[], at: number, slice: Slice): Maybe {
  if (Array.isArray(value)) {
    if (at === path.length) return sliceArray(value, slice);
    return value.map((element) => (element instanceof Map ? sliceField(element, path, at, slice) : element));
  }
  return value instanceof Map && at < path.length ? sliceField(value, path, at, slice) : value;
}

function sliceArray(values: readonly Value[], { skip, limit }: Slice): Value[] {
  if (skip === undefined) return limit < 0 ? values.slice(limit) : values.slice(0, limit);
  const start = skip < 0 ? Math.max(0, values.length + skip) : skip;
  return values.slice(start, start + limit);
}

/** The first element that satisfies the condition, as the array's only one; missing if there is none. */
export function elemMatchOf(name: string, condition: Filter): (scope: Scope) => Maybe {
  const match = compilePositionedFilter(condition);
  return ({ root }) => {
    if (!(root instanceof Map)) return undefined;
    const { matched, position } = match(root);
    const values = root.get(name);
    return matched && position !== undefined && Array.isArray(values) ? [values[position]!] : undefined;
  };
}

/**
 * Leaves of the first array on a path the element by which the document matched the query.
 * Throws DocumentError 51246, 51247 when it is applied.
 */
export function positionalAt(path: readonly string[], query: Filter): Finish {
  const match = compilePositionedFilter(query);
  return (projected, document, scope) => {
    const { position } = match(document, scope);
    return keepPosition(projected, path, 0, position);
  };
}

function keepPosition(document: Document, path: readonly string[], at: number, position: number | undefined): Document {
  if (at === path.length) return document;
  const value = document.get(path[at]!);
  if (Array.isArray(value)) return withNested(document, path.slice(at), [elementAt(value, position)]);
  if (!(value instanceof Map)) return document;
  return new Map(document).set(path[at]!, keepPosition(value, path, at + 1, position));
}

function elementAt(values: readonly Value[], position: number | undefined): Value {
  if (position === undefined) throw new DocumentError(51_246, "positional operator '.$' couldn't find a matching element in the array");
  const element = values[position];
  if (element === undefined) throw new DocumentError(51_247, "positional operator '.$' element mismatch");
  return element;
}

/** The array stands at the first field: what the path names below it is already projected within its elements. */
function withNested(document: Document, [name]: readonly string[], values: Value[]): Document {
  return new Map(document).set(name!, values);
}
