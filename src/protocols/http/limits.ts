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
  /** A century: the longest that a key may be set to live. */
  expirySecondsMax: 100 * 366 * 86_400,
  /** Shorter replies are not compressed. */
  compressedBytesMin: 1_400,
  compressionLevel: 4,
  bodyBytes: 1024 * 1024,
  /** Pages of a listing: the rows that a client may ask for, and those of one that does not say. */
  pageRows: 1_000,
  pageRowsDefault: 100,
  /** Tables, views and collections that /openapi.json describes. */
  describedRelations: 2_000,
  sortFields: 16,
  /** Rows of one insertion that is no stream. */
  insertRows: 10_000,
  /** Streams of rows: the bytes of one, of one row, and the rows that are inserted together, or the bytes that make them fewer. */
  bulkBytes: 64 * 1024 ** 3,
  bulkRowBytes: 16 * 1024 * 1024,
  bulkBatchRows: 1_000,
  bulkBatchBytes: 1024 * 1024,
  idempotencyKeyLength: 255,
  /** Of one part of a path: a key. */
  pathPartLength: 8_192,
  headerBytes: 16 * 1024,
  /** From the connection, or the previous answer, to the last byte of the headers. */
  headersTimeoutMs: 10_000,
  /** … and to the last byte of the body; of a stream of rows, from one piece of it to the next. */
  requestTimeoutMs: 30_000,
  /** A stream of rows as a whole. */
  bulkTimeoutMs: 24 * 3_600_000,
  keepAliveTimeoutMs: 5_000,
  /** Requests on one connection before it has to be made anew, so that balancers can move clients. */
  requestsPerConnection: 10_000,
} as const;
