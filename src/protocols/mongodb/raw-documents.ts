// Replies that hold documents as the bytes that PostgreSQL gave: assembled around them, not decoded and encoded again.

import { encodeDocument } from '../../values/bson/encode.ts';
import type { Timestamp } from '../../values/bson/types.ts';

/** The reply of a cursor: `{cursor: {firstBatch | nextBatch: […], id, ns}, …}`. */
export class RawDocuments {
  readonly batchName: 'firstBatch' | 'nextBatch';
  readonly documents: readonly Buffer[];
  readonly cursorId: bigint;
  readonly namespace: string;
  /** Of a snapshot, for the reply of the command that opens the cursor. */
  atClusterTime: Timestamp | undefined;

  constructor({ batchName, documents, cursorId, namespace }: { readonly batchName: 'firstBatch' | 'nextBatch'; readonly documents: readonly Buffer[]; readonly cursorId: bigint; readonly namespace: string }) {
    this.batchName = batchName;
    this.documents = documents;
    this.cursorId = cursorId;
    this.namespace = namespace;
  }

  /**
   * The reply's BSON, with `rest` behind the cursor: elements (`ok`, `$clusterTime`, …), and at last the end of a document.
   * Documents are copied this once; so there is `room` for other bytes in front.
   */
  encode(rest: readonly Uint8Array[], room = 0): Buffer {
    const time = this.atClusterTime === undefined ? nothing : encodeDocument(new Map([['atClusterTime', this.atClusterTime]])).subarray(4, -1);
    const namespaceBytes = Buffer.byteLength(this.namespace);
    const tailLength = time.length + idName.length + 8 + nsName.length + 4 + namespaceBytes + 2;
    const batchLength = arrayLength(this.documents);
    const batchName = this.batchName === 'firstBatch' ? firstBatchName : nextBatchName;
    const cursorLength = 4 + batchName.length + batchLength + tailLength;
    const bytes = Buffer.allocUnsafe(room + 4 + cursorName.length + cursorLength + rest.reduce((sum, { length }) => sum + length, 0));
    let at = bytes.writeInt32LE(bytes.length - room, room);
    const put = (piece: Uint8Array): void => {
      bytes.set(piece, at);
      at += piece.length;
    };
    put(cursorName);
    at = bytes.writeInt32LE(cursorLength, at);
    put(batchName);
    at = writeArray(bytes, at, { documents: this.documents, length: batchLength });
    put(time);
    put(idName);
    at = bytes.writeBigInt64LE(this.cursorId, at);
    put(nsName);
    at = bytes.writeInt32LE(namespaceBytes + 1, at);
    at += bytes.write(this.namespace, at);
    // The ends of the text and of the cursor.
    at = bytes.writeUInt16LE(0, at);
    for (const piece of rest) put(piece);
    return bytes;
  }
}

const cursorName = Buffer.from('\x03cursor\0', 'latin1');
const firstBatchName = Buffer.from('\x04firstBatch\0', 'latin1');
const nextBatchName = Buffer.from('\x04nextBatch\0', 'latin1');
const idName = Buffer.from('\x12id\0', 'latin1');
const nsName = Buffer.from('\x02ns\0', 'latin1');
const nothing = new Uint8Array(0);

/** What a reply without an error has behind its fields, before `$clusterTime`. */
export const okElement = encodeDocument(new Map([['ok', 1]])).slice(4, -1);

/** A document's bytes with more elements at its end, and `room` in front. */
export function withTail(document: Uint8Array, tail: Uint8Array, room = 0): Buffer {
  const bytes = Buffer.allocUnsafe(room + document.length - 1 + tail.length);
  bytes.set(document, room);
  bytes.set(tail, room + document.length - 1);
  bytes.writeInt32LE(bytes.length - room, room);
  return bytes;
}

/** Of documents as a BSON array. */
function arrayLength(documents: readonly Buffer[]): number {
  let length = 5;
  for (let index = 0; index < documents.length; index += 1) length += 2 + digitsOf(index) + documents[index]!.length;
  return length;
}

/** Gives where the array ends. */
function writeArray(bytes: Buffer, start: number, { documents, length }: { readonly documents: readonly Buffer[]; readonly length: number }): number {
  let at = bytes.writeInt32LE(length, start);
  for (let index = 0; index < documents.length; index += 1) {
    bytes[at++] = 3;
    at = writeDigits(bytes, at, index);
    bytes[at++] = 0;
    const document = documents[index]!;
    bytes.set(document, at);
    at += document.length;
  }
  bytes[at++] = 0;
  return at;
}

function digitsOf(index: number): number {
  let digits = 1;
  for (let power = 10; index >= power; power *= 10) digits += 1;
  return digits;
}

function writeDigits(bytes: Buffer, start: number, index: number): number {
  const end = start + digitsOf(index);
  let rest = index;
  for (let at = end - 1; at >= start; at -= 1) {
    bytes[at] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}
