// What collections there are. PostgreSQL's own catalog is the catalog: a table with the columns of a collection is one,
// whoever made it; what MongoDB knows beyond that stands in the table's comment, as JSON. Every other table or view of SQL's
// is a collection as well, whose documents are its rows (tables/).

import type { Connection } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import { parseExtendedJson, toExtendedJson } from '../../../values/bson/extended-json.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { keyspaceCollection, keyspaceEntries } from '../tables/keyspace-entries.ts';
import type { Table } from '../tables/table.ts';
import { tableColumns, tableFrom, tableIndexes } from '../tables/table-catalog.ts';
import { tableIndexSpecifications } from '../tables/table-index-specifications.ts';
import { identifierOf, isKeyspace } from './names.ts';
import type { IndexInfo } from './index-info.ts';

/** A collection, a view, or a table or view of SQL's, as the catalog has it. */
export type CollectionInfo = {
  readonly target: CollectionName;
  readonly kind: 'collection' | 'view' | 'table';
  /** Of a `table`. */
  readonly table?: Table;
  /** The table's object id. */
  readonly oid: number;
  /** As `create` was given them. */
  readonly options: Document;
  readonly indexes: readonly IndexInfo[];
  /** Of 8 kB, as far as PostgreSQL has counted. */
  readonly pages: number;
  /** A few hundred kilobytes at most, as far as PostgreSQL has counted. */
  readonly isSmall: boolean;
  /** The oldest documents make room for new ones. */
  readonly isCapped: boolean;
  /** The column "position" has the order of insertion, which a table that SQL made may lack. */
  readonly hasPositions: boolean;
  /** The database orders texts by their bytes, as MongoDB does; else PostgreSQL can tell no order of texts. */
  readonly isByteOrdered: boolean;
};

/** A view's definition. */
export type ViewDefinition = { readonly viewOn: string; readonly pipeline: readonly Value[] };

/** What comments say. Kept under one key, so that people may write theirs beside it. */
type Comment = {
  readonly name?: string;
  /** Extended JSON as a text: as JSON itself, names that look like numbers would move to the front. */
  readonly options?: string;
  readonly index?: string;
};

/** Of 8 kB. */
const smallPages = 64;

const columns = `
  c.oid, c.relpages, c.is_collection, case when not c.is_collection then ${tableColumns} end as columns, case when not c.is_collection then ${tableIndexes} end as table_indexes, n.nspname as schema, c.relname as relation, c.relkind::text as kind, obj_description(c.oid, 'pg_class') as comment,
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'position' and a.atttypid = 'int8'::regtype and not a.attisdropped) as has_positions,
  (select datlocprovider = 'b' or datcollate in ('C', 'POSIX') or (datlocprovider = 'c' and datcollate ilike 'C.UTF%8') from pg_database where datname = current_database()) as byte_ordered,
  (select json_agg(json_build_object('relation', i.relname, 'comment', obj_description(i.oid, 'pg_class')) order by i.oid)::text
     from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid and x.indisvalid and obj_description(i.oid, 'pg_class') is not null) as indexes`;
const tables = `
  (select r.*, r.relkind in ('r', 'p', 'v') and (
      select count(*) from pg_attribute a where a.attrelid = r.oid and not a.attisdropped
         and (a.attname, a.atttypid) in (('id', 'bytea'::regtype), ('doc', 'jsonb'::regtype), ('bson', 'bytea'::regtype))) = 3 as is_collection
     from pg_class r where r.relkind in ('r', 'p', 'f', 'v', 'm')) c join pg_namespace n on n.oid = c.relnamespace
  where true`;

const readOne = statement(`select ${columns} from ${tables} and n.nspname = $1 and c.relname = $2`, ['name', 'name']);
const readSchema = statement(`select ${columns} from ${tables} and n.nspname = $1 and not (c.relispartition and not c.is_collection) order by c.relname`, ['name']);

export async function readCollection(connection: Connection, target: CollectionName): Promise<CollectionInfo | undefined> {
  const [row] = await connection.query(readOne, [identifierOf(target.database), identifierOf(target.collection)]);
  return row === undefined || isHidden(target) ? undefined : infoOf(row, target.database);
}

/** All of a database, by name. */
export async function readCollections(connection: Connection, database: string): Promise<CollectionInfo[]> {
  const rows = await connection.query(readSchema, [identifierOf(database)]);
  return rows.map((row) => infoOf(row, database)).filter(({ target }) => !isHidden(target));
}

