// collStats and dbStats: what PostgreSQL knows of a collection's size.

import { statement } from '../../../engine/client.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { readCollection, readCollections } from './catalog.ts';
import { assertDatabase, assertUsable, identifierOf, namespaceOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

const readSizes = statement(
  `select pg_table_size($1)::float8 as storage, pg_indexes_size($1)::float8 as indexes,
          (select json_object_agg(i.relname, pg_relation_size(i.oid))::text from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = $1) as each_index`,
  ['oid'],
);
const readSchemaSizes = statement(
  `select coalesce(sum(pg_table_size(c.oid)), 0)::float8 as storage, coalesce(sum(pg_indexes_size(c.oid)), 0)::float8 as indexes
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
  ['name'],
);

/** The body of the reply of `collStats`. */
export async function collectionStatistics({ engine }: StoreContext, operation: Operation, target: CollectionName): Promise<Document> {
  assertUsable(target);
  return await onConnection(engine, operation, async (connection) => {
    const info = await readCollection(connection, target);
    if (info?.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
    const reply: Document = new Map<string, Value>([['ns', namespaceOf(target)]]);
    if (info === undefined) return withSizes(reply, { count: 0, bytes: 0, storage: 0, indexes: 0, indexSizes: new Map() });
    const [counted] = await connection.query(statementFor(`select count(*)::float8 as count, coalesce(sum(octet_length(bson)), 0)::float8 as bytes from ${tableOf(target)}`));
    const [sizes] = await connection.query(readSizes, [info.oid]);
    const { count, bytes } = counted as { count: number; bytes: number };
    const { storage, indexes, each_index: each } = sizes as { storage: number; indexes: number; each_index: string };
    const bytesOf = JSON.parse(each) as Record<string, number>;
    const indexSizes: Document = new Map();
    for (const [relation, size] of Object.entries(bytesOf)) {
      const index = info.indexes.find((candidate) => candidate.relation === relation);
      if (index !== undefined) indexSizes.set(index.name, sizeValue(size));
      else if (relation.endsWith('_pkey')) indexSizes.set('_id_', sizeValue(size));
    }
    return withSizes(reply, { count, bytes, storage, indexes, indexSizes });
  });
}

type Sizes = { readonly count: number; readonly bytes: number; readonly storage: number; readonly indexes: number; readonly indexSizes: Document };

function withSizes(reply: Document, { count, bytes, storage, indexes, indexSizes }: Sizes): Document {
  const fields: [string, Value][] = [
    ['size', sizeValue(bytes)], ['count', sizeValue(count)],
    ...(count > 0 ? [['avgObjSize', sizeValue(Math.floor(bytes / count))] as [string, Value]] : []),
    ['numOrphanDocs', int32(0)], ['storageSize', sizeValue(storage)], ['freeStorageSize', int32(0)], ['capped', false],
    ['nindexes', int32(indexSizes.size)], ['indexBuilds', []], ['totalIndexSize', sizeValue(indexes)], ['totalSize', sizeValue(storage + indexes)],
    ['indexSizes', indexSizes], ['scaleFactor', int32(1)],
  ];
  for (const [name, value] of fields) reply.set(name, value);
  return reply;
}

function sizeValue(size: number): Value {
  return size < 2 ** 31 ? int32(size) : BigInt(size);
}

/** The body of the reply of `dbStats`. */
export async function databaseStatistics({ engine }: StoreContext, operation: Operation, database: string): Promise<Document> {
  assertDatabase(database);
  return await onConnection(engine, operation, async (connection) => {
    const infos = await readCollections(connection, database);
    const collections = infos.filter(({ kind }) => kind === 'collection');
    let [objects, bytes] = [0, 0];
    for (const { target } of collections) {
      const [row] = await connection.query(statementFor(`select count(*)::float8 as count, coalesce(sum(octet_length(bson)), 0)::float8 as bytes from ${tableOf(target)}`));
      const counted = row as { count: number; bytes: number };
      objects += counted.count;
      bytes += counted.bytes;
    }
    const [row] = await connection.query(readSchemaSizes, [identifierOf(database)]);
    const { storage, indexes } = row as { storage: number; indexes: number };
    const indexCount = collections.reduce((sum, info) => sum + info.indexes.length + 1, 0);
    return new Map<string, Value>([
      ['db', database], ['collections', BigInt(collections.length)], ['views', BigInt(infos.length - collections.length)], ['objects', BigInt(objects)],
      ['avgObjSize', objects === 0 ? 0 : bytes / objects], ['dataSize', bytes], ['storageSize', storage], ['indexes', BigInt(indexCount)], ['indexSize', indexes],
      ['totalSize', storage + indexes], ['scaleFactor', 1n],
    ]);
  });
}
