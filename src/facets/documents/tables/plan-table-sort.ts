// Which sorts PostgreSQL carries out by a table's columns.

import type { SortPattern } from '../sorts/parse-sort.ts';
import { type Table, placeOf } from './table.ts';
import type { Column } from './column-kind.ts';

/** For ORDER BY, empty where all rows are equal; undefined where PostgreSQL cannot sort so. */
export function planTableSort(table: Table, pattern: SortPattern): string | undefined {
  const columns: { readonly column: Column; readonly descending: boolean }[] = [];
  for (const { path, descending } of pattern) {
    const place = placeOf(table, path);
    if (place.at === 'within') return undefined;
    if (place.at === 'column') columns.push({ column: place.column, descending });
    if (place.at === 'key') columns.push(...table.key.map((column) => ({ column, descending })));
  }
  const keys: string[] = [];
  for (const [index, { column, descending }] of columns.entries()) {
    const own = column.kind.order?.(column, index === columns.length - 1);
    if (own === undefined) return undefined;
    // Without a word on nulls an index in its usual order serves.
    keys.push(...own.map((key) => `${key}${descending ? ' desc' : ''}${column.isNotNull ? '' : descending ? ' nulls last' : ' nulls first'}`));
  }
  return keys.join(', ');
}
