// The commands, by name; and those of MongoDB that are not offered, with the reason.

import type { Command } from './command.ts';
import { aggregate } from './commands/aggregate.ts';
import { collStats, dataSize, dbStats, drop, dropDatabase, listCollections, listDatabases, renameCollection } from './commands/collections.ts';
import { create } from './commands/create.ts';
import { getMore, killCursors } from './commands/cursors.ts';
import { buildInfo, configureFailPoint, connectionStatus, currentOp, getCmdLineOpts, getLog, getParameter, hostInfo, killOp, profile, serverStatus, whatsMyUri } from './commands/diagnostics.ts';
import { explain } from './commands/explain.ts';
import { findAndModify } from './commands/find-and-modify.ts';
import { count, distinct, find } from './commands/find.ts';
import { hello, isMaster, logout, ping, saslContinue, saslStart } from './commands/handshake.ts';
import { createIndexes, dropIndexes, listIndexes } from './commands/indexes.ts';
import { shareTransaction } from './commands/share-transaction.ts';
import { abortTransaction, commitTransaction, endSessions, killAllSessions, killSessions, refreshSessions, startSession } from './commands/sessions.ts';
import { listCommandsOf } from './commands/list-commands.ts';
import { collMod } from './commands/modify-collection.ts';
import { deleteCommand, insert, update } from './commands/write.ts';

const listCommands = listCommandsOf(() => commands);

export const commands: readonly Command[] = [
  abortTransaction, aggregate, buildInfo, collMod, collStats, commitTransaction, configureFailPoint, connectionStatus, count, create, createIndexes, currentOp,
  dataSize, dbStats, deleteCommand, distinct, drop, dropDatabase, dropIndexes, endSessions, explain, find, findAndModify, getCmdLineOpts, getLog, getMore,
  getParameter, hello, hostInfo, insert, isMaster, killAllSessions, killCursors, killOp, killSessions, listCollections, listCommands, listDatabases, listIndexes,
  logout, ping, profile, refreshSessions, renameCollection, saslContinue, saslStart, serverStatus, shareTransaction, startSession, update, whatsMyUri,
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
    'getShardMap', 'isdbgrid', 'mergeChunks', 'movePrimary', 'refineCollectionShardKey'].map((name) => [name, shards] as const),
  ...['replSetGetStatus', 'replSetGetConfig', 'replSetInitiate', 'replSetReconfig', 'replSetStepDown', 'replSetFreeze', 'replSetMaintenance', 'replSetSyncFrom', 'replSetResizeOplog', 'appendOplogNote', 'applyOps']
    .map((name) => [name, replication] as const),
  ...['compact', 'fsync', 'fsyncUnlock', 'reIndex', 'validate', 'planCacheClear', 'planCacheClearFilters', 'planCacheListFilters', 'planCacheSetFilter', 'cloneCollectionAsCapped', 'convertToCapped',
    'dbHash', 'top', 'setIndexCommitQuorum', 'logRotate', 'shutdown', 'autoCompact'].map((name) => [name, storage] as const),
  ['mapReduce', scripts], ['mapreduce', scripts],
  ['authenticate', 'logins by certificates are not offered: SCRAM-SHA-256 is'],
  ['setParameter', 'parameters are set when FacetDB starts'],
  ['getDefaultRWConcern', 'each operation has its own concern'], ['setDefaultRWConcern', 'each operation has its own concern'],
  ['setFeatureCompatibilityVersion', 'there is one version only'],
  ['bulkWrite', 'the command came with MongoDB 8.0'],
  ['createSearchIndexes', "search indexes are Atlas's"], ['updateSearchIndex', "search indexes are Atlas's"], ['dropSearchIndex', "search indexes are Atlas's"], ['listSearchIndexes', "search indexes are Atlas's"],
  ['killAllSessionsByPattern', 'sessions end by their ids'],
]);

export function unsupportedReason(name: string): string | undefined {
  return unsupportedCommands.get(name);
}
