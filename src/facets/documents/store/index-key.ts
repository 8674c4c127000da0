// The keys of an index: which fields, in which order, of which kind. Source: MongoDB 7.0, validateKeyPattern in
// src/mongo/db/catalog/index_key_validate.cpp.

import { encodeDocument } from '../../../values/bson/encode.ts';
import { isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { isIndexPath } from '../planner/sql-keys.ts';
import { assertWildcardKey, isWildcardPath } from './wildcard-key.ts';

export type IndexKind = 'ordered' | 'hashed' | 'wildcard';
export type IndexPart = { readonly path: readonly string[]; readonly descending: boolean };
/** The parts of a wildcard index are those beside the wildcard. */
export type IndexKey = { readonly kind: IndexKind; readonly parts: readonly IndexPart[] };

/** The kinds that MongoDB 7.0 has. */
const known: ReadonlySet<string> = new Set(['2d', '2dsphere', 'hashed', 'text', 'wildcard']);
const later: ReadonlySet<string> = new Set(['2d', '2dsphere', 'text']);
const mostParts = 32;
const mostBytes = 2_048;
const partsOfReferences: ReadonlySet<string> = new Set(['$ref', '$id', '$db']);

/** `_id` alone, upwards or downwards, which is the index of every collection. */
export function isIdKey(key: Document): boolean {
  const direction = key.get('_id');
  return key.size === 1 && isNumeric(direction) && Math.abs(Math.trunc(toDouble(direction))) === 1;
}

/** Whether a key pattern is one at all. Throws DocumentError: CannotCreateIndex, and those of `assertWildcardKey`. */
export function assertKeyPattern(key: Document): void {
  if (encodeDocument(key).length > mostBytes) refuse('Index key pattern too large.');
  if (key.size === 0) refuse('Index keys cannot be empty.');
  const plugin = pluginOf(key);
  if (plugin === 'geoHaystack') refuse('GeoHaystack indexes cannot be created in version 5.0 and above');
  if (plugin !== '' && !known.has(plugin)) refuse(`Unknown index plugin '${plugin}'`);
  if (plugin === 'wildcard') assertWildcardKey(key);
  for (const [name, direction] of key) checkPart(name, direction, plugin);
  if ([...key.values()].includes('')) refuse('Values in the index key pattern cannot be empty strings');
}

/** Of a key pattern that is one. Throws DocumentError: codes 13103, 31303; CommandNotSupported for what follows in a later version. */
export function parseIndexKey(key: Document): IndexKey {
  const plugin = pluginOf(key);
  if (later.has(plugin)) throw new DocumentError('CommandNotSupported', `indexes of type '${plugin}' are not supported: text and geo indexes follow in a later version`);
  if (key.size > mostParts) throw new DocumentError(13_103, 'too many compound keys');
  const hashed = [...key.values()].filter((direction) => direction === 'hashed').length;
  if (hashed > 1) throw new DocumentError(31_303, `A maximum of one index field is allowed to be hashed but found ${hashed} for 'key' ${shellText(key)}`);
  const parts = [...key].filter(([name]) => !isWildcardPath(name)).map(([name, direction]) => partOf(name, direction));
  return { kind: plugin === 'wildcard' || plugin === 'hashed' ? plugin : 'ordered', parts };
}

function refuse(details: string): never {
  throw new DocumentError('CannotCreateIndex', details);
}

/** What the index is beyond an ordered one, by the first part that says it; the empty string for an ordered one. */
export function pluginOf(key: Document): string {
  for (const [name, direction] of key) {
    if (typeof direction === 'string') return direction;
    if (isWildcardPath(name)) return 'wildcard';
  }
  return '';
}

function checkPart(name: string, direction: Value, plugin: string): void {
  if (isNumeric(direction)) {
    const value = toDouble(direction);
    if (Number.isNaN(value)) refuse('Values in the index key pattern cannot be NaN.');
    if (value === 0) refuse('Values in the index key pattern cannot be 0.');
  } else if (typeof direction !== 'string') {
    refuse(`Values in v:2 index key pattern cannot be of type ${typeNameOf(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`);
  }
  if (typeof direction === 'string' && direction !== plugin) refuse("Can't use more than one index plugin for a single index.");
  if (direction === 'wildcard') refuse("The key pattern value for an 'wildcard' index must be a non-zero number, not a string.");
  if (name === '') refuse('Index keys cannot be an empty field.');
  if (name === '$**' && (isNumeric(direction) || direction === 'text')) return;
  if (name === '_fts' && direction !== 'text') refuse("Index key contains an illegal field name: '_fts'");
  const parts = name.split('.');
  for (const [index, part] of parts.entries()) {
    if (part === '') refuse('Index keys cannot contain an empty field.');
    const isAllowed = !part.startsWith('$') || (index > 0 && partsOfReferences.has(part)) || (index === parts.length - 1 && part === '$**' && plugin === 'wildcard');
    if (!isAllowed) refuse("Index key contains an illegal field name: field name starts with '$'.");
  }
}

function partOf(name: string, direction: Value): IndexPart {
  const path = name.split('.');
  if (!isIndexPath(path)) throw new DocumentError('CommandNotSupported', `the path '${name}' cannot be indexed: a part of it is stored under another name`);
  return { path, descending: isNumeric(direction) && toDouble(direction) < 0 };
}
