// A row as JSON, as PostgreSQL itself writes it, and the tag that tells one state of it from another.

import { hash } from 'node:crypto';
import { quoteIdentifier } from '../../engine/quoting.ts';
import { type Relation, readableColumnOf } from './relation.ts';

const tagDigits = 32;

/** The JSON of the row `alias`, of the columns that the role may read; of `fields` only, where they are named. */
export function rowJsonSql(relation: Relation, alias: string, fields?: readonly string[]): string {
  const columns = fields?.map((name) => readableColumnOf(relation, name, 'fields')) ?? relation.columns.filter(({ mayRead }) => mayRead);
  if (columns.length === 0) return "'{}'";
  return `(select row_to_json(v)::text from (select ${columns.map(({ name }) => `${alias}.${quoteIdentifier(name)}`).join(', ')}) as v)`;
}

export function rowTagOf(json: string): string {
  return hash('sha256', json, 'hex').slice(0, tagDigits);
}

/** As `rowTagOf`, in PostgreSQL: a condition on it holds for the row as it is when it is changed. */
export function rowTagSql(relation: Relation, alias: string): string {
  return `left(encode(sha256(convert_to(${rowJsonSql(relation, alias)}, 'UTF8')), 'hex'), ${tagDigits})`;
}
