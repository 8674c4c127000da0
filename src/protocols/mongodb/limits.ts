// The named limits of the MongoDB protocol; where MongoDB has one, it is MongoDB's.

export const mongodbLimits = {
  /** `maxBsonObjectSize`. */
  documentBytes: 16 * 1_024 * 1_024,
  /** `maxMessageSizeBytes`: of a message, also of one that was compressed. */
  messageBytes: 48_000_000,
  /** What a client may send before it has authenticated. */
  firstMessageBytes: 1_024 * 1_024,
  /** `maxWriteBatchSize`. */
  writeBatch: 100_000,
  /** Documents of a first batch whose size the client leaves open. */
  firstBatch: 101,
  /** Bytes of documents in a batch whose size the client leaves open: it reads them while the next ones are fetched. */
  openBatchBytes: 4 * 1_024 * 1_024,
  /** Bytes of documents in one reply. */
  replyBytes: 16 * 1_024 * 1_024,
  /** `logicalSessionTimeoutMinutes`, in milliseconds. */
  sessionTimeoutMs: 30 * 60_000,
  /** `transactionLifetimeLimitSeconds`, in milliseconds. */
  transactionLifetimeMs: 60_000,
  /** `maxSessions`. */
  sessions: 1_000_000,
  /** Snapshots outside of transactions that one role has at once; its pool has twenty connections. */
  snapshots: 6,
  /** `minSnapshotHistoryWindowInSeconds`, in milliseconds. */
  snapshotLifetimeMs: 5 * 60_000,
  /** `cursorTimeoutMillis`. */
  cursorTimeoutMs: 600_000,
  /** Cursors that are open at once, of all clients. */
  cursors: 10_000,
  /** Collections whose times are kept for the command `top`. */
  timedNamespaces: 10_000,
  /** Sockets that are open at once. */
  sockets: 20_000,
  /** Requests of one connection that wait while one is under way; then it is not read from. */
  waitingRequests: 100,
  /** Between looks for what was abandoned. */
  tickMs: 1_000,
  /** How long a getMore waits at the end of a capped collection where it does not say. */
  awaitDataMs: 1_000,
  /** How long an awaitable hello waits at most. */
  awaitMs: 10_000,
} as const;
