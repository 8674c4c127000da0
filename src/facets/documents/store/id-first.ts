// `_id` stands first in every stored document.

import type { Document } from '../../../values/bson/types.ts';

/** The document with `_id` in front, if it has one. */
export function idFirst(document: Document): Document {
  const [first] = document.keys();
  const id = document.get('_id');
  if (first === '_id' || id === undefined) return document;
  return new Map([['_id', id], ...document]);
}
