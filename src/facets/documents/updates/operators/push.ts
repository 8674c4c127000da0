// $push with its clauses, applied in this order whatever the order they are written in: $each at $position, $sort, $slice.

import { compareValues } from '../../../../values/bson/compare.ts';
import { isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { compareNumbers } from '../../../../values/bson/compare.ts';
import { DocumentError } from '../../errors.ts';
import { idText } from '../messages.ts';
import { parseLongOr } from '../numbers.ts';
import { indexOfPart } from '../path-order.ts';
import { unchanged } from '../update.ts';
import type { LeafNode, Place } from '../update.ts';

type Compare = (a: Value, b: Value) => number;

type Push = {
  readonly each: readonly Value[];
  readonly position?: bigint | undefined;
  readonly sort?: Compare | undefined;
  readonly slice?: bigint | undefined;
};

const clauses: ReadonlySet<string> = new Set(['$each', '$slice', '$sort', '$position']);

export function parsePush({ value }: { readonly value: Value }): LeafNode {
  const push = value instanceof Map && value.has('$each') ? parseClauses(value) : { each: [value] };
  return {
    kind: 'leaf',
    operator: '$push',
    change: (current, place) => changeArray(current, push, place),
    create: () => pushTo([], push),
  };
}

function parseClauses(value: Document): Push {
  for (const name of value.keys()) {
    if (!clauses.has(name)) throw new DocumentError('BadValue', `Unrecognized clause in $push: ${name}`);
  }
  const each = value.get('$each')!;
  if (!Array.isArray(each)) throw new DocumentError('BadValue', `The argument to $each in $push must be an array but it was of type: ${typeNameOf(each)}`);
  const [slice, sort, position] = [value.get('$slice'), value.get('$sort'), value.get('$position')];
  return {
    each,
    slice: slice === undefined ? undefined : parseLongOr(slice, 'The value for $slice must be an integer value but was given type: '),
    sort: sort === undefined ? undefined : parseSortClause(sort),
    position: position === undefined ? undefined : parseLongOr(position, 'The value for $position must be an integer value, not of type: '),
  };
}

function parseSortClause(sort: Value): Compare {
  if (sort instanceof Map) return parseSortPattern(sort);
  if (!isNumeric(sort)) {
    throw new DocumentError('BadValue', 'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  const direction = directionOf(sort);
  if (direction === undefined) throw new DocumentError('BadValue', 'The $sort element value must be either 1 or -1');
  return (a, b) => direction * compareValues(a, b);
}

function parseSortPattern(pattern: Document): Compare {
  if (pattern.size === 0) throw new DocumentError('BadValue', 'The sort pattern is empty when it should be a set of fields.');
  const keys = [...pattern].map(([field, value]) => {
    const direction = directionOf(value);
    if (direction === undefined) throw new DocumentError('BadValue', 'The sort element value must be either 1 or -1');
    if (field === '') throw new DocumentError('BadValue', 'The sort field cannot be empty');
    if (field.split('.').includes('')) throw new DocumentError('BadValue', `The sort field is a dotted field but has an empty part: ${field}`);
    return { field, direction };
  });
  return (a, b) => {
    for (const { field, direction } of keys) {
      const order = direction * compareValues(sortKey(a, field), sortKey(b, field));
      if (order !== 0) return order;
    }
    return 0;
  };
}

function directionOf(value: Value): 1 | -1 | undefined {
  if (!isNumeric(value)) return undefined;
  if (compareNumbers(value, 1) === 0) return 1;
  return compareNumbers(value, -1) === 0 ? -1 : undefined;
}

function sortKey(element: Value, field: string): Value {
  return (element instanceof Map ? valueAt(element, field) : undefined) ?? null;
}

/** Unlike in a sort of documents, an array is entered by index only, and a field that has the whole dotted name comes first. */
function valueAt(value: Value, path: string): Maybe {
  const whole = childOf(value, path);
  const dot = path.indexOf('.');
  if (whole !== undefined || dot < 0) return whole;
  const child = childOf(value, path.slice(0, dot));
  return child === undefined ? undefined : valueAt(child, path.slice(dot + 1));
}

function childOf(value: Value, name: string): Maybe {
  if (value instanceof Map) return value.get(name);
  const index = Array.isArray(value) ? indexOfPart(name) : undefined;
  return index === undefined ? undefined : (value as Value[])[index];
}

function changeArray(current: Value, push: Push, { path, document }: Place): Value | typeof unchanged {
  if (!Array.isArray(current)) {
    throw new DocumentError('BadValue', `The field '${path.join('.')}' must be an array but is of type ${typeNameOf(current)} in document {${idText(document, 'no id')}}`);
  }
  const result = pushTo(current, push);
  // An array that was sorted counts as changed, even if it was in order before.
  return push.each.length === 0 && !push.sort && result.length === current.length ? unchanged : result;
}

function pushTo(current: readonly Value[], { each, position, sort, slice }: Push): Value[] {
  const result = insertAt(current, each, position);
  if (sort) result.sort(sort);
  return slice === undefined ? result : sliceOf(result, slice);
}

function insertAt(current: readonly Value[], each: readonly Value[], position: bigint | undefined): Value[] {
  const length = BigInt(current.length);
  if (position === undefined || position >= length) return [...current, ...each];
  const start = position >= 0n ? Number(position) : Number(-position < length ? length + position : 0n);
  return [...current.slice(0, start), ...each, ...current.slice(start)];
}

/** The first elements, or with a negative number the last. */
function sliceOf(elements: Value[], slice: bigint): Value[] {
  const size = slice < 0n ? -slice : slice;
  if (BigInt(elements.length) <= size) return elements;
  return slice < 0n ? elements.slice(elements.length - Number(size)) : elements.slice(0, Number(size));
}
