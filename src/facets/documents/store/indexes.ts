// createIndexes, listIndexes, dropIndexes: each index of MongoDB's is one or more of PostgreSQL's, on the keys that the SQL
// functions of store-migration.ts make of documents.
//
// Their names begin with that of a relation of their own (index-relations.ts):
//
//   name          B-tree    the least keys of the fields: equality, ranges, sorts as the index is declared; unique, with the order of
//                           the fields of values that are documents
//   name#keys     GIN       all keys of the first field, of documents with an array there
//   name#greatest B-tree    the greatest keys of a single field: sorts in the other direction
//   name#some     B-tree    the documents with an array there, by nothing: tells whether there are any (without-arrays.ts)
//   name#arrays             no index: statistics of how many documents have an array there
//   name#insert, #update    triggers of a unique one: no two documents share an element of an array (unique-arrays.ts)
//
// A wildcard index is one GIN index on the paths below the wildcard with their keys, and on all keys of the fields beside it.

import { type Connection, statement } from '../../../engine/client.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { assert } from '../../../kernel/assert.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import { equalValues } from '../../../values/bson/compare.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import { int32, isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { allKeys, arrayTest, fieldOrder, greatestKey, hasArray, leastKey, wildcardKeys } from '../planner/sql-keys.ts';
import { refuseTable } from '../tables/assert-table-writable.ts';
import { type CollectionInfo, indexCommentOf, readCollection } from './catalog.ts';
import type { IndexInfo } from './index-info.ts';
import { ensureCollection, inOneTransaction } from './collections.ts';
import { definePastCursors } from './definition-past-cursors.ts';
import { type IndexSpecification, parseIndexSpecification } from './index-specification.ts';
import { documentsSharing, duplicateKeyError } from './duplicate-key.ts';
import { companionOf, freeRelation, relationsOf } from './index-relations.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { assertUsable, namespaceOf, schemaOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { assertHashable, assertNoParallelArrays } from './indexed-arrays.ts';
import { conditionOf } from './partial-filter.ts';
import { statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { dropUniqueArrayStatements, uniqueArrayStatements } from './unique-arrays.ts';
import { onConnection } from './unit.ts';

const mostIndexes = 64;
const readMaker = statement('select xmin::text = pg_current_xact_id_if_assigned()::xid::text as is_own from pg_class where oid = $1', ['oid']);

export async function listIndexes({ engine }: StoreContext, operation: Operation, target: CollectionName): Promise<Document[]> {
  assertUsable(target);
  const info = await onConnection(engine, operation, (connection) => readCollection(connection, target));
  if (info === undefined) throw new DocumentError('NamespaceNotFound', `ns does not exist: ${namespaceOf(target)}`);
  assertCollection(info);
  return indexSpecificationsOf(info);
}

function assertCollection({ kind, target }: CollectionInfo): void {
  if (kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
}

export type Creation = { readonly target: CollectionName; readonly indexes: readonly Document[] };

export async function createIndexes(context: StoreContext, operation: Operation, { target, indexes }: Creation): Promise<Document> {
  assertUsable(target);
  const specifications = indexes.map(parseIndexSpecification);
  const existed = (await onConnection(context.engine, operation, (connection) => readCollection(connection, target))) !== undefined;
  assertCollection(await ensureCollection(context, operation, target));
  return await onConnection(context.engine, operation, async (connection) => {
    const reply: Document = new Map();
    const made = await inOneTransaction(connection, operation, async () => {
      const info = await lockForIndexes(connection, target, 'share row exclusive');
      if (info === undefined) throw new DocumentError('NamespaceNotFound', `ns does not exist: ${namespaceOf(target)}`);
      const before = info.indexes.length + 1;
      const missing = newIndexes(info, specifications);
      reply.set('numIndexesBefore', int32(before)).set('numIndexesAfter', int32(before + missing.length));
      if (missing.length === 0) return missing;
      refuseTable(info, 'createIndexes');
      if (operation.transaction !== undefined && existed) await assertMadeJustNow(connection, info);
      await createAll(connection, info, missing);
      return missing;
    });
    if (made.length === 0) return reply.set('note', 'all indexes already exist');
    if (made.length < specifications.length) reply.set('note', 'index already exists');
    // Plans follow what PostgreSQL has counted; it would count by itself only after a while.
    if (operation.transaction === undefined) await connection.command(`analyze ${tableOf(target)}`);
    context.catalog.forget(target);
    return reply.set('createdCollectionAutomatically', !existed);
  });
}

/**
 * The collection as it is once nobody else changes its indexes: several that make the same ones at a time, as the processes
 * of a service do when they start, come one after the other, and the later ones find them made.
 */
async function lockForIndexes(connection: Connection, target: CollectionName, mode: 'share row exclusive' | 'access exclusive'): Promise<CollectionInfo | undefined> {
  const info = await readCollection(connection, target);
  if (info?.kind !== 'collection') return info;
  await connection.command(`lock table ${tableOf(target)} in ${mode} mode`);
  return await readCollection(connection, target);
}

/** Those that are not there yet. Throws DocumentError where others are in the way. */
function newIndexes(info: CollectionInfo, specifications: readonly IndexSpecification[]): IndexSpecification[] {
  const { target } = info;
  const existing = indexSpecificationsOf(info);
  const made: IndexSpecification[] = [];
  for (const specification of specifications) {
    if (specification.name === '_id_' || isThere(specification, existing)) continue;
    if (specification.document.has('expireAfterSeconds') && info.isCapped) throw new DocumentError('CannotCreateIndex', 'Cannot create TTL index on a capped collection');
    if (isThere(specification, made.map(({ document }) => document))) throw new DocumentError('IndexAlreadyExists', `Identical index already exists: ${specification.name}`);
    made.push(specification);
  }
  const [first] = made;
  if (first !== undefined && existing.length + made.length > mostIndexes) throw new DocumentError('CannotCreateIndex', `add index fails, too many indexes for ${namespaceOf(target)} key:${shellText(first.key)}`);
  return made;
}

/** A transaction makes indexes of collections that it has made itself only. Throws DocumentError: OperationNotSupportedInTransaction. */
async function assertMadeJustNow(connection: Connection, { target, oid }: CollectionInfo): Promise<void> {
  const refuse = (which: string): never => {
    throw new DocumentError('OperationNotSupportedInTransaction', `Cannot create new indexes on ${which} collection ${namespaceOf(target)} in a multi-document transaction.`);
  };
  const [made] = await connection.query(readMaker, [oid]);
  if (made?.['is_own'] !== true) refuse('existing');
  const [found] = await connection.query(statementFor(`select 1 from ${tableOf(target)} limit 1`));
  if (found !== undefined) refuse('non-empty');
}

/** Whether an identical index is there. Throws DocumentError where one of the same name, or of the same keys, differs. */
function isThere({ name, document }: IndexSpecification, existing: readonly Document[]): boolean {
  const requested = `Requested index: ${shellText(document)}, existing index: `;
  const namesake = existing.find((other) => other.get('name') === name);
  if (namesake !== undefined) {
    if (!isSameIndex(namesake, document)) {
      throw new DocumentError('IndexKeySpecsConflict', `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${requested}${shellText(namesake)}`);
    }
    if (hasSameOptions(namesake, document)) return true;
    throw new DocumentError('IndexOptionsConflict', `An equivalent index already exists with the same name but different options. ${requested}${shellText(namesake)}`);
  }
  const twin = existing.find((other) => isSameIndex(other, document));
  if (twin === undefined) return false;
  if (hasSameOptions(twin, document)) throw new DocumentError('IndexOptionsConflict', `Index already exists with a different name: ${namedIn(twin)}`);
  throw new DocumentError('IndexOptionsConflict', `An equivalent index already exists with a different name and options. ${requested}${shellText(twin)}`);
}

function namedIn(specification: Document): string {
  const name = specification.get('name');
  return typeof name === 'string' ? name : '';
}

/** What tells indexes apart, beside their names; of two that agree in it only one can be. */
const identity: readonly string[] = ['unique', 'sparse', 'partialFilterExpression', 'wildcardProjection'];
/** What makes no difference between two indexes. Source: MongoDB 7.0, populateOptionsMap in src/mongo/db/index/index_descriptor.cpp. */
const indifferent: ReadonlySet<string> = new Set(['v', 'key', 'name', 'ns', 'textIndexVersion', '2dsphereIndexVersion', 'background', 'dropDups', 'hidden', 'collation', ...identity]);

function isSameIndex(a: Document, b: Document): boolean {
  const [keyOfA, keyOfB] = [a.get('key'), b.get('key')];
  return keyOfB instanceof Map && isSameKey(keyOfA, keyOfB) && identity.every((option) => equalValues(identifying(a, option), identifying(b, option)));
}

/** An option that is false says no more than one that is not there. */
function identifying(specification: Document, option: string): Value {
  const value = specification.get(option) ?? null;
  return value === false ? null : value;
}

function hasSameOptions(a: Document, b: Document): boolean {
  const names = new Set([...a.keys(), ...b.keys()].filter((name) => !indifferent.has(name)));
  return [...names].every((name) => equalValues(a.get(name) ?? null, b.get(name) ?? null));
}

export function isSameKey(a: Value | undefined, b: Document): boolean {
  return a instanceof Map && equalValues(a, b) && [...a.keys()].join('\0') === [...b.keys()].join('\0');
}

async function createAll(connection: Connection, info: CollectionInfo, specifications: readonly IndexSpecification[]): Promise<void> {
  for (const specification of specifications) {
    await assertArraysFit(connection, info, specification);
    await assertNothingHashedIsArray(connection, info, specification);
    try {
      await connection.command(`savepoint index_made; ${indexStatements(info, specification, await freeRelation(connection, info.target, specification.name))}; release savepoint index_made`);
    } catch (error) {
      if (!isFacetError(error, 'unique_violation')) throw error;
      await connection.command('rollback to savepoint index_made');
      const duplicate = documentsSharing(error.postgres?.detail) ?? (await duplicateIn(connection, info, specification));
      throw duplicateKeyError(info, { index: specification.name, pattern: specification.key, ...duplicate, cause: error });
    }
  }
}

/** Two documents with one key in the B-tree of an index that cannot be made. */
async function duplicateIn(connection: Connection, { target }: CollectionInfo, specification: IndexSpecification): Promise<{ readonly document: Document; readonly other: Document }> {
  const [table, condition, columns] = [tableOf(target), conditionOf(specification) ?? 'true', indexColumns(specification)];
  const keys = columns.map(({ key }) => key).join(', ');
  const order = columns.map(({ key, direction }) => `${key}${direction}`).join(', ');
  const first = `select ${keys} from ${table} where ${condition} group by ${keys} having count(*) > 1 order by ${order} limit 1`;
  const rows = await connection.query(statementFor(`select doc::text as doc from ${table} where ${condition} and (${keys}) = (${first}) limit 2`));
  const [document, other] = rows.map(({ doc }) => fromStoredJson(doc as string));
  assert(document !== undefined && other !== undefined, 'a B-tree refused keys that are not there twice');
  return { document, other };
}

/** Throws DocumentError: CannotIndexParallelArrays for a document that is there already. */
async function assertArraysFit(connection: Connection, { target }: CollectionInfo, { parts, key }: IndexSpecification): Promise<void> {
  if (parts.length < 2) return;
  const several = parts.map(({ path }) => `${hasArray(path)}::int`).join(' + ');
  const rows = await connection.query(statementFor(`select doc::text as doc from ${tableOf(target)} where ${several} > 1`));
  for (const { doc } of rows as { doc: string }[]) assertNoParallelArrays([...key.keys()], fromStoredJson(doc));
}

/** Throws DocumentError: code 16766 for a document that is there already. */
async function assertNothingHashedIsArray(connection: Connection, { target }: CollectionInfo, { parts, kind, document }: IndexSpecification): Promise<void> {
  if (kind !== 'hashed') return;
  const [row] = await connection.query(statementFor(`select doc::text as doc from ${tableOf(target)} where ${parts.map(({ path }) => hasArray(path)).join(' or ')} limit 1`));
  if (row !== undefined) assertHashable(document, fromStoredJson(row['doc'] as string));
}

/** PostgreSQL's indexes have no more columns. */
const mostColumns = 32;

/** What the B-tree of an index is on. */
function indexColumns({ parts, isUnique }: IndexSpecification): { readonly key: string; readonly direction: '' | ' desc' }[] {
  const columns = parts.map(({ path, descending }) => (descending ? { key: greatestKey(path), direction: ' desc' as const } : { key: leastKey(path), direction: '' as const }));
  // Documents with the same fields in another order are other values.
  return isUnique && parts.length < mostColumns ? [...columns, { key: `(${parts.map(({ path }) => `(${fieldOrder(path)})`).join(' || ')})`, direction: '' }] : columns;
}

/** The statements that make an index. */
function indexStatements({ target }: CollectionInfo, specification: IndexSpecification, relation: string): string {
  const { parts, isUnique, kind, wildcard, document } = specification;
  const table = tableOf(target);
  const condition = conditionOf(specification);
  const where = condition === undefined ? '' : ` where ${condition}`;
  const comment = `comment on index ${schemaOf(target.database)}.${quoteIdentifier(relation)} is ${quoteLiteral(indexCommentOf(document))}`;
  if (wildcard !== undefined) {
    const entries = [...parts.map(({ path }) => allKeys(path)), wildcardKeys(wildcard)];
    return `create index ${quoteIdentifier(relation)} on ${table} using gin (${entries.map((entry) => `(${entry})`).join(', ')})${where}; ${comment}`;
  }
  const statements = [`create ${isUnique ? 'unique ' : ''}index ${quoteIdentifier(relation)} on ${table} (${indexColumns(specification).map(({ key, direction }) => `${key}${direction}`).join(', ')})${where}`, comment];
  const [first] = parts;
  if (first !== undefined) {
    // How many documents have an array there decides between plans; PostgreSQL would take a third.
    statements.push(`create statistics if not exists ${schemaOf(target.database)}.${quoteIdentifier(companionOf(relation, '#arrays'))} on (${arrayTest(first.path)}) from ${table}`);
    const both = [hasArray(first.path), ...(condition === undefined ? [] : [condition])].join(' and ');
    statements.push(`create index ${quoteIdentifier(companionOf(relation, '#keys'))} on ${table} using gin (${`(${allKeys(first.path)})`}) where ${both}`);
    if (condition === undefined) statements.push(`create index ${quoteIdentifier(companionOf(relation, '#some'))} on ${table} ((true)) where ${hasArray(first.path)}`);
    if (parts.length === 1 && kind !== 'hashed') {
      const other = first.descending ? leastKey(first.path) : greatestKey(first.path);
      statements.push(`create index ${quoteIdentifier(companionOf(relation, '#greatest'))} on ${table} (${other})${where}`);
    }
  }
  if (isUnique) statements.push(...uniqueArrayStatements(table, relation, specification));
  return statements.join('; ');
}

type Removal = { readonly target: CollectionName; readonly index: Value };

export async function dropIndexes(context: StoreContext, operation: Operation, { target, index }: Removal): Promise<Document> {
  assertUsable(target);
  return await onConnection(context.engine, operation, async (connection) => {
    const remove = async (): Promise<number> => {
      const info = await lockForIndexes(connection, target, 'access exclusive');
      if (info === undefined) throw new DocumentError('NamespaceNotFound', `ns not found ${namespaceOf(target)}`);
      assertCollection(info);
      refuseTable(info, 'dropIndexes');
      await dropAll(connection, target, indexesToDrop(info, index));
      return info.indexes.length + 1;
    };
    const count = await inOneTransaction(connection, operation, () => definePastCursors(context, operation, { connection }, remove));
    context.catalog.forget(target);
    const reply: Document = new Map<string, Value>([['nIndexesWas', int32(count)]]);
    return index === '*' ? reply.set('msg', 'non-_id indexes dropped for collection') : reply;
  });
}

/** All but that on `_id`. */
export async function dropAllIndexes(connection: Connection, { target, indexes }: CollectionInfo): Promise<void> {
  await dropAll(connection, target, indexes);
}

async function dropAll(connection: Connection, target: CollectionName, dropped: readonly IndexInfo[]): Promise<void> {
  for (const index of dropped) {
    const { indexes, statistics } = relationsOf(target, index);
    await connection.command([`drop index if exists ${indexes.join(', ')}`, `drop statistics if exists ${statistics.join(', ')}`, ...dropUniqueArrayStatements(tableOf(target), index.name)].join('; '));
  }
}

function indexesToDrop(info: CollectionInfo, index: Value): readonly IndexInfo[] {
  if (index === '*') return info.indexes;
  if (Array.isArray(index)) {
    if (index.some((name) => typeof name !== 'string')) throw wrongIndexType('array', 'string');
    return index.map((name) => indexNamed(info, name as string));
  }
  if (index instanceof Map) return indexesWithKey(info, index);
  if (typeof index !== 'string') throw wrongIndexType(typeNameOf(index), 'string, object');
  return [indexNamed(info, index)];
}

function wrongIndexType(found: string, expected: string): DocumentError {
  return new DocumentError('TypeMismatch', `BSON field 'dropIndexes.index' is the wrong type '${found}', expected types '[${expected}']`);
}

function indexesWithKey({ indexes }: CollectionInfo, key: Document): readonly IndexInfo[] {
  const direction = key.get('_id');
  if (key.size === 1 && isNumeric(direction) && toDouble(direction) === 1) throw cannotDropId();
  const matching = indexes.filter(({ specification }) => isSameKey(specification.get('key'), key));
  if (matching.length === 0) throw new DocumentError('IndexNotFound', `can't find index with key: ${shellText(key)}`);
  if (matching.length > 1) {
    throw new DocumentError('AmbiguousIndexKeyPattern', `${matching.length} indexes found for key: ${shellText(key)}, identify by name instead. Conflicting indexes: ${matching.map(({ specification }) => shellText(specification)).join(', ')}`);
  }
  return matching;
}

function indexNamed({ indexes }: CollectionInfo, name: string): IndexInfo {
  if (name === '_id_') throw cannotDropId();
  const found = indexes.find((index) => index.name === name);
  if (found === undefined) throw new DocumentError('IndexNotFound', `index not found with name [${name}]`);
  return found;
}

function cannotDropId(): DocumentError {
  return new DocumentError('InvalidOptions', 'cannot drop _id index');
}
