// The commands, by name; and those of MongoDB that are not offered, with the reason.

import type { Command } from './command.ts';
import { aggregate } from './commands/aggregate.ts';
import { collStats, dataSize, dbStats, drop, dropDatabase, listCollections, listDatabases, renameCollection } from './commands/collections.ts';
import { create } from './commands/create.ts';
import { getMore, killCursors } from './commands/cursors.ts';
import { buildInfo, configureFailPoint, connPoolStats, connectionStatus, currentOp, features, getCmdLineOpts, getLog, hostInfo, killOp, profile, serverStatus, top, whatsMyUri } from './commands/diagnostics.ts';
import { explain } from './commands/explain.ts';
import { findAndModify } from './commands/find-and-modify.ts';
import { count, distinct, find } from './commands/find.ts';
import { hello, isMaster, logout, ping, saslContinue, saslStart } from './commands/handshake.ts';
import { createIndexes, dropIndexes, listIndexes } from './commands/indexes.ts';
import { cloneCollectionAsCapped, compact, convertToCapped, dbHash, fsync, planCacheClear, planCacheClearFilters, planCacheListFilters, reIndex, validate } from './commands/maintenance.ts';
import { getParameter, setParameter } from './commands/parameters.ts';
import { getDefaultRWConcern, replSetGetConfig, replSetGetStatus } from './commands/replication.ts';
import { shareTransaction } from './commands/share-transaction.ts';
import { abortTransaction, commitTransaction, endSessions, killAllSessions, killSessions, refreshSessions, startSession } from './commands/sessions.ts';
import { listCommandsOf } from './commands/list-commands.ts';
import { collMod } from './commands/modify-collection.ts';
import { deleteCommand, insert, update } from './commands/write.ts';

const listCommands = listCommandsOf(() => commands);

export const commands: readonly Command[] = [
  abortTransaction, aggregate, buildInfo, cloneCollectionAsCapped, collMod, collStats, commitTransaction, compact, configureFailPoint, connectionStatus,
  connPoolStats, convertToCapped, count, create, createIndexes, currentOp, dataSize, dbHash, dbStats, deleteCommand, distinct, drop, dropDatabase, dropIndexes,
  endSessions, explain, features, find, findAndModify, fsync, getCmdLineOpts, getDefaultRWConcern, getLog, getMore, getParameter, hello, hostInfo, insert,
  isMaster, killAllSessions, killCursors, killOp, killSessions, listCollections, listCommands, listDatabases, listIndexes, logout, ping, planCacheClear,
  planCacheClearFilters, planCacheListFilters, profile, refreshSessions, reIndex, renameCollection, replSetGetConfig, replSetGetStatus, saslContinue,
  saslStart, serverStatus, setParameter, shareTransaction, startSession, top, update, validate, whatsMyUri,
];

const byName = new Map(commands.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command] as const)));

export function commandNamed(name: string): Command | undefined {
  return byName.get(name);
}

const roles = "users and roles are PostgreSQL's: make them with facetdb users or SQL; the commands follow in a later version";
const shards = 'there are no shards: PostgreSQL distributes the store';
const replication = 'there is one node: PostgreSQL replicates the store';
const storage = 'the storage is PostgreSQL, which does this by itself';
const scripts = 'the server runs no JavaScript';

/** Commands of MongoDB 7.0 that are not offered, with the reason. */
export const unsupportedCommands: ReadonlyMap<string, string> = new Map([
  ...['createUser', 'updateUser', 'dropUser', 'dropAllUsersFromDatabase', 'usersInfo', 'grantRolesToUser', 'revokeRolesFromUser', 'createRole', 'updateRole', 'dropRole', 'dropAllRolesFromDatabase',
    'rolesInfo', 'grantPrivilegesToRole', 'revokePrivilegesFromRole', 'grantRolesToRole', 'revokeRolesFromRole', 'invalidateUserCache'].map((name) => [name, roles] as const),
  ...['addShard', 'enableSharding', 'shardCollection', 'moveChunk', 'split', 'balancerStart', 'balancerStop', 'balancerStatus', 'listShards', 'removeShard', 'reshardCollection', 'flushRouterConfig',
    'getShardMap', 'isdbgrid', 'shardingState', 'getShardVersion', 'setShardVersion', 'getDatabaseVersion', 'checkShardingIndex', 'cleanupOrphaned', 'splitVector', 'splitChunk', 'autoSplitVector',
    'analyzeShardKey', 'configureQueryAnalyzer', 'setAllowMigrations', 'coordinateCommitTransaction', 'prepareTransaction', 'mergeChunks', 'movePrimary', 'refineCollectionShardKey'].map((name) => [name, shards] as const),
  ...['replSetInitiate', 'replSetReconfig', 'replSetStepDown', 'replSetFreeze', 'replSetMaintenance', 'replSetSyncFrom', 'replSetResizeOplog', 'replSetStepUp', 'replSetAbortPrimaryCatchUp', 'replSetGetRBID', 'replSetHeartbeat', 'replSetRequestVotes', 'replSetUpdatePosition', 'appendOplogNote', 'applyOps']
    .map((name) => [name, replication] as const),
  ...['fsyncUnlock', 'planCacheSetFilter', 'setIndexCommitQuorum', 'shutdown', 'dbCheck', 'validateDBMetadata', 'lockInfo', 'getDiagnosticData', 'filemd5', 'analyze'].map((name) => [name, storage] as const),
  ['logRotate', 'the log is on standard error, and whoever reads that keeps it'],
  ['mapReduce', scripts], ['mapreduce', scripts],
  ['authenticate', 'logins by certificates are not offered: SCRAM-SHA-256 is'],
  ['setDefaultRWConcern', 'each operation has its own concern'],
  ['setFeatureCompatibilityVersion', 'there is one version only'],
  ['bulkWrite', 'the command came with MongoDB 8.0'],
  ['createSearchIndexes', "search indexes are Atlas's"], ['updateSearchIndex', "search indexes are Atlas's"], ['dropSearchIndex', "search indexes are Atlas's"], ['listSearchIndexes', "search indexes are Atlas's"],
  ['killAllSessionsByPattern', 'sessions end by their ids'],
  ...['getAuditConfig', 'setAuditConfig', 'logApplicationMessage'].map((name) => [name, 'auditing is PostgreSQL’s'] as const),
  ...['getClusterParameter', 'setClusterParameter', 'setUserWriteBlockMode', 'setProfilingFilterGlobally', 'getChangeStreamState', 'setChangeStreamState', 'rotateCertificates', 'dropConnections', 'connPoolSync', 'whatsmysni',
    'startRecordingTraffic', 'stopRecordingTraffic', 'compactStructuredEncryptionData', 'driverOIDTest', 'listDatabasesForAllTenants'].map((name) => [name, 'what it manages is not here'] as const),
]);

export function unsupportedReason(name: string): string | undefined {
  return unsupportedCommands.get(name);
}
