// The Redis protocol's named limits, with Redis 7.0's values. Some are only the defaults of `CONFIG SET`.

export const redisLimits = {
  /** `PROTO_INLINE_MAX_SIZE`: an inline request, and the line that holds a count or a length. */
  inlineBytes: 64 * 1024,
  /** Arguments of one request. */
  arguments: 2 ** 31 - 1,
  /** What one takes in memory besides its bytes, roughly. */
  argumentOverheadBytes: 100,
  /** Before authentication. */
  unauthenticatedArguments: 10,
  unauthenticatedBulkBytes: 16_384,
  /** Requests of one connection that are not answered yet; reading pauses above it. */
  outstandingRequests: 10_000,
  /** Output that a client has not taken; reading its requests pauses above it. */
  pausedOutputBytes: 1024 * 1024,
  /** A reply of more items than these is encoded in slices, of no more items, and little more bytes than these. */
  slicedReplyRows: 2_000,
  slicedReplyBytes: 256 * 1024,
  /** Sockets that are accepted at all; those above `maxclients` are told so and closed. */
  sockets: 60_000,
  /** Elements that OBJECT ENCODING reads to tell how Redis would keep them. */
  encodedElements: 1_000,
  /** Different code words of errors that INFO counts. */
  errorCodes: 128,
  /** Commands of a transaction that say together what they lack, and how often they may. */
  commandsAhead: 1_000,
  looksAhead: 3,
  /** The slow log keeps the beginning of a request: so many arguments, so many bytes of each. */
  slowLogArguments: 32,
  slowLogArgumentBytes: 128,
  /** Samples of one class of events. */
  latencySamples: 160,
  /** How often idle clients and soft output limits are looked at. */
  tickMs: 1_000,
  /** How long a client that was hung up on has to read its last reply. */
  lingerMs: 1_000,
  /** The longest that one timer can be set to; a longer wait takes several. */
  timerMs: 2 ** 31 - 1,
  /** A client whose time is up while an element is on its way to it looks again after this. */
  servedCheckMs: 10,
  /** Elements that SRANDMEMBER and its like may be asked for with repeats. */
  repeatedElements: 10_000_000,
} as const;
