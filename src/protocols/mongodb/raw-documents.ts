// Replies that hold documents as the bytes that PostgreSQL gave: assembled around them, not decoded and encoded again.

import { encodeDocument } from '../../values/bson/encode.ts';
import type { Document } from '../../values/bson/types.ts';

/** The reply of a cursor: `{cursor: {firstBatch | nextBatch: […], id, ns}, …}`. */
export class RawDocuments {
  readonly batchName: 'firstBatch' | 'nextBatch';
  readonly documents: readonly Buffer[];
  readonly cursorId: bigint;
  readonly namespace: string;

  constructor({ batchName, documents, cursorId, namespace }: { readonly batchName: 'firstBatch' | 'nextBatch'; readonly documents: readonly Buffer[]; readonly cursorId: bigint; readonly namespace: string }) {
    this.batchName = batchName;
    this.documents = documents;
    this.cursorId = cursorId;
    this.namespace = namespace;
  }

  /** The reply's BSON, with `rest` (`ok`, `$clusterTime`, …) behind the cursor. */
  encode(rest: Document): Buffer {
    const batch = arrayOf(this.documents);
    const tail = encodeDocument(new Map<string, bigint | string>([['id', this.cursorId], ['ns', this.namespace]])).subarray(4);
    const name = Buffer.from(`\x04${this.batchName}\0`, 'latin1');
    const cursorLength = 4 + name.length + batch.length + tail.length;
    const field = Buffer.from('\x03cursor\0', 'latin1');
    const others = encodeDocument(rest).subarray(4);
    return Buffer.concat([int32(4 + field.length + cursorLength + others.length), field, int32(cursorLength), name, batch, tail, others]);
  }
}

/** Documents as a BSON array. */
function arrayOf(documents: readonly Buffer[]): Buffer {
  let length = 5;
  for (const [index, document] of documents.entries()) length += 2 + digitsOf(index) + document.length;
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32LE(length, 0);
  let at = 4;
  for (const [index, document] of documents.entries()) {
    bytes[at++] = 3;
    at += bytes.write(String(index), at, 'latin1');
    bytes[at++] = 0;
    bytes.set(document, at);
    at += document.length;
  }
  bytes[at] = 0;
  return bytes;
}

function digitsOf(index: number): number {
  return index < 10 ? 1 : index < 100 ? 2 : index < 1_000 ? 3 : String(index).length;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
