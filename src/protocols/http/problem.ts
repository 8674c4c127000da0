// Errors as HTTP says them: RFC 9457 problem documents, with FacetDB's error code as the member `code`.

import { STATUS_CODES } from 'node:http';
import { type ErrorCode, FacetError, errorMessages } from '../../kernel/errors.ts';
import { LineError } from './data/line-error.ts';
import { DocumentError, documentErrorCodes } from '../../facets/documents/index.ts';

export const problemContentType = 'application/problem+json';

export type Problem = {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code?: ErrorCode;
  /** What of the request is wrong: `operations[1].sql`. */
  readonly field?: string;
  /** Of a stream of rows: the line that was refused. */
  readonly line?: number;
  /** Of what documents refuse: MongoDB's number and its name. */
  readonly documentError?: { readonly code: number; readonly codeName: string };
};

const statusByCode = {
  configuration_invalid: 500,
  data_folder_foreign: 500,
  data_folder_in_use: 500,
  data_folder_unreachable: 500,
  data_folder_unwritable: 500,
  data_folder_version: 500,
  disk_full: 507,
  engine_failed: 503,
  engine_unavailable: 503,
  engine_unsupported: 501,
  listen_refused: 500,
  not_running: 503,
  platform_unsupported: 500,
  port_taken: 500,
  store_too_new: 500,
  tls_invalid: 500,

  authentication_failed: 401,
  permission_denied: 403,
  role_exists: 409,
  role_unknown: 404,

  cancelled: 503,
  check_violation: 422,
  connection_lost: 503,
  data_invalid: 400,
  deadlock: 409,
  dependents_exist: 409,
  exclusion_violation: 409,
  foreign_key_violation: 409,
  idempotency_mismatch: 422,
  limit_exceeded: 429,
  lock_unavailable: 409,
  not_null_violation: 422,
  object_exists: 409,
  object_unknown: 404,
  pool_exhausted: 503,
  query_failed: 400,
  read_only: 403,
  serialization_failure: 409,
  shutting_down: 503,
  statement_timeout: 504,
  syntax_invalid: 400,
  transaction_aborted: 409,
  transaction_state: 409,
  unique_violation: 409,
  document_refused: 400,
  key_refused: 400,
  wrong_kind: 409,

  internal: 500,
} as const satisfies Record<ErrorCode, number>;

export function httpStatusOf(code: ErrorCode): number {
  return statusByCode[code];
}

/** The problem document of anything that was thrown. What is our own mistake says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof FacetError && error.code !== 'internal') {
    const field = error.field ?? error.postgres?.column;
    return {
      type: 'about:blank', title: errorMessages[error.code], status: isUnauthorized(error) ? statusByCode.permission_denied : statusByCode[error.code], code: error.code,
      ...(error.details === '' ? {} : { detail: error.details }),
      ...(field === undefined ? {} : { field }),
      ...(error instanceof LineError ? { line: error.line } : {}),
      ...documentErrorOf(error),
    };
  }
  const status = statusOf(error);
  // What Fastify and Node.js refuse (a body that is too large, a malformed URL) is the client's mistake, and says which.
  if (status < 500 && error instanceof Error) return statusProblem(status, error.message);
  return { type: 'about:blank', title: errorMessages.internal, status: 500, code: 'internal' };
}

/** What documents refuse for want of a right is refused as a table would. */
function isUnauthorized(error: FacetError): boolean {
  return error instanceof DocumentError && error.number === documentErrorCodes.Unauthorized;
}

function documentErrorOf(error: FacetError): Pick<Problem, 'documentError'> {
  const refused = error instanceof LineError ? error.cause : error;
  return refused instanceof DocumentError ? { documentError: { code: refused.number, codeName: refused.codeName } } : {};
}

/** The problem document of a bare status: `Not Found`. */
export function statusProblem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
