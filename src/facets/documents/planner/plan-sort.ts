// Which sorts PostgreSQL carries out.

import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from '../store/catalog.ts';
import { coarseTest, greatestKey, hasArray, isSqlPath, leastKey } from './sql-keys.ts';

export type SortPlan = {
  /** For ORDER BY. */
  readonly order: string;
  /**
   * A column that tells whether a row's place among its neighbors is not certain (its key is coarse): such rows are sorted
   * here once more. Absent where every place is certain.
   */
  readonly isCoarse?: string;
  /**
   * The same over rows that have the keys in columns of their own, as a subquery gives them: PostgreSQL would compute the key of a row for
   * its place, and twice again for `isCoarse`.
   */
  readonly carried?: { readonly columns: string; readonly order: string; readonly isCoarse: string };
};

export type SortOptions = Pick<CollectionInfo, 'isByteOrdered'> & {
  /** Of documents without an array at this path the least key there is the greatest. */
  readonly plainPath?: readonly string[] | undefined;
  /** Documents with arrays in two of the fields, which cannot be sorted, come first: a limit would hide most of them. */
  readonly findsParallelArrays?: boolean;
};

/** Undefined where PostgreSQL cannot sort so. */
export function planSort(pattern: SortPattern, { isByteOrdered, plainPath = [], findsParallelArrays = false }: SortOptions): SortPlan | undefined {
  const [first] = pattern;
  // No two documents have one `_id`, so what follows it decides nothing.
  if (first !== undefined && first.path.length === 1 && first.path[0] === '_id') return { order: first.descending ? 'id desc' : 'id' };
  if (!isByteOrdered || !pattern.every(({ path }) => isSqlPath(path)) || sharesArrays(pattern)) return undefined;
  const keys = pattern.map(({ path, descending }) => ({ key: descending && path.join('.') !== plainPath.join('.') ? greatestKey(path) : leastKey(path), descending }));
  // Two arrays in one sort are an error that is found when the keys are made here.
  const hasParallelArrays = pattern.length > 1 ? `(${pattern.map(({ path }) => `${hasArray(path)}::int`).join(' + ')}) > 1` : undefined;
  const written = (of: readonly string[], parallel: string | undefined): { readonly order: string; readonly isCoarse: string } => ({
    order: [...(parallel !== undefined && findsParallelArrays ? [`(${parallel}) desc`] : []), ...of.map((key, index) => (keys[index]!.descending ? `${key} desc` : key))].join(', '),
    isCoarse: [...of.map(coarseTest), ...(parallel === undefined ? [] : [parallel])].join(' or '),
  });
  const names = keys.map((_, index) => `s${index}`);
  const columns = [...keys.map(({ key }, index) => `${key} as s${index}`), ...(hasParallelArrays === undefined ? [] : [`${hasParallelArrays} as has_parallel_arrays`])].join(', ');
  return { ...written(keys.map(({ key }) => key), hasParallelArrays), carried: { columns, ...written(names, hasParallelArrays === undefined ? undefined : 'has_parallel_arrays') } };
}

/** Fields below one array are taken from one element together, which single keys cannot tell. */
function sharesArrays(pattern: SortPattern): boolean {
  const roots = new Set(pattern.map(({ path }) => path[0]));
  return roots.size < pattern.length;
}
