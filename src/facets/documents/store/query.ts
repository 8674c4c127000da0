// A statement with its parameters.

import type { SqlParameters } from './statements.ts';

export type Query = {
  readonly text: string;
  readonly parameters: SqlParameters;
  /** Asked first in a group, as it costs less; see without-arrays.ts. */
  readonly withoutArrays?: Query;
};
