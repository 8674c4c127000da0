// Errors as MongoDB's drivers read them. The only place that knows which of FacetDB's errors is which of MongoDB's codes.

import { DocumentError, type DocumentErrorName } from '../../facets/documents/index.ts';
import { type ErrorCode, FacetError } from '../../kernel/errors.ts';
import { BsonError } from '../../values/bson/bson-error.ts';
import { int32, type Document, type Value } from '../../values/bson/types.ts';
import { codeNameOf } from '../../facets/documents/index.ts';

/** Total over FacetDB's codes; what a client cannot cause is an internal error. */
const names: Readonly<Partial<Record<ErrorCode, DocumentErrorName>>> = {
  authentication_failed: 'AuthenticationFailed',
  cancelled: 'Interrupted',
  check_violation: 'DocumentValidationFailure',
  connection_lost: 'HostUnreachable',
  data_invalid: 'BadValue',
  deadlock: 'WriteConflict',
  disk_full: 'WriteConcernFailed',
  engine_unavailable: 'HostUnreachable',
  engine_unsupported: 'CommandNotSupported',
  exclusion_violation: 'DuplicateKey',
  limit_exceeded: 'ExceededMemoryLimit',
  lock_unavailable: 'WriteConflict',
  object_exists: 'NamespaceExists',
  object_unknown: 'NamespaceNotFound',
  permission_denied: 'Unauthorized',
  pool_exhausted: 'TooManyLogicalSessions',
  read_only: 'NotWritablePrimary',
  serialization_failure: 'WriteConflict',
  shutting_down: 'ShutdownInProgress',
  statement_timeout: 'MaxTimeMSExpired',
  transaction_aborted: 'NoSuchTransaction',
  transaction_state: 'NoSuchTransaction',
  unique_violation: 'DuplicateKey',
};

/** Codes after which a driver may send a write once more. Source: the drivers' specification "Retryable Writes". */
const retryable: ReadonlySet<number> = new Set([6, 7, 89, 91, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436]);
/** Codes that end a transaction which may then be tried as a whole. */
const transient: ReadonlySet<number> = new Set([24, 112, 246, 251, 267]);

export function documentErrorOf(error: unknown): DocumentError {
  if (error instanceof DocumentError) return error;
  if (error instanceof BsonError) return new DocumentError(error.kind === 'too_deep' ? 'Overflow' : 'InvalidBSON', error.message, { cause: error });
  if (error instanceof FacetError) return new DocumentError(names[error.code] ?? 'InternalError', error.message, { cause: error });
  return new DocumentError('InternalError', 'an internal error occurred; the log tells more', { cause: error });
}

/** Where an error happened, which decides its labels. */
export type ErrorPlace = { readonly isRetryableWrite: boolean; readonly inTransaction: boolean; readonly isCommitOrAbort: boolean };

export function labelsOf(error: DocumentError, { isRetryableWrite, inTransaction, isCommitOrAbort }: ErrorPlace): readonly string[] {
  const labels = new Set<string>(inTransaction || isCommitOrAbort ? error.labels : error.labels.filter((label) => label !== 'TransientTransactionError'));
  const { number } = error;
  if (inTransaction && transient.has(number)) labels.add('TransientTransactionError');
  if (inTransaction && !isCommitOrAbort && retryable.has(number)) labels.add('TransientTransactionError');
  if ((isRetryableWrite || isCommitOrAbort) && retryable.has(number)) labels.add('RetryableWriteError');
  return [...labels];
}

/** The reply of a command that failed. */
export function errorReply(error: DocumentError, labels: readonly string[]): Document {
  const reply: Document = new Map<string, Value>([['ok', 0], ['errmsg', error.details], ['code', int32(error.number)], ['codeName', codeNameOf(error.number)]]);
  for (const [name, value] of error.extra ?? []) reply.set(name, value);
  if (labels.length > 0) reply.set('errorLabels', [...labels]);
  return reply;
}
