// Documents: what protocols and the embedding API ask of this facet.

import type { ScramKeys } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import { type EngineObserver, noObserver } from '../../engine/observer.ts';
import { HeldTransaction } from '../../engine/store-transaction.ts';
import type { Log } from '../../kernel/log.ts';
import type { Document, Value } from '../../values/bson/types.ts';
import type { CollectionName } from './pipelines/stage.ts';
import { aggregate } from './store/aggregate.ts';
import { type CappedCopy, cloneAsCapped, convertToCapped } from './store/capped-copies.ts';
import { CatalogCache } from './store/catalog-cache.ts';
import { type Rename, createCollection, dropCollection, dropDatabase, renameCollection } from './store/collections.ts';
import { deleteDocuments } from './store/delete.ts';
import { DocumentGroups } from './store/document-groups.ts';
import { assertExpectedCollection, collectionOf } from './store/expected-collection.ts';
import { type ExplainedCommand, type Verbosity, explain } from './store/explain.ts';
import { ExpirySweeper } from './store/expiry-sweeper.ts';
import { findAndModify } from './store/find-and-modify.ts';
import { count, distinct, find } from './store/find.ts';
import { createIndexes, dropIndexes, listIndexes } from './store/indexes.ts';
import { HeldConnections } from './store/held-connections.ts';
import { insert } from './store/insert.ts';
import { Insertions } from './store/insertions.ts';
import { listCollections, listDatabases } from './store/listings.ts';
import { type Validation, compact, validate } from './store/maintenance.ts';
import { type CollectionChange, modifyCollection } from './store/modify-collection.ts';
import type {
  AggregateQuery, CountQuery, DeleteRequest, DistinctQuery, DocumentCursor, FindAndModifyRequest, FindQuery, InsertRequest, Operation, UpdateRequest, WriteReply,
} from './store/operations.ts';
import { collectionStatistics, databaseStatistics } from './store/statistics.ts';
import type { StoreContext } from './store/store-context.ts';
import { StoreSnapshot } from './store/store-snapshot.ts';
import { update } from './store/update.ts';

export type DocumentsOptions = { readonly engine: Engine; readonly log: Log; readonly observer?: EngineObserver };

/**
 * How long a statement waits for another transaction's lock before it gives up with WriteConflict: MongoDB's
 * `maxTransactionLockRequestTimeoutMillis`. To wait longer would let two transactions wait for each other.
 */
const lockTimeoutMs = 5;

/** Every method throws DocumentError for what MongoDB refuses, and the engine's FacetErrors. */
export class Documents {
  readonly #context: StoreContext;
  readonly #sweeper: ExpirySweeper;

  constructor({ engine, log, observer = noObserver }: DocumentsOptions) {
    this.#context = { engine, log, catalog: new CatalogCache(), held: new HeldConnections(), groups: new DocumentGroups(engine, observer), insertions: new Insertions() };
    this.#sweeper = new ExpirySweeper(this.#context);
  }

  /** Begins to remove what TTL indexes say is over. */
  start(): void {
    this.#sweeper.start();
  }

  /** Removes it now; gives how many documents. */
  async sweep(): Promise<number> {
    return await this.#sweeper.sweep();
  }

  async close(): Promise<void> {
    await this.#sweeper.close();
    await this.#context.groups.close();
  }

  /** Tells the engine what `role` has just authenticated with. See `Engine.learnSecret`. */
  learnSecret(role: string, secret: string | ScramKeys): void {
    this.#context.engine.learnSecret(role, secret);
  }

