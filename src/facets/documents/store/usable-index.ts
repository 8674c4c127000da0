// An index that can serve a filter.

import type { IndexKey } from './index-key.ts';
import type { WildcardFields } from './wildcard-key.ts';

export type UsableIndex = Pick<IndexKey, 'kind' | 'parts'> & {
  /** Of a wildcard index. */
  readonly wildcard: WildcardFields | undefined;
  /** What a wildcard index is on, as SQL. */
  readonly wildcardEntries: string | undefined;
  /** The documents that it holds, as SQL, which follows from the filter; undefined for all. */
  readonly condition: string | undefined;
};
