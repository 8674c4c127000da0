// The indexes that can serve a filter: those that are not hidden and hold every document that matches it.

import type { Document } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { implies } from '../planner/implies.ts';
import { wildcardKeys } from '../planner/sql-keys.ts';
import type { CollectionInfo } from './catalog.ts';
import { type IndexSpecification, parseIndexSpecification } from './index-specification.ts';
import { conditionOf, parsePartialFilter } from './partial-filter.ts';
import type { UsableIndex } from './usable-index.ts';

type Known = Omit<UsableIndex, 'condition'> & {
  readonly condition: string | undefined;
  /** One of them has to follow from the filter; undefined for an index of all documents. */
  readonly held: readonly Filter[] | undefined;
};

/** Specifications are read once for as long as the catalog keeps them. */
const known = new WeakMap<Document, Known>();

export function usableIndexes({ indexes, isByteOrdered }: Pick<CollectionInfo, 'indexes' | 'isByteOrdered'>, filter: Filter): UsableIndex[] {
  const visible = indexes.filter(({ specification }) => specification.get('hidden') !== true).map(({ specification }) => knownOf(specification));
  // The condition of a partial index may compare texts, by their bytes.
  return visible.filter(({ held }) => held === undefined || (isByteOrdered && held.some((part) => implies(filter, part))));
}

/** Whether every index holds all documents by fields that it names: which of them serve a filter does not depend on its values then. */
export function areOfAllDocuments({ indexes }: Pick<CollectionInfo, 'indexes'>): boolean {
  return indexes.every(({ specification }) => {
    const { held, kind } = knownOf(specification);
    return held === undefined && kind !== 'wildcard';
  });
}

function knownOf(document: Document): Known {
  const found = known.get(document);
  if (found !== undefined) return found;
  const specification = parseIndexSpecification(document);
  const { kind, parts, wildcard } = specification;
  const made: Known = { kind, parts, wildcard, wildcardEntries: wildcard && wildcardKeys(wildcard), condition: conditionOf(specification), held: heldBy(specification) };
  known.set(document, made);
  return made;
}

function heldBy({ parts, isSparse, partialFilter }: IndexSpecification): Filter[] | undefined {
  if (partialFilter !== undefined) return [parsePartialFilter(partialFilter)];
  return isSparse && parts.length > 0 ? parts.map(({ path }): Filter => ({ operator: '$exists', path })) : undefined;
}
