// A collection of documents below /data: MongoDB's commands, documents in relaxed Extended JSON. A filter is MongoDB's own.

import type { Document } from 'bson';
import { z } from 'zod';
import type { StoreTransaction } from '../../../access/shared-transactions.ts';
import { DocumentError } from '../../../facets/documents/index.ts';
import { FacetError } from '../../../kernel/errors.ts';
import { bsonOf, jsonOf, type JsonForm } from '../extended-json.ts';
import { RequestError } from '../request-error.ts';
import { succeeded } from '../operations.ts';
import type { CommandPlace } from '../store-access.ts';
import { afterPosition, positionOf, sortKeys } from './collection-order.ts';
import { readToken, tokenOf } from './cursor-token.ts';
import type { ChangeResult, Condition, DataSource, Item, JsonBody, ListQuery, Page, RowBatch, SortField } from './data-source.ts';
import { tagOf } from './entity-tags.ts';
import { idCandidates, keyOfId, newObjectId } from './document-ids.ts';
import { filtersAfterId } from './id-order.ts';
import { LineError } from './line-error.ts';
import { loadBatch } from './load-batch.ts';
import { mergeDocument } from './merge-document.ts';
import { objectOf } from './record-of.ts';

type Within = <Result>(body: (transaction: StoreTransaction) => Promise<Result>) => Promise<Result>;
export type CollectionSourceOptions = {
  readonly database: string;
  readonly collection: string;
  readonly command: (body: Buffer, place: CommandPlace) => Promise<Buffer>;
  readonly place: CommandPlace;
  readonly within: Within;
};

const token = z.strictObject({ signature: z.string(), position: z.array(z.unknown()) });
/** WriteConflict, of two that change a document at once. */
const writeConflict = 112;
const duplicateKey = 11_000;
const attemptsMax = 5;

export class CollectionSource implements DataSource {
  readonly #options: CollectionSourceOptions;

  constructor(options: CollectionSourceOptions) {
    this.#options = options;
  }

  async list({ filter, sort, fields, limit, after }: ListQuery): Promise<Page> {
    const order: SortField[] = [...sort];
    if (!order.some(({ name }) => name === '_id')) order.push({ name: '_id', isDescending: sort.at(-1)?.isDescending ?? false });
    const signature = JSON.stringify(order);
    const wanted = { $match: objectOf(filter ?? {}, 'filter') };
    const sorted = { $sort: Object.fromEntries(order.map(({ name, isDescending }) => [name, isDescending ? -1 : 1])) };
    const shown = { $project: { ...(fields === undefined ? { _id: 0, document: '$$ROOT' } : { document: projectionOf(fields) }), position: sortKeys(order) } };
    const found: Document[] = [];
    for (const further of after === undefined ? [{}] : filtersAfter(after, order, signature)) {
      const missing = limit + 1 - found.length;
      const pipeline = [wanted, { $match: further }, sorted, { $limit: missing }, shown];
      const reply = await this.#run({ aggregate: this.#options.collection, pipeline, cursor: { batchSize: missing } }, {}, 'canonical');
      found.push(...(await this.#all(reply)));
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    return {
      items: page.map(({ document }) => relaxed(document as Document)),
      after: found.length > limit ? tokenOf({ signature, position: positionOf(page.at(-1)!) }) : undefined,
    };
  }

  async get(key: string, fields: readonly string[] | undefined): Promise<string | undefined> {
    const found = await this.#find(key, {}, 'relaxed', fields);
    return found === undefined ? undefined : JSON.stringify(found);
  }

  async insert(items: readonly JsonBody[]): Promise<readonly Item[]> {
    const documents = items.map(({ value }, index) => withId(objectOf(value, `[${index}]`)));
    const work = (transaction: StoreTransaction | undefined): Promise<void> => this.#insertAll(documents, transaction);
    // One document is one statement; several are all or none.
    if (documents.length === 1) await work(this.#options.place.transaction);
    else await this.#options.within(work);
    return documents.map((document): Item => ({ json: relaxed(document), key: keyOfId(document['_id']) }));
  }

  async replace(key: string, body: JsonBody, condition: Condition): Promise<ChangeResult> {
    const document = objectOf(body.value, 'body');
    const given = document['_id'];
    if (given !== undefined && !idCandidates(key).some((id) => JSON.stringify(plainId(id)) === JSON.stringify(plainId(given)))) throw new RequestError('_id', 'it is not the one that the path names');
    return await this.#change(key, condition, { isUpsert: condition.exists !== true && condition.tags === undefined, next: (current) => ({ ...document, _id: current?.['_id'] ?? given ?? idCandidates(key)[0] }) });
  }

  async patch(key: string, body: JsonBody, condition: Condition): Promise<ChangeResult> {
    const patch = objectOf(body.value, 'body');
    if (patch['_id'] !== undefined) throw new RequestError('_id', 'it cannot be changed');
    return await this.#change(key, condition, { isUpsert: false, next: (current) => mergeDocument(current!, patch) as Document });
  }

  async remove(key: string, condition: Condition): Promise<ChangeResult> {
    return await this.#retried(async (transaction) => {
      const current = await this.#find(key, { transaction }, 'canonical');
      if (current === undefined) return 'missing';
      if (!holds(condition, current)) return 'mismatch';
      await this.#write({ delete: this.#options.collection, deletes: [{ q: { _id: current['_id'] }, limit: 1 }] }, { transaction });
      return { json: relaxed(current), isNew: false };
    });
  }

  async load(batches: AsyncIterable<RowBatch>, onLoaded: (rows: number) => void): Promise<void> {
    await this.#options.within(async (transaction) => {
      let count = 0;
      for await (const batch of batches) {
        const documents = batch.map(({ value, line }) => lineChecked(line, () => withId(value)));
        for (const [index, document] of documents.entries()) lineChecked(batch[index]!.line, () => bsonOf(document, 'row'));
        await loadBatch(transaction, batch, (places) => this.#insertAll(places.map((place) => documents[place]!), transaction));
        onLoaded((count += batch.length));
      }
    });
  }

  csvValue(_name: string, text: string, isQuoted: boolean): unknown {
    if (isQuoted) return text;
    if (text === '') return undefined;
    return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/.test(text) ? (JSON.parse(text) as unknown) : text;
  }

  async #insertAll(documents: readonly Document[], transaction: StoreTransaction | undefined): Promise<void> {
    const reply = await this.#run({ insert: this.#options.collection, documents, ordered: true }, { transaction });
    const [refused] = (reply['writeErrors'] as { code: number; errmsg: string }[] | undefined) ?? [];
    if (refused !== undefined) throw new DocumentError(Number(refused.code), refused.errmsg);
  }

