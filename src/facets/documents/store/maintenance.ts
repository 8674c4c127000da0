// validate and compact: a collection's rows are looked at one by one; PostgreSQL gives back space that nothing uses.
// Source: MongoDB 7.0, validate_cmd.cpp and compact.cpp.

import { type Connection, type DataRow, statement } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { BsonError } from '../../../values/bson/bson-error.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { intOrLong } from '../expressions/coercions.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { allKeys, wildcardKeys } from '../planner/sql-keys.ts';
import { refuseTable } from '../tables/assert-table-writable.ts';
import { type CollectionInfo, readCollection, uuidOf } from './catalog.ts';
import { assertNotAborted } from './command-scope.ts';
import { documentKeyOf } from './document-key.ts';
import { parseIndexSpecification } from './index-specification.ts';
import { findCollection } from './lookup.ts';
import { assertUsable, namespaceOf, tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { conditionOf } from './partial-filter.ts';
import { bsonOf, documentColumns } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import { SqlParameters, statementFor } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { onConnection } from './unit.ts';

const readSize = statement(`select pg_total_relation_size($1)::float8 as size, pg_has_role(relowner, 'USAGE') as owned from pg_class where oid = $1`, ['oid']);
const rowsAtOnce = 500;

export type Validation = { readonly uuid: Uint8Array; readonly records: bigint; readonly invalid: bigint; readonly keysPerIndex: Document };

/** Throws DocumentError: NamespaceNotFound, CommandNotSupportedOnView. */
export async function validate(context: StoreContext, operation: Operation, target: CollectionName): Promise<Validation> {
  assertUsable(target);
  const info = await findCollection(context, operation, target);
  if (info === undefined) throw new DocumentError('NamespaceNotFound', `Collection '${namespaceOf(target)}' does not exist to validate.`);
  if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', 'Cannot validate a view');
  refuseTable(info, 'validate');
  const { records, invalid } = await lookAtRows(context, operation, info);
  const keysPerIndex = await onConnection(context.engine, operation, (connection) => countKeys(connection, info, records));
  return { uuid: uuidOf(info), records, invalid, keysPerIndex };
}

async function lookAtRows(context: StoreContext, operation: Operation, { target }: CollectionInfo): Promise<{ records: bigint; invalid: bigint }> {
  const query = { text: `select ${documentColumns()}, id from ${tableOf(target)}`, parameters: new SqlParameters() };
  const cursor = new SqlCursor(context, { operation, query, read: isValid });
  const counts = { records: 0n, invalid: 0n };
  try {
    while (!cursor.isExhausted) {
      assertNotAborted(operation.signal);
      for (const valid of await cursor.fetch(rowsAtOnce)) {
        counts.records += 1n;
        if (!valid) counts.invalid += 1n;
      }
    }
  } finally {
    await cursor.close();
  }
  return counts;
}

/** Whether a row's document can be read, and its key is that of its `_id`. */
function isValid(row: DataRow): boolean {
  try {
    const id = decodeDocument(bsonOf(row)).get('_id');
    return id !== undefined && Buffer.compare(documentKeyOf(id), row.bytes(row.count - 1)) === 0;
  } catch (error) {
    if (error instanceof BsonError) return false;
    throw error;
  }
}

/** An array has a key for each of its elements. */
async function countKeys(connection: Connection, { target, indexes }: CollectionInfo, records: bigint): Promise<Document> {
  const counts: Document = new Map<string, Value>([['_id_', intOrLong(records)]]);
  for (const { name, specification } of indexes) {
    const parsed = parseIndexSpecification(specification);
    const [first] = parsed.parts;
    const keys = parsed.wildcard !== undefined ? wildcardKeys(parsed.wildcard) : first === undefined ? 'array[]::jsonb[]' : allKeys(first.path);
    const distinct = `(select count(distinct key) from unnest(${keys}) as key)`;
    const rows = await connection.query(statementFor(`select coalesce(sum(${distinct}), 0)::float8 as keys from ${tableOf(target)} where ${conditionOf(parsed) ?? 'true'}`));
    for (const { keys: count } of rows as { keys: number }[]) counts.set(name, intOrLong(BigInt(count)));
  }
  return counts;
}

/** The bytes that were freed. Throws DocumentError: NamespaceNotFound, CommandNotSupportedOnView, Unauthorized. */
export async function compact({ engine }: StoreContext, operation: Operation, target: CollectionName): Promise<number> {
  assertUsable(target);
  return await onConnection(engine, operation, async (connection) => {
    const info = await readCollection(connection, target);
    if (info === undefined) throw new DocumentError('NamespaceNotFound', 'collection does not exist');
    if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', "can't compact a view");
    refuseTable(info, 'compact');
    const [before] = await connection.query(readSize, [info.oid]);
    // PostgreSQL only warns whoever may not.
    if (before?.['owned'] !== true) throw new DocumentError('Unauthorized', `not authorized on ${target.database} to execute command compact`);
    await connection.command(`vacuum ${tableOf(target)}`);
    const [after] = await connection.query(readSize, [info.oid]);
    return Math.max(0, Number(before['size']) - Number(after?.['size']));
  });
}
