// A table or view below /data.

import { z } from 'zod';
import { type Relation, type SqlOperation, type TableRows, columnOf, isJson } from '../../../facets/relational/index.ts';
import { RequestError } from '../request-error.ts';
import { type StoreTransaction } from '../../../access/shared-transactions.ts';
import type { ChangeResult, Condition, DataSource } from './data-source.ts';
import { readToken, tokenOf } from './cursor-token.ts';
import { loadBatch } from './load-batch.ts';
import { objectOf, recordOf } from './record-of.ts';

type Within = <Result>(body: (transaction: StoreTransaction) => Promise<Result>) => Promise<Result>;
export type TableSourceOptions = { readonly tables: TableRows; readonly operation: SqlOperation; readonly relation: Relation; /** Runs a body in one transaction. */ readonly within: Within };

const position = z.strictObject({ signature: z.string(), position: z.array(z.string().nullable()) });

export function tableSource({ tables, operation, relation, within }: TableSourceOptions): DataSource {
  const missingOr = async (key: readonly string[], changed: string | undefined): Promise<ChangeResult> => {
    if (changed !== undefined) return { json: changed, isNew: false };
    return (await tables.get(operation, relation, key)) === undefined ? 'missing' : 'mismatch';
  };
  const target = (key: string, { tags }: Condition): { key: string[]; tags: readonly string[] | undefined } => ({ key: keyParts(key), tags });
  return {
    list: async ({ after, ...query }) => {
      const page = await tables.list(operation, relation, { ...query, after: after === undefined ? undefined : readToken(after, position) });
      return { items: page.rows, after: page.next === undefined ? undefined : tokenOf(page.next) };
    },
    get: (key, fields) => tables.get(operation, relation, keyParts(key), fields),
    insert: async (items, whole) => {
      const names = items.map(({ value }, index) => Object.keys(objectOf(value, `[${index}]`)));
      const json = Array.isArray(whole.value) ? whole.text : `[${whole.text}]`;
      const isReturned = relation.columns.some(({ mayRead }) => mayRead) && relation.key.every((name) => columnOf(relation, name, 'key').mayRead);
      const stored = await tables.insert(operation, relation, { json, names }, { isReturned });
      return stored.map((row) => ({ json: row.json, key: row.key.map(encodeURIComponent).join(',') }));
    },
    replace: async (key, body, condition) => {
      const record = recordOf(body);
      if (condition.absent === true) {
        const json = await tables.create(operation, relation, keyParts(key), record);
        return json === undefined ? 'mismatch' : { json, isNew: true };
      }
      const replaced = await tables.replace(operation, relation, { ...target(key, condition), mustExist: condition.exists === true }, record);
      return replaced ?? missingOr(keyParts(key), undefined);
    },
    patch: async (key, body, condition) => missingOr(keyParts(key), await tables.patch(operation, relation, target(key, condition), recordOf(body))),
    remove: async (key, condition) => missingOr(keyParts(key), await tables.remove(operation, relation, target(key, condition))),
    load: (batches, onLoaded) =>
      within(async (transaction) => {
        let count = 0;
        for await (const batch of batches) {
          const rows = { json: `[${batch.map(({ text }) => text).join(',')}]`, names: batch.map(({ value }) => Object.keys(value)) };
          await loadBatch(transaction, batch, (places) => tables.insert({ ...operation, transaction }, relation, rows, { isReturned: false, places }));
          onLoaded((count += batch.length));
        }
      }),
    csvValue: (name, text, isQuoted) => {
      if (text === '' && !isQuoted) return null;
      if (!isJson(columnOf(relation, name, name))) return text;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
    },
  };
}

/** `a,b%2Cc` → `a` and `b,c`: the parts of a key in its order, each percent-encoded. Throws RequestError. */
export function keyParts(key: string): string[] {
  try {
    return key.split(',').map(decodeURIComponent);
  } catch {
    throw new RequestError('key', 'it is not percent-encoded');
  }
}
