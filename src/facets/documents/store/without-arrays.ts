// The short form of a query that an index serves. As a document may have an array on the path of the index, a query asks for two kinds
// of documents (planner/plan-source.ts), though most collections have no arrays there. So small queries first ask for those of
// the plain kind, and in the same statement, hence of the same snapshot, whether there is any of the other: then a row that no
// document has comes in front of all others, and the query is asked as a whole. PostgreSQL takes half the time for the short form, and most
// of that it took for preparing to execute the other half, which finds nothing.

import { type DataRow, type Step, statement } from '../../../engine/client.ts';
import { hasArray } from '../planner/sql-keys.ts';

type ShortForm = {
  /** Of the collection, quoted. */
  readonly table: string;
  /** Of the index: its companion that holds nothing but documents with an array there tells at once that there are none. */
  readonly path: readonly string[];
  /** The documents, and behind each what tells whether its place is certain, where that is asked for. */
  readonly documents: string;
  readonly tellsPlaces: boolean;
};

export function textWithoutArrays({ table, path, documents, tellsPlaces }: ShortForm): string {
  const marker = `select null::bytea, null::text${tellsPlaces ? ', null::bool' : ''} where exists (select from ${table} where ${hasArray(path)})`;
  return `(${marker}) union all (${documents})`;
}

/** Whether a row of the short form says that there are arrays; the rows that follow are not all then. */
export function tellsOfArrays(row: DataRow): boolean {
  return row.isNull(0) && row.isNull(1);
}

const setForTransaction = (name: string): string => `set_config('${name}', 'off', true)`;

/**
 * To be executed before short forms, in their transaction. They say nothing of an order where the index that finds documents has them
 * in it, for PostgreSQL would compute the key of each that it gives: so it has to walk the index.
 */
export const walkIndexes: Step = { statement: statement(`select ${['enable_bitmapscan', 'enable_seqscan'].map(setForTransaction).join(', ')}`, []), values: [] };
