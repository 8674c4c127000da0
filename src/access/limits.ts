// The named limits of access control.

export const accessLimits = {
  /** A password beyond this is refused unread: hashing it would cost more than any real one. */
  passwordBytes: 1_024,
  /** Hash rounds of a verifier that FacetDB makes: PostgreSQL's own default (`scram_iterations`). */
  scramIterations: 4_096,
  scramSaltBytes: 16,
  /** Characters of a client's SCRAM message; real ones have a few hundred at most. */
  scramMessageLength: 4_096,

  /** Passwords found right that are remembered, so that the next request does not hash again. */
  checksRemembered: 10_000,
  checkLifetimeMs: 5 * 60_000,
  /** Passwords being hashed or waiting for it, at once. */
  checksPending: 1_000,

  /** Pairs of role and address whose failed logins are remembered. */
  failuresRemembered: 10_000,
  failureLifetimeMs: 10 * 60_000,
  /** Random bytes of a bearer token, the longest that is looked at, and how long one may live. */
  accessTokenBytes: 32,
  accessTokenLengthMax: 64,
  tokenLifetimeMaxMs: 366 * 86_400_000,

  /** Replies to requests with an idempotency key: how long they are kept, how often the rest is removed, claims in a row that may conflict. */
  idempotencyKeptMs: 86_400_000,
  idempotencySweepMs: 10 * 60_000,
  idempotencyAttempts: 10,

  /** Random bytes of the token of a shared transaction. */
  transactionTokenBytes: 32,

  /** After the first failed login the next one waits this long, after each further one twice as long … */
  failureDelayMinMs: 100,
  /** … up to this. A login that would have to wait longer, because others wait already, is refused at once. */
  failureDelayMaxMs: 10_000,
} as const;
