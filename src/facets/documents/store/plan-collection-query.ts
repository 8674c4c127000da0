// The statement of a query over one collection, and what is left to be done with its rows.

import type { Filter } from '../filters/filter.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { type OrderTerm, orderOf, planNaturalOrder, tieTerms } from '../planner/plan-natural-order.ts';
import { type SourcePlan, planSource } from '../planner/plan-source.ts';
import { type SortOptions, type SortPlan, planSort } from '../planner/plan-sort.ts';
import { planTableQuery } from '../tables/plan-table-query.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionPlan, CollectionQuery } from './collection-query.ts';
import { isLiteralLimit, limitOf } from './literal-limit.ts';
import { tableOf } from './names.ts';
import { documentColumns } from './rows.ts';
import { SqlParameters } from './statements.ts';
import type { UsableIndex } from './usable-index.ts';
import { usableIndexes } from './usable-indexes.ts';
import { textWithoutArrays } from './without-arrays.ts';

export type PlanOptions = {
  /** What the statement selects; of each row, what tells that its place is not certain stands behind. */
  readonly columns?: string;
  /** `residual`: sorted here, whatever PostgreSQL could do. */
  readonly sorting?: 'residual';
  /** The rows are to be locked, which only those of a plain table can be. */
  readonly isLocking?: boolean;
  /** It does not matter which row comes first, so that PostgreSQL need not care, and several of its processes may read. */
  readonly order?: 'unordered' | undefined;
};

/** Plans a query. */
export function planCollectionQuery(info: CollectionInfo, query: CollectionQuery, options: PlanOptions = {}): CollectionPlan {
  const { columns = documentColumns(), sorting, isLocking = false } = options;
  const isUnordered = options.order === 'unordered' || columns === '1';
  if (info.table !== undefined) return planTableQuery(info.table, query, { columns: options.columns, isSortedHere: sorting === 'residual', isSmall: info.isSmall });
  const { filter, sort, natural, skip, limit } = query;
  const parameters = new SqlParameters();
  const usable = usableIndexes(info, filter);
  const filtering = { wildcards: usable.filter(({ kind }) => kind === 'wildcard'), isByteOrdered: info.isByteOrdered };
  const source: SourcePlan = isLocking || natural !== undefined ? { branches: undefined, rest: filter, isExact: true } : planSource(usable, filter, { parameters, options: filtering });
  // One index serves; the entries of another would have to be made of each row that is found.
  const planned = planFilter(source.rest, parameters, source.branches === undefined ? filtering : { ...filtering, wildcards: [] });
  // What partial indexes hold follows from the filter; PostgreSQL, which would not see that, is told.
  const rest = { ...planned, sql: allOf([...held(usable, filter, sort), planned.sql]) };
  const isExact = source.isExact && rest.isExact;
  const sortOptions = { isByteOrdered: info.isByteOrdered, findsParallelArrays: limit !== undefined && sort !== undefined && !beginsIndex(usable, sort) };
  const order = sort === undefined || sorting === 'residual' ? undefined : planSort(sort, sortOptions);
  const isOrdered = sort === undefined || order !== undefined;
  const isBounded = isExact && isOrdered;
  // Of each branch no more rows are wanted than of all.
  const within = isBounded && limit !== undefined ? ` ${limitOf(limit + (skip ?? 0n), parameters)}` : '';
  const ordering: Ordering = {
    sort: order === undefined ? undefined : sort,
    options: sortOptions,
    terms: isUnordered ? [] : order === undefined ? planNaturalOrder(info, usable, { filter, natural, source, isLocking }) : tieTerms(info),
  };
  const cut = [...(isBounded && limit !== undefined ? [limitOf(limit, parameters)] : []), ...(isBounded && skip !== undefined ? [`offset ${parameters.bind('int8', skip)}`] : [])];
  const { branches } = source;
  const wanted: Wanted = { columns, cut, isLocking };
  const text = branches === undefined
    ? selectRows(info, { ...wanted, where: rest.sql, order, terms: ordering.terms })
    : [`select ${columns}${order?.isCoarse === undefined ? '' : `, ${order.isCoarse}`} from ${rowsOfBranches(info, { branches, where: rest.sql, ordering, within })}`, orderByOf(order?.order, carriedTerms(ordering)), ...cut].filter((part) => part !== '').join(' ');
  const hasShortForm = branches !== undefined && isBounded && isLiteralLimit(limit) && options.columns === undefined && usable.every(({ condition }) => condition === undefined);
  const withoutArrays = !hasShortForm ? undefined : textWithoutArrays({
    table: tableOf(info.target), path: branches.path, tellsPlaces: order?.isCoarse !== undefined,
    documents: selectRows(info, {
      ...wanted, where: allOf([branches.least, rest.sql]), order: order === undefined || sort === undefined ? undefined : planSort(sort, { ...sortOptions, plainPath: branches.path }),
      terms: order === undefined && isInOrder(info, usable, filter) ? [] : ordering.terms,
    }),
  });
  return {
    query: { text, parameters, ...(withoutArrays === undefined ? {} : { withoutArrays: { text: withoutArrays, parameters } }) },
    isWalk: source.branches !== undefined && sort === undefined && !info.isCapped,
    ...(order?.isCoarse === undefined || sort === undefined ? {} : { refined: sort }),
    residual: {
      ...(isExact ? {} : { filter }),
      ...(isOrdered || sort === undefined ? {} : { sort }),
      ...(isBounded || skip === undefined ? {} : { skip }),
      ...(isBounded || limit === undefined ? {} : { limit }),
    },
  };
}

