// A query over one collection: the part that PostgreSQL answers as one statement, and the residual that is evaluated here.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { compileFilter } from '../filters/match.ts';
import { newStageAccount } from '../pipelines/memory.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { planSort } from '../planner/plan-sort.ts';
import { compareSortKeys, sortKeysOf } from '../sorts/sort-keys.ts';
import type { SortKeys } from '../sorts/sort-keys.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { PipelineEnvironment } from '../pipelines/stage.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CommandScope } from './command-scope.ts';
import { assertNotAborted } from './command-scope.ts';
import { tableOf } from './names.ts';
import type { Operation } from './operations.ts';
import { type RawSource, sourceOf } from './raw-source.ts';
import { bsonOf, documentColumns } from './rows.ts';
import { type Query, SqlCursor } from './sql-cursor.ts';
import { SqlParameters } from './statements.ts';
import type { StoreContext } from './store-context.ts';

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
  /** What is left to be done with the rows, in this order. */
  readonly residual: {
    readonly filter?: Filter;
    readonly sort?: SortPattern;
    readonly skip?: bigint;
    readonly limit?: bigint;
  };
};

/** Plans a query; `columns` are what the statement selects. */
export function planCollectionQuery(info: CollectionInfo, { filter, sort, natural, skip, limit }: CollectionQuery, columns = documentColumns()): CollectionPlan {
  const parameters = new SqlParameters();
  const { sql: where, isExact } = planFilter(filter, parameters);
  const order = sort === undefined ? undefined : planSort(sort, info);
  const isOrdered = sort === undefined || order !== undefined;
  const isBounded = isExact && isOrdered;
  const parts = [`select ${columns} from ${tableOf(info.target)}`];
  if (where !== undefined) parts.push(`where ${where}`);
  if (order !== undefined) parts.push(`order by ${order}`);
  else if (natural === -1) parts.push('order by ctid desc');
  if (isBounded && limit !== undefined) parts.push(`limit ${parameters.bind('int8', limit)}`);
  if (isBounded && skip !== undefined) parts.push(`offset ${parameters.bind('int8', skip)}`);
  return {
    query: { text: parts.join(' '), parameters },
    residual: {
      ...(isExact ? {} : { filter }),
      ...(isOrdered || sort === undefined ? {} : { sort }),
      ...(isBounded || skip === undefined ? {} : { skip }),
      ...(isBounded || limit === undefined ? {} : { limit }),
    },
  };
}

/** The documents that a query gives, as bytes. */
export function openCollection(context: StoreContext, { operation, plan, scope, isSmall = false }: {
  readonly operation: Operation;
  readonly plan: CollectionPlan;
  readonly scope: Pick<CommandScope, 'scopeFor'>;
  /** So few rows come that no cursor is worth its while. */
  readonly isSmall?: boolean;
}): RawSource {
  const cursor = new SqlCursor(context.engine, { operation, query: plan.query, read: (row: DataRow) => bsonOf(row) });
  const rows: RawSource = {
    next: (count) => (isSmall ? cursor.fetchAll() : cursor.fetch(count)),
    get isExhausted() {
      return cursor.isExhausted;
    },
    close: () => cursor.close(),
  };
  return withResidual(rows, plan.residual, { scope, signal: operation.signal });
}

type ResidualContext = { readonly scope: Pick<CommandScope, 'scopeFor'>; readonly signal: AbortSignal | undefined };

function withResidual(rows: RawSource, { filter, sort, skip = 0n, limit }: CollectionPlan['residual'], context: ResidualContext): RawSource {
  const filtered = filter === undefined ? rows : filterSource(rows, filter, context);
  const sorted = sort === undefined ? filtered : sortSource(filtered, sort, context);
  return skip === 0n && limit === undefined ? sorted : sliceSource(sorted, Number(skip), limit === undefined ? undefined : Number(limit));
}

function filterSource(rows: RawSource, filter: Filter, { scope, signal }: ResidualContext): RawSource {
  const matches = compileFilter(filter);
  return {
    async next(count) {
      const found: Buffer[] = [];
      while (found.length < count && !rows.isExhausted) {
        assertNotAborted(signal);
        for (const bytes of await rows.next(Math.max(count, residualBatch))) {
          const document = decodeDocument(bytes);
          if (matches(document, scope.scopeFor(document))) found.push(bytes);
        }
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

/** All rows, in order. The keys are taken out of each document once. */
function sortSource(rows: RawSource, pattern: SortPattern, { signal }: ResidualContext): RawSource {
  let sorted: RawSource | undefined;
  const gather = async (): Promise<RawSource> => {
    const account = newStageAccount('$sort', {} as PipelineEnvironment);
    const entries: { readonly bytes: Buffer; readonly keys: SortKeys }[] = [];
    while (!rows.isExhausted) {
      assertNotAborted(signal);
      for (const bytes of await rows.next(residualBatch)) {
        account.add(bytes.length);
        entries.push({ bytes, keys: sortKeysOf(pattern, decodeDocument(bytes)) });
      }
    }
    const compare = compareSortKeys(pattern);
    entries.sort((a, b) => compare(a.keys, b.keys));
    return sourceOf(entries.map(({ bytes }) => bytes));
  };
  return {
    async next(count) {
      sorted ??= await gather();
      return await sorted.next(count);
    },
    get isExhausted() {
      return sorted?.isExhausted ?? false;
    },
    close: () => rows.close(),
  };
}

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

export function bufferOf(document: Document): Buffer {
  const bytes = encodeDocument(document);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

