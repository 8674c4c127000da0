// The documents of a query, batch by batch, as they are iterated over.

import type { Document } from 'bson';
import { succeeded } from './document-errors.ts';
import type { Bounds, Executor } from './executor.ts';

export type CursorCommand = { readonly database: string; readonly command: Document; readonly batchSize?: number | undefined };

type Batch = { readonly id: unknown; readonly ns: string; readonly firstBatch?: Document[]; readonly nextBatch?: Document[] };

/** Iterated over once, or gathered by `toArray`. */
export class DocumentIterator<T> implements AsyncIterable<T> {
  readonly #executor: Executor;
  readonly #bounds: Bounds;
  /** Asked for when the first document is. */
  readonly #command: () => CursorCommand;

  constructor(executor: Executor, command: () => CursorCommand, bounds: Bounds) {
    this.#executor = executor;
    this.#command = command;
    this.#bounds = bounds;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    const { database, command, batchSize } = this.#command();
    let cursor = cursorOf(succeeded(await this.#executor.command(database, command, this.#bounds)));
    try {
      yield* cursor.documents as T[];
      while (cursor.isOpen) {
        const more = { getMore: cursor.id, collection: cursor.collection, ...(batchSize === undefined ? {} : { batchSize }) };
        cursor = cursorOf(succeeded(await this.#executor.command(database, more, { signal: this.#bounds.signal })));
        yield* cursor.documents as T[];
      }
    } finally {
      // Who stops early gives back what the cursor holds.
      if (cursor.isOpen) await this.#executor.command(database, { killCursors: cursor.collection, cursors: [cursor.id] }, {}).catch(() => {});
    }
  }

  async toArray(): Promise<T[]> {
    const documents: T[] = [];
    for await (const document of this) documents.push(document);
    return documents;
  }
}

function cursorOf({ cursor }: Document): { readonly id: unknown; readonly collection: string; readonly documents: Document[]; readonly isOpen: boolean } {
  const { id, ns, firstBatch, nextBatch } = cursor as Batch;
  return { id, collection: ns.slice(ns.indexOf('.') + 1), documents: firstBatch ?? nextBatch ?? [], isOpen: String(id) !== '0' };
}

/** What `find` gives: it can be refined until its first document is asked for. */
export class FindCursor<T> extends DocumentIterator<T> {
  readonly #options: Record<string, unknown>;

  constructor(executor: Executor, { database, collection, filter, options }: { readonly database: string; readonly collection: string; readonly filter: Document; readonly options: Record<string, unknown> }, bounds: Bounds) {
    const own = { ...options };
    super(executor, () => ({ database, command: { find: collection, filter, ...own }, batchSize: own['batchSize'] as number | undefined }), bounds);
    this.#options = own;
  }

  sort(sort: Document): this {
    return this.#set('sort', sort);
  }

  limit(limit: number): this {
    return this.#set('limit', limit);
  }

  skip(skip: number): this {
    return this.#set('skip', skip);
  }

  project<Projected = Document>(projection: Document): FindCursor<Projected> {
    return this.#set('projection', projection) as unknown as FindCursor<Projected>;
  }

  hint(hint: string | Document): this {
    return this.#set('hint', hint);
  }

  batchSize(batchSize: number): this {
    return this.#set('batchSize', batchSize);
  }

  #set(name: string, value: unknown): this {
    this.#options[name] = value;
    return this;
  }
}
