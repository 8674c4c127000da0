// Where a query reads from: the collection's table, or, where an index serves one of the filter's conditions, its documents
// without an array on the index's path and those with one, each by the condition that PostgreSQL has an index for. One
// condition for both kinds would be an OR, for which PostgreSQL cannot walk an index in its order and stop early.

import type { Filter } from '../filters/filter.ts';
import { conjunctsOf } from '../filters/relocate-filter.ts';
import type { SqlParameters } from '../store/statements.ts';
import type { UsableIndex } from '../store/usable-index.ts';
import { planLeaf } from './plan-filter.ts';
import type { FilterPlanOptions, LeafPlan } from './filter-plan.ts';
import { impliedByElement } from './plan-loose-conditions.ts';
import { allKeys, hasArray } from './sql-keys.ts';

export type SourcePlan = {
  /** Each a condition for rows that no other has; undefined where all rows are to be looked at. */
  readonly branches: { readonly plain: string; /** `plain` where no document has an array. */ readonly least: string; readonly arrays: string; /** Where those of `plain` have no array. */ readonly path: readonly string[]; /** Of a document in `arrays`: the first key that an index comes upon within the condition. */ readonly firstKey: (descending: boolean) => string } | undefined;
  /** What of the filter is not in them. */
  readonly rest: Filter;
  /** What is in them is exactly what the filter says. */
  readonly isExact: boolean;
};

export function planSource(indexes: readonly UsableIndex[], filter: Filter, { parameters, options }: { readonly parameters: SqlParameters; readonly options: FilterPlanOptions }): SourcePlan {
  const conjuncts = conjunctsOf(filter);
  // What an $elemMatch implies can be found by an index; whether it matches is looked at afterwards.
  const implied = conjuncts.flatMap(impliedByElement);
  const name = leadingFields(indexes).find((path) => [...conjuncts, ...implied].some((conjunct) => isOn(conjunct, path)));
  const leaves: LeafPlan[] = [];
  const rest = name === undefined ? conjuncts : conjuncts.filter((conjunct) => {
    const leaf = isOn(conjunct, name) ? planLeaf(conjunct, parameters, options) : undefined;
    if (leaf !== undefined) leaves.push(leaf);
    return leaf === undefined;
  });
  for (const condition of implied) {
    const leaf = name !== undefined && isOn(condition, name) ? planLeaf(condition, parameters, options) : undefined;
    if (leaf !== undefined) leaves.push(leaf);
  }
  const [first] = leaves;
  if (first === undefined) return { branches: undefined, rest: filter, isExact: true };
  const least = leaves.map((leaf) => leaf.least).join(' and ');
  const arrays = [hasArray(first.path), ...leaves.map(({ elements }) => elements)];
  return {
    branches: { plain: `${least} and not ${hasArray(first.path)}`, least, arrays: arrays.join(' and '), path: first.path, firstKey: (descending) => `(select key from unnest(${allKeys(first.path)}) as key where ${first.holds('key')} order by key${descending ? ' desc' : ''} limit 1)` },
    rest: { operator: '$and', filters: rest },
    isExact: leaves.every(({ isExact }) => isExact),
  };
}

function isOn(filter: Filter, path: string): boolean {
  return 'path' in filter && filter.path.join('.') === path;
}

/** The first fields of the indexes. */
function leadingFields(indexes: readonly UsableIndex[]): string[] {
  return indexes.flatMap(({ kind, parts: [first] }) => (first === undefined || kind === 'wildcard' ? [] : [first.path.join('.')]));
}
