// A query over one collection: the part that PostgreSQL answers as one statement, and the residual that is evaluated here.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { type OrderTerm, orderOf, planNaturalOrder, tieTerms } from '../planner/plan-natural-order.ts';
import { type SourcePlan, planSource } from '../planner/plan-source.ts';
import { type SortOptions, type SortPlan, planSort } from '../planner/plan-sort.ts';
import { planTableQuery } from '../tables/plan-table-query.ts';
import { tableDocumentColumns } from '../tables/table-rows.ts';
import { compareSortKeys, sortKeysOf } from '../sorts/sort-keys.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CommandScope } from './command-scope.ts';
import { assertNotAborted } from './command-scope.ts';
import { isGroupable } from './document-groups.ts';
import { fewDocuments, fewFirst } from './few-first.ts';
import { knownPlan } from './known-plans.ts';
import { isLiteralLimit, limitOf } from './literal-limit.ts';
import { tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { type RawSource, sourceOf } from './raw-source.ts';
import { addRecordId, recordIdColumn } from './record-ids.ts';
import { bsonOf, bufferOf, documentColumns, lastingBsonOf } from './rows.ts';
import { type Query, SqlCursor } from './sql-cursor.ts';
import { sortSource } from './sort-source.ts';
import { FileSpill } from './spill.ts';
import { SqlParameters } from './statements.ts';
import type { StoreContext } from './store-context.ts';
import { type UsableIndex, usableIndexes } from './usable-indexes.ts';
import { textWithoutArrays } from './without-arrays.ts';

/** What is asked of a collection. */
export type CollectionQuery = {
  readonly filter: Filter;
  readonly sort?: SortPattern | undefined;
  /** `-1`: the youngest first (`$natural`). */
  readonly natural?: 1 | -1 | undefined;
  readonly skip?: bigint | undefined;
  readonly limit?: bigint | undefined;
};

/** How it is answered. */
export type CollectionPlan = {
  readonly query: Query;
  /** An index finds its rows, and nothing has to be sorted: of few rows it is done soon. */
  readonly isWalk?: boolean;
  /** The sort of which rows come in order but for neighbors whose keys are coarse; the last column tells of each row whether it is so. */
  readonly refined?: SortPattern;
  /** What is left to be done with the rows, in this order. */
  readonly residual: {
    readonly filter?: Filter;
    readonly sort?: SortPattern;
    readonly skip?: bigint;
    readonly limit?: bigint;
  };
};

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

type Opening = {
  readonly operation: Operation;
  readonly info: CollectionInfo;
  readonly query: CollectionQuery;
  readonly scope: Pick<CommandScope, 'scopeFor'>;
  /** Whether a sort that memory cannot hold may go on in files; by default it may. */
  readonly allowDiskUse?: boolean | undefined;
  /** Each document has its place in it. */
  readonly hasRecordIds?: boolean;
  /** All that it finds is asked for by one statement, where that may be few documents (few-first.ts). */
  readonly isFewFirst?: boolean;
};

/** Queries with a limit up to this are answered by one statement without a cursor. */
const smallLimit = 101n;

/** The documents that a query gives, as bytes. */
export function openCollection(context: StoreContext, { operation, info, query, scope, allowDiskUse, hasRecordIds = false, isFewFirst = false }: Opening): RawSource {
  if (hasRecordIds) return openWithRecordIds(context, { operation, info, query, scope, allowDiskUse });
  if (isFewFirst && query.limit === undefined && isGroupable(operation, info)) {
    const limited = { ...query, limit: BigInt(fewDocuments + 1) };
    const { query: few, isWalk, residual } = knownPlan(info, limited, () => planCollectionQuery(info, limited));
    if (isWalk === true && Object.keys(residual).length === 0) {
      return fewFirst({ few: () => context.groups.query(operation, few, lastingBsonOf), all: () => openCollection(context, { operation, info, query, scope, allowDiskUse }) });
    }
  }
  const plan = knownPlan(info, query, () => planCollectionQuery(info, query));
  const isSmall = query.limit !== undefined && query.limit <= smallLimit && plan.residual.limit === undefined;
  const fetching = !isSmall ? 'in batches' : isGroupable(operation, info) ? 'in a group' : 'at once';
  const residual = { scope, operation, allowDiskUse };
  if (plan.refined === undefined) return withResidual(openRows(context, { operation, plan, fetching }), plan.residual, residual);
  const { filter, ...others } = plan.residual;
  const refined = openRefined(context, { operation, plan, fetching, pattern: plan.refined, matches: filter === undefined ? undefined : matcherOf(filter, scope) });
  if (query.limit === undefined || plan.residual.limit !== undefined) return withResidual(refined.rows, others, residual);
  const sortedHere = (): RawSource => {
    const other = planCollectionQuery(info, query, { sorting: 'residual' });
    return withResidual(openRows(context, { operation, plan: other, fetching: 'in batches' }), other.residual, residual);
  };
  return cautious(refined, Number(query.limit), sortedHere);
}

/** As `openCollection`; only plain tables tell the places of their rows. */
function openWithRecordIds(context: StoreContext, { operation, info, query, scope, allowDiskUse }: Opening): RawSource {
  const columns = `${info.table === undefined ? documentColumns() : tableDocumentColumns(info.table)}, ${recordIdColumn(info)}`;
  const { query: { text, parameters }, residual } = planCollectionQuery(info, query, { columns, isLocking: true, sorting: 'residual' });
  const read = (row: DataRow): Buffer => bufferOf(addRecordId(decodeDocument(bsonOf(row)), row.int64(2)));
  const cursor = new SqlCursor(context, { operation, query: { text, parameters }, read });
  const rows: RawSource = {
    next: (count) => cursor.fetch(count),
    get isExhausted() {
      return cursor.isExhausted;
    },
    close: () => cursor.close(),
  };
  return withResidual(rows, residual, { scope, operation, allowDiskUse });
}

/** How rows come from PostgreSQL: through a cursor, or all by one statement, alone or with those of others. */
type Fetching = 'in batches' | 'at once' | 'in a group';

function fetchRows<Row>(cursor: SqlCursor<Row>, fetching: Fetching, count: number): Promise<Row[]> {
  if (fetching === 'in batches') return cursor.fetch(count);
  return fetching === 'in a group' ? cursor.fetchFew() : cursor.fetchAll();
}

function openRows(context: StoreContext, { operation, plan, fetching }: { readonly operation: Operation; readonly plan: CollectionPlan; readonly fetching: Fetching }): RawSource {
  const read = plan.residual.filter === undefined ? (row: DataRow): Buffer => lastingBsonOf(row) : (row: DataRow): Buffer => bsonOf(row);
  return new SqlRows(new SqlCursor(context, { operation, query: plan.query, read }), fetching);
}

class SqlRows implements RawSource {
  readonly #cursor: SqlCursor<Buffer>;
  readonly #fetching: Fetching;

  constructor(cursor: SqlCursor<Buffer>, fetching: Fetching) {
    this.#cursor = cursor;
    this.#fetching = fetching;
  }

  next(count: number): Promise<readonly Buffer[]> {
    return fetchRows(this.#cursor, this.#fetching, count);
  }

  get isExhausted(): boolean {
    return this.#cursor.isExhausted;
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }
}

type Refining = {
  readonly operation: Operation;
  readonly plan: CollectionPlan;
  readonly fetching: Fetching;
  readonly pattern: SortPattern;
  /** The residual filter: what it leaves out must not be sorted, as that may be an error. */
  readonly matches: ((bytes: Buffer) => boolean) | undefined;
};

type Refined = { readonly rows: RawSource; readonly lastIsCoarse: () => boolean };

/**
 * Rows in PostgreSQL's order, in which neighbors with coarse keys are sorted once more. All rows that a coarse key could
 * belong between are neighbors, and coarse as well.
 */
function openRefined(context: StoreContext, { operation, plan, fetching, pattern, matches = () => true }: Refining): Refined {
  const cursor = new SqlCursor(context, { operation, query: plan.query, read: (row: DataRow) => ({ bytes: bsonOf(row), isCoarse: row.bool(row.count - 1) }) });
  let run: Buffer[] = [];
  let lastIsCoarse = false;
  const sortedRun = (): Buffer[] => {
    const sorted = inOrder(run, pattern);
    run = [];
    return sorted;
  };
  const rows: RawSource = {
    async next(count) {
      const ready: Buffer[] = [];
      while (ready.length === 0 && !cursor.isExhausted) {
        for (const { bytes, isCoarse } of await fetchRows(cursor, fetching, count)) {
          if (!matches(bytes)) continue;
          lastIsCoarse = isCoarse;
          if (isCoarse) run.push(bytes);
          else ready.push(...sortedRun(), bytes);
        }
      }
      if (cursor.isExhausted) ready.push(...sortedRun());
      return ready;
    },
    get isExhausted() {
      return cursor.isExhausted && run.length === 0;
    },
    close: () => cursor.close(),
  };
  return { rows, lastIsCoarse: () => lastIsCoarse };
}

function inOrder(documents: readonly Buffer[], pattern: SortPattern): Buffer[] {
  if (documents.length === 0) return [];
  const compare = compareSortKeys(pattern);
  const entries = documents.map((bytes) => ({ bytes, keys: sortKeysOf(pattern, decodeDocument(bytes)) }));
  return entries.sort((a, b) => compare(a.keys, b.keys)).map(({ bytes }) => bytes);
}

/**
 * A limited query: its rows are held back until all are there. If the place of the last one is not certain, another that
 * the limit cut off might belong before it, and everything is sorted here.
 */
function cautious({ rows, lastIsCoarse }: Refined, limit: number, sortedHere: () => RawSource): RawSource {
  let source: RawSource | undefined;
  const open = async (): Promise<RawSource> => {
    const all: Buffer[] = [];
    while (!rows.isExhausted) all.push(...(await rows.next(Math.min(limit + 1, residualBatch))));
    return all.length === limit && lastIsCoarse() ? sortedHere() : sourceOf(all);
  };
  return {
    async next(count) {
      source ??= await open();
      return await source.next(count);
    },
    get isExhausted() {
      return source?.isExhausted ?? false;
    },
    close: async () => {
      await rows.close();
      await source?.close();
    },
  };
}

type ResidualContext = { readonly scope: Pick<CommandScope, 'scopeFor'>; readonly operation: Operation; readonly allowDiskUse: boolean | undefined };

function withResidual(rows: RawSource, { filter, sort, skip = 0n, limit }: CollectionPlan['residual'], context: ResidualContext): RawSource {
  const filtered = filter === undefined ? rows : filterSource(rows, filter, context);
  const sorted = sort === undefined ? filtered : sortSource(filtered, sort, { signal: context.operation.signal, newSpill: context.allowDiskUse === false ? undefined : () => new FileSpill() });
  return skip === 0n && limit === undefined ? sorted : sliceSource(sorted, Number(skip), limit === undefined ? undefined : Number(limit));
}

function matcherOf(filter: Filter, scope: ResidualContext['scope']): (bytes: Buffer) => boolean {
  const matches = compileFilter(filter);
  return (bytes) => {
    const document = decodeDocument(bytes);
    return matches(document, scope.scopeFor(document));
  };
}

function filterSource(rows: RawSource, filter: Filter, { scope, operation }: ResidualContext): RawSource {
  const matches = matcherOf(filter, scope);
  return {
    async next(count) {
      const found: Buffer[] = [];
      while (found.length < count && !rows.isExhausted) {
        assertNotAborted(operation.signal);
        for (const bytes of await rows.next(Math.max(count, residualBatch))) if (matches(bytes)) found.push(bytes);
      }
      return found;
    },
    get isExhausted() {
      return rows.isExhausted;
    },
    close: () => rows.close(),
  };
}

/** Rows that are looked at in one go where most may not match. */
const residualBatch = 500;

function sliceSource(rows: RawSource, skip: number, limit: number | undefined): RawSource {
  let toSkip = skip;
  let left = limit ?? Number.POSITIVE_INFINITY;
  return {
    async next(count) {
      while (left > 0) {
        const some = await rows.next(Math.min(count, left + toSkip));
        if (some.length === 0) break;
        const kept = some.slice(toSkip, toSkip + Math.min(count, left));
        toSkip -= Math.min(toSkip, some.length);
        if (kept.length === 0) continue;
        left -= kept.length;
        if (left === 0) await rows.close();
        return kept;
      }
      left = 0;
      return [];
    },
    get isExhausted() {
      return left === 0 || rows.isExhausted;
    },
    close: () => rows.close(),
  };
}

/** Each document changed. */
export function mapSource(rows: RawSource, change: (document: Document, bytes: Buffer) => Document): RawSource {
  return {
    async next(count) {
      return (await rows.next(count)).map((bytes) => bufferOf(change(decodeDocument(bytes), bytes)));
    },
    get isExhausted() {
      return rows.isExhausted;
    },
    close: () => rows.close(),
  };
}
