// What PostgreSQL refuses, in the words of documents.

import { FacetError, isFacetError } from '../../../kernel/errors.ts';
import { DocumentError } from '../errors.ts';

/** The DocumentError of what the engine threw; a DocumentError stays as it is, and so does what has no such meaning. */
export function translateStoreError(error: unknown): unknown {
  if (error instanceof DocumentError || !(error instanceof FacetError)) return error;
  switch (error.code) {
    case 'serialization_failure':
    case 'deadlock':
    case 'lock_unavailable':
      return new DocumentError('WriteConflict', 'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.', { cause: error, labels: ['TransientTransactionError'] });
    case 'permission_denied':
      return new DocumentError('Unauthorized', `not authorized: ${error.postgres?.message ?? error.details}`, { cause: error });
    case 'statement_timeout':
      return new DocumentError('MaxTimeMSExpired', 'operation exceeded time limit', { cause: error });
    case 'cancelled':
      return new DocumentError('Interrupted', 'operation was interrupted', { cause: error });
    case 'shutting_down':
      return new DocumentError('InterruptedAtShutdown', 'interrupted at shutdown', { cause: error });
    default:
      return error;
  }
}

/** Whether an object that the operation needs is not (or no longer) there. */
export function isMissing(error: unknown): boolean {
  return isFacetError(error, 'object_unknown');
}
