// What a find's projection makes of the documents that it found, with what it needs to know of the rest of the command.

import type { Document, Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Filter } from '../filters/filter.ts';
import { parseProjection } from '../projections/parse-projection.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import { sortKeysOf } from '../sorts/sort-keys.ts';
import type { CommandScope } from './command-scope.ts';

export type ProjectedQuery = {
  readonly filter: Filter;
  readonly sort: SortPattern | undefined;
  /** By `sort`, or in the order of `$natural`. */
  readonly isSorted: boolean;
  readonly scope: CommandScope;
  /** The documents were changed after they were found, so that they may match no more. */
  readonly isChanged?: boolean;
};

/** What shows documents: of those that an index found with the key that it has there (`indexKeyOf`). */
export type Project = (document: Document, indexKeyOf?: (document: Document) => Document | undefined) => Document;

/** Throws DocumentError: BadValue for what the query cannot give, and what `parseProjection` throws. */
export function projectorOf(projection: Document, { filter, sort, isSorted, scope, isChanged = false }: ProjectedQuery): Project {
  const parsed = parseProjection(projection, { mode: 'find', filter }, scope.context);
  if (parsed.showsSortKey && !isSorted) throw new DocumentError('BadValue', 'cannot use sortKey $meta projection without a sort');
  if (parsed.positional && isChanged) throw new DocumentError('BadValue', 'cannot use a positional projection and return the new document');
  return (document, indexKeyOf) => {
    const metadata = (name: string): Maybe => {
      if (name === 'indexKey') return indexKeyOf?.(document);
      return name === 'sortKey' && sort !== undefined ? [...sortKeysOf(sort, document)] : undefined;
    };
    return parsed.apply(document, { ...scope.scopeFor(document), metadata });
  };
}
