// Documents by `_id` that many clients ask for at once: one statement a collection.

import type { Connection, DataRow } from '../../../engine/client.ts';
import type { CollectionInfo } from './catalog.ts';
import { tableOf } from './names.ts';
import { documentColumns, lastingBsonOf } from './rows.ts';
import { statementFor } from './statements.ts';

export type SingleRead = { readonly info: CollectionInfo; readonly key: Buffer };

type Wanted = { readonly table: string; readonly keys: Buffer[]; readonly found: Map<string, Buffer> };

/** The bytes of each document, null where there is none. Who asked replies with them soon. */
export async function readGroup(connection: Connection, requests: readonly SingleRead[]): Promise<(Buffer | null)[]> {
  const byCollection = new Map<CollectionInfo, Wanted>();
  const places = requests.map(({ info, key }) => {
    let wanted = byCollection.get(info);
    if (wanted === undefined) {
      wanted = { table: tableOf(info.target), keys: [], found: new Map() };
      byCollection.set(info, wanted);
    }
    wanted.keys.push(key);
    return wanted;
  });
  const steps = [...byCollection.values()].map(({ table, keys, found }) => ({
    statement: statementFor(`select id, ${documentColumns()} from ${table} where id = any($1)`, ['bytea[]']),
    values: [keys],
    onRow: (row: DataRow): void => void found.set(row.latin1(0), lastingBsonOf(row, 1)),
  }));
  await connection.execute(steps);
  return requests.map(({ key }, index) => places[index]!.found.get(key.toString('latin1')) ?? null);
}
