// The order of documents that nobody has asked for another: as MongoDB comes upon them, along the index that it walks, else
// in that of their insertion.

import type { Filter } from '../filters/filter.ts';
import type { CollectionInfo } from '../store/catalog.ts';
import type { UsableIndex } from '../store/usable-index.ts';
import type { SourcePlan } from './plan-source.ts';
import { greatestKey, leastKey } from './sql-keys.ts';
import { type WalkedIndex, walkedIndex } from './walked-index.ts';

/** What is ordered by, in turn. */
export type OrderTerm = {
  readonly sql: string;
  /** Of a document with an array on the path of the condition that found it. */
  readonly ofArrays: string;
  readonly descending: boolean;
};

export type NaturalOrderOptions = {
  readonly filter: Filter;
  /** The order of insertion or its contrary, whatever the filter (`$natural`). */
  readonly natural: 1 | -1 | undefined;
  readonly source: SourcePlan;
  readonly isLocking: boolean;
};

type Info = Pick<CollectionInfo, 'isSmall' | 'hasPositions' | 'isByteOrdered'>;

/** None where the order that PostgreSQL has at hand is to do: it would have to sort a large collection's documents. */
export function planNaturalOrder(info: Info, usable: readonly UsableIndex[], { filter, natural, source: { branches }, isLocking }: NaturalOrderOptions): readonly OrderTerm[] {
  if (natural !== undefined) return [positionTerm(info, natural === -1)];
  const walked = walkedIndex(usable, filter, branches?.path);
  if (walked === undefined) return positionTerms(info);
  if (walked.parts[0]!.path.join('.') === '_id') return [{ sql: 'id', ofArrays: 'id', descending: false }];
  if (!info.isByteOrdered) return branches === undefined && !isLocking ? positionTerms(info) : [];
  const keys = keyTerms(walked, branches?.firstKey);
  if (info.isSmall) return [...keys, ...positionTerms(info)];
  // Where one value of one field is looked for, the index has the documents in the order of their rows.
  if (branches !== undefined) return walked.isEquality && keys.length === 1 ? [] : keys;
  return isLocking ? [] : positionTerms(info);
}

/** The order of insertion that decides between documents with equal sort keys, where it costs little. */
export function tieTerms(info: Info): readonly OrderTerm[] {
  return info.isSmall ? positionTerms(info) : [];
}

function positionTerms(info: Info): readonly OrderTerm[] {
  return info.hasPositions || info.isSmall ? [positionTerm(info, false)] : [];
}

function positionTerm({ hasPositions }: Info, descending: boolean): OrderTerm {
  const sql = hasPositions ? 'position' : 'ctid';
  return { sql, ofArrays: sql, descending };
}

function keyTerms({ parts }: WalkedIndex, firstKey: ((descending: boolean) => string) | undefined): OrderTerm[] {
  return parts.map(({ path, descending }, index) => {
    const sql = descending ? greatestKey(path) : leastKey(path);
    return { sql, ofArrays: index === 0 && firstKey !== undefined ? firstKey(descending) : sql, descending };
  });
}

/** For ORDER BY. */
export function orderOf(terms: readonly OrderTerm[]): string | undefined {
  return terms.length === 0 ? undefined : terms.map(({ sql, descending }) => (descending ? `${sql} desc` : sql)).join(', ');
}
