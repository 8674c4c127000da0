// The statements that write documents' rows: any number of them in one, of a table as few as its columns allow.

import type { Step } from '../../../engine/client.ts';
import type { Document } from '../../../values/bson/types.ts';
import { deleteRowsStep, insertRowSteps, updateRowSteps } from '../tables/write-table-rows.ts';
import type { CollectionInfo } from './catalog.ts';
import type { DocumentRow } from './document-rows.ts';
import { tableOf } from './names.ts';
import { statementFor } from './statements.ts';

type Target = Pick<CollectionInfo, 'target' | 'table'>;

export function insertSteps({ target, table }: Target, items: readonly { readonly row: DocumentRow }[]): Step[] {
  if (table !== undefined) return insertRowSteps(table, items.map(({ row }) => row.cells!));
  const text = `insert into ${tableOf(target)} (id, doc, bson) select u.id, u.doc::jsonb, u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson)`;
  return [{
    statement: statementFor(text, ['bytea[]', 'text[]', 'bytea[]']),
    values: [items.map(({ row }) => row.key), items.map(({ row }) => row.json), items.map(({ row }) => row.bytes)],
  }];
}

export type Change = { readonly key: Buffer; readonly row: DocumentRow; readonly before: Document; readonly document: Document; /** What it has no value for goes back to its default. */ readonly isReplacement: boolean };

/** Writes over the rows with these keys. */
export function updateSteps({ target, table }: Target, changes: readonly Change[]): Step[] {
  return table === undefined ? [updateStep({ target }, changes)] : updateRowSteps({ table, target }, changes);
}

/** Of a collection. */
export function updateStep({ target }: Pick<Target, 'target'>, changes: readonly { readonly key: Buffer; readonly row: DocumentRow }[]): Step {
  const text = `update ${tableOf(target)} as t set doc = u.doc::jsonb, bson = u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson) where t.id = u.id`;
  return {
    statement: statementFor(text, ['bytea[]', 'text[]', 'bytea[]']),
    values: [changes.map(({ key }) => key), changes.map(({ row }) => row.json), changes.map(({ row }) => row.bytes)],
  };
}

export function deleteStep({ target, table }: Target, keys: readonly Buffer[]): Step {
  if (table !== undefined) return deleteRowsStep(table, keys);
  return { statement: statementFor(`delete from ${tableOf(target)} where id = any($1)`, ['bytea[]']), values: [keys] };
}
