// The schema objects that FacetDB keeps in a store, in the order of their numbers.

import { accessTokensStore } from '../access/access-tokens-migration.ts';
import { idempotencyStore } from '../access/idempotency-migration.ts';
import { type Migration, foundation } from '../engine/migrations.ts';
import { joinedTransactions, sharedTransactions } from '../engine/relay/relay-migration.ts';
import { cappedCollections, documentStore, exactKeys, fieldOrders, groupedDocumentWrites, partialIndexes, positionKeys, positions, quickDocumentKeys, sharedEntries, someArrays, typedViews, uniqueArrays, wildcardIndexes } from '../facets/documents/index.ts';
import { changedColumns, keyMappingsStore, keyvalueMessages, keyvalueStore, listRunsStore, numberedStatistics, scoreArithmetic, sortedSetLevels, toldKeyMappings } from '../facets/keyvalue/index.ts';
import { tableFunctions } from '../facets/relational/index.ts';

export const migrations: readonly Migration[] = [
  foundation,
  keyvalueStore,
  keyvalueMessages,
  documentStore,
  groupedDocumentWrites,
  cappedCollections,
  partialIndexes,
  accessTokensStore,
  quickDocumentKeys,
  uniqueArrays,
  keyMappingsStore,
  tableFunctions,
  idempotencyStore,
  sharedTransactions,
  typedViews,
  wildcardIndexes,
  listRunsStore,
  positions,
  joinedTransactions,
  exactKeys,
  sharedEntries,
  toldKeyMappings,
  numberedStatistics,
  sortedSetLevels,
  fieldOrders,
  changedColumns,
  scoreArithmetic,
  positionKeys,
  someArrays,
];
