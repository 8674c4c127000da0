// The named limits of the server and its configuration.

export const serverLimits = {
  /** A configuration file beyond this is not one. */
  configFileBytes: 1024 * 1024,
  poolSizeMax: 1_000,
  poolWaitMaxMs: 10 * 60_000,

  /** Random bytes in a password that FacetDB makes. */
  passwordRandomBytes: 24,

  /** A readiness check that takes longer has failed … */
  readinessTimeoutMs: 2_000,
  /** … and its result serves all who ask within this time. */
  readinessLifetimeMs: 1_000,

  /** How long `facetdb status` waits for the server's own answer. */
  statusTimeoutMs: 3_000,
  /** How long `facetdb stop` waits for the process to end. */
  stopTimeoutMs: 60_000,
  stopPollMs: 50,
} as const;
