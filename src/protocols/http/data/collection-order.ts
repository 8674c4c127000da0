// The order of a listing of documents, in MongoDB's expressions: what a field is sorted by, and which documents come after a
// place. Sorting takes of an array its least element, or its greatest where the order is turned, and a missing field for null;
// of an empty array it says that it comes before null. `_id` is the last of the fields, so that no two documents are equal.

import type { Document } from 'bson';
import type { SortField } from './data-source.ts';

export function sortKeys(order: readonly SortField[]): readonly Document[] {
  return order.map(sortKey);
}

function sortKey({ name, isDescending }: SortField): Document {
  const path = `$${name}`;
  const chosen = { $first: { $sortArray: { input: path, sortBy: isDescending ? -1 : 1 } } };
  return { $ifNull: [{ $cond: [{ $isArray: [path] }, { $cond: [{ $eq: [path, { $literal: [] }] }, { $literal: { $minKey: 1 } }, chosen] }, path] }, null] };
}

/** The filter that a document comes after `position`, the sort keys of another. */
export function afterPosition(order: readonly SortField[], position: readonly unknown[]): Document {
  const literals = position.map((value) => ({ $literal: value }));
  const cases = order.map((field, index) => ({
    $and: [
      ...order.slice(0, index).map((before, place) => ({ $eq: [sortKey(before), literals[place]] })),
      { [field.isDescending ? '$lt' : '$gt']: [sortKey(field), literals[index]] },
    ],
  }));
  return { $expr: { $or: cases } };
}

export function positionOf({ position }: Document): readonly unknown[] {
  return position as readonly unknown[];
}
