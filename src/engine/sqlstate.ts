// SQLSTATE → FacetError, the only place that knows the codes ("PostgreSQL Error Codes", appendix A of its manual).

import { type ErrorCode, FacetError, type PostgresErrorFields } from '../kernel/errors.ts';

/** Single states; what is not here falls to its class. */
const codeByState: Readonly<Record<string, ErrorCode>> = {
  '25006': 'read_only',
  '25P02': 'transaction_aborted',
  '28000': 'authentication_failed',
  '28P01': 'authentication_failed',
  '23502': 'not_null_violation',
  '23503': 'foreign_key_violation',
  '23505': 'unique_violation',
  '23514': 'check_violation',
  '23P01': 'exclusion_violation',
  '2BP01': 'dependents_exist',
  '40001': 'serialization_failure',
  '40P01': 'deadlock',
  '42501': 'permission_denied',
  '42704': 'object_unknown',
  '42703': 'object_unknown',
  '42883': 'object_unknown',
  '42P01': 'object_unknown',
  '42P06': 'object_exists',
  '42P07': 'object_exists',
  '42701': 'object_exists',
  '42710': 'object_exists',
  '42723': 'object_exists',
  '3D000': 'object_unknown',
  '3F000': 'object_unknown',
  '42P04': 'object_exists',
  '53100': 'disk_full',
  '53300': 'pool_exhausted',
  '55P03': 'lock_unavailable',
  '57014': 'cancelled',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'engine_unavailable',
  '57P05': 'connection_lost',
};

/** Classes (the first two characters). */
const codeByClass: Readonly<Record<string, ErrorCode>> = {
  '08': 'connection_lost',
  '0A': 'engine_unsupported',
  '22': 'data_invalid',
  '23': 'check_violation',
  '25': 'transaction_state',
  '2D': 'transaction_state',
  '3B': 'transaction_state',
  '40': 'serialization_failure',
  '42': 'syntax_invalid',
  '53': 'limit_exceeded',
  '54': 'limit_exceeded',
  '57': 'engine_unavailable',
};

/** The FacetError of an error that PostgreSQL reported. */
export function errorFromPostgres(postgres: PostgresErrorFields): FacetError {
  const { sqlState, message } = postgres;
  // Statement timeouts and cancel requests share a state; the message (lc_messages is C on our connections) tells.
  const code =
    sqlState === '57014' && message.includes('statement timeout')
      ? 'statement_timeout'
      : (codeByState[sqlState] ?? codeByClass[sqlState.slice(0, 2)] ?? 'query_failed');
  return new FacetError(code, postgres.detail === undefined ? message : `${message} (${postgres.detail})`, { postgres });
}

/** The SQLSTATEs that become a code; `22…` for those of a class that have no other. */
export function sqlStatesOf(code: ErrorCode): string[] {
  const single = Object.entries(codeByState).filter(([, own]) => own === code).map(([state]) => state);
  const classes = Object.entries(codeByClass).filter(([, own]) => own === code).map(([name]) => `${name}…`);
  return [...single, ...classes, ...(code === 'statement_timeout' ? ['57014'] : [])].toSorted();
}

/** A prepared statement of ours went away or no longer fits its tables: preparing again mends it. */
export function isStalePlan(error: unknown): boolean {
  if (!(error instanceof FacetError) || error.postgres === undefined) return false;
  const { sqlState, message } = error.postgres;
  return sqlState === '26000' || (sqlState === '0A000' && message.includes('cached plan'));
}
