// The commands, by name. Those of MongoDB that are not offered are in unsupported-commands.ts.

import type { Command } from './command.ts';
import { aggregate } from './commands/aggregate.ts';
import { collStats, dataSize, dbStats, drop, dropDatabase, listCollections, listDatabases, renameCollection } from './commands/collections.ts';
import { create } from './commands/create.ts';
import { getMore, killCursors } from './commands/cursors.ts';
import { buildInfo, configureFailPoint, connPoolStats, connectionStatus, currentOp, features, getCmdLineOpts, getLog, hostInfo, killOp, profile, top, whatsMyUri } from './commands/diagnostics.ts';
import { explain } from './commands/explain.ts';
import { findAndModify } from './commands/find-and-modify.ts';
import { count, distinct, find } from './commands/find.ts';
import { hello, isMaster, logout, ping, saslContinue, saslStart } from './commands/handshake.ts';
import { createIndexes, dropIndexes, listIndexes } from './commands/indexes.ts';
import { cloneCollectionAsCapped, compact, convertToCapped, dbHash, fsync, planCacheClear, planCacheClearFilters, planCacheListFilters, reIndex, validate } from './commands/maintenance.ts';
import { getParameter, setParameter } from './commands/parameters.ts';
import { getDefaultRWConcern, replSetGetConfig, replSetGetStatus, shardingState } from './commands/replication.ts';
import { serverStatus } from './commands/server-status.ts';
import { shareTransaction } from './commands/share-transaction.ts';
import { abortTransaction, commitTransaction, endSessions, killAllSessions, killAllSessionsByPattern, killSessions, refreshSessions, startSession } from './commands/sessions.ts';
import { listCommandsOf } from './commands/list-commands.ts';
import { collMod } from './commands/modify-collection.ts';
import { deleteCommand, insert, update } from './commands/write.ts';

const listCommands = listCommandsOf(() => commands);

export const commands: readonly Command[] = [
  abortTransaction, aggregate, buildInfo, cloneCollectionAsCapped, collMod, collStats, commitTransaction, compact, configureFailPoint, connectionStatus,
  connPoolStats, convertToCapped, count, create, createIndexes, currentOp, dataSize, dbHash, dbStats, deleteCommand, distinct, drop, dropDatabase, dropIndexes,
  endSessions, explain, features, find, findAndModify, fsync, getCmdLineOpts, getDefaultRWConcern, getLog, getMore, getParameter, hello, hostInfo, insert,
  isMaster, killAllSessions, killAllSessionsByPattern, killCursors, killOp, killSessions, listCollections, listCommands, listDatabases, listIndexes, logout, ping, planCacheClear,
  planCacheClearFilters, planCacheListFilters, profile, refreshSessions, reIndex, renameCollection, replSetGetConfig, replSetGetStatus, saslContinue,
  saslStart, serverStatus, setParameter, shardingState, shareTransaction, startSession, top, update, validate, whatsMyUri,
];

const byName = new Map(commands.flatMap((command) => [command.name, ...(command.aliases ?? [])].map((name) => [name, command] as const)));

export function commandNamed(name: string): Command | undefined {
  return byName.get(name);
}