/** Of a keyspace's tables and views one is the collection. */
function isHidden({ database, collection }: CollectionName): boolean {
  return isKeyspace(database) && collection !== keyspaceCollection;
}

/** The definition of a view. */
export function viewOf({ options }: CollectionInfo): ViewDefinition {
  return viewDefinitionOf(options);
}

export function viewDefinitionOf(options: Document): ViewDefinition {
  const viewOn = options.get('viewOn');
  const pipeline = options.get('pipeline');
  return { viewOn: typeof viewOn === 'string' ? viewOn : '', pipeline: Array.isArray(pipeline) ? pipeline : [] };
}

/** Sixteen bytes that identify a collection for as long as it lives in its database, whatever it is named. */
export function uuidOf({ oid, target }: CollectionInfo): Uint8Array {
  const bytes = Buffer.alloc(16);
  // Version 8: made in a way of our own.
  bytes.writeUInt32BE(oid, 0);
  bytes[6] = 0x80;
  bytes[8] = 0x80;
  let hash = 0x811c_9dc5;
  for (const byte of Buffer.from(target.database)) hash = Math.imul(hash ^ byte, 0x0100_0193);
  bytes.writeUInt32BE(hash >>> 0, 12);
  return bytes;
}

/** The comment of a collection's table. */
export function commentOf({ collection }: CollectionName, options: Document): string {
  const comment: Comment = { name: collection, ...(options.size === 0 ? {} : { options: toExtendedJson(options) }) };
  return JSON.stringify({ facetdb: comment });
}

/** The comment of an index. */
export function indexCommentOf(specification: Document): string {
  return JSON.stringify({ facetdb: { index: toExtendedJson(specification) } });
}

/** The name that a schema's comment gives a database whose name is too long for an identifier. */
export function databaseOf(schema: string, comment: string | null): string {
  return parseComment(comment).name ?? schema;
}

export function databaseCommentOf(database: string): string {
  return JSON.stringify({ facetdb: { name: database } });
}

function infoOf(row: Record<string, unknown>, database: string): CollectionInfo {
  const { relation, kind, comment, oid, indexes, relpages, byte_ordered: isByteOrdered, is_collection: isCollection, has_positions: hasPositions } = row as {
    relation: string; kind: string; comment: string | null; oid: number; indexes: string | null; relpages: number; byte_ordered: boolean; is_collection: boolean; has_positions: boolean;
  };
  const { name = relation, options } = parseComment(comment);
  const known = documentFrom(options) ?? new Map();
  const target = { database, collection: name };
  const measures = { oid, pages: relpages, isSmall: relpages <= smallPages, isByteOrdered };
  if (!isCollection) {
    const { columns: tableJson, table_indexes: indexJson } = row as { columns: string | null; table_indexes: string | null };
    const table = isKeyspace(database) ? keyspaceEntries(target) : tableFrom({ target, relationKind: kind, columns: tableJson, indexes: indexJson, isByteOrdered });
    return { target, kind: 'table', table, ...measures, isSmall: kind !== 'v' && measures.isSmall, isCapped: false, hasPositions: false, options: new Map(), indexes: tableIndexSpecifications(table) };
  }
  return {
    target,
    ...measures,
    kind: kind === 'v' ? 'view' : 'collection',
    isCapped: known.get('capped') === true,
    hasPositions,
    options: known,
    indexes: indexes === null ? [] : (JSON.parse(indexes) as { relation: string; comment: string }[]).flatMap(indexOf),
  };
}

/** What an index's comment says it is; undefined for another index. */
export function specificationOf(comment: string | null): Document | undefined {
  return documentFrom(parseComment(comment).index);
}

function indexOf({ relation, comment }: { relation: string; comment: string }): IndexInfo[] {
  const specification = specificationOf(comment);
  const name = specification?.get('name');
  return specification === undefined || typeof name !== 'string' ? [] : [{ name, relation, specification }];
}

function documentFrom(json: string | undefined): Document | undefined {
  if (json === undefined) return undefined;
  const value = parseExtendedJson(json);
  return value instanceof Map ? value : undefined;
}

function parseComment(comment: string | null): Comment {
  if (comment === null || !comment.startsWith('{')) return {};
  try {
    return ((JSON.parse(comment) as { facetdb?: Comment }).facetdb ?? {});
  } catch {
    return {}; // Somebody's own words.
  }
}
