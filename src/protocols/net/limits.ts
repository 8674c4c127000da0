// The named limits of listening, shared by all protocols that FacetDB answers itself.

export const netLimits = {
  /** Connections of one listener at once; further ones are closed at once. */
  connections: 10_000,
  /** Connections that the operating system keeps waiting to be accepted. */
  backlog: 511,
  tlsHandshakeTimeoutMs: 10_000,
  /** A stopping listener gives its connections so long to finish what they are doing. */
  drainTimeoutMs: 3_000,
} as const;
