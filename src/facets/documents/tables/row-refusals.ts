// What PostgreSQL refuses to write, in the words of MongoDB's: a unique index is a duplicate key, every other constraint
// the validation that a document failed.

import { type FacetError, isFacetError } from '../../../kernel/errors.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { namespaceOf } from '../store/names.ts';
import { invalid } from './row-of-document.ts';
import type { Table } from './table.ts';
import { fieldOf } from './table-index-specifications.ts';

const refusals = ['unique_violation', 'foreign_key_violation', 'check_violation', 'not_null_violation', 'exclusion_violation', 'data_invalid'] as const;

/** Whether a row was refused for what it is, so that others may go on. */
export function isRowRefusal(error: unknown): error is FacetError {
  return !(error instanceof DocumentError) && refusals.some((code) => isFacetError(error, code));
}

/** For constraints other than unique ones. */
const kinds: Readonly<Record<string, string>> = {
  foreign_key_violation: 'foreign key', check_violation: 'check', not_null_violation: 'not null', exclusion_violation: 'exclusion', data_invalid: 'type',
};

/** DocumentValidationFailure; what is no refusal of a row stays as it is. */
export function rowRefusal(error: unknown, { target }: { readonly target: CollectionName }, document: Document | undefined): unknown {
  if (!isRowRefusal(error)) return error;
  const { constraint, column, message = error.details, detail } = error.postgres ?? {};
  const details = { operatorName: kinds[error.code] ?? 'constraint', ...(constraint === undefined ? {} : { constraint }), ...(column === undefined ? {} : { column }), ...(detail === undefined ? {} : { detail }) };
  return invalid(document, `${message} (${namespaceOf(target)})`, details, error);
}

/** The index that a unique violation is about, as documents have its columns. */
export function violatedKey({ indexes, columns }: Table, relation: string | undefined): { readonly name: string; readonly pattern: Document } {
  const index = indexes.find((candidate) => candidate.relation === relation);
  const isPrimary = index?.isPrimary ?? false;
  const fields = isPrimary ? ['_id'] : (index?.columns ?? []).map(({ name }) => fieldOf(columns, name));
  return { name: isPrimary ? '_id_' : (relation ?? ''), pattern: new Map<string, Value>(fields.map((field) => [field, int32(1)])) };
}
