// What a path below /data stands for: a table, a view, or a collection.

import type { StoreTransaction } from '../../../access/shared-transactions.ts';
import type { Relation } from '../../../facets/relational/index.ts';
import { FacetError, isFacetError } from '../../../kernel/errors.ts';
import { DocumentError } from '../../../facets/documents/index.ts';
import { bsonOf, jsonOf } from '../extended-json.ts';
import { httpLimits } from '../limits.ts';
import { succeeded } from '../operations.ts';
import type { CommandPlace, StoreAccess } from '../store-access.ts';
import { inTransaction } from '../within-transaction.ts';
import { collectionSource } from './collection-source.ts';
import type { DataSource } from './data-source.ts';
import { tableSource } from './table-source.ts';

export type DataPath = { readonly schema: string; readonly name: string; /** Columns that stand in for a primary key. */ readonly key?: readonly string[] | undefined };

/** Errors: `object_unknown`, also for what the role may not see. */
export async function openSource(access: StoreAccess, place: CommandPlace, { schema, name, key }: DataPath): Promise<DataSource> {
  const operation = { ...place, timeoutMs: httpLimits.statementTimeoutMs };
  const within = <Result>(isolation: 'read committed' | 'repeatable read') => async (body: (transaction: StoreTransaction) => Promise<Result>): Promise<Result> => await inTransaction(access, place, isolation, body);
  const relation = await access.tables.describe(operation, schema, name).catch((error: unknown) => {
    if (isFacetError(error, 'object_unknown')) return undefined;
    throw error;
  });
  if (relation === undefined ? await isCollection(access, place, { schema, name }) : relation.kind === 'collection') {
    if (key !== undefined) throw new FacetError('data_invalid', 'the key of documents is _id', { field: 'key' });
    return collectionSource({ database: schema, collection: name, command: access.documentCommand, place, within: within('repeatable read') });
  }
  if (relation === undefined) throw new FacetError('object_unknown', `there is no "${schema}"."${name}"`);
  return tableSource({ tables: access.tables, operation, relation: keyed(relation, key), within: within('read committed') });
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
