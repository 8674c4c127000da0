// createIndexes, listIndexes, dropIndexes: each index of MongoDB's is one or more of PostgreSQL's, on the keys that the SQL
// functions of store-migration.ts make of documents.
//
//   name          B-tree    the least keys of the fields: equality, ranges, sorts as the index is declared; unique
//   name#keys     GIN       all keys of the first field, of documents with an array there
//   name#greatest B-tree    the greatest keys of a single field: sorts in the other direction
//   name#arrays             no index: statistics of how many documents have an array there
//
// A wildcard index is one GIN index on all paths with their keys.

import type { Connection } from '../../../engine/client.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import { equalValues } from '../../../values/bson/compare.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { allKeys, arrayTest, greatestKey, hasArray, leastKey, wildcardKeys } from '../planner/sql-keys.ts';
import { type CollectionInfo, type IndexInfo, indexCommentOf, readCollection } from './catalog.ts';
import { ensureCollection, inOneTransaction } from './collections.ts';
import { type IndexSpecification, conditionOf, parseIndexSpecification } from './index-specification.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { assertUsable, identifierOf, namespaceOf, schemaOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

const mostIndexes = 64;

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

type Creation = { readonly target: CollectionName; readonly indexes: readonly Document[] };

export async function createIndexes(context: StoreContext, operation: Operation, { target, indexes }: Creation): Promise<Document> {
  assertUsable(target);
  const specifications = indexes.map(parseIndexSpecification);
  const existed = (await onConnection(context.engine, operation, (connection) => readCollection(connection, target))) !== undefined;
  assertCollection(await ensureCollection(context, operation, target));
  return await onConnection(context.engine, operation, async (connection) => {
    const info = (await readCollection(connection, target))!;
    const before = info.indexes.length + 1;
    const made: IndexSpecification[] = [];
    for (const specification of specifications) {
      if (isThere(specification, [...indexSpecificationsOf(info), ...made.map(({ document }) => document)])) continue;
      made.push(specification);
    }
    if (before + made.length > mostIndexes) throw new DocumentError('CannotCreateIndex', `add index fails, too many indexes for ${namespaceOf(target)} key:${shellText(made[0]!.key)}`);
    if (made.length > 0) {
      await inOneTransaction(connection, operation, () => createAll(connection, info, made));
      // Plans follow what PostgreSQL has counted; it would count by itself only after a while.
      if (operation.transaction === undefined) await connection.command(`analyze ${tableOf(target)}`);
    }
    context.catalog.forget(target);
    const reply: Document = new Map<string, Value>([['numIndexesBefore', int32(existed ? before : 1)], ['numIndexesAfter', int32(before + made.length)], ['createdCollectionAutomatically', !existed]]);
    return made.length === 0 ? reply.set('note', 'all indexes already exist') : reply;
  });
}

/** Whether an index is there with the same name and keys. Throws DocumentError where only one of the two is the same. */
function isThere({ name, key, document }: IndexSpecification, existing: readonly Document[]): boolean {
  for (const other of existing) {
    const hasName = other.get('name') === name;
    const hasKey = sameKey(other.get('key'), key);
    if (hasKey && (hasName || sameOptions(other, document))) {
      if (name === '_id_' || (hasName && sameOptions(other, document))) return true;
      if (!hasName) throw new DocumentError('IndexOptionsConflict', `Index already exists with a different name: ${shellText(other.get('name') ?? null)}`);
      throw new DocumentError('IndexKeySpecsConflict', `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${shellText(document)}, existing index: ${shellText(other)}`);
    }
    if (hasKey && !hasName) throw new DocumentError('IndexOptionsConflict', `An equivalent index already exists with a different name and options. Requested index: ${shellText(document)}, existing index: ${shellText(other)}`);
    if (hasName) throw new DocumentError('IndexKeySpecsConflict', `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${shellText(document)}, existing index: ${shellText(other)}`);
  }
  return false;
}

function sameKey(a: Value | undefined, b: Document): boolean {
  return a instanceof Map && equalValues(a, b) && [...a.keys()].join('\0') === [...b.keys()].join('\0');
}

function sameOptions(a: Document, b: Document): boolean {
  const options = (document: Document): Document => new Map([...document].filter(([name]) => name !== 'name' && name !== 'key' && name !== 'v').sort(([x], [y]) => (x < y ? -1 : 1)));
  return equalValues(options(a), options(b));
}

async function createAll(connection: Connection, info: CollectionInfo, specifications: readonly IndexSpecification[]): Promise<void> {
  for (const specification of specifications) {
    try {
      await connection.command(indexStatements(info, specification));
    } catch (error) {
      if (!isFacetError(error, 'unique_violation')) throw error;
      throw new DocumentError('DuplicateKey', `E11000 duplicate key error collection: ${namespaceOf(info.target)} index: ${specification.name} dup key: ${shellText(specification.key)}`, { cause: error });
    }
  }
}

