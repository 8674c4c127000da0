// Every error that FacetDB gives to its users is a row of this table. The message of a code is constant;
// what varies (names, values, what to do) goes into the details. A protocol translates codes to its own errors
// in one place, total over the codes.

/** code → the constant part of its message. Sorted within each group. */
export const errorMessages = {
  // Starting, stopping and configuration
  configuration_invalid: 'the configuration is not valid',
  data_folder_foreign: 'the data folder holds something that FacetDB did not make',
  data_folder_in_use: 'the data folder is in use by another FacetDB',
  data_folder_unreachable: 'PostgreSQL cannot reach the data folder',
  data_folder_unwritable: 'the data folder cannot be written',
  data_folder_version: 'the data folder was made by another major version of PostgreSQL',
  disk_full: 'the disk is full',
  engine_failed: 'PostgreSQL could not be started',
  engine_unavailable: 'PostgreSQL is not reachable',
  engine_unsupported: 'the engine cannot do this',
  listen_refused: 'listening beyond loopback needs protection',
  not_running: 'no FacetDB is running here',
  platform_unsupported: 'no PostgreSQL program for this platform comes with FacetDB',
  port_taken: 'the port is taken',
  store_too_new: 'the store was written by a newer FacetDB',
  tls_invalid: 'the TLS certificate or key cannot be used',

  // Access
  authentication_failed: 'authentication failed',
  permission_denied: 'permission denied',
  role_exists: 'the role exists already',
  role_unknown: 'the role does not exist',

  // Statements and transactions
  cancelled: 'the statement was cancelled',
  check_violation: 'a check constraint is violated',
  connection_lost: 'the connection to PostgreSQL was lost; whether the statement took effect is not known',
  data_invalid: 'a value is not valid for its type',
  deadlock: 'the transaction was ended to resolve a deadlock',
  dependents_exist: 'other objects depend on it',
  exclusion_violation: 'an exclusion constraint is violated',
  foreign_key_violation: 'a foreign key is violated',
  idempotency_mismatch: 'another request had this idempotency key',
  limit_exceeded: 'a limit is exceeded',
  lock_unavailable: 'a lock could not be had',
  not_null_violation: 'a value is missing',
  object_exists: 'the object exists already',
  object_unknown: 'the object does not exist',
  pool_exhausted: 'no connection became free in time',
  query_failed: 'PostgreSQL refused the statement',
  read_only: 'the transaction or the server is read-only',
  serialization_failure: 'the transaction conflicts with another and was rolled back',
  shutting_down: 'the server is shutting down',
  statement_timeout: 'the statement took longer than its limit',
  syntax_invalid: 'the statement is not valid',
  transaction_aborted: 'the transaction has failed and only accepts a rollback',
  transaction_state: 'this is not possible in the present state of the transaction',
  unique_violation: 'a unique constraint is violated',
  document_refused: 'the operation on documents was refused',
  key_refused: 'the operation on keys was refused',
  wrong_kind: 'the key holds another kind of value',

  // Our own mistakes
  internal: 'FacetDB made a mistake',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorMessages;

/** What PostgreSQL said of an error, field names as in its manual ("Error and Notice Message Fields"). */
export type PostgresErrorFields = {
  readonly sqlState: string;
  readonly message: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
};

export type FacetErrorOptions = {
  readonly cause?: unknown;
  /** Present when PostgreSQL reported the error. */
  readonly postgres?: PostgresErrorFields;
  /** Which part of what was asked is wrong: `filter.year`. */
  readonly field?: string;
};

/** An error of the world (never of our own logic: that is `assert`). */
export class FacetError extends Error {
  override readonly name = 'FacetError';
  readonly code: ErrorCode;
  /** What this one case is about, and what to do: a sentence, or empty. */
  readonly details: string;
  readonly postgres: PostgresErrorFields | undefined;
  /** Which part of what was asked is wrong, where that is known. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, details = '', options: FacetErrorOptions = {}) {
    super(details === '' ? errorMessages[code] : `${errorMessages[code]}: ${details}`, { cause: options.cause });
    this.code = code;
    this.details = details;
    this.postgres = options.postgres;
    this.field = options.field;
  }
}

/** True for a FacetError, of the given code where one is given. */
export function isFacetError(error: unknown, code?: ErrorCode): error is FacetError {
  return error instanceof FacetError && (code === undefined || error.code === code);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error (`ENOENT`, `EADDRINUSE`), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
