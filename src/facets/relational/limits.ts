// The named limits of SQL that goes through FacetDB.

export const relationalLimits = {
  /** Rows of a stream that wait for who reads it before the connection is read no further. */
  rowsAhead: 1_000,
  /** Bytes of a COPY TO that wait likewise. */
  copyBytesAhead: 1024 * 1024,
  /** Rows of one result that are held in memory as a whole; larger ones have to be streamed. */
  resultRows: 1_000_000,
} as const;
