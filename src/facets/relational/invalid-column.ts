// Which column a value is not valid for: PostgreSQL's error does not say. Asked once the statement has failed, and only then.

import type { Connection } from '../../engine/client.ts';
import { statementOf } from '../../engine/statement-cache.ts';
import { FacetError, isFacetError } from '../../kernel/errors.ts';
import { type Relation, isJson } from './relation.ts';

/** Values that are lists and objects become arrays and composites in ways of their own: of them it is not said. */
const firstInvalid = statementOf(
  `select c.name from jsonb_array_elements($1::text::jsonb) as r (value), unnest($2::text[], $3::text[]) as c (name, type)
    where jsonb_typeof(r.value) = 'object' and jsonb_typeof(r.value -> c.name) in ('string', 'number', 'boolean') and not pg_input_is_valid(r.value ->> c.name, c.type) limit 1`,
  ['text', 'text[]', 'text[]'],
);

/** The error with the column's name as its field, where one of `json`, a list of records, can be told to be wrong. */
export async function withInvalidColumn(error: unknown, { relation, json, ask }: { readonly relation: Relation; readonly json: string; readonly ask: <T>(body: (connection: Connection) => Promise<T>) => Promise<T> }): Promise<unknown> {
  if (!isFacetError(error, 'data_invalid') || error.field !== undefined) return error;
  const columns = relation.columns.filter((column) => !isJson(column));
  try {
    const [row] = await ask((connection) => connection.query(firstInvalid, [json, columns.map(({ name }) => name), columns.map(({ type }) => type)]));
    const name = row?.['name'];
    return typeof name === 'string' ? new FacetError('data_invalid', error.details, { field: name, cause: error, postgres: error.postgres }) : error;
  } catch {
    // What PostgreSQL cannot even read as JSON has no columns.
    return error;
  }
}
