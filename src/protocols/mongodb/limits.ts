// The named limits of the MongoDB protocol; where MongoDB has one, it is MongoDB's.

export const mongodbLimits = {
  /** `maxBsonObjectSize`. */
  documentBytes: 16 * 1_024 * 1_024,
  /** `maxMessageSizeBytes`: of a message, also of one that was compressed. */
  messageBytes: 48_000_000,
  /** What a client may send before it has authenticated. */
  firstMessageBytes: 1_024 * 1_024,
} as const;
