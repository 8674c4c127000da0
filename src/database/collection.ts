// Collections of documents with the names and shapes of the MongoDB driver. Each method is one of MongoDB's commands.

import { type Document, ObjectId } from 'bson';
import { FacetError } from '../kernel/errors.ts';
import { succeeded, written } from './document-errors.ts';
import type { Bounds, Executor } from './executor.ts';
import type { Filter, OptionalId, Update, WithId } from './document-types.ts';
import { DocumentIterator, FindCursor } from './find-cursor.ts';
import { type BulkOperation, type BulkResult, runBulk } from './bulk-write.ts';

export type FindOptions = Bounds & {
  readonly sort?: Document; readonly projection?: Document; readonly limit?: number; readonly skip?: number; readonly batchSize?: number;
  readonly hint?: string | Document; readonly let?: Document; readonly min?: Document; readonly max?: Document;
};
export type UpdateOptions = Bounds & { readonly upsert?: boolean; readonly arrayFilters?: readonly Document[]; readonly hint?: string | Document; readonly let?: Document };
export type FindAndModifyOptions = UpdateOptions & { readonly sort?: Document; readonly projection?: Document; /** Default: `before`. */ readonly returnDocument?: 'before' | 'after' };
export type InsertOptions = Bounds & { /** Default: true. */ readonly ordered?: boolean };
export type DeleteOptions = Bounds & { readonly hint?: string | Document; readonly let?: Document };
export type AggregateOptions = Bounds & { readonly batchSize?: number; readonly allowDiskUse?: boolean; readonly hint?: string | Document; readonly let?: Document };
export type CountOptions = Bounds & { readonly skip?: number; readonly limit?: number; readonly hint?: string | Document };
export type IndexOptions = { readonly name?: string; readonly unique?: boolean; readonly sparse?: boolean; readonly expireAfterSeconds?: number; readonly partialFilterExpression?: Document };

export type InsertOneResult<Id> = { readonly insertedId: Id };
export type InsertManyResult<Id> = { readonly insertedCount: number; readonly insertedIds: readonly Id[] };
export type UpdateResult = { readonly matchedCount: number; readonly modifiedCount: number; readonly upsertedCount: number; readonly upsertedId: unknown };
export type DeleteResult = { readonly deletedCount: number };

type IdOf<T> = T extends { _id: infer Id } ? Id : ObjectId;

export class Collection<T extends object = Document> {
  readonly #executor: Executor;
  readonly database: string;
  readonly name: string;

  /** `namespace`: `database.collection`. */
  constructor(executor: Executor, namespace: string) {
    const dot = namespace.indexOf('.');
    if (dot <= 0 || dot === namespace.length - 1) throw new FacetError('data_invalid', `"${namespace}" is not database.collection`);
    this.#executor = executor;
    this.database = namespace.slice(0, dot);
    this.name = namespace.slice(dot + 1);
  }

  // Reading

