// The relational facet's only door.

export { Relational, type SqlOutcome, type SqlResult, type SqlRow } from './relational.ts';
export { type ListPage, type ListQuery, type RowList, type RowRecord, type RowTarget, type StoredRow, TableRows } from './table-rows.ts';
export { type Relation, type RelationColumn, columnOf, isJson } from './relation.ts';
export { type SortField } from './table-page.ts';
export { rowTagOf } from './row-json.ts';
export { tableFunctions } from './table-functions-migration.ts';
export type { SqlOperation } from './operation.ts';
export { quoteIdentifier } from '../../engine/quoting.ts';
