// The statements that write documents' rows: any number of them in one.

import type { Step } from '../../../engine/client.ts';
import type { CollectionInfo } from './catalog.ts';
import type { DocumentRow } from './document-rows.ts';
import { tableOf } from './names.ts';
import { statementFor } from './statements.ts';

type Target = Pick<CollectionInfo, 'target'>;

export function insertStep({ target }: Target, items: readonly { readonly row: DocumentRow }[]): Step {
  const text = `insert into ${tableOf(target)} (id, doc, bson) select u.id, u.doc::jsonb, u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson)`;
  return {
    statement: statementFor(text, ['bytea[]', 'text[]', 'bytea[]']),
    values: [items.map(({ row }) => row.key), items.map(({ row }) => row.json), items.map(({ row }) => row.bytes)],
  };
}

/** Writes over the rows with these keys. */
export function updateStep({ target }: Target, changes: readonly { readonly key: Buffer; readonly row: DocumentRow }[]): Step {
  const text = `update ${tableOf(target)} as t set doc = u.doc::jsonb, bson = u.bson from unnest($1::bytea[], $2::text[], $3::bytea[]) as u (id, doc, bson) where t.id = u.id`;
  return {
    statement: statementFor(text, ['bytea[]', 'text[]', 'bytea[]']),
    values: [changes.map(({ key }) => key), changes.map(({ row }) => row.json), changes.map(({ row }) => row.bytes)],
  };
}

export function deleteStep({ target }: Target, keys: readonly Buffer[]): Step {
  return { statement: statementFor(`delete from ${tableOf(target)} where id = any($1)`, ['bytea[]']), values: [keys] };
}
