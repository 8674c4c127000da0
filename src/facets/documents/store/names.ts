// Databases are schemas and collections are tables in them, by the same names where PostgreSQL allows it. A name of more
// than 63 bytes becomes its beginning and a hash; the whole name then stands in the object's comment.

import { createHash } from 'node:crypto';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';

/** PostgreSQL's limit, in bytes. */
const identifierBytes = 63;
const hashDigits = 16;
const databaseBytes = 63;
const namespaceBytes = 255;

/** Schemas that are PostgreSQL's or FacetDB's own. */
const reservedSchema = /^(pg_.*|information_schema|facetdb|keyspace\d+)$/;

/** `collection` of `shop.movies` as SQL names it: `"shop"."movies"`. */
export function tableOf({ database, collection }: CollectionName): string {
  return `${schemaOf(database)}.${quoteIdentifier(identifierOf(collection))}`;
}

export function schemaOf(database: string): string {
  return quoteIdentifier(identifierOf(database));
}

/** The identifier that stands for a name, unquoted. */
export function identifierOf(name: string): string {
  if (Buffer.byteLength(name) <= identifierBytes) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashDigits);
  let prefix = Buffer.from(name).subarray(0, identifierBytes - hashDigits - 1).toString('utf8');
  // A character that was cut in the middle.
  while (prefix.endsWith('\ufffd')) prefix = prefix.slice(0, -1);
  return `${prefix}~${hash}`;
}

export function namespaceOf({ database, collection }: CollectionName): string {
  return `${database}.${collection}`;
}

/** Throws DocumentError: InvalidNamespace; Unauthorized for the schemas that are not for documents. */
export function assertUsable(target: CollectionName): void {
  const { database, collection } = target;
  assertDatabase(database);
  if (collection === '') throw new DocumentError('InvalidNamespace', `Invalid namespace specified '${database}.'`);
  const isValid = !collection.startsWith('.') && !collection.endsWith('.') && !collection.includes('\0') && !collection.includes('$');
  if (!isValid || Buffer.byteLength(namespaceOf(target)) > namespaceBytes) {
    throw new DocumentError('InvalidNamespace', `Invalid collection name specified '${namespaceOf(target)}'`);
  }
}

/** Throws DocumentError, as `assertUsable`. */
export function assertDatabase(database: string): void {
  if (database === '' || /[\0/\\. "$]/.test(database) || Buffer.byteLength(database) > databaseBytes) {
    throw new DocumentError('InvalidNamespace', `Invalid database name: '${database}'`);
  }
  if (reservedSchema.test(database)) throw new DocumentError('Unauthorized', `not authorized: database ${database} is not for documents`);
}

/** Whether a schema holds a database's collections. */
export function isDatabaseSchema(schema: string): boolean {
  return !reservedSchema.test(schema);
}
