// collStats and dbStats: what PostgreSQL knows of a collection's size.

import { type Statement, statement } from '../../../engine/client.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { intOrLong } from '../expressions/coercions.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { assertTableWritable } from '../tables/assert-table-writable.ts';
import { cappedBytes } from './capped.ts';
import { type CollectionInfo, readCollection, readCollections } from './catalog.ts';
import { assertDatabase, assertUsable, identifierOf, namespaceOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

const readSizes = statement(
  `select pg_table_size($1)::float8 as storage, pg_indexes_size($1)::float8 as indexes,
          (select json_object_agg(case when x.indisprimary then '' else i.relname end, pg_relation_size(i.oid))::text from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1) as each_index`,
  ['oid'],
);
/** What `readSizes` calls the primary key, whose own name tells nothing. */
const primary = '';
const readSchemaSizes = statement(
  `select coalesce(sum(pg_table_size(c.oid)), 0)::float8 as storage, coalesce(sum(pg_indexes_size(c.oid)), 0)::float8 as indexes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
  ['name'],
);

/** The body of the reply of `collStats`, with sizes in units of `scale` bytes. */
export async function collectionStatistics({ engine }: StoreContext, operation: Operation, target: CollectionName, scale: bigint): Promise<Document> {
  assertUsable(target);
  return await onConnection(engine, operation, async (connection) => {
    const info = await readCollection(connection, target);
    if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
    if (info !== undefined) assertTableWritable(info);
    const reply: Document = new Map<string, Value>([['ns', namespaceOf(target)]]);
    if (info === undefined) return withSizes(reply, { count: 0, bytes: 0, storage: 0, indexes: 0, indexSizes: new Map() }, scale);
    const [counted] = await connection.query(countStatement(info));
    const [sizes] = await connection.query(readSizes, [info.oid]);
    const { count, bytes } = counted as { count: number; bytes: number };
    const { storage, indexes, each_index: each } = sizes as { storage: number; indexes: number; each_index: string };
    const bytesOf = JSON.parse(each) as Record<string, number>;
    const indexSizes: Document = new Map();
    for (const [relation, size] of Object.entries(bytesOf)) {
      const index = info.indexes.find((candidate) => candidate.relation === relation);
      if (index !== undefined) indexSizes.set(index.name, scaledSize(size, scale));
      else if (relation === primary) indexSizes.set('_id_', scaledSize(size, scale));
    }
    const capped = info.isCapped ? { max: info.options.get('max') ?? int32(0), maxSize: scaledSize(cappedBytes(info), scale) } : undefined;
    return withSizes(reply, { count, bytes, storage, indexes, indexSizes, capped }, scale);
  });
}

/** `count` and `bytes`: of documents as they are sent, of rows as they are stored. */
function countStatement({ target, table }: CollectionInfo): Statement {
  const size = table === undefined ? 'octet_length(bson)' : 'pg_column_size(t.*)';
  return statementFor(`select count(*)::float8 as count, coalesce(sum(${size}), 0)::float8 as bytes from ${tableOf(target)} as t`);
}

type Sizes = { readonly count: number; readonly bytes: number; readonly storage: number; readonly indexes: number; readonly indexSizes: Document; readonly capped?: { readonly max: Value; readonly maxSize: Value } | undefined };

function withSizes(reply: Document, { count, bytes, storage, indexes, indexSizes, capped }: Sizes, scale: bigint): Document {
  const fields: [string, Value][] = [
    ['size', scaledSize(bytes, scale)], ['count', sizeValue(count)],
    ...(count > 0 ? [['avgObjSize', sizeValue(Math.floor(bytes / count))] as [string, Value]] : []),
    ['numOrphanDocs', int32(0)], ['storageSize', scaledSize(storage, scale)], ['freeStorageSize', int32(0)], ['capped', capped !== undefined],
    ...(capped === undefined ? [] : [['max', capped.max], ['maxSize', capped.maxSize]] as [string, Value][]),
    ['nindexes', int32(indexSizes.size)], ['indexBuilds', []], ['totalIndexSize', scaledSize(indexes, scale)], ['totalSize', scaledSize(storage + indexes, scale)],
    ['indexSizes', indexSizes], ['scaleFactor', intOrLong(scale)],
  ];
  for (const [name, value] of fields) reply.set(name, value);
  return reply;
}

/** Whole units, as MongoDB divides. */
function scaledSize(size: number, scale: bigint): Value {
  return intOrLong(BigInt(size) / scale);
}

function sizeValue(size: number): Value {
  return size < 2 ** 31 ? int32(size) : BigInt(size);
}

/** The body of the reply of `dbStats`, with sizes in units of `scale` bytes. */
export async function databaseStatistics({ engine }: StoreContext, operation: Operation, database: string, scale: bigint): Promise<Document> {
  assertDatabase(database);
  return await onConnection(engine, operation, async (connection) => {
    const infos = await readCollections(connection, database);
    const collections = infos.filter(({ kind, table }) => kind !== 'view' && table?.readOnly === undefined);
    let [objects, bytes] = [0, 0];
    for (const info of collections) {
      const [row] = await connection.query(countStatement(info));
      const counted = row as { count: number; bytes: number };
      objects += counted.count;
      bytes += counted.bytes;
    }
    const [row] = await connection.query(readSchemaSizes, [identifierOf(database)]);
    const { storage, indexes } = row as { storage: number; indexes: number };
    const indexCount = collections.reduce((sum, info) => sum + info.indexes.length + 1, 0);
    const scaled = (size: number): Value => size / Number(scale);
    return new Map<string, Value>([
      ['db', database], ['collections', BigInt(collections.length)], ['views', BigInt(infos.length - collections.length)], ['objects', BigInt(objects)],
      ['avgObjSize', objects === 0 ? 0 : bytes / objects], ['dataSize', scaled(bytes)], ['storageSize', scaled(storage)], ['indexes', BigInt(indexCount)], ['indexSize', scaled(indexes)],
      ['totalSize', scaled(storage + indexes)], ['scaleFactor', intOrLong(scale)],
    ]);
  });
}
