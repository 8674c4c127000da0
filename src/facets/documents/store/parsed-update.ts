// An update whose arguments have been read, and what it did.

import type { Document, Value } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { Update } from '../updates/update.ts';
import type { CommandScope } from './command-scope.ts';

/** An update that is parsed. */
export type ParsedUpdate = {
  readonly filter: Filter;
  readonly update: Update;
  readonly scope: CommandScope;
  readonly multi: boolean;
  readonly upsert: boolean;
  readonly sort?: SortPattern | undefined;
  /** The order to look in: `$natural`, of the hint or the sort. */
  readonly natural?: 1 | -1 | undefined;
};

/** What one update did. */
export type UpdateOutcome = {
  readonly matched: number;
  readonly modified: number;
  /** The `_id` of what it inserted. */
  readonly upserted?: Value;
  /** Of a single update: the document before and after. */
  readonly before?: Document;
  readonly after?: Document;
};
