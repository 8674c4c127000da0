// Names in commands: collections and namespaces.

import { DocumentError, type CollectionName } from '../../facets/documents/index.ts';
import { Binary, typeNameOf } from '../../values/bson/types.ts';
import { type Read, takingNull } from './fields.ts';

/** The collection that a command names as its own value. Throws DocumentError: BadValue. */
export const collectionName: Read<string> = takingNull((value) => {
  if (typeof value === 'string') return value;
  if (value instanceof Binary && value.subtype === 4) throw new DocumentError('BadValue', 'Collection name must be provided. UUID is not valid in this context');
  throw new DocumentError('BadValue', `collection name has invalid type ${typeNameOf(value)}`);
});

/** `shop.movies`. Throws DocumentError: InvalidNamespace. */
export function parseNamespace(text: string): CollectionName {
  const dot = text.indexOf('.');
  if (dot <= 0 || dot === text.length - 1) throw new DocumentError('InvalidNamespace', `Invalid namespace specified '${text}'`);
  return { database: text.slice(0, dot), collection: text.slice(dot + 1) };
}
