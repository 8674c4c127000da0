// The named limits of databases in programs.

export const databaseLimits = {
  /** How often the body of a transaction is run again after a conflict, unless the program says otherwise. */
  transactionRetries: 5,
  /** The longest pause before the first of these; it doubles with each. */
  retryPauseMs: 10,
} as const;
