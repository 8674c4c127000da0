// What a path below /data stands for: a table, a view, or a collection.

import type { Relation, SqlOperation } from '../../../facets/relational/index.ts';
import { FacetError, isFacetError } from '../../../kernel/errors.ts';
import { DocumentError } from '../../../facets/documents/index.ts';
import { bsonOf, jsonOf } from '../extended-json.ts';
import { httpLimits } from '../limits.ts';
import { succeeded } from '../operations.ts';
import type { CommandPlace, StoreAccess } from '../store-access.ts';
import { inTransaction } from '../within-transaction.ts';
import { CollectionSource } from './collection-source.ts';
import type { DataSource } from './data-source.ts';
import { TableSource } from './table-source.ts';

export type DataPath = { readonly schema: string; readonly name: string; /** Columns that stand in for a primary key. */ readonly key?: readonly string[] | undefined };

/** Errors: `object_unknown`, also for what the role may not see. */
export function openSource(access: StoreAccess, place: CommandPlace, path: DataPath): DataSource | Promise<DataSource> {
  const operation = { ...place, timeoutMs: httpLimits.statementTimeoutMs };
  const sourceOf = (relation: Relation): DataSource => (relation.kind === 'collection' ? openCollection(access, place, path) : openTable(access, operation, keyed(relation, path.key)));
  const relation = access.tables.describe(operation, path.schema, path.name);
  // Most requests are for what was described a moment ago: they wait for nothing.
  if (!(relation instanceof Promise)) return sourceOf(relation);
  return relation.then(sourceOf, async (error: unknown) => {
    if (isFacetError(error, 'object_unknown') && (await isCollection(access, place, path))) return openCollection(access, place, path);
    throw error;
  });
}

function openTable(access: StoreAccess, operation: SqlOperation, relation: Relation): DataSource {
  return new TableSource({ tables: access.tables, operation, relation, within: (body) => inTransaction(access, operation, 'read committed', body) });
}

function openCollection(access: StoreAccess, place: CommandPlace, { schema, name, key }: DataPath): DataSource {
  if (key !== undefined) throw new FacetError('data_invalid', 'the key of documents is _id', { field: 'key' });
  return new CollectionSource({ database: schema, collection: name, command: access.documentCommand, place, within: (body) => inTransaction(access, place, 'repeatable read', body) });
}

function keyed(relation: Relation, key: readonly string[] | undefined): Relation {
  if (key === undefined) return relation;
  if (relation.key.length > 0) throw new FacetError('data_invalid', `"${relation.name}" has a primary key: ${relation.key.join(', ')}`, { field: 'key' });
  return { ...relation, key };
}

/** Longer names are not those of tables: PostgreSQL has a collection of such a name under another. */
const tableNameBytes = 63;

async function isCollection(access: StoreAccess, place: CommandPlace, { schema, name }: DataPath): Promise<boolean> {
  if (Buffer.byteLength(schema) <= tableNameBytes && Buffer.byteLength(name) <= tableNameBytes) return false;
  try {
    const reply = succeeded(jsonOf(await access.documentCommand(bsonOf({ listCollections: 1, filter: { name }, nameOnly: true, authorizedCollections: true, $db: schema }, 'path'), place), 'relaxed'));
    return ((reply['cursor'] as { firstBatch: unknown[] }).firstBatch).length > 0;
  } catch (error) {
    // A database or a collection that cannot even be named so.
    if (error instanceof DocumentError) return false;
    throw error;
  }
}
