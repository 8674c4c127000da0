// The relational facet's only door.

export { Relational, type SqlOutcome, type SqlResult, type SqlRow } from './relational.ts';
export type { SqlOperation } from './operation.ts';
export { quoteIdentifier } from '../../engine/quoting.ts';
