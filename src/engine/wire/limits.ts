// The named limits of the PostgreSQL client.

export const wireLimits = {
  /** A message from the server that claims to be longer is a protocol error (a value is at most 1 GB). */
  messageBytes: 1.1 * 1024 * 1024 * 1024,
  /** Values of this size and more are written by reference instead of being copied. */
  spliceBytes: 32 * 1024,
  /** The writer's buffers grow up to this size. */
  writerChunkBytes: 256 * 1024,
  /** Prepared statements kept on one connection; the least recently used goes first. */
  preparedStatements: 1_000,
  /** Connecting, TLS and authentication together. */
  connectTimeoutMs: 10_000,
  /** A cancel request that is not through by then is given up. */
  cancelTimeoutMs: 5_000,
  /** Closing: how long the server may take to hang up after Terminate. */
  closeTimeoutMs: 1_000,
} as const;