/** The statements that make an index. */
function indexStatements({ target }: CollectionInfo, specification: IndexSpecification): string {
  const { name, parts, isUnique, kind, document } = specification;
  const relation = relationOf(target, name);
  const table = tableOf(target);
  const condition = conditionOf(specification);
  const where = condition === undefined ? '' : ` where ${condition}`;
  const comment = `comment on index ${schemaOf(target.database)}.${quoteIdentifier(relation)} is ${quoteLiteral(indexCommentOf(document))}`;
  if (kind === 'wildcard') return `create index ${quoteIdentifier(relation)} on ${table} using gin (${wildcardKeys}); ${comment}`;
  const columns = parts.map(({ path, descending }) => (descending ? `${greatestKey(path)} desc` : leastKey(path)));
  const statements = [`create ${isUnique ? 'unique ' : ''}index ${quoteIdentifier(relation)} on ${table} (${columns.join(', ')})${where}`, comment];
  const [first] = parts;
  if (first !== undefined) {
    // How many documents have an array there decides between plans; PostgreSQL would take a third.
    statements.push(`create statistics if not exists ${schemaOf(target.database)}.${quoteIdentifier(relationOf(target, name, '#arrays'))} on (${arrayTest(first.path)}) from ${table}`);
    const both = [hasArray(first.path), ...(condition === undefined ? [] : [condition])].join(' and ');
    statements.push(`create index ${quoteIdentifier(relationOf(target, name, '#keys'))} on ${table} using gin (${`(${allKeys(first.path)})`}) where ${both}`);
    if (parts.length === 1 && kind !== 'hashed') {
      const other = first.descending ? leastKey(first.path) : greatestKey(first.path);
      statements.push(`create index ${quoteIdentifier(relationOf(target, name, '#greatest'))} on ${table} (${other})${where}`);
    }
  }
  return statements.join('; ');
}

const suffixes = ['', '#keys', '#greatest', '#arrays'] as const;

function relationOf({ collection }: CollectionName, name: string, suffix: (typeof suffixes)[number] = ''): string {
  return identifierOf(`${collection}.${name}${suffix}`);
}

type Removal = { readonly target: CollectionName; readonly index: Value };

export async function dropIndexes(context: StoreContext, operation: Operation, { target, index }: Removal): Promise<Document> {
  assertUsable(target);
  return await onConnection(context.engine, operation, async (connection) => {
    const info = await readCollection(connection, target);
    if (info === undefined) throw new DocumentError('NamespaceNotFound', `ns not found ${namespaceOf(target)}`);
    assertCollection(info);
    const dropped = indexesToDrop(info, index);
    await inOneTransaction(connection, operation, async () => {
      for (const { name } of dropped) {
        const relations = suffixes.map((suffix) => `${schemaOf(target.database)}.${quoteIdentifier(relationOf(target, name, suffix))}`);
        const statistics = relations.pop()!;
        await connection.command(`drop index if exists ${relations.join(', ')}; drop statistics if exists ${statistics}`);
      }
    });
    context.catalog.forget(target);
    const reply: Document = new Map<string, Value>([['nIndexesWas', int32(info.indexes.length + 1)]]);
    return index === '*' ? reply.set('msg', 'non-_id indexes dropped for collection') : reply;
  });
}

function indexesToDrop(info: CollectionInfo, index: Value): readonly IndexInfo[] {
  if (index === '*') return info.indexes;
  if (Array.isArray(index)) return index.map((name) => indexNamed(info, name));
  if (index instanceof Map) {
    const matching = info.indexes.filter(({ specification }) => sameKey(specification.get('key'), index));
    if (index.size === 1 && isNumeric(index.get('_id'))) throw cannotDropId();
    if (matching.length === 0) throw new DocumentError('IndexNotFound', `can't find index with key: ${shellText(index)}`);
    return matching;
  }
  return [indexNamed(info, index)];
}

function indexNamed({ indexes }: CollectionInfo, name: Value): IndexInfo {
  if (typeof name !== 'string') throw new DocumentError('TypeMismatch', "BSON field 'dropIndexes.index' is the wrong type, expected types '[string, object, array]'");
  if (name === '_id_') throw cannotDropId();
  const found = indexes.find((index) => index.name === name);
  if (found === undefined) throw new DocumentError('IndexNotFound', `index not found with name [${name}]`);
  return found;
}

function cannotDropId(): DocumentError {
  return new DocumentError('InvalidOptions', 'cannot drop _id index');
}
