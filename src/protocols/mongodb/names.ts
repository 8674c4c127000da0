// Names in commands: collections and namespaces.

import { DocumentError, type CollectionName } from '../../facets/documents/index.ts';
import { typeNameOf, type Value } from '../../values/bson/types.ts';

/** The collection that a command names as its own value. Throws DocumentError: InvalidNamespace, BadValue. */
export function collectionName(value: Value): string {
  if (typeof value !== 'string') throw new DocumentError('InvalidNamespace', `collection name has invalid type ${typeNameOf(value)}`);
  return value;
}

/** `shop.movies`. Throws DocumentError: InvalidNamespace. */
export function parseNamespace(text: string): CollectionName {
  const dot = text.indexOf('.');
  if (dot <= 0 || dot === text.length - 1) throw new DocumentError('InvalidNamespace', `Invalid namespace specified '${text}'`);
  return { database: text.slice(0, dot), collection: text.slice(dot + 1) };
}
