// The named limits of SQL that goes through FacetDB.

export const relationalLimits = {
  /** Rows of a stream that wait for who reads it before the connection is read no further. */
  rowsAhead: 1_000,
  /** Bytes of a COPY TO that wait likewise. */
  copyBytesAhead: 1024 * 1024,
  /** Rows of one result that are held in memory as a whole; larger ones have to be streamed. */
  resultRows: 1_000_000,
  /** How long what the catalog said of a table is believed, and of how many. */
  relationKeptMs: 1_000,
  keptRelations: 10_000,
  /** Filters of tables: how deep they nest, their conditions, the values of one list. */
  filterDepth: 20,
  filterConditions: 200,
  filterListLength: 10_000,
  /** Sets of columns that the rows of one insertion may have. */
  insertShapes: 100,
  /** Rows that are read by key in one group, and how long such a group may take before its rows are read one by one. */
  rowGroupSize: 200,
  rowGroupTimeoutMs: 2_000,
} as const;
