// Rows as documents: what a statement selects of them.

import { quoteIdentifier, quoteLiteral } from '../../../engine/quoting.ts';
import { escapeName } from '../../../values/bson/json-escape.ts';
import type { Table } from './table.ts';
import type { Column } from './column-kind.ts';

/** The columns that `bsonOf` reads (store/rows.ts): no bytes, and the document as stored JSON, whose fields are in order. */
export function tableDocumentColumns(table: Table): string {
  return `null::bytea, ${documentJson(table)}`;
}

/** With what identifies the row in front, as `rowCondition` takes it. */
export function tableCandidateColumns(table: Table): string {
  return `${rowIdentity(table)}, ${tableDocumentColumns(table)}`;
}

/** Through a record: `json_build_object` takes no more than fifty fields. */
function documentJson({ columns, key }: Table): string {
  const fields = columns.filter(({ path }) => path.length === 1).map((column) => `${column.kind.json(column.sql, column)} as ${quoteIdentifier(escapeName(column.path[0]!))}`);
  if (key.length > 1) fields.unshift(`${keyJson(key)} as "_id"`);
  return `(select row_to_json(r)::text from (select ${fields.join(', ')}) as r)`;
}

function keyJson(key: readonly Column[]): string {
  return `json_build_object(${key.map((column) => `${quoteLiteral(escapeName(column.name))}, ${column.kind.json(column.sql, column)}`).join(', ')})`;
}

/** As bytes: the texts of the key's columns as a JSON array, or without a key the row's place. */
function rowIdentity({ key, hasPlaces }: Table): string {
  const parts = key.length > 0 ? key.map(({ sql }) => `${sql}::text`) : hasPlaces ? ['t.ctid::text', 't.tableoid::int8::text'] : [];
  return `convert_to(json_build_array(${parts.join(', ')})::text, 'UTF8')`;
}

/** The texts of an identity. */
export function identityTexts(identity: Buffer): string[] {
  return JSON.parse(identity.toString('utf8')) as string[];
}

/** What identifies rows, as SQL: the columns, and the type that a text is cast to. */
export function identityColumns({ key }: Table): readonly { readonly sql: string; readonly castType: string }[] {
  if (key.length > 0) return key.map(({ sql, castType }) => ({ sql, castType }));
  return [{ sql: 't.ctid', castType: 'tid' }, { sql: 't.tableoid', castType: 'oid' }];
}
