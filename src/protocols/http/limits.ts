// The named limits of HTTP.

export const httpLimits = {
  connections: 1_000,
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
