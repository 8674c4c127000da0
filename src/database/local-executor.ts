// The store in this process: straight to the facets.

import { type Document, deserialize, serialize } from 'bson';
import type { HeldTransaction, StoreTransaction } from '../access/shared-transactions.ts';
import type { SqlOperation, SqlOutcome, SqlResult, SqlRow } from '../facets/relational/index.ts';
import { FacetError } from '../kernel/errors.ts';
import { runDocumentCommand } from '../protocols/mongodb/document-commands.ts';
import { KeyCommands } from '../protocols/redis/key-commands.ts';
import type { PlainReply } from '../protocols/redis/plain-reply.ts';
import type { Facets } from '../server/facets.ts';
import type { BeginOptions, Bounds, Executor, StoreExecutor, TransactionExecutor } from './executor.ts';

type Place = { readonly facets: Facets; readonly role: string; readonly transaction?: StoreTransaction };

class LocalExecutor implements Executor {
  protected readonly place: Place;
  readonly #keys: KeyCommands;

  constructor(place: Place) {
    this.place = place;
    this.#keys = new KeyCommands(place.facets.keyvalue, place.role);
  }

  async query(text: string, values: readonly unknown[], bounds: Bounds): Promise<SqlResult> {
    return await this.place.facets.relational.query(this.#operation(bounds), text, values);
  }

  async *stream(text: string, values: readonly unknown[], bounds: Bounds): AsyncGenerator<readonly SqlRow[]> {
    yield* this.place.facets.relational.stream(this.#operation(bounds), text, values);
  }

  async copyFrom(text: string, source: AsyncIterable<Uint8Array>, bounds: Bounds): Promise<SqlOutcome> {
    return await this.place.facets.relational.copyFrom(this.#operation(bounds), text, source);
  }

  async *copyTo(text: string, bounds: Bounds): AsyncGenerator<readonly Uint8Array[]> {
    yield* this.place.facets.relational.copyTo(this.#operation(bounds), text);
  }

  async command(database: string, command: Document, { signal, timeoutMs }: Bounds): Promise<Document> {
    const { facets, role, transaction } = this.place;
    const whole = { ...command, ...(timeoutMs === undefined ? {} : { maxTimeMS: timeoutMs }), $db: database };
    const bytes = serialize(whole, { ignoreUndefined: true });
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (signal?.aborted === true) throw new FacetError('cancelled');
    return deserialize(await runDocumentCommand(facets.mongodb, body, { role, transaction, signal }));
  }

  async keys(request: readonly Uint8Array[], space: number, { signal }: Bounds): Promise<PlainReply> {
    if (signal?.aborted === true) throw new FacetError('cancelled');
    const { transaction } = this.place;
    return await this.#keys.run(request.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), { space, transaction });
  }

  #operation({ signal, timeoutMs }: Bounds): SqlOperation {
    const { role, transaction } = this.place;
    return { role, transaction, signal, timeoutMs };
  }
}

class LocalTransaction extends LocalExecutor implements TransactionExecutor {
  readonly #transaction: HeldTransaction;

  constructor(place: Omit<Place, 'transaction'>, transaction: HeldTransaction) {
    super({ ...place, transaction });
    this.#transaction = transaction;
  }

  share(): Promise<string> {
    return Promise.resolve(this.place.facets.transactions.share(this.#transaction));
  }

  async commit(): Promise<void> {
    await this.#transaction.commit();
  }

  async rollback(): Promise<void> {
    await this.#transaction.rollback();
  }
}

export class LocalStore extends LocalExecutor implements StoreExecutor {
  async begin({ isolation, readOnly }: BeginOptions): Promise<TransactionExecutor> {
    const { facets, role } = this.place;
    const options = { ...(isolation === undefined ? {} : { isolation }), ...(readOnly === undefined ? {} : { readOnly }) };
    return new LocalTransaction({ facets, role }, await facets.transactions.begin(role, options));
  }

  join(token: string): Promise<Executor> {
    const { facets, role } = this.place;
    return Promise.resolve(new LocalExecutor({ facets, role, transaction: facets.transactions.join(token, role) }));
  }

  as(role: string): StoreExecutor {
    return new LocalStore({ facets: this.place.facets, role });
  }
}
