// The named limits of HTTP.

export const httpLimits = {
  connections: 1_000,
  /** A statement may take so long, and answer with so many rows unless they are streamed. */
  statementTimeoutMs: 60_000,
  rows: 100_000,
  /** Operations in one POST /transaction. */
  operations: 1_000,
  /** Transactions that are open over several requests; one that is not used for so long is rolled back. */
  openTransactions: 100,
  transactionIdleMs: 60_000,
  transactionSweepMs: 5_000,
  /** Logins that are remembered, and for how long: a changed password and a role that lost its login are noticed after that. */
  provenLogins: 10_000,
  provenMs: 2_000,
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  /** From the connection, or the previous answer, to the last byte of the headers. */
  headersTimeoutMs: 10_000,
  /** … and to the last byte of the body. */
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  /** Requests on one connection before it has to be made anew, so that balancers can move clients. */
  requestsPerConnection: 10_000,
} as const;
