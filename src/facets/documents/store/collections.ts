// Collections are made, dropped and renamed: data definition in PostgreSQL, under the role's own rights.

import type { Connection } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import { equalValues } from '../../../values/bson/compare.ts';
import { isNumeric, type Document, type Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { refuseTable } from '../tables/assert-table-writable.ts';
import { type CollectionInfo, commentOf, databaseCommentOf, readCollection, readCollections, viewDefinitionOf } from './catalog.ts';
import { collectionDropped, collectionRenamed, definePastCursors } from './definition-past-cursors.ts';
import { nameLockStep } from './locks.ts';
import { assertCreatable, assertDatabase, assertOfDocuments, assertUsable, identifierOf, namespaceOf, schemaOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { isSystemViews } from './system-views.ts';
import { onConnection } from './unit.ts';
import { assertViewDefinition } from './view-definition.ts';

const addPositions = statement('select 1 from (select facetdb.add_positions($1::text::regclass)) as added', ['text']);
const makeCapped = statement('select 1 from (select facetdb.make_capped($1::text::regclass, $2, $3)) as made', ['text', 'int8', 'int8']);
const dropTypedViews = statement('select 1 from (select facetdb.drop_typed_views(to_regclass($1))) as dropped', ['text']);
const findStatistics = statement('select stxname::text as name from pg_statistic_ext where stxrelid = $1', ['oid']);
const findSchema = statement('select 1 from pg_namespace where nspname = $1', ['name']);

/** The collection, which is made where it is missing. Views are given as they are. */
export async function ensureCollection(context: StoreContext, operation: Operation, target: CollectionName): Promise<CollectionInfo> {
  const { engine, catalog } = context;
  const known = operation.transaction === undefined ? catalog.peek(target) : undefined;
  if (known !== undefined) return known;
  return await onConnection(engine, operation, async (connection) => {
    const found = await catalog.find(connection, target, operation.transaction !== undefined);
    if (found !== undefined) return found;
    assertCreatable(target);
    await inOneTransaction(connection, operation, () => createTable(connection, target, new Map()));
    catalog.forget(target);
    const made = await catalog.find(connection, target, operation.transaction !== undefined);
    if (made === undefined) throw new DocumentError('InternalError', `${namespaceOf(target)} was made and is not there`);
    return made;
  });
}

/** Statements of data definition that belong together. */
export async function inOneTransaction<T>(connection: Connection, operation: Operation, body: () => Promise<T>): Promise<T> {
  if (operation.transaction !== undefined) return await body();
  await connection.command('begin isolation level read committed');
  try {
    const result = await body();
    await connection.command('commit');
    return result;
  } catch (error) {
    if (connection.usable) await connection.command('rollback');
    throw error;
  }
}

/** Does nothing where the table is there. */
export async function createTable(connection: Connection, target: CollectionName, options: Document): Promise<void> {
  await connection.execute([nameLockStep('definition', namespaceOf(target))]);
  await ensureSchema(connection, target.database);
  if ((await readCollection(connection, target)) !== undefined) return;
  const table = tableOf(target);
  try {
    await connection.command(`
    create table ${table} (id bytea not null primary key, doc jsonb not null, bson bytea);
    create trigger facetdb_inserted before insert on ${table} for each row when (new.bson is null) execute function facetdb.document_written();
    create trigger facetdb_updated before update on ${table} for each row
      when (new.doc is distinct from old.doc and new.bson is not distinct from old.bson) execute function facetdb.document_written();
    comment on table ${table} is ${quoteLiteral(commentOf(target, options))}`);
    await connection.query(addPositions, [table]);
    if (options.get('capped') === true) await connection.query(makeCapped, [table, boundOf(options.get('size')), boundOf(options.get('max'))]);
  } catch (error) {
    // Two tables' names differ that are one for PostgreSQL, or SQL made a table of that name.
    if (isFacetError(error, 'object_exists')) throw new DocumentError('NamespaceExists', `a table ${table} exists that is no collection`, { cause: error });
    throw error;
  }
}

/** A bound of a capped collection; 0 for none. */
function boundOf(value: Maybe): bigint {
  return isNumeric(value) ? BigInt(Math.trunc(toDouble(value))) : 0n;
}

async function ensureSchema(connection: Connection, database: string): Promise<void> {
  const [found] = await connection.query(findSchema, [identifierOf(database)]);
  if (found !== undefined) return;
  await connection.execute([nameLockStep('definition', database)]);
  await connection.command(`create schema if not exists ${schemaOf(database)}`);
  if (identifierOf(database) !== database) await connection.command(`comment on schema ${schemaOf(database)} is ${quoteLiteral(databaseCommentOf(database))}`);
}

/** `create`. Throws DocumentError: NamespaceExists, unless it is there with the same options. */
export async function createCollection(context: StoreContext, operation: Operation, { target, options }: { readonly target: CollectionName; readonly options: Document }): Promise<void> {
  assertCreatable(target);
  await onConnection(context.engine, operation, async (connection) => {
    const found = await readCollection(connection, target);
    if (found !== undefined) {
      if (operation.transaction !== undefined) throw new DocumentError('NamespaceExists', `Collection ${namespaceOf(target)} already exists.`);
      if (found.table === undefined && equalValues(found.options, options)) return;
      throw new DocumentError('NamespaceExists', `namespace ${namespaceOf(target)} already exists, but ${found.table === undefined ? `with different options: ${shellText(found.options)}` : 'is a table of SQL'}`);
    }
    await inOneTransaction(connection, operation, () => (options.has('viewOn') ? createView(connection, target, options) : createTable(connection, target, options)));
  });
  context.catalog.forget(target);
}

/** A view's rows are made by the gateway from its definition; to SQL it is an empty view that carries it. */
async function createView(connection: Connection, target: CollectionName, options: Document): Promise<void> {
  await connection.execute([nameLockStep('definition', namespaceOf(target))]);
  await assertViewDefinition(connection, target, viewDefinitionOf(options));
  await ensureSchema(connection, target.database);
  await connection.command(`
    create view ${tableOf(target)} as select null::bytea as id, null::jsonb as doc, null::bytea as bson where false;
    comment on view ${tableOf(target)} is ${quoteLiteral(commentOf(target, options))}`);
}

/** With the typed views that SQL has of it, and the cursors that read it. */
async function dropRelation(context: StoreContext, operation: Operation, { connection, info }: { readonly connection: Connection; readonly info: CollectionInfo }): Promise<void> {
  const { kind, target } = info;
  if (kind === 'view') return void (await connection.command(`drop view if exists ${tableOf(target)}`));
  await definePastCursors(context, operation, { connection, ending: collectionDropped(info) }, async () => {
    await connection.query(dropTypedViews, [tableOf(target)]);
    await connection.command(`drop table if exists ${tableOf(target)}`);
  });
}

/** The number of indexes that there were; undefined where there was no such collection. */
export async function dropCollection(context: StoreContext, operation: Operation, target: CollectionName): Promise<number | undefined> {
  assertUsable(target);
  const dropped = await onConnection(context.engine, operation, async (connection) => {
    if (isSystemViews(target)) return await dropViews(context, operation, { connection, database: target.database });
    const info = await readCollection(connection, target);
    if (info === undefined) return undefined;
    refuseTable(info, 'drop');
    await dropRelation(context, operation, { connection, info });
    return info.kind === 'view' ? 0 : info.indexes.length + 1;
  });
  context.catalog.forget(target);
  return dropped;
}

/** Their definitions are a collection, with which they go. */
async function dropViews(context: StoreContext, operation: Operation, { connection, database }: { readonly connection: Connection; readonly database: string }): Promise<number | undefined> {
  const views = (await readCollections(connection, database)).filter(({ kind }) => kind === 'view');
  for (const info of views) {
    await dropRelation(context, operation, { connection, info });
    context.catalog.forget(info.target);
  }
  return views.length === 0 ? undefined : 1;
}

/** Drops the collections of a database, and its schema where nothing else is in it. False where there was none. */
export async function dropDatabase(context: StoreContext, operation: Operation, database: string): Promise<boolean> {
  assertDatabase(database);
  assertOfDocuments(database);
  const existed = await onConnection(context.engine, operation, async (connection) => {
    const [found] = await connection.query(findSchema, [identifierOf(database)]);
    if (found === undefined) return false;
    // What SQL has put there stays.
    for (const info of await readCollections(connection, database)) if (info.kind !== 'table') await dropRelation(context, operation, { connection, info });
    if (database !== 'public') {
      // And so does the schema then.
      await connection.command(`drop schema ${schemaOf(database)}`).catch((error: unknown) => {
        if (!isFacetError(error, 'dependents_exist')) throw error;
      });
    }
    return true;
  });
  context.catalog.forgetAll();
  return existed;
}

export type Rename = { readonly from: CollectionName; readonly to: CollectionName; readonly dropTarget: boolean };

/** Throws DocumentError: NamespaceNotFound, NamespaceExists, IllegalOperation. */
export async function renameCollection(context: StoreContext, operation: Operation, { from, to, dropTarget }: Rename): Promise<void> {
  assertUsable(from);
  assertCreatable(to);
  if (namespaceOf(from) === namespaceOf(to)) throw new DocumentError('IllegalOperation', "Can't rename a collection to itself");
  await onConnection(context.engine, operation, async (connection) => {
    const info = await readCollection(connection, from);
    if (info === undefined) throw new DocumentError('NamespaceNotFound', `Source collection ${namespaceOf(from)} does not exist`);
    if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `cannot rename view: ${namespaceOf(from)}`);
    refuseTable(info, 'renameCollection');
    await inOneTransaction(connection, operation, async () => {
      const existing = await readCollection(connection, to);
      if (existing?.kind === 'view') throw new DocumentError('NamespaceExists', `a view already exists with that name: ${namespaceOf(to)}`);
      if (existing !== undefined && !dropTarget) throw new DocumentError('NamespaceExists', 'target namespace exists');
      if (existing !== undefined) {
        refuseTable(existing, 'renameCollection with dropTarget');
        await dropRelation(context, operation, { connection, info: existing });
      }
      await definePastCursors(context, operation, { connection, ending: collectionRenamed(info, to) }, () => moveTable(connection, info, { from, to }));
    });
  });
  context.catalog.forget(from);
  context.catalog.forget(to);
}

async function moveTable(connection: Connection, info: CollectionInfo, { from, to }: Pick<Rename, 'from' | 'to'>): Promise<void> {
  if (from.database !== to.database) {
    await ensureSchema(connection, to.database);
    await connection.command(`alter table ${tableOf(from)} set schema ${schemaOf(to.database)}`);
    // Indexes go along with their table, statistics do not.
    for (const { name } of await connection.query(findStatistics, [info.oid])) {
      await connection.command(`alter statistics ${schemaOf(from.database)}.${quoteIdentifier(String(name))} set schema ${schemaOf(to.database)}`);
    }
  }
  const table = tableOf({ database: to.database, collection: from.collection });
  if (from.collection !== to.collection) await connection.command(`alter table ${table} rename to ${quoteIdentifier(identifierOf(to.collection))}`);
  await connection.command(`comment on table ${tableOf(to)} is ${quoteLiteral(commentOf(to, info.options))}`);
}
