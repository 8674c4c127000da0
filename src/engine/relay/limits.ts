// The named limits of the relay.

export const relayLimits = {
  connectTimeoutMs: 10_000,
  startupTimeoutMs: 60_000,
  /** Longer messages of a client pass in pieces, and nobody looks into them. */
  messageBytes: 16 * 1024,
  /** While a client works in somebody else's transaction its messages are looked at whole: longer ones end the connection. */
  joinedMessageBytes: 64 * 1024 * 1024,
  /** What such a client may send ahead while another's statement is under way. */
  bytesAhead: 1024 * 1024,
  /** Texts of prepared statements that are kept for a client, should it join a transaction. */
  keptStatements: 1_000,
} as const;
