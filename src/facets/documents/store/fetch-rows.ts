// How the rows of a query come from PostgreSQL.

import type { SqlCursor } from './sql-cursor.ts';

/** How rows come from PostgreSQL: through a cursor, or all by one statement, alone or with those of others. */
export type Fetching = 'in batches' | 'at once' | 'in a group';

export function fetchRows<Row>(cursor: SqlCursor<Row>, fetching: Fetching, count: number): Promise<Row[]> {
  if (fetching === 'in batches') return cursor.fetch(count);
  return fetching === 'in a group' ? cursor.fetchFew() : cursor.fetchAll();
}
