// The different values of a field, which PostgreSQL gathers from the stored documents.

import { hashKeyOf } from '../../../values/bson/compare.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Value } from '../../../values/bson/types.ts';
import { fence, isSqlPath, valueAt } from '../planner/sql-keys.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CollectionQuery } from './collection-query.ts';
import { planCollectionQuery } from './plan-collection-query.ts';
import { isFoundInOrder } from './found-in-order.ts';
import type { Operation } from './operations.ts';
import { SqlCursor } from './sql-cursor.ts';
import type { Query } from './query.ts';
import type { StoreContext } from './store-context.ts';

/**
 * Gives the texts of the values, in the order in which documents have them first; null for a value on whose way there is an array.
 * Undefined where SQL cannot follow the path, or tell the order in which MongoDB finds the documents.
 */
export function planDistinct(info: CollectionInfo, path: readonly string[], query: CollectionQuery): Query | undefined {
  if (info.kind !== 'collection' || info.table !== undefined || !info.hasPositions || !isSqlPath(path) || !isFoundInOrder(info, query.filter)) return undefined;
  const arrays = path.slice(1).map((_, index) => `jsonb_typeof(${valueAt(path.slice(0, index + 1))}) = 'array'`);
  const value = `(${valueAt(path)})::text`;
  const isHidden = arrays.length === 0 ? 'false' : `coalesce(${arrays.join(' or ')}, false)`;
  const { query: found, residual } = planCollectionQuery(info, query, { columns: `${value} as value, ${isHidden} as is_hidden, position as place, ${fence}`, order: 'unordered' });
  if (Object.keys(residual).length > 0) return undefined;
  return { text: `select value from (${found.text}) as documents where value is not null or is_hidden group by value order by min(place)`, parameters: found.parameters };
}

/** Undefined where looking at each document has to tell. */
export async function distinctValues(context: StoreContext, operation: Operation, query: Query): Promise<Value[] | undefined> {
  const values = new Map<string, Value>();
  let isTold = true;
  const add = (value: Value): void => {
    const hash = hashKeyOf(value);
    if (!values.has(hash)) values.set(hash, value);
  };
  const read = (text: string | undefined): void => {
    const value = text === undefined ? undefined : fromStoredJson(`{"value":${text}}`).get('value');
    isTold &&= value !== undefined && !holdsDocument(value);
    if (!isTold || value === undefined) return;
    if (Array.isArray(value)) value.forEach(add);
    else add(value);
  };
  await new SqlCursor(context, { operation, query, read: (row) => read(row.isNull(0) ? undefined : row.utf8(0)) }).fetchAll();
  return isTold ? [...values.values()] : undefined;
}

/** jsonb does not keep the order of fields, by which documents differ. */
export function holdsDocument(value: Value | undefined): boolean {
  return value instanceof Map || (Array.isArray(value) && value.some(holdsDocument));
}
