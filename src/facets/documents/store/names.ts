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
const reservedSchema = /^(pg_.*|information_schema|facetdb)$/;
/** Those of the keys of Redis clients, which are read as a collection (tables/keyspace-entries.ts). */
const keyspaceSchema = /^keyspace\d+$/;

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

/**
 * Throws DocumentError: InvalidNamespace, in the words of MongoDB's NamespaceString and userAllowedCreateNS; Unauthorized for
 * the schemas that are not for documents.
 */
export function assertUsable(target: CollectionName): void {
  const { database, collection } = target;
  const refuse = (text: string): never => {
    throw new DocumentError('InvalidNamespace', text);
  };
  const namespace = namespaceOf(target);
  if (namespace.includes('\0')) refuse('namespaces cannot have embedded null characters');
  if (database.includes('.')) refuse(`'.' is an invalid character in the database name: ${database}`);
  if (collection.startsWith('.')) refuse(`Collection names cannot start with '.': ${collection}`);
  if (collection === '' || !isDatabaseName(database)) refuse(`Invalid namespace specified '${namespace}'`);
  if (database.includes('$')) refuse(`Invalid namespace: ${namespace}`);
  if (collection.includes('$')) refuse(`Invalid collection name: ${collection}`);
  if (Buffer.byteLength(namespace) > namespaceBytes) refuse(`Fully qualified namespace is too long. Namespace: ${namespace} Max: ${namespaceBytes}`);
  assertForDocuments(database);
}

/** Collections that may be made although their name begins with `system.`. */
const systemCollections: ReadonlySet<string> = new Set(['system.js', 'system.users', 'system.version', 'system.roles']);

/** Throws DocumentError: InvalidNamespace for a name that no new collection may have, as `assertUsable` for others. */
export function assertCreatable(target: CollectionName): void {
  assertUsable(target);
  assertOfDocuments(target.database);
  assertNotOfSystem(target);
}

/** Collections that the server keeps itself. */
const keptCollections: ReadonlySet<string> = new Set(['system.views', 'system.profile']);

/** Throws DocumentError: InvalidNamespace for a name that no client may write to, as `assertUsable` for others. */
export function assertWritableName(target: CollectionName): void {
  assertUsable(target);
  if (keptCollections.has(target.collection)) throw new DocumentError('InvalidNamespace', `cannot write to ${namespaceOf(target)}`);
  assertNotOfSystem(target);
}

function assertNotOfSystem(target: CollectionName): void {
  const { collection } = target;
  if (collection.startsWith('system.') && !systemCollections.has(collection)) throw new DocumentError('InvalidNamespace', `Invalid system namespace: ${namespaceOf(target)}`);
  if (collection.includes('.system.')) throw new DocumentError('InvalidNamespace', `Invalid namespace: ${namespaceOf(target)}`);
}

function isDatabaseName(database: string): boolean {
  return database !== '' && !/[\0/\\. "]/.test(database) && Buffer.byteLength(database) <= databaseBytes;
}

/** Throws DocumentError, as `assertUsable`. */
export function assertDatabase(database: string): void {
  if (!isDatabaseName(database) || database.includes('$')) throw new DocumentError('InvalidNamespace', `Invalid database name: '${database}'`);
  assertForDocuments(database);
}

function assertForDocuments(database: string): void {
  if (reservedSchema.test(database)) throw new DocumentError('Unauthorized', `not authorized: database ${database} is not for documents`);
}

/** Whether a schema holds a database's collections. */
export function isDatabaseSchema(schema: string): boolean {
  return !reservedSchema.test(schema) && !isKeyspace(schema);
}

export function isKeyspace(database: string): boolean {
  return keyspaceSchema.test(database);
}

/** Throws DocumentError: Unauthorized for a database whose collections are given. */
export function assertOfDocuments(database: string): void {
  if (isKeyspace(database)) throw new DocumentError('Unauthorized', `not authorized: the database ${database} is the keys of Redis clients, which are read here as the collection entries`);
}
