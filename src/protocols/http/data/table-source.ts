// A table or view below /data.

import { z } from 'zod';
import { type Relation, type SqlOperation, type TableRows, columnOf, isJson } from '../../../facets/relational/index.ts';
import { RequestError } from '../request-error.ts';
import { type StoreTransaction } from '../../../access/shared-transactions.ts';
import type { ChangeResult, Condition, DataSource, Item, JsonBody, ListQuery, Page, RowBatch } from './data-source.ts';
import { readToken, tokenOf } from './cursor-token.ts';
import { loadBatch } from './load-batch.ts';
import { objectOf, recordOf } from './record-of.ts';

type Within = <Result>(body: (transaction: StoreTransaction) => Promise<Result>) => Promise<Result>;
export type TableSourceOptions = { readonly tables: TableRows; readonly operation: SqlOperation; readonly relation: Relation; /** Runs a body in one transaction. */ readonly within: Within };

const position = z.strictObject({ signature: z.string(), position: z.array(z.string().nullable()) });

export class TableSource implements DataSource {
  readonly #options: TableSourceOptions;

  constructor(options: TableSourceOptions) {
    this.#options = options;
  }

  async list({ after, ...query }: ListQuery): Promise<Page> {
    const { tables, operation, relation } = this.#options;
    const page = await tables.list(operation, relation, { ...query, after: after === undefined ? undefined : readToken(after, position) });
    return { items: page.rows, after: page.next === undefined ? undefined : tokenOf(page.next) };
  }

  get(key: string, fields: readonly string[] | undefined): Promise<string | undefined> {
    const { tables, operation, relation } = this.#options;
    return tables.get(operation, relation, keyParts(key), fields);
  }

  async insert(items: readonly JsonBody[], whole: JsonBody): Promise<readonly Item[]> {
    const { tables, operation, relation } = this.#options;
    const names = items.map(({ value }, index) => Object.keys(objectOf(value, `[${index}]`)));
    const json = Array.isArray(whole.value) ? whole.text : `[${whole.text}]`;
    const isReturned = relation.columns.some(({ mayRead }) => mayRead) && relation.key.every((name) => columnOf(relation, name, 'key').mayRead);
    const stored = await tables.insert(operation, relation, { json, names }, { isReturned });
    return stored.map((row) => ({ json: row.json, key: row.key.map(encodeURIComponent).join(',') }));
  }

  async replace(key: string, body: JsonBody, condition: Condition): Promise<ChangeResult> {
    const { tables, operation, relation } = this.#options;
    const record = recordOf(body);
    if (condition.absent === true) {
      const json = await tables.create(operation, relation, keyParts(key), record);
      return json === undefined ? 'mismatch' : { json, isNew: true };
    }
    const replaced = await tables.replace(operation, relation, { ...targetOf(key, condition), mustExist: condition.exists === true }, record);
    return replaced ?? (await this.#changed(key, undefined));
  }

  async patch(key: string, body: JsonBody, condition: Condition): Promise<ChangeResult> {
    const { tables, operation, relation } = this.#options;
    return await this.#changed(key, await tables.patch(operation, relation, targetOf(key, condition), recordOf(body)));
  }

  async remove(key: string, condition: Condition): Promise<ChangeResult> {
    const { tables, operation, relation } = this.#options;
    return await this.#changed(key, await tables.remove(operation, relation, targetOf(key, condition)));
  }

  async load(batches: AsyncIterable<RowBatch>, onLoaded: (rows: number) => void): Promise<void> {
    const { tables, operation, relation, within } = this.#options;
    await within(async (transaction) => {
      let count = 0;
      for await (const batch of batches) {
        const rows = { json: `[${batch.map(({ text }) => text).join(',')}]`, names: batch.map(({ value }) => Object.keys(value)) };
        await loadBatch(transaction, batch, (places) => tables.insert({ ...operation, transaction }, relation, rows, { isReturned: false, places }));
        onLoaded((count += batch.length));
      }
    });
  }

  csvValue(name: string, text: string, isQuoted: boolean): unknown {
    if (text === '' && !isQuoted) return null;
    if (!isJson(columnOf(this.#options.relation, name, name))) return text;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }

  /** What a change came to that gave `json`, or nothing: then the row is not there, or not in that state. */
  async #changed(key: string, json: string | undefined): Promise<ChangeResult> {
    if (json !== undefined) return { json, isNew: false };
    const { tables, operation, relation } = this.#options;
    return (await tables.get(operation, relation, keyParts(key))) === undefined ? 'missing' : 'mismatch';
  }
}

function targetOf(key: string, { tags }: Condition): { readonly key: readonly string[]; readonly tags: readonly string[] | undefined } {
  return { key: keyParts(key), tags };
}

/** `a,b%2Cc` → `a` and `b,c`: the parts of a key in its order, each percent-encoded. Throws RequestError. */
function keyParts(key: string): string[] {
  try {
    return key.split(',').map(decodeURIComponent);
  } catch {
    throw new RequestError('key', 'it is not percent-encoded');
  }
}
