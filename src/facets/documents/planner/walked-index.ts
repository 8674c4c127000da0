// The index that MongoDB would walk for a filter, and so the order in which it comes upon the documents. Source: MongoDB
// 7.0, Indexability in src/mongo/db/query/indexability.h: which conditions an index can serve.

import type { Filter, Path } from '../filters/filter.ts';
import type { IndexPart } from '../store/index-key.ts';
import type { UsableIndex } from '../store/usable-index.ts';

export type WalkedIndex = {
  readonly parts: readonly IndexPart[];
  /** All documents that it gives have one value of its first field. */
  readonly isEquality: boolean;
};

/** How little of an index a condition leaves to be looked at: the less, the better. */
const ranks = { equality: 0, list: 1, range: 2, filter: 3 } as const;
type Rank = (typeof ranks)[keyof typeof ranks];

const idIndex: readonly IndexPart[] = [{ path: ['_id'], descending: false }];

/** Undefined where MongoDB would look at all documents. `leading`: only indexes whose first field it is. */
export function walkedIndex(usable: readonly UsableIndex[], filter: Filter, leading?: Path): WalkedIndex | undefined {
  const candidates = [idIndex, ...usable.flatMap(({ kind, parts }) => (kind === 'ordered' ? [parts] : []))].flatMap((parts) => {
    const [first, ...others] = parts;
    if (first === undefined || (leading !== undefined && first.path.join('.') !== leading.join('.'))) return [];
    const rank = rankOf(filter, first.path) ?? (leading === undefined ? undefined : ranks.filter);
    if (rank === undefined) return [];
    const behind = others.findIndex(({ path }) => rankOf(filter, path) === undefined);
    return [{ parts, rank, served: behind < 0 ? others.length : behind }];
  });
  const [best] = candidates.toSorted((a, b) => a.rank - b.rank || b.served - a.served);
  return best === undefined ? undefined : { parts: best.parts, isEquality: best.rank === ranks.equality };
}

/** Undefined where an index on the path cannot serve the filter. */
function rankOf(filter: Filter, path: Path): Rank | undefined {
  switch (filter.operator) {
    case '$and':
      return least(filter.filters.map((part) => rankOf(part, path)));
    case '$or': {
      const parts = filter.filters.map((part) => rankOf(part, path));
      if (parts.length === 0 || parts.includes(undefined)) return undefined;
      return parts.every((rank) => rank! <= ranks.list) ? ranks.list : ranks.range;
    }
    case '$not':
      return ['$eq', '$in', '$lt', '$lte', '$gt', '$gte', '$exists'].includes(filter.filter.operator) && rankOf(filter.filter, path) !== undefined ? ranks.filter : undefined;
    default:
      return 'path' in filter && filter.path.join('.') === path.join('.') ? rankOfLeaf(filter.operator) : undefined;
  }
}

function rankOfLeaf(operator: Filter['operator']): Rank | undefined {
  switch (operator) {
    case '$eq':
      return ranks.equality;
    case '$in':
      return ranks.list;
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return ranks.range;
    case '$regex':
    case '$mod':
    case '$type':
    case '$exists':
    case '$elemMatch':
      return ranks.filter;
    default:
      return undefined;
  }
}

function least(all: readonly (Rank | undefined)[]): Rank | undefined {
  const known = all.filter((rank) => rank !== undefined);
  return known.length === 0 ? undefined : known.toSorted((a, b) => a - b)[0];
}