  find(filter: Filter<T> = {}, options: FindOptions = {}): FindCursor<WithId<T>> {
    const { signal, timeoutMs, ...own } = options;
    return new FindCursor(this.#executor, { database: this.database, collection: this.name, filter, options: own }, { signal, timeoutMs });
  }

  async findOne(filter: Filter<T> = {}, options: FindOptions = {}): Promise<WithId<T> | null> {
    const { signal, timeoutMs, ...own } = options;
    const reply = await this.#run({ find: this.name, filter, ...own, limit: 1, singleBatch: true }, { signal, timeoutMs });
    return ((reply['cursor'] as { firstBatch: WithId<T>[] }).firstBatch[0]) ?? null;
  }

  aggregate<Result = Document>(pipeline: readonly Document[], options: AggregateOptions = {}): DocumentIterator<Result> {
    const { signal, timeoutMs, batchSize, ...own } = options;
    const command = { aggregate: this.name, pipeline, cursor: batchSize === undefined ? {} : { batchSize }, ...own };
    return new DocumentIterator<Result>(this.#executor, () => ({ database: this.database, command, batchSize }), { signal, timeoutMs });
  }

  async countDocuments(filter: Filter<T> = {}, { skip, limit, hint, ...bounds }: CountOptions = {}): Promise<number> {
    const pipeline: Document[] = [{ $match: filter }];
    if (skip !== undefined) pipeline.push({ $skip: skip });
    if (limit !== undefined) pipeline.push({ $limit: limit });
    pipeline.push({ $group: { _id: 1, n: { $sum: 1 } } });
    const [counted] = await this.aggregate<{ n: number }>(pipeline, { ...bounds, ...(hint === undefined ? {} : { hint }) }).toArray();
    return counted?.n ?? 0;
  }

  async estimatedDocumentCount(bounds: Bounds = {}): Promise<number> {
    return Number((await this.#run({ count: this.name }, bounds))['n']);
  }

  async distinct<Field extends keyof WithId<T> & string>(field: Field, filter?: Filter<T>, bounds?: Bounds): Promise<WithId<T>[Field][]>;
  async distinct(field: string, filter?: Filter<T>, bounds?: Bounds): Promise<unknown[]>;
  async distinct(field: string, filter: Filter<T> = {}, bounds: Bounds = {}): Promise<unknown[]> {
    return (await this.#run({ distinct: this.name, key: field, query: filter }, bounds))['values'] as unknown[];
  }

  // Writing

  async insertOne(document: OptionalId<T>, bounds: Bounds = {}): Promise<InsertOneResult<IdOf<T>>> {
    const { insertedIds } = await this.insertMany([document], bounds);
    return { insertedId: insertedIds[0]! };
  }

  /** Throws DocumentWriteError where some were refused. */
  async insertMany(documents: readonly OptionalId<T>[], { ordered = true, ...bounds }: InsertOptions = {}): Promise<InsertManyResult<IdOf<T>>> {
    const withIds = documents.map((document) => ('_id' in document && document._id !== undefined ? document : { _id: new ObjectId(), ...document }));
    const reply = await this.#write({ insert: this.name, documents: withIds, ordered }, bounds);
    return { insertedCount: Number(reply['n']), insertedIds: withIds.map(({ _id }) => _id as IdOf<T>) };
  }

  async updateOne(filter: Filter<T>, update: Update<T>, options: UpdateOptions = {}): Promise<UpdateResult> {
    return await this.#update({ filter, update, multi: false }, options);
  }

  async updateMany(filter: Filter<T>, update: Update<T>, options: UpdateOptions = {}): Promise<UpdateResult> {
    return await this.#update({ filter, update, multi: true }, options);
  }

  async replaceOne(filter: Filter<T>, replacement: OptionalId<T>, options: UpdateOptions = {}): Promise<UpdateResult> {
    return await this.#update({ filter, update: replacement, multi: false }, options);
  }

  async deleteOne(filter: Filter<T>, options: DeleteOptions = {}): Promise<DeleteResult> {
    return await this.#delete(filter, 1, options);
  }

  async deleteMany(filter: Filter<T>, options: DeleteOptions = {}): Promise<DeleteResult> {
    return await this.#delete(filter, 0, options);
  }

  async findOneAndUpdate(filter: Filter<T>, update: Update<T>, options: FindAndModifyOptions = {}): Promise<WithId<T> | null> {
    return await this.#findAndModify(filter, { update }, options);
  }

  async findOneAndReplace(filter: Filter<T>, replacement: OptionalId<T>, options: FindAndModifyOptions = {}): Promise<WithId<T> | null> {
    return await this.#findAndModify(filter, { update: replacement }, options);
  }

  async findOneAndDelete(filter: Filter<T>, options: Omit<FindAndModifyOptions, 'upsert' | 'returnDocument' | 'arrayFilters'> = {}): Promise<WithId<T> | null> {
    return await this.#findAndModify(filter, { remove: true }, options);
  }

  /** Several writes of several kinds, in order unless `ordered` is false. Throws DocumentWriteError where some were refused. */
  async bulkWrite(operations: readonly BulkOperation<T>[], { ordered = true, ...bounds }: InsertOptions = {}): Promise<BulkResult> {
    return await runBulk((command) => this.#run(command, bounds), { name: this.name, operations, ordered });
  }

  // Indexes and the collection itself

  /** Gives the index's name. */
  async createIndex(key: Document, options: IndexOptions = {}, bounds: Bounds = {}): Promise<string> {
    const name = options.name ?? Object.entries(key).map(([field, direction]) => `${field}_${String(direction)}`).join('_');
    await this.#run({ createIndexes: this.name, indexes: [{ key, ...options, name }] }, bounds);
    return name;
  }

  async dropIndex(name: string, bounds: Bounds = {}): Promise<void> {
    await this.#run({ dropIndexes: this.name, index: name }, bounds);
  }

  async indexes(bounds: Bounds = {}): Promise<Document[]> {
    return await new DocumentIterator<Document>(this.#executor, () => ({ database: this.database, command: { listIndexes: this.name } }), bounds).toArray();
  }

  /** False where there was none. */
  async drop(bounds: Bounds = {}): Promise<boolean> {
    return (await this.#run({ drop: this.name }, bounds))['nIndexesWas'] !== undefined;
  }

  async #run(command: Document, { signal, timeoutMs }: Bounds): Promise<Document> {
    return succeeded(await this.#executor.command(this.database, command, { signal, timeoutMs }));
  }

  async #write(command: Document, bounds: Bounds): Promise<Document> {
    return written(await this.#run(command, bounds));
  }

  async #update({ filter, update, multi }: { readonly filter: Document; readonly update: unknown; readonly multi: boolean }, options: UpdateOptions): Promise<UpdateResult> {
    const { signal, timeoutMs, let: variables, ...own } = options;
    const command = { update: this.name, updates: [{ q: filter, u: update, multi, ...own }], ...(variables === undefined ? {} : { let: variables }) };
    const reply = await this.#write(command, { signal, timeoutMs });
    const upserted = reply['upserted'] as readonly { readonly _id: unknown }[] | undefined;
    const upsertedCount = upserted?.length ?? 0;
    return { matchedCount: Number(reply['n']) - upsertedCount, modifiedCount: Number(reply['nModified']), upsertedCount, upsertedId: upserted?.[0]?._id ?? null };
  }

  async #delete(filter: Document, limit: 0 | 1, { signal, timeoutMs, let: variables, ...own }: DeleteOptions): Promise<DeleteResult> {
    const command = { delete: this.name, deletes: [{ q: filter, limit, ...own }], ...(variables === undefined ? {} : { let: variables }) };
    return { deletedCount: Number((await this.#write(command, { signal, timeoutMs }))['n']) };
  }

  async #findAndModify(query: Document, change: Document, { signal, timeoutMs, projection, returnDocument, ...own }: FindAndModifyOptions): Promise<WithId<T> | null> {
    const command = {
      findAndModify: this.name, query, ...change, ...own,
      ...(projection === undefined ? {} : { fields: projection }),
      ...(returnDocument === undefined ? {} : { new: returnDocument === 'after' }),
    };
    return ((await this.#run(command, { signal, timeoutMs }))['value'] as WithId<T> | undefined) ?? null;
  }
}
