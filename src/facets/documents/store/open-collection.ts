// The documents that a query over one collection gives, as bytes.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { tableDocumentColumns } from '../tables/table-rows.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionPlan, CollectionQuery } from './collection-query.ts';
import type { CommandScope } from './command-scope.ts';
import { isGroupable } from './document-groups.ts';
import { type Fetching, fetchRows } from './fetch-rows.ts';
import { fewDocuments, fewFirst } from './few-first.ts';
import { knownPlan } from './known-plans.ts';
import type { Operation } from './operations.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import type { RawSource } from './raw-source.ts';
import { addRecordId, recordIdColumn } from './record-ids.ts';
import { cautious, openRefined } from './refined-rows.ts';
import { matcherOf, withResidual } from './residual-rows.ts';
import { bsonOf, bufferOf, documentColumns, lastingBsonOf } from './rows.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { StoreContext } from './store-context.ts';

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
