// A query over a table: one statement over its columns, and the residual.

import type { CollectionPlan, CollectionQuery } from '../store/collection-query.ts';
import { SqlParameters } from '../store/statements.ts';
import { planTableFilter } from './plan-table-filter.ts';
import { planTableSort } from './plan-table-sort.ts';
import type { Table } from './table.ts';
import { tableDocumentColumns } from './table-rows.ts';

export type TablePlanOptions = {
  readonly columns?: string | undefined;
  /** Sorted here, whatever PostgreSQL could do. */
  readonly isSortedHere?: boolean;
  /** So few rows that the order of their key, as the one that they come in without a sort, costs nothing. */
  readonly isSmall?: boolean;
};

export function planTableQuery(table: Table, { filter, sort, natural, skip, limit }: CollectionQuery, { columns = tableDocumentColumns(table), isSortedHere = false, isSmall = false }: TablePlanOptions = {}): CollectionPlan {
  const parameters = new SqlParameters();
  const where = planTableFilter(table, filter, parameters);
  const order = sort === undefined || isSortedHere ? undefined : planTableSort(table, sort);
  const isOrdered = sort === undefined || order !== undefined;
  const isBounded = where.isExact && isOrdered;
  const ordering = order ?? naturalOrder(table, { natural, isSmall: isSmall && sort === undefined && columns !== '1' });
  const parts = [`select ${columns} from ${table.source} as t`];
  if (where.sql !== undefined) parts.push(`where ${where.sql}`);
  if (ordering !== '') parts.push(`order by ${ordering}`);
  if (isBounded && limit !== undefined) parts.push(`limit ${parameters.bind('int8', limit)}`);
  if (isBounded && skip !== undefined) parts.push(`offset ${parameters.bind('int8', skip)}`);
  return {
    query: { text: parts.join(' '), parameters },
    residual: {
      ...(where.isExact ? {} : { filter }),
      ...(isOrdered ? {} : { sort }),
      ...(isBounded || skip === undefined ? {} : { skip }),
      ...(isBounded || limit === undefined ? {} : { limit }),
    },
  };
}

/** PostgreSQL's own order changes with each update. */
function naturalOrder({ key, hasPlaces }: Table, { natural, isSmall }: { readonly natural: 1 | -1 | undefined; readonly isSmall: boolean }): string {
  if (isSmall && key.length > 0) return key.map(({ sql }) => (natural === -1 ? `${sql} desc` : sql)).join(', ');
  return natural === -1 && hasPlaces ? 't.ctid desc' : '';
}
