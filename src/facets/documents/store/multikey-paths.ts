// Where the documents of a collection have arrays on the paths of an index, which MongoDB notes in its catalog as documents come,
// and which is looked at here when somebody asks.

import type { Connection } from '../../../engine/client.ts';
import { quoteLiteral } from '../../../engine/quoting.ts';
import { hasArray, isSqlPath } from '../planner/sql-keys.ts';
import type { CollectionInfo } from './catalog.ts';
import type { MultikeyPaths } from './explained-index.ts';
import { tableOf } from './names.ts';
import { statementFor } from './statements.ts';

export async function multikeyPathsOf(connection: Connection, info: CollectionInfo, names: readonly string[]): Promise<MultikeyPaths> {
  const found = new Map<string, readonly string[]>();
  if (info.table !== undefined) return found;
  for (const name of names) {
    const path = name.split('.');
    // An `_id` is never an array.
    if (name !== '_id' && isSqlPath(path)) found.set(name, await arraysOn(connection, info, path));
  }
  return found;
}

/** The beginnings of the path at which a document has an array. */
async function arraysOn(connection: Connection, { target }: CollectionInfo, path: readonly string[]): Promise<string[]> {
  const beginnings = path.map((_, index) => path.slice(0, index + 1));
  const tests = beginnings.map((beginning, index) => `coalesce(bool_or(jsonb_path_query_array(doc, ${quoteLiteral(`$.${beginning.map((name) => JSON.stringify(name)).join('.')}.type()`)}::jsonpath) @> '["array"]'), false) as b${index}`);
  const [row] = await connection.query(statementFor(`select ${tests.join(', ')} from ${tableOf(target)} where ${hasArray(path)}`), []);
  return beginnings.flatMap((beginning, index) => (row?.[`b${index}`] === true ? [beginning.join('.')] : []));
}
