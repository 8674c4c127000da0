// The documents facet's only door.

export { Documents, type DocumentsApi, type DocumentsOptions } from './documents.ts';
export { DocumentError, codeNameOf, documentErrorCodes, inContext, type DocumentErrorName } from './errors.ts';
export type { CollectionName } from './pipelines/stage.ts';
export type * from './store/operations.ts';
export type { ExplainedCommand, Verbosity } from './store/explain.ts';
export { matcherOf } from './filters/matcher.ts';
export { shellText } from './expressions/shell-text.ts';
export { cappedCollections } from './store/capped-migration.ts';
export { typedViews } from './store/typed-view-migration.ts';
export { parseIdIndex, withoutUnknownOptions } from './store/index-specification.ts';
export { assertUsable } from './store/names.ts';
export { partialIndexes } from './store/partial-index-migration.ts';
export { exactKeys } from './store/exact-keys-migration.ts';
export { fieldOrders } from './store/field-order-migration.ts';
export { positionKeys } from './store/position-keys-migration.ts';
export { someArrays } from './store/some-arrays-migration.ts';
export { positions } from './store/positions-migration.ts';
export type { StoreSnapshot } from './store/store-snapshot.ts';
export { documentStore, groupedDocumentWrites } from './store/store-migration.ts';
export { quickDocumentKeys } from './store/quick-keys-migration.ts';
export { sharedEntries, uniqueArrays } from './store/unique-arrays.ts';
export { writeErrorOf } from './store/write-errors.ts';
export { wildcardIndexes } from './store/wildcard-index-migration.ts';
