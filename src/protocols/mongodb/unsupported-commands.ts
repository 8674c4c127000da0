// Commands of MongoDB 7.0 that are not offered: as what they are refused, and why. Where MongoDB itself refuses one on a primary that
// is alone, its own code and words are the answer.

import type { DocumentErrorName } from '../../facets/documents/index.ts';

export type UnsupportedCommand = {
  readonly reason: string;
  /** CommandNotSupported, unless it is said here. */
  readonly code?: DocumentErrorName;
  /** The error's text, where it is not the reason's. */
  readonly text?: string;
};

const roles = "users and roles are PostgreSQL's: make them with facetdb users or SQL; the commands follow in a later version";
const shards = 'there are no shards: PostgreSQL distributes the store';
const replication = 'there is one node: PostgreSQL replicates the store';
const storage = 'the storage is PostgreSQL, which does this by itself';
const scripts = 'the server runs no JavaScript';
const searches = "search indexes are Atlas's";

/** Commands that routers of sharded clusters have and other servers do not know. */
const ofRouters = [
  'abortReshardCollection', 'addShard', 'addShardToZone', 'balancerCollectionStatus', 'balancerStart', 'balancerStatus', 'balancerStop', 'cleanupReshardCollection', 'clearJumboFlag',
  'commitReshardCollection', 'configureCollectionBalancing', 'enableSharding', 'isdbgrid', 'listShards', 'mergeAllChunksOnShard', 'moveChunk', 'movePrimary', 'moveRange',
  'refineCollectionShardKey', 'removeShard', 'removeShardFromZone', 'reshardCollection', 'setAllowMigrations', 'setShardVersion', 'shardCollection', 'split', 'updateZoneKeyRange',
];

function all(names: readonly string[], entry: UnsupportedCommand): [string, UnsupportedCommand][] {
  return names.map((name) => [name, entry]);
}

export const unsupportedCommands: ReadonlyMap<string, UnsupportedCommand> = new Map<string, UnsupportedCommand>([
  ...all(['createUser', 'updateUser', 'dropUser', 'dropAllUsersFromDatabase', 'usersInfo', 'grantRolesToUser', 'revokeRolesFromUser', 'createRole', 'updateRole', 'dropRole', 'dropAllRolesFromDatabase',
    'rolesInfo', 'grantPrivilegesToRole', 'revokePrivilegesFromRole', 'grantRolesToRole', 'revokeRolesFromRole', 'invalidateUserCache'], { reason: roles }),
  ...ofRouters.map((name): [string, UnsupportedCommand] => [name, { reason: shards, code: 'CommandNotFound', text: `no such command: '${name}'` }]),
  ...all(['flushRouterConfig', 'getShardMap', 'getShardVersion', 'getDatabaseVersion', 'checkShardingIndex', 'cleanupOrphaned', 'splitVector', 'splitChunk', 'autoSplitVector', 'analyzeShardKey',
    'configureQueryAnalyzer', 'coordinateCommitTransaction', 'prepareTransaction', 'mergeChunks'], { reason: shards }),
  ...all(['replSetReconfig', 'replSetStepDown', 'replSetResizeOplog', 'replSetStepUp', 'replSetGetRBID', 'replSetHeartbeat', 'replSetRequestVotes', 'replSetUpdatePosition', 'appendOplogNote', 'applyOps'], { reason: replication }),
  ['replSetInitiate', { reason: replication, code: 'AlreadyInitialized', text: 'already initialized' }],
  ['replSetFreeze', { reason: replication, code: 'NotSecondary', text: 'cannot freeze node when primary or running for election. state: Primary' }],
  ['replSetMaintenance', { reason: replication, code: 'NotSecondary', text: "primaries can't modify maintenance mode" }],
  ['replSetSyncFrom', { reason: replication, code: 'NotSecondary', text: "primaries don't sync" }],
  ['replSetAbortPrimaryCatchUp', { reason: replication, code: 'IllegalOperation', text: 'The node is not in catch-up mode.' }],
  ['fsyncUnlock', { reason: storage, code: 'IllegalOperation', text: 'fsyncUnlock called when not locked' }],
  ...all(['planCacheSetFilter', 'setIndexCommitQuorum', 'shutdown', 'dbCheck', 'validateDBMetadata', 'lockInfo', 'getDiagnosticData', 'filemd5', 'analyze'], { reason: storage }),
  ['logRotate', { reason: 'the log is on standard error, and whoever reads that keeps it' }],
  ...all(['mapReduce', 'mapreduce'], { reason: scripts }),
  ['authenticate', { reason: 'logins by certificates are not offered: SCRAM-SHA-256 is' }],
  ['setDefaultRWConcern', { reason: 'each operation has its own concern' }],
  ['setFeatureCompatibilityVersion', { reason: 'there is one version only' }],
  ['bulkWrite', { reason: 'the command came with MongoDB 8.0', text: 'BulkWrite may not be run without featureFlagBulkWriteCommand enabled' }],
  ...all(['createSearchIndexes', 'updateSearchIndex', 'dropSearchIndex', 'listSearchIndexes'], { reason: searches }),
  ...all(['getAuditConfig', 'setAuditConfig', 'logApplicationMessage'], { reason: 'auditing is PostgreSQL’s' }),
  ...all(['getClusterParameter', 'setClusterParameter', 'setUserWriteBlockMode', 'setProfilingFilterGlobally', 'getChangeStreamState', 'setChangeStreamState', 'rotateCertificates', 'dropConnections',
    'connPoolSync', 'whatsmysni', 'startRecordingTraffic', 'stopRecordingTraffic', 'compactStructuredEncryptionData', 'driverOIDTest', 'listDatabasesForAllTenants'], { reason: 'what it manages is not here' }),
]);
