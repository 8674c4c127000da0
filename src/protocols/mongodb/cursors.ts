// The cursors that clients have open, by id.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { DocumentError, inContext, type DocumentCursor } from '../../facets/documents/index.ts';
import { DateTime, type Document, type Value } from '../../values/bson/types.ts';
import type { Interruption } from './interruption.ts';
import { mongodbLimits } from './limits.ts';
import { RawDocuments } from './raw-documents.ts';

export type OpenCursor = {
  readonly id: bigint;
  readonly cursor: DocumentCursor;
  /** `shop.movies` */
  readonly namespace: string;
  readonly role: string;
  /** The session that it was opened in, in hex; only that may go on with it. */
  readonly session: string | undefined;
  /** The transaction that it was opened in. */
  readonly txnNumber: bigint | undefined;
  readonly abort: Interruption;
  readonly hasTimeout: boolean;
  /** At its end, getMore waits for more. */
  readonly awaitsData: boolean;
  /** Where the client said it when it opened the cursor. */
  readonly batchSize?: number | undefined;
  lastUsedMs: number;
  isBusy: boolean;
};

export type CursorOwner = Pick<OpenCursor, 'namespace' | 'role' | 'session' | 'txnNumber' | 'abort' | 'hasTimeout' | 'awaitsData' | 'batchSize'>;

export type FirstBatchOptions = {
  readonly batchSize: number | undefined;
  readonly isSingle?: boolean;
  /** What errors say that arise while the batch is read. */
  readonly doing?: string;
};

export class Cursors {
  readonly #open = new Map<bigint, OpenCursor>();
  /** What ends with a cursor. */
  readonly #endings = new Map<bigint, () => Promise<void>>();

  /** Since the start. */
  totalOpened = 0;
  timedOut = 0;

  get count(): number {
    return this.#open.size;
  }

  /** Those that a getMore is at work on. */
  get busy(): number {
    return [...this.#open.values()].filter(({ isBusy }) => isBusy).length;
  }

  get withoutTimeout(): number {
    return [...this.#open.values()].filter(({ hasTimeout }) => !hasTimeout).length;
  }

  /** The reply of the command that opens a cursor; the cursor stays open while there may be more. */
  async firstBatch(cursor: DocumentCursor, owner: CursorOwner, { batchSize, isSingle = false, doing }: FirstBatchOptions): Promise<RawDocuments> {
    try {
      const documents = batchSize === 0 ? [] : await cursor.next({ count: batchSize ?? mongodbLimits.firstBatch, bytes: mongodbLimits.replyBytes });
      const isDone = isSingle || (batchSize !== 0 && cursor.isExhausted);
      if (isDone) await cursor.close();
      const cursorId = isDone ? 0n : this.#keep(cursor, owner);
      return new RawDocuments({ batchName: 'firstBatch', documents, cursorId, namespace: owner.namespace });
    } catch (error) {
      await cursor.close();
      throw doing === undefined ? error : inContext(doing, error);
    }
  }

  /** Throws DocumentError: CursorNotFound (43), Unauthorized where it is another's. */
  find(id: bigint, role: string): OpenCursor {
    const open = this.#open.get(id);
    if (open === undefined) throw new DocumentError('CursorNotFound', `cursor id ${id} not found`);
    if (open.role !== role) throw new DocumentError('Unauthorized', `cursor id ${id} was not created by the authenticated user`);
    return open;
  }

  async nextBatch(open: OpenCursor, batchSize: number | undefined, waiting: { readonly waitMs?: number; readonly signal?: AbortSignal } = {}): Promise<RawDocuments> {
    if (open.isBusy) throw new DocumentError('CursorInUse', `cursor id ${open.id} is already in use`);
    open.isBusy = true;
    try {
      const documents = await open.cursor.next({ count: batchSize, bytes: batchSize === undefined ? mongodbLimits.openBatchBytes : mongodbLimits.replyBytes, ...waiting });
      const isDone = open.cursor.isExhausted;
      if (isDone) await this.close(open);
      return new RawDocuments({ batchName: 'nextBatch', documents, cursorId: isDone ? 0n : open.id, namespace: open.namespace });
    } catch (error) {
      await this.close(open);
      throw inContext('Executor error during getMore', error);
    } finally {
      open.isBusy = false;
      open.lastUsedMs = Date.now();
    }
  }

  /** Those that wait for their client, as `$currentOp` lists them. */
  *idleEntries(isShown: (owner: string) => boolean): Generator<Document> {
    for (const { id, namespace, role, isBusy, lastUsedMs } of this.#open.values()) {
      if (isBusy || !isShown(role)) continue;
      const cursor = new Map<string, Value>([['cursorId', id], ['lastAccessDate', new DateTime(BigInt(lastUsedMs))]]);
      yield new Map<string, Value>([['type', 'idleCursor'], ['host', hostname()], ['ns', namespace], ['active', false], ['cursor', cursor]]);
    }
  }

  async close(open: OpenCursor): Promise<void> {
    if (!this.#open.delete(open.id)) return;
    open.abort.abort(new DocumentError('CursorNotFound', `cursor id ${open.id} not found`));
    await open.cursor.close();
    await this.#endings.get(open.id)?.();
    this.#endings.delete(open.id);
  }

  /** False where it is not open (any more). */
  onClosed(id: bigint, ending: () => Promise<void>): boolean {
    if (!this.#open.has(id)) return false;
    this.#endings.set(id, ending);
    return true;
  }

  /** Those of a session, or of one transaction in it. */
  async closeOf(session: string, txnNumber?: bigint): Promise<void> {
    for (const open of this.#open.values()) {
      if (open.session === session && (txnNumber === undefined || open.txnNumber === txnNumber)) await this.close(open);
    }
  }

  /** Closes what nobody has asked for in ten minutes. */
  async reap(): Promise<void> {
    const before = Date.now() - mongodbLimits.cursorTimeoutMs;
    for (const open of this.#open.values()) {
      if (!open.hasTimeout || open.isBusy || open.lastUsedMs >= before) continue;
      this.timedOut += 1;
      await this.close(open);
    }
  }

  async closeAll(): Promise<void> {
    for (const open of this.#open.values()) await this.close(open);
  }

  #keep(cursor: DocumentCursor, owner: CursorOwner): bigint {
    if (this.#open.size >= mongodbLimits.cursors) throw new DocumentError('TooManyFilesOpen', `${this.#open.size} cursors are open`);
    let id = 0n;
    while (id === 0n || this.#open.has(id)) id = randomBytes(8).readBigUInt64BE() >> 1n;
    this.totalOpened += 1;
    this.#open.set(id, { ...owner, id, cursor, lastUsedMs: Date.now(), isBusy: false });
    return id;
  }
}
