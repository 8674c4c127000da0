// Plans of queries that differ only in values which become parameters: most queries are like one that was planned a moment
// ago, and planning takes longer than all else that a small query's SQL needs here. Plans live as long as what the catalog
// said when they were made.

import { sqlKeyOf, nanKey } from '../planner/sql-keys.ts';
import type { ComparisonFilter, Filter } from '../filters/filter.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionPlan, CollectionQuery } from './collection-query.ts';
import { isLiteralLimit } from './literal-limit.ts';
import { SqlParameters } from './statements.ts';
import { areOfAllDocuments } from './usable-indexes.ts';

/** All that a query's plan depends on, and the values that are only its parameters. */
type Shape = { readonly name: string; readonly comparisons: readonly ComparisonFilter[]; readonly keys: readonly string[]; readonly limit: bigint | undefined; readonly sort: SortPattern | undefined };

type KnownPlan = {
  readonly text: string;
  readonly types: SqlParameters['types'];
  /** Of each parameter: the comparison whose value it is, or `limit`. */
  readonly sources: readonly (number | 'limit')[];
  readonly isWalk: boolean;
  /** Neighbors with coarse keys are to be sorted once more. */
  readonly isRefined: boolean;
  readonly textWithoutArrays: string | undefined;
};

/** Null where plans depend on more than shapes. */
const knownPlans = new WeakMap<CollectionInfo, Map<string, KnownPlan> | null>();
/** Of one collection. */
const mostPlans = 200;
const nothing: CollectionPlan['residual'] = {};

/** As `plan` plans the query. */
export function knownPlan(info: CollectionInfo, query: CollectionQuery, plan: () => CollectionPlan): CollectionPlan {
  const plans = plansOf(info);
  const shape = plans === null ? undefined : shapeOf(query);
  if (plans === null || shape === undefined) return plan();
  const known = plans.get(shape.name);
  if (known !== undefined) return filled(known, shape);
  const made = plan();
  const kept = planOf(made, shape);
  if (kept === undefined) return made;
  // Shapes that are no longer asked for make room.
  if (plans.size >= mostPlans) plans.clear();
  plans.set(shape.name, kept);
  return made;
}

/** What partial and wildcard indexes can serve depends on the values that are looked for. */
function plansOf(info: CollectionInfo): Map<string, KnownPlan> | null {
  let plans = knownPlans.get(info);
  if (plans !== undefined) return plans;
  plans = info.table === undefined && areOfAllDocuments(info) ? new Map<string, KnownPlan>() : null;
  knownPlans.set(info, plans);
  return plans;
}

function filled({ text, types, sources, isWalk, isRefined, textWithoutArrays }: KnownPlan, { keys, limit, sort }: Shape): CollectionPlan {
  const values = sources.map((source) => (source === 'limit' ? limit : keys[source]));
  const parameters = new SqlParameters(types, values);
  return { query: { text, parameters, ...(textWithoutArrays === undefined ? {} : { withoutArrays: { text: textWithoutArrays, parameters } }) }, isWalk, ...(isRefined && sort !== undefined ? { refined: sort } : {}), residual: nothing };
}

/** Undefined where the plan holds more than a statement, or a parameter that is no value of the shape. */
function planOf({ query: { text, parameters, withoutArrays }, isWalk = false, refined, residual }: CollectionPlan, { comparisons, limit }: Shape): KnownPlan | undefined {
  if (Object.keys(residual).length > 0) return undefined;
  const sources = parameters.origins.map((origin) => (origin === 'limit' && limit !== undefined ? origin : comparisons.findIndex((comparison) => comparison === origin)));
  if (sources.includes(-1)) return undefined;
  return { text, types: parameters.types, sources, isWalk, isRefined: refined !== undefined, textWithoutArrays: withoutArrays?.text };
}

/** Undefined where the plan may depend on values themselves: those of an `_id`, of lists, of what is more than a comparison. */
function shapeOf({ filter, sort, natural, skip, limit }: CollectionQuery): Shape | undefined {
  if (skip !== undefined) return undefined;
  const comparisons: ComparisonFilter[] = [];
  const keys: string[] = [];
  const named = nameOf(filter, comparisons, keys);
  return named === undefined ? undefined : { name: `${named} ${sort === undefined ? '' : nameOfSort(sort)} ${natural ?? ''} ${limit === undefined ? '' : isLiteralLimit(limit) ? limit : 'limit'}`, comparisons, keys, limit, sort };
}

function nameOfSort(sort: SortPattern): string {
  return sort.map(({ path, descending }) => `${descending ? '-' : '+'}${path.join('.')}\0`).join('');
}

/** The filter without its values, which go to `comparisons` and `keys`. */
function nameOf(filter: Filter, comparisons: ComparisonFilter[], keys: string[]): string | undefined {
  switch (filter.operator) {
    case '$and': {
      let name = '(';
      for (const part of filter.filters) {
        const of = nameOf(part, comparisons, keys);
        if (of === undefined) return undefined;
        name += of;
      }
      return `${name})`;
    }
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte': {
      const key = sqlKeyOf(filter.value);
      if (key === undefined || key.json === nanKey || filter.path[0] === '_id') return undefined;
      comparisons.push(filter);
      keys.push(key.json);
      return `${filter.operator} ${key.rank} ${filter.path.join('.')}\0`;
    }
    default:
      return undefined;
  }
}
