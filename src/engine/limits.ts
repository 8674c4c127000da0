// The engine's named limits. Those that a user may change are only the defaults here.

export const engineLimits = {
  /** Connections of FacetDB's own to PostgreSQL, over all roles and databases. */
  connections: 100,
  /** Connections of one role to one database. */
  poolConnections: 20,
  /** Requests of one pool that may wait for a connection. */
  poolWaiting: 10_000,
  /** How long a request waits for a connection. */
  poolWaitMs: 10_000,
  /** A connection that nobody used for so long is closed. */
  poolIdleMs: 60_000,
  /** Between attempts to connect while PostgreSQL is away: doubling from the first to the last. */
  reconnectFirstMs: 20,
  reconnectLastMs: 500,
  /** Texts of statements that are kept, for all connections. */
  cachedStatements: 1_500,
  /** A cancel request is repeated after this, until the statement has ended. */
  cancelRepeatMs: 20,
  /** Requests in one group. */
  groupSize: 500,
  /** How long a group's connection keeps the plans of its statements. */
  groupPlansKeptMs: 1_000,
  /** Clients that ask within `crowdWindowMs` are a crowd from this number on: its small groups wait for others to join them. */
  crowd: 16,
  crowdWindowMs: 20,
  /** Which part of the crowd is enough for a group to leave, and how long it waits at most. */
  crowdPart: 1 / 4,
  gatheringMs: 1,
  /** Requests of one grouper that may wait; more are refused. */
  groupWaiting: 200_000,
} as const;