  async #change(key: string, condition: Condition, { isUpsert, next }: { readonly isUpsert: boolean; readonly next: (current: Document | undefined) => Document }): Promise<ChangeResult> {
    return await this.#retried(async (transaction) => {
      const current = await this.#find(key, { transaction }, 'canonical');
      if (current === undefined && !isUpsert) return 'missing';
      if (!holds(condition, current)) return 'mismatch';
      const document = next(current);
      if (current === undefined) await this.#insertAll([document], transaction);
      else await this.#write({ update: this.#options.collection, updates: [{ q: { _id: current['_id'] }, u: document }] }, { transaction });
      return { json: relaxed(document), isNew: current === undefined };
    });
  }

  /** In one transaction, again where another changed the same document meanwhile; once only in a transaction of the client's own. */
  async #retried(body: (transaction: StoreTransaction) => Promise<ChangeResult>): Promise<ChangeResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.within(body);
      } catch (error) {
        const isConflict = error instanceof DocumentError && (error.number === writeConflict || error.number === duplicateKey);
        if (!isConflict || this.#options.place.transaction !== undefined || attempt >= attemptsMax) throw error;
      }
    }
  }

  /** The document whose `_id` the key stands for: of several readings of it, the first that there is. */
  async #find(key: string, { transaction }: { readonly transaction?: StoreTransaction | undefined }, form: JsonForm, fields?: readonly string[]): Promise<Document | undefined> {
    for (const id of idCandidates(key)) {
      const command = { find: this.#options.collection, filter: { _id: { $eq: id } }, limit: 1, singleBatch: true, ...(fields === undefined ? {} : { projection: projectionOf(fields, '') }) };
      const [found] = firstBatch(await this.#run(command, { transaction }, form));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #write(command: Document, within: { readonly transaction: StoreTransaction }): Promise<void> {
    const [refused] = ((await this.#run(command, within))['writeErrors'] as { code: number; errmsg: string }[] | undefined) ?? [];
    if (refused !== undefined) throw new DocumentError(refused.code, refused.errmsg);
  }

  async #all(reply: Document): Promise<Document[]> {
    const found = firstBatch(reply);
    let id = (reply['cursor'] as Document)['id'] as Document;
    // A batch ends at 16 MB, whatever was asked for.
    while (String(id['$numberLong'] ?? id) !== '0') {
      const more = (await this.#run({ getMore: id, collection: this.#options.collection }, {}, 'canonical'))['cursor'] as Document;
      found.push(...(more['nextBatch'] as Document[]));
      id = more['id'] as Document;
    }
    return found;
  }

  async #run(command: Document, { transaction }: { readonly transaction?: StoreTransaction | undefined }, form: JsonForm = 'relaxed'): Promise<Document> {
    const { command: send, place, database } = this.#options;
    return succeeded(jsonOf(await send(bsonOf({ ...command, $db: database }, 'body'), transaction === undefined ? place : { ...place, transaction }), form));
  }
}

/** Filters of the documents after a place in the order: all of the first come before all of the second. Throws RequestError. */
function filtersAfter(after: string, order: readonly SortField[], signature: string): Document[] {
  const { signature: given, position } = readToken(after, token);
  if (given !== signature || position.length !== order.length) throw new RequestError('after', 'it belongs to a listing of another order');
  // No two documents have one `_id`, so that what follows it decides nothing.
  const [first] = order;
  return first?.name === '_id' ? filtersAfterId(position[0], first.isDescending) : [afterPosition(order, position)];
}

function firstBatch(reply: Document): Document[] {
  return (reply['cursor'] as { firstBatch: Document[] }).firstBatch;
}

/** Canonical Extended JSON as relaxed JSON text. */
function relaxed(document: Document): string {
  return JSON.stringify(jsonOf(bsonOf(document, 'body'), 'relaxed'));
}

function plainId(id: unknown): unknown {
  return jsonOf(bsonOf({ id }, '_id'), 'relaxed')['id'];
}

function withId(document: Document): Document {
  return document['_id'] === undefined ? { _id: { $oid: newObjectId() }, ...document } : document;
}

function holds({ tags, exists, absent }: Condition, current: Document | undefined): boolean {
  if (absent === true) return current === undefined;
  if (exists === true && current === undefined) return false;
  return tags === undefined || (current !== undefined && tags.includes(tagOf(relaxed(current))));
}

function projectionOf(fields: readonly string[], prefix = '$'): Document {
  const named = Object.fromEntries(fields.map((name) => [name, prefix === '' ? 1 : `$${name}`]));
  return fields.includes('_id') || prefix !== '' ? named : { ...named, _id: 0 };
}

function lineChecked<Result>(line: number, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    throw error instanceof FacetError ? new LineError(line, error) : error;
  }
}
