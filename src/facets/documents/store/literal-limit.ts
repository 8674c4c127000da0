// Limits in the text of statements. A small one is a part of it, for where it is a parameter PostgreSQL guesses that it is a tenth
// of all rows, and would rather plan the statement anew each time.

import type { SqlParameters } from './statements.ts';

const mostLiteral = 102n;

/** Whether a query's text depends on its limit. */
export function isLiteralLimit(limit: bigint | undefined): limit is bigint {
  return limit !== undefined && limit <= mostLiteral;
}

export function limitOf(limit: bigint, parameters: SqlParameters): string {
  return `limit ${isLiteralLimit(limit) ? limit : parameters.bind('int8', limit, 'limit')}`;
}
