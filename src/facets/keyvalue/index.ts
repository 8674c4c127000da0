// Keys and values as protocols use them.

export { Blocked, type BlockedOptions, Waiter } from './blocked-clients.ts';
export { type ScanPage, scanElements } from './element-scan.ts';
export { copyKey, requireSpace } from './copy.ts';
export { ElementRows } from './element-rows.ts';
export { rowsOfHash, rowsOfList, rowsOfSet } from './large-reads.ts';
export { type Element, Entry, type KeyVersion } from './entry.ts';
export { type ExpiryTime, expiryTimeOf } from './expiry-time.ts';
export { type Field, fieldsOf, hashToFill, putFields, removeFields, valuesOf } from './hashes.ts';
export { waiting } from './execute-group.ts';
export type { KeyRequest } from './key-request.ts';
export type { NamedElements } from './needs.ts';
export { type KeyPage, keysWhere, pageOfKeys, randomKeys, scanPositions } from './keyspace-scan.ts';
export { type Kind, kinds } from './kinds.ts';
export { type KeyOrigin, type KeyReply, KeyStore, KeyValue, type KeyValueOptions } from './keyvalue.ts';
export { type SpaceStatistics, countKeys, flushSpaces, spaceStatistics, swapSpaces } from './keyspaces.ts';
export type { KeyEvent } from './key-events.ts';
export { KeyAccesses } from './key-accesses.ts';
export { numberedStatistics } from './keyspace-statistics-migration.ts';
export { keyvalueLimits } from './limits.ts';
export {
  type ListEnd,
  findItems, insertItem, itemAt, listToFill, moveItem, popItems, positionAt, positionsBetween, removeItems, trimItems,
} from './lists.ts';
export { randomDistinct, randomElement, randomWithRepeats } from './random-members.ts';
export { sortedSetLevels } from './sorted-set-levels-migration.ts';
export { changedColumns } from './changed-columns-migration.ts';
export { keyvalueStore } from './store-migration.ts';
export { listRunsStore } from './list-runs-migration.ts';
export { keyMappingsStore, toldKeyMappings } from './mapped/key-mappings-migration.ts';
export type { Aggregate, Operation } from './algebra-statements.ts';
export { scoreArithmetic } from './score-arithmetic-migration.ts';
export { combinedMembers, countCommonMembers, storeCombinedMembers } from './set-algebra.ts';
export { addMembers, removeMembers, storeMembers } from './sets.ts';
export { entriesOf, stringsOf, together } from './several-keys.ts';
export {
  type Position, type Range, type Scored,
  afterMember, afterScore, beforeMember, beforeScore, compareScored, countBefore, elementsAtEnd, elementsOfRange, elementsOfRanks, end, scoreBounds, start,
} from './sorted-set-order.ts';
export { type ScoredCombination, combinedScored, storeCombinedScored } from './sorted-set-algebra.ts';
export { putScore, removeScored, scoreOf, scoresOf, storeScored } from './sorted-sets.ts';
export { type Selection, selectedElements, selectedRows, storeSelection } from './selections.ts';
export { type Message, Messages } from './messages.ts';
export { keyvalueMessages } from './messages-migration.ts';
export { schemaOf, statementsOf } from './space-statements.ts';
export { averageElementBytes } from './stored-size.ts';
export { countSetBits, partOf, rangeWithin, searchPieces, windowOf, writePart } from './strings.ts';
export { Missing, Unit } from './unit.ts';
export { storeFields, storeItems, storeWholeSet, storeWholeSortedSet } from './whole-values.ts';
