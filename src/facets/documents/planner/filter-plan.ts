// What of a filter is SQL.

import type { UsableIndex } from '../store/usable-index.ts';

export type FilterPlan = {
  /** A condition on the columns of a collection that follows from the filter; absent where it would be true. */
  readonly sql?: string;
  /** The condition is the filter, and not only something that follows from it. */
  readonly isExact: boolean;
};

export type FilterPlanOptions = {
  /** Wildcard indexes: conditions are written so that these can serve them. */
  readonly wildcards?: readonly UsableIndex[];
  /** The database orders texts by their bytes; default: it does not. */
  readonly isByteOrdered?: boolean;
  /**
   * For the condition of an index, which can hold no subquery: of documents with an array on the path all are within, or
   * a function tells.
   */
  readonly arrayRanges?: 'all' | 'function';
};

/** A condition on one path, as SQL for documents without an array on the path, and for those with one. */
export type LeafPlan = {
  readonly path: readonly string[];
  /** Of the least key: of a plain value the only one. It says the same of a document with an array, but not all. */
  readonly least: string;
  /** Of the keys of an array's elements. */
  readonly elements: string;
  /** Of one key, as SQL. */
  readonly holds: (key: string) => string;
  readonly isExact: boolean;
};
