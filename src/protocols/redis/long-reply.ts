// A reply of very many items on its way to a client: it is encoded a slice at a time, so that others are served in between, and no more of it
// than the client takes.

import { Buffer } from 'node:buffer';
import { redisLimits } from './limits.ts';
import type { ReplyWriter } from './reply-writer.ts';
import { Double, Listing, Pairs, type Reply } from './reply.ts';

type Items = {
  readonly kind: 'array' | 'set' | 'map';
  /** As the header tells it. */
  readonly count: number;
  readonly rows: number;
  readonly bytes: number;
  readonly writeRow: (writer: ReplyWriter, index: number) => void;
};

/** What a bulk string takes besides its bytes, roughly. */
const headerBytes = 7;

export class LongReply {
  readonly #items: Items;
  #next = 0;

  constructor(items: Items) {
    this.#items = items;
  }

  /** Undefined for replies that are written in one piece. */
  static of(reply: Reply): LongReply | undefined {
    if (typeof reply !== 'object' || reply === null || Buffer.isBuffer(reply)) return undefined;
    const items = itemsOf(reply);
    return items === undefined ? undefined : new LongReply(items);
  }

  /** Bytes that are not written yet, roughly. */
  get remainingBytes(): number {
    const { bytes, rows } = this.#items;
    return Math.ceil((bytes * (rows - this.#next)) / rows);
  }

  /** Writes the next of it; true when that was the last. */
  writeSlice(writer: ReplyWriter): boolean {
    const { kind, count, rows, writeRow } = this.#items;
    if (this.#next === 0) writer.header(kind, count);
    const { slicedReplyBytes, slicedReplyRows } = redisLimits;
    const end = Math.min(rows, this.#next + slicedReplyRows);
    const start = writer.length;
    while (this.#next < end && writer.length - start < slicedReplyBytes) writeRow(writer, this.#next++);
    return this.#next === rows;
  }
}

function itemsOf(reply: Exclude<Reply, number | bigint | string | boolean | symbol | null>): Items | undefined {
  const least = redisLimits.slicedReplyRows;
  if (Array.isArray(reply)) return reply.length > least ? ofReplies('array', reply as readonly Reply[]) : undefined;
  if (reply instanceof Listing) return reply.rows.length > least ? ofListing(reply) : undefined;
  if (reply instanceof Set) return reply.size > least ? ofReplies('set', [...(reply as ReadonlySet<Reply>)]) : undefined;
  if (!(reply instanceof Pairs) || reply.pairs.length <= least) return undefined;
  const { pairs } = reply;
  const writeRow = (writer: ReplyWriter, index: number): void => pairs[index]!.forEach((item) => writer.write(item));
  return { kind: 'map', count: pairs.length, rows: pairs.length, bytes: pairs.reduce((sum, [key, value]) => sum + bytesOf(key) + bytesOf(value), 0), writeRow };
}

function ofReplies(kind: 'array' | 'set', replies: readonly Reply[]): Items {
  const bytes = replies.reduce((sum: number, item) => sum + bytesOf(item), 0);
  return { kind, count: replies.length, rows: replies.length, bytes, writeRow: (writer, index) => writer.write(replies[index]!) };
}

function ofListing(listing: Listing): Items {
  const { rows, kind, count } = listing;
  return { kind, count, rows: rows.length, bytes: rows.byteLength + count * headerBytes, writeRow: (writer, index) => writer.row(listing, index) };
}

function bytesOf(reply: Reply): number {
  if (Buffer.isBuffer(reply)) return reply.length + headerBytes;
  if (Array.isArray(reply)) return (reply as readonly Reply[]).reduce((sum: number, item) => sum + bytesOf(item), headerBytes);
  return reply instanceof Double ? 3 * headerBytes : headerBytes;
}
