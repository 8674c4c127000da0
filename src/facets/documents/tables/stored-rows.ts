// Rows as PostgreSQL has stored them: with defaults, generated columns, and what triggers did.

import type { DataRow } from '../../../engine/client.ts';
import type { Document } from '../../../values/bson/types.ts';
import { documentOf } from '../store/rows.ts';
import { SqlParameters, statementFor } from '../store/statements.ts';
import type { Unit } from '../store/unit.ts';
import type { Cells } from './row-of-document.ts';
import type { Table } from './table.ts';
import { identityColumns, identityTexts, tableDocumentColumns } from './table-rows.ts';
import { insertRowSteps } from './write-table-rows.ts';

/** Undefined where a trigger has taken it away, and for a row that only its place identified. */
export async function storedDocument(unit: Unit, table: Table, key: Buffer): Promise<Document | undefined> {
  if (table.key.length === 0) return undefined;
  const parameters = new SqlParameters();
  const texts = identityTexts(key);
  const conditions = identityColumns(table).map(({ sql, castType }, index) => `${sql} = ${parameters.bind('text', texts[index])}::${castType}`);
  let stored: Document | undefined;
  const onRow = (row: DataRow): void => void (stored = documentOf(row));
  const text = `select ${tableDocumentColumns(table)} from ${table.source} as t where ${conditions.join(' and ')}`;
  await unit.execute([{ statement: statementFor(text, parameters.types), values: parameters.values, onRow }]);
  return stored;
}

/** Inserts a row; gives it as it is now. */
export async function insertedDocument(unit: Unit, table: Table, cells: Cells): Promise<Document> {
  let stored: Document = new Map();
  const onRow = (row: DataRow): void => void (stored = documentOf(row));
  await unit.execute(insertRowSteps(table, [cells], { returning: tableDocumentColumns(table), onRow }));
  return stored;
}