/** Whether one index alone can find the documents where none has an array, so that whoever walks it has them in its order. */
function isInOrder({ isSmall }: CollectionInfo, usable: readonly UsableIndex[], filter: Filter): boolean {
  const wanted = new Set(allPathsOf(filter));
  const serving = usable.filter(({ parts }) => parts.some((part) => wanted.has(part.path.join('.'))));
  return !isSmall && serving.length === 1 && !wanted.has('_id');
}

function allPathsOf(filter: Filter): string[] {
  if ('filters' in filter) return filter.filters.flatMap(allPathsOf);
  if ('filter' in filter) return [...('path' in filter ? [filter.path.join('.')] : []), ...allPathsOf(filter.filter)];
  return 'path' in filter ? [filter.path.join('.')] : [];
}

function allOf(conditions: readonly (string | undefined)[]): string | undefined {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? undefined : given.join(' and ');
}

/** The conditions of the partial indexes that could serve the filter or the sort. */
function held(usable: readonly UsableIndex[], filter: Filter, sort: SortPattern | undefined): string[] {
  const wanted = new Set([...pathsOf(filter), ...(sort ?? []).slice(0, 1).map(({ path }) => path.join('.'))]);
  const serving = usable.filter(({ kind, parts: [first] }) => kind === 'wildcard' || (first !== undefined && wanted.has(first.path.join('.'))));
  return [...new Set(serving.flatMap(({ condition }) => (condition === undefined ? [] : [`(${condition})`])))];
}

/** Whether an index has the documents in the order of the sort's first field: then they need not all be read, and are not asked for parallel arrays. */
function beginsIndex(usable: readonly UsableIndex[], [first]: SortPattern): boolean {
  const path = first?.path.join('.');
  return usable.some(({ kind, parts }) => kind === 'ordered' && parts[0]?.path.join('.') === path);
}

function pathsOf(filter: Filter): string[] {
  if (filter.operator === '$and') return filter.filters.flatMap(pathsOf);
  return 'path' in filter ? [filter.path.join('.')] : [];
}

/** A sort that PostgreSQL carries out, if any, and what decides where there is none, or between its equals. */
type Ordering = { readonly sort: SortPattern | undefined; readonly options: SortOptions; readonly terms: readonly OrderTerm[] };

function orderByOf(sort: string | undefined, terms: readonly OrderTerm[]): string {
  const all = [sort, orderOf(terms)].filter((order) => order !== undefined);
  return all.length === 0 ? '' : `order by ${all.join(', ')}`;
}

/** The terms as columns of the rows that branches give. */
function carriedTerms({ terms }: Ordering): OrderTerm[] {
  return terms.map(({ descending }, index) => ({ sql: `o${index}`, ofArrays: `o${index}`, descending }));
}

type Wanted = { readonly columns: string; /** `limit` and `offset`. */ readonly cut: readonly string[]; readonly isLocking: boolean };
type SelectedRows = Wanted & { readonly where: string | undefined; readonly order: SortPlan | undefined; readonly terms: readonly OrderTerm[] };

/** The rows of the table itself. */
function selectRows(info: CollectionInfo, { columns, cut, isLocking, where, order, terms }: SelectedRows): string {
  const rows = (selected: string, sort: string | undefined): string =>
    [`select ${selected} from ${tableOf(info.target)}`, where === undefined ? '' : `where ${where}`, orderByOf(sort, terms), ...cut].filter((part) => part !== '').join(' ');
  if (order?.isCoarse === undefined) return rows(columns, order?.order);
  // Rows of a subquery cannot be locked.
  if (order.carried === undefined || isLocking) return rows(`${columns}, ${order.isCoarse}`, order.order);
  return `select ${columns}, ${order.carried.isCoarse} from (${rows(`${rowColumns(info)}, ${order.carried.columns}`, order.carried.order)}) as documents`;
}

function rowColumns({ hasPositions }: CollectionInfo): string {
  return hasPositions ? 'id, doc, bson, position' : 'id, doc, bson';
}

type BranchedRows = {
  readonly branches: NonNullable<SourcePlan['branches']>;
  readonly where: string | undefined;
  /** Decides which rows are within the limit. */
  readonly ordering: Ordering;
  readonly within: string;
};

/** For FROM: the rows of the branches one after the other, in order as far as they are limited. */
function rowsOfBranches(info: CollectionInfo, { branches, where, ordering, within }: BranchedRows): string {
  const table = tableOf(info.target);
  const carried = carriedTerms(ordering);
  const rows = (branch: string, terms: readonly string[]): string => {
    const columns = [rowColumns(info), ...terms.map((sql, index) => `${sql} as ${carried[index]!.sql}`)].join(', ');
    return `select ${columns} from ${table} where ${branch}${where === undefined ? '' : ` and ${where}`}`;
  };
  const ending = (path?: readonly string[]): string => (within === '' ? '' : ` ${orderByOf(ordering.sort === undefined ? undefined : planSort(ordering.sort, { ...ordering.options, plainPath: path })?.order, carried)}${within}`);
  const plain = `${rows(branches.plain, ordering.terms.map(({ sql }) => sql))}${ending(branches.path)}`;
  // PostgreSQL does not know how few documents have arrays: with the limit in sight it would walk an index of all of them.
  const arrays = rows(branches.arrays, ordering.terms.map(({ ofArrays }) => ofArrays));
  const found = within === '' ? arrays : `select * from (${arrays} offset 0) as found${ending()}`;
  return `((${plain}) union all (${found})) as documents`;
}
