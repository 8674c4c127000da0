// The named limits of the embedded PostgreSQL's life cycle.

export const processLimits = {
  /** A starting PostgreSQL that says nothing for so long is given up. Recovery reports every `startProgressMs`. */
  startSilenceMs: 10 * 60_000,
  /** How often a PostgreSQL that recovers reports how far it is. */
  startProgressMs: 5_000,
  /** Between looks at whether PostgreSQL is ready. */
  startPollMs: 5,
  /** A fast shutdown (clients are disconnected, a checkpoint is written) becomes an immediate one after so long. */
  stopFastMs: 20_000,
  /** An immediate shutdown becomes SIGKILL after so long; PostgreSQL itself gives its processes 5 s. */
  stopImmediateMs: 8_000,
  /** How long the rest of an ended PostgreSQL's log is waited for; its orphans may hold the pipe open. */
  logDrainMs: 100,
  /** How long the processes of a killed PostgreSQL may hold its shared memory before a start is given up. */
  orphanMs: 30_000,
  /** A killed process takes so long at most to be gone: its memory goes first, its files and number after. */
  endingMs: 3_000,
  /** Between looks at whether a process is gone. */
  processPollMs: 10,
  /** The first pause before a restart; it doubles with each quick failure, up to the last. */
  restartFirstMs: 50,
  restartLastMs: 5_000,
  /** A PostgreSQL that served for less before it died counts as a quick failure, as one that does not start. */
  stableMs: 1_000,
  /** Quick failures in a row after which PostgreSQL is not restarted any more. */
  quickFailures: 10,
  /** Ports tried where any free one will do: another program may take the one just found. */
  freePortAttempts: 10,
  /** One line of PostgreSQL's log; what is longer is cut. */
  logLineLength: 8_192,
  /** Lines of PostgreSQL's log that are kept to explain a failure. */
  explanationLines: 8,
  /** What a program that runs to its end (`initdb`, `postgres --version`) may print. */
  programOutputBytes: 1024 * 1024,
  /** How long `initdb` may take, on a slow disk. */
  createClusterMs: 5 * 60_000,
  /** How long a short question to a program may take. */
  programAnswerMs: 10_000,
  /** Starts that race for a data folder's lock are let through one by one for so long. */
  lockWaitMs: 3_000,
  /** A socket path holds so many bytes (`sun_path` less its final zero). */
  socketPathBytes: process.platform === 'linux' ? 107 : 103,
  /** A `/dev/shm` smaller than this (64 MiB in a container by default) is not used for parallel queries. */
  sharedMemoryBytes: 256 * 1024 * 1024,
  /** Pause after a failed login, milliseconds. */
  failedLoginDelayMs: 500,
} as const;
