// Which part of a filter PostgreSQL answers, and whether that is all of it.

import { typeRanks, canonicalTypeOf } from '../../../values/bson/compare.ts';
import type { Value } from '../../../values/bson/types.ts';
import type { ComparisonFilter, Filter, InFilter, RegexFilter } from '../filters/filter.ts';
import { documentKeyOf } from '../store/document-key.ts';
import type { SqlParameters } from '../store/statements.ts';
import type { UsableIndex } from '../store/usable-index.ts';
import { holdsPath } from '../store/wildcard-key.ts';
import { planIdType } from './plan-id-type.ts';
import { impliedByElement, planExists, planPrefix, planSize, planType } from './plan-loose-conditions.ts';
import { allKeys, hasArray, isIndexPath, isSqlPath, leastKey, nanKey, rankBounds, type SqlKey, sqlKeyOf } from './sql-keys.ts';
import type { FilterPlan, FilterPlanOptions, LeafPlan } from './filter-plan.ts';

const everything: FilterPlan = { isExact: true };
const unknown: FilterPlan = { isExact: false };

/** Types of which only values of the same type are less or greater, and all of whose values stand in order. */
const rangedTypes: ReadonlySet<number> = new Set([
  typeRanks.number, typeRanks.string, typeRanks.objectId, typeRanks.date, typeRanks.boolean, typeRanks.binary, typeRanks.timestamp,
]);
const sqlOperators = { $lt: '<', $lte: '<=', $gt: '>', $gte: '>=' } as const;
type RangeOperator = keyof typeof sqlOperators;
const nanId = documentKeyOf(Number.NaN);
const longestExactKey = 1_024;
const longestList = 10_000;

/** Plans a filter; the values of its condition are bound to `parameters`. */
export function planFilter(filter: Filter, parameters: SqlParameters, options: FilterPlanOptions = {}): FilterPlan {
  switch (filter.operator) {
    case '$and':
      return allOf(filter.filters.map((part) => planFilter(part, parameters, options)));
    case '$or':
      return anyOf(filter.filters.map((part) => planFilter(part, parameters, options)));
    case '$nor':
      return notPlan(anyOf(filter.filters.map((part) => planFilter(part, parameters, options))));
    case '$not':
      return notPlan(planFilter(filter.filter, parameters, options));
    case '$exists':
      return planExists(filter.path);
    case '$size':
      return planSize(filter.path, filter.size, parameters);
    case '$type':
      return isId(filter.path) ? planIdType(filter, parameters) : planType(filter);
    case '$regex':
      return planField(filter, parameters, options);
    case '$elemMatch':
      return { ...allOf(impliedByElement(filter).map((part) => planFilter(part, parameters, options))), isExact: false };
    case '$alwaysTrue':
      return everything;
    case '$alwaysFalse':
      return { sql: 'false', isExact: true };
    case '$eq':
      return isId(filter.path) ? planIdEquality(filter.value, parameters) : planField(filter, parameters, options);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return isId(filter.path) ? planIdRange(filter.operator, filter.value, parameters) : planField(filter, parameters, options);
    case '$in':
      return isId(filter.path) ? planIdIn(filter, parameters) : planField(filter, parameters, options);
    default:
      return unknown;
  }
}

function allOf(plans: readonly FilterPlan[]): FilterPlan {
  const sql = plans.flatMap((plan) => plan.sql ?? []).join(' and ');
  const isExact = plans.every((plan) => plan.isExact);
  return sql === '' ? { isExact } : { sql, isExact };
}

function anyOf(plans: readonly FilterPlan[]): FilterPlan {
  const conditions = plans.map((plan) => plan.sql);
  const isExact = plans.every((plan) => plan.isExact);
  if (conditions.some((sql) => sql === undefined)) return { isExact };
  return { sql: `(${conditions.map((sql) => `(${sql})`).join(' or ')})`, isExact };
}

/** Only of a condition that is exact does the contrary follow. */
function notPlan({ sql, isExact }: FilterPlan): FilterPlan {
  if (!isExact) return unknown;
  return { sql: sql === undefined ? 'false' : `not (${sql})`, isExact };
}

// `_id`: the column id holds its key

function isId(path: readonly string[]): boolean {
  return path.length === 1 && path[0] === '_id';
}

function planIdEquality(value: Value, parameters: SqlParameters): FilterPlan {
  return isKeyValue(value) ? { sql: `id = ${parameters.bind('bytea', documentKeyOf(value))}`, isExact: true } : unknown;
}

function planIdRange(operator: RangeOperator, value: Value, parameters: SqlParameters): FilterPlan {
  const rank = canonicalTypeOf(value);
  const key = documentKeyOf(value);
  if (!rangedTypes.has(rank) || key.length > longestExactKey || key.equals(nanId)) return unknown;
  const bound = `id ${sqlOperators[operator]} ${parameters.bind('bytea', key)}`;
  // Only values of the same type; NaN stands below all numbers and is less than none.
  const isUpper = operator === '$lt' || operator === '$lte';
  const otherEnd = isUpper ? (rank === typeRanks.number ? nanId : Buffer.from([key[0]!])) : Buffer.from([key[0]! + 1]);
  return { sql: `${bound} and id ${isUpper ? '>' : '<'} ${parameters.bind('bytea', otherEnd)}`, isExact: true };
}

function planIdIn({ values, patterns }: InFilter, parameters: SqlParameters): FilterPlan {
  if (patterns.length > 0 || !values.every(isKeyValue)) return unknown;
  return { sql: `id = any(${parameters.bind('bytea[]', values.map(documentKeyOf))})`, isExact: true };
}

