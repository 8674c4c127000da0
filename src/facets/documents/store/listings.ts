// What there is: collections and databases, as MongoDB lists them.

import { statement } from '../../../engine/client.ts';
import { Binary, type Document, type Value } from '../../../values/bson/types.ts';
import { type CollectionInfo, databaseOf, readCollections, uuidOf } from './catalog.ts';
import { indexSpecificationsOf } from './index-specifications.ts';
import { assertDatabase, isDatabaseSchema } from './names.ts';
import type { Operation } from './operations.ts';
import type { StoreContext } from './store-context.ts';
import { systemViewsOf } from './system-views.ts';
import { onConnection } from './unit.ts';

const readDatabases = statement(`
  select n.nspname as schema, obj_description(n.oid, 'pg_namespace') as comment,
         coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes, count(c.oid) filter (where c.relkind = 'r' and c.reltuples <> 0) > 0 as filled
    from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'f', 'v', 'm')
   where has_schema_privilege(n.oid, 'usage')
   group by n.oid, n.nspname order by n.nspname`);

/** As `listCollections` shows them. */
export async function listCollections(context: StoreContext, operation: Operation, database: string): Promise<Document[]> {
  assertDatabase(database);
  const infos = await onConnection(context.engine, operation, (connection) => readCollections(connection, database));
  const views = systemViewsOf(infos);
  return [...infos.map(collectionEntry), ...(views === undefined ? [] : [collectionEntry({ ...views, kind: 'collection', options: new Map() })])];
}

function collectionEntry(info: CollectionInfo): Document {
  const { target, kind, options, table } = info;
  // Whatever can be written is a collection to drivers, whatever cannot a view.
  const isView = kind === 'view' || table?.readOnly !== undefined;
  const entry: Document = new Map<string, Value>([['name', target.collection], ['type', isView ? 'view' : 'collection'], ['options', options]]);
  if (isView) return entry.set('info', new Map([['readOnly', true]]));
  entry.set('info', new Map<string, Value>([['readOnly', false], ['uuid', new Binary(uuidOf(info), 4)]]));
  return table?.key.length === 0 ? entry : entry.set('idIndex', indexSpecificationsOf(info)[0]!);
}

/** As `listDatabases` shows them. */
export async function listDatabases(context: StoreContext, operation: Operation): Promise<Document[]> {
  const rows = await onConnection(context.engine, operation, (connection) => connection.query(readDatabases));
  return rows.flatMap((row) => {
    const { schema, comment, bytes, filled } = row as { schema: string; comment: string | null; bytes: number; filled: boolean };
    if (!isDatabaseSchema(schema)) return [];
    return [new Map<string, Value>([['name', databaseOf(schema, comment)], ['sizeOnDisk', BigInt(bytes)], ['empty', !filled]])];
  });
}

