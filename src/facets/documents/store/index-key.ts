// The keys of an index: which fields, in which order, of which kind. Source: MongoDB 7.0, validateKeyPattern in
// src/mongo/db/catalog/index_key_validate.cpp.

import { isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { isSqlPath } from '../planner/sql-keys.ts';

export type IndexKind = 'ordered' | 'hashed' | 'wildcard';
export type IndexPart = { readonly path: readonly string[]; readonly descending: boolean };
export type IndexKey = { readonly kind: IndexKind; readonly parts: readonly IndexPart[] };

/** The kinds that MongoDB 7.0 has. */
const known: ReadonlySet<string> = new Set(['2d', '2dsphere', 'hashed', 'text', 'wildcard']);
const later: ReadonlySet<string> = new Set(['2d', '2dsphere', 'text']);
const mostParts = 32;
const partsOfReferences: ReadonlySet<string> = new Set(['$ref', '$id', '$db']);

/** `_id` alone, upwards or downwards, which is the index of every collection. */
export function isIdKey(key: Document): boolean {
  const direction = key.get('_id');
  return key.size === 1 && isNumeric(direction) && Math.abs(Math.trunc(toDouble(direction))) === 1;
}

/** Throws DocumentError: CannotCreateIndex; CommandNotSupported for what follows in a later version. */
export function parseIndexKey(key: Document): IndexKey {
  if (key.size === 0) refuse('Index keys cannot be empty.');
  const plugin = pluginOf(key);
  for (const [name, direction] of key) checkPart(name, direction, plugin);
  if (key.size > mostParts) throw new DocumentError(13_103, 'too many compound keys');
  if (plugin === 'hashed' && [...key.values()].filter((direction) => direction === 'hashed').length > 1) {
    throw new DocumentError(31_303, `A maximum of one index field is allowed to be hashed but found ${[...key.values()].filter((direction) => direction === 'hashed').length} for 'key' ${shellText(key)}`);
  }
  if (plugin === 'wildcard') return { kind: 'wildcard', parts: [] };
  return { kind: plugin === 'hashed' ? 'hashed' : 'ordered', parts: [...key].map(([path, direction]) => partOf(path, direction)) };
}

function refuse(details: string): never {
  throw new DocumentError('CannotCreateIndex', details);
}

/** What the index is beyond an ordered one; undefined for an ordered one. */
function pluginOf(key: Document): string | undefined {
  const plugin = [...key.values()].find((direction) => typeof direction === 'string' && direction !== '');
  if (typeof plugin !== 'string') return [...key.keys()].some(isWildcardPath) ? 'wildcard' : undefined;
  if (plugin === 'geoHaystack') refuse('GeoHaystack indexes cannot be created in version 5.0 and above');
  if (!known.has(plugin)) refuse(`Unknown index plugin '${plugin}'`);
  if (later.has(plugin)) throw new DocumentError('CommandNotSupported', `indexes of type '${plugin}' are not supported: text and geo indexes follow in a later version`);
  return plugin;
}

function isWildcardPath(path: string): boolean {
  return path === '$**' || path.endsWith('.$**');
}

function checkPart(name: string, direction: Value, plugin: string | undefined): void {
  if (isNumeric(direction)) {
    const value = toDouble(direction);
    if (Number.isNaN(value)) refuse('Values in the index key pattern cannot be NaN.');
    if (value === 0) refuse('Values in the index key pattern cannot be 0.');
  } else if (typeof direction !== 'string') {
    refuse(`Values in v:2 index key pattern cannot be of type ${typeNameOf(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`);
  }
  if (typeof direction === 'string' && direction !== (plugin ?? '')) refuse("Can't use more than one index plugin for a single index.");
  if (direction === 'wildcard') refuse("The key pattern value for an 'wildcard' index must be a non-zero number, not a string.");
  if (direction === '') refuse('Values in the index key pattern cannot be empty strings');
  if (name === '') refuse('Index keys cannot be an empty field.');
  if (name === '_fts') refuse("Index key contains an illegal field name: '_fts'");
  if (isWildcardPath(name)) checkWildcard(name);
  const parts = name.split('.');
  for (const [index, part] of parts.entries()) {
    if (part === '') refuse('Index keys cannot contain an empty field.');
    const isAllowed = !part.startsWith('$') || (index > 0 && partsOfReferences.has(part)) || (index === parts.length - 1 && part === '$**');
    if (!isAllowed) refuse("Index key contains an illegal field name: field name starts with '$'.");
  }
  if (plugin === 'wildcard' && !isWildcardPath(name)) throw new DocumentError('CommandNotSupported', 'compound wildcard indexes are not supported');
}

function checkWildcard(name: string): void {
  if (name !== '$**') throw new DocumentError('CommandNotSupported', `a wildcard index on a part of the document ('${name}') is not supported: on all of it ('$**') it is`);
}

function partOf(name: string, direction: Value): IndexPart {
  const path = name.split('.');
  if (!isSqlPath(path)) throw new DocumentError('CommandNotSupported', `the path '${name}' cannot be indexed: a part of it may be the index of an array`);
  return { path, descending: isNumeric(direction) && toDouble(direction) < 0 };
}