/** Whether an `_id` is equal to the value just if their keys are. */
function isKeyValue(value: Value): boolean {
  return !Array.isArray(value);
}

// Other fields: by the keys of their values, of arrays by those of their elements

/** Undefined for what SQL cannot tell of a path. */
export function planLeaf(filter: Filter, parameters: SqlParameters, options: FilterPlanOptions): LeafPlan | undefined {
  switch (filter.operator) {
    case '$eq':
      return isId(filter.path) ? undefined : planEquality(filter, parameters);
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return isId(filter.path) ? undefined : planRange(filter.operator, filter, { parameters, options });
    case '$in':
      return isId(filter.path) ? undefined : planIn(filter, parameters);
    case '$regex':
      return options.isByteOrdered === true ? planPrefix(filter, parameters) : undefined;
    default:
      return undefined;
  }
}

/** Of any document. */
function conditionOf({ path, least, elements, isExact }: LeafPlan): FilterPlan {
  return { sql: `(${least} or (${hasArray(path)} and ${elements}))`, isExact };
}

function planField(filter: ComparisonFilter | InFilter | RegexFilter, parameters: SqlParameters, options: FilterPlanOptions): FilterPlan {
  const leaf = planLeaf(filter, parameters, options);
  if (leaf === undefined) return unknown;
  const { sql = 'true', isExact } = conditionOf(leaf);
  const entries = planEntries(filter, parameters, options.wildcards ?? []);
  return { sql: [...entries, sql].join(' and '), isExact };
}

/** What follows from an equality, or from several of which one holds, for the entries of wildcard indexes. */
function planEntries(filter: ComparisonFilter | InFilter | RegexFilter, parameters: SqlParameters, wildcards: readonly UsableIndex[]): string[] {
  if (wildcards.length === 0 || (filter.operator !== '$eq' && filter.operator !== '$in')) return [];
  const path = filter.path.join('.');
  const keys = ('values' in filter ? filter.values : [filter.value]).flatMap((value) => sqlKeyOf(value)?.json ?? []);
  const anyOfThem = (entries: readonly string[]): string => (entries.length === 1 ? `@> array[${parameters.bind('text', entries[0]!)}::jsonb]` : `&& ${parameters.bind('text[]', entries)}::jsonb[]`);
  // What stands at a position of an array stands in a wildcard index under the array's own path.
  const wildcard = isSqlPath(filter.path) ? wildcards.find((index) => index.wildcard !== undefined && holdsPath(index.wildcard, path)) : undefined;
  const isBeside = wildcards.some(({ parts }) => parts.some((part) => part.path.join('.') === path));
  return [
    ...(wildcard === undefined ? [] : [`${wildcard.wildcardEntries} ${anyOfThem(keys.map((key) => `[${JSON.stringify(path)},${key}]`))}`]),
    ...(isBeside ? [`${allKeys(filter.path)} ${anyOfThem(keys)}`] : []),
  ];
}

function planEquality(filter: ComparisonFilter, parameters: SqlParameters): LeafPlan | undefined {
  const { path, value } = filter;
  const key = sqlKeyOf(value);
  if (key === undefined || !isIndexPath(path)) return undefined;
  const place = bindKey(key, parameters, filter);
  const holds = (of: string): string => `${of} = ${place}`;
  return { path, least: holds(leastKey(path)), elements: `${allKeys(path)} @> array[${place}]`, holds, isExact: isSqlPath(path) };
}

function planIn({ path, values, patterns }: InFilter, parameters: SqlParameters): LeafPlan | undefined {
  const keys = values.map(sqlKeyOf);
  if (patterns.length > 0 || keys.length > longestList || !isIndexPath(path) || keys.includes(undefined)) return undefined;
  const place = `${parameters.bind('text[]', keys.map((key) => key!.json))}::jsonb[]`;
  const holds = (of: string): string => `${of} = any(${place})`;
  return { path, least: holds(leastKey(path)), elements: `${allKeys(path)} && ${place}`, holds, isExact: isSqlPath(path) };
}

function planRange(operator: RangeOperator, filter: ComparisonFilter, { parameters, options }: { readonly parameters: SqlParameters; readonly options: FilterPlanOptions }): LeafPlan | undefined {
  const { path, value } = filter;
  const key = sqlKeyOf(value);
  if (key === undefined || key.json === nanKey || !isIndexPath(path) || (key.rank === typeRanks.string && options.isByteOrdered !== true)) return undefined;
  const place = bindKey(key, parameters, filter);
  const { below, above } = rankBounds(key.rank);
  const isUpper = operator === '$lt' || operator === '$lte';
  const comparison = sqlOperators[operator];
  const bound = (of: string): string => `${of} ${comparison} ${place} and ${isUpper ? `${of} > '${below}'` : `${of} < '${above}'`}::jsonb`;
  const least = `(${bound(leastKey(path))})`;
  if (options.arrayRanges === 'all') return { path, least, elements: 'true', holds: bound, isExact: false };
  const elements = options.arrayRanges === 'function' ? `facetdb.some_key(${allKeys(path)}, '${comparison}', ${place}, '${isUpper ? below : above}'::jsonb)` : `exists (select from unnest(${allKeys(path)}) as key where ${bound('key')})`;
  return { path, least, elements, holds: bound, isExact: isSqlPath(path) };
}

function bindKey({ json }: SqlKey, parameters: SqlParameters, filter: ComparisonFilter): string {
  return `${parameters.bind('text', json, filter)}::jsonb`;
}