  /** A transaction for several operations as MongoDB has them: with a snapshot taken at its first statement. */
  async begin(role: string): Promise<HeldTransaction> {
    return await HeldTransaction.begin({ role, pool: this.#context.engine.pool(role) }, { isolation: 'repeatable read', lockTimeoutMs });
  }

  /** For reads of one moment. */
  async takeSnapshot(role: string): Promise<StoreSnapshot> {
    return await StoreSnapshot.take(this.#context.engine, role);
  }

  // Reading

  async find(operation: Operation, query: FindQuery): Promise<DocumentCursor> {
    return await find(this.#context, operation, query, this.#aggregate);
  }

  async aggregate(operation: Operation, query: AggregateQuery): Promise<DocumentCursor> {
    return await this.#aggregate(operation, query);
  }

  async count(operation: Operation, query: CountQuery): Promise<bigint> {
    return await count(this.#context, operation, query, this.#aggregate);
  }

  async distinct(operation: Operation, query: DistinctQuery): Promise<Value[]> {
    return await distinct(this.#context, operation, query, this.#aggregate);
  }

  /** The body of the reply of `explain`: `queryPlanner`, `executionStats`, and `facetdb` with the SQL, PostgreSQL's plan and the residual. */
  async explain(operation: Operation, command: ExplainedCommand, verbosity: Verbosity): Promise<Document> {
    return await explain(this.#context, operation, { command, verbosity, aggregate: this.#aggregate });
  }

  // Writing

  async insert(operation: Operation, request: InsertRequest): Promise<WriteReply> {
    return await insert(this.#context, operation, request);
  }

  async update(operation: Operation, request: UpdateRequest): Promise<WriteReply> {
    return await update(this.#context, operation, request);
  }

  async delete(operation: Operation, request: DeleteRequest): Promise<WriteReply> {
    return await deleteDocuments(this.#context, operation, request);
  }

  /** `lastErrorObject` and `value`, as the command's reply has them. */
  async findAndModify(operation: Operation, request: FindAndModifyRequest): Promise<Document> {
    return await findAndModify(this.#context, operation, request);
  }

  // Collections

  /** `options` are those of the command `create` that are kept: `capped`, `size`, `max`, `viewOn`, `pipeline`, … Errors: NamespaceExists. */
  async createCollection(operation: Operation, target: CollectionName, options: Document): Promise<void> {
    await createCollection(this.#context, operation, { target, options });
  }

  /** Gives `nIndexesWas`; undefined where there was no such collection. */
  async dropCollection(operation: Operation, target: CollectionName): Promise<number | undefined> {
    return await dropCollection(this.#context, operation, target);
  }

  /** False where there was no such database. */
  async dropDatabase(operation: Operation, database: string): Promise<boolean> {
    return await dropDatabase(this.#context, operation, database);
  }

  async renameCollection(operation: Operation, rename: Rename): Promise<void> {
    await renameCollection(this.#context, operation, rename);
  }

  /** Makes it a capped collection; only the index on `_id` stays. Errors: NamespaceNotFound, CommandNotSupportedOnView. */
  async convertToCapped(operation: Operation, target: CollectionName, size: bigint): Promise<void> {
    await convertToCapped(this.#context, operation, { target, size });
  }

  /** Errors: as `convertToCapped`, and NamespaceExists. */
  async cloneAsCapped(operation: Operation, copy: CappedCopy): Promise<void> {
    await cloneAsCapped(this.#context, operation, copy);
  }

  /** Looks at every row and counts the keys of the indexes. Errors: NamespaceNotFound, CommandNotSupportedOnView. */
  async validate(operation: Operation, target: CollectionName): Promise<Validation> {
    return await validate(this.#context, operation, target);
  }

  /** Gives back space that nothing uses; how many bytes. Errors: as `validate`, Unauthorized for who does not own it. */
  async compact(operation: Operation, target: CollectionName): Promise<number> {
    return await compact(this.#context, operation, target);
  }

  /** Errors: CollectionUUIDMismatch where `target` is not the collection with that `info.uuid`. */
  async assertExpectedCollection(operation: Operation, target: CollectionName, uuid: Uint8Array): Promise<void> {
    await assertExpectedCollection(this.#context, operation, target, uuid);
  }

  /** Errors: NamespaceNotFound where no collection of the database has that `info.uuid`. */
  async collectionOf(operation: Operation, identity: { readonly database: string; readonly uuid: Uint8Array }): Promise<CollectionName> {
    return await collectionOf(this.#context, operation, identity);
  }

  /** As `listCollections` shows them: `name`, `type`, `options`, `info`, `idIndex`. */
  async listCollections(operation: Operation, database: string): Promise<Document[]> {
    return await listCollections(this.#context, operation, database);
  }

  /** `name`, `sizeOnDisk`, `empty`. */
  async listDatabases(operation: Operation): Promise<Document[]> {
    return await listDatabases(this.#context, operation);
  }

  /** The body of the reply of `collStats`; zeros where there is no such collection. */
  async collectionStatistics(operation: Operation, target: CollectionName, scale: bigint): Promise<Document> {
    return await collectionStatistics(this.#context, operation, target, scale);
  }

  /** The body of the reply of `dbStats`. */
  async databaseStatistics(operation: Operation, database: string, scale: bigint): Promise<Document> {
    return await databaseStatistics(this.#context, operation, database, scale);
  }

  /** The command `collMod`: the body of its reply. Errors: NamespaceNotFound, IndexNotFound, InvalidOptions. */
  async modifyCollection(operation: Operation, target: CollectionName, change: CollectionChange): Promise<Document> {
    return await modifyCollection(this.#context, operation, { target, change });
  }

  // Indexes

  /** The body of the reply: `numIndexesBefore`, `numIndexesAfter`, `createdCollectionAutomatically`, `note`. `indexes` as the command has them. */
  async createIndexes(operation: Operation, target: CollectionName, indexes: readonly Document[]): Promise<Document> {
    return await createIndexes(this.#context, operation, { target, indexes });
  }

  /** As `listIndexes` shows them. Errors: NamespaceNotFound. */
  async listIndexes(operation: Operation, target: CollectionName): Promise<Document[]> {
    return await listIndexes(this.#context, operation, target);
  }

  /** `index`: a name, `*`, keys, or several names. Gives `nIndexesWas` (and `msg` for `*`). Errors: IndexNotFound, InvalidOptions, NamespaceNotFound. */
  async dropIndexes(operation: Operation, target: CollectionName, index: Value): Promise<Document> {
    return await dropIndexes(this.#context, operation, { target, index });
  }

  readonly #aggregate = (operation: Operation, query: AggregateQuery): Promise<DocumentCursor> => aggregate(this.#context, operation, query);
}

/** What protocols see of it. */
export type DocumentsApi = Pick<Documents, keyof Documents>;
