// What is asked of one collection, and how that is answered: a part that PostgreSQL answers as one statement, and a residual.

import type { Filter } from '../filters/filter.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { Query } from './query.ts';

/** What is asked of a collection. */
export type CollectionQuery = {
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  /** `-1`: the youngest first (`$natural`). */
  readonly natural?: 1 | -1 | undefined;
  readonly skip?: bigint | undefined;
  readonly limit?: bigint | undefined;
};

/** How it is answered. */
export type CollectionPlan = {
  readonly query: Query;
  /** An index finds its rows, and nothing has to be sorted: of few rows it is done soon. */
  readonly isWalk?: boolean;
  /** The sort of which rows come in order but for neighbors whose keys are coarse; the last column tells of each row whether it is so. */
  readonly refined?: SortPattern;
  /** What is left to be done with the rows, in this order. */
  readonly residual: {
    readonly filter?: Filter;
    readonly sort?: SortPattern;
    readonly skip?: bigint;
    readonly limit?: bigint;
  };
};
