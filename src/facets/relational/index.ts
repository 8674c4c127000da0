// The relational facet's only door.

export { Relational, type SqlResult, type SqlRow } from './relational.ts';
export type { SqlOperation } from './operation.ts';
export type { SqlOutcome } from './row-stream.ts';
