// Documents as the rows that are written.

import { maxStoredDepth } from '../../../values/bson/bson-error.ts';
import { decodeDocument, decodeElement, isStorableDepth, rawElements } from '../../../values/bson/decode.ts';
import { objectIdNow } from '../../../values/bson/object-id.ts';
import { timestampNow } from '../../../values/bson/timestamp-now.ts';
import { toStoredJson } from '../../../values/bson/extended-json.ts';
import { ObjectId, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { maxDocumentBytes } from '../updates/storage-rules.ts';
import { bufferOf } from './rows.ts';
import { type Cells, cellsOf } from '../tables/row-of-document.ts';
import type { CollectionInfo } from './catalog.ts';
import { assertStorableId, documentKeyOf } from './document-key.ts';

export type DocumentRow = { readonly key: Buffer; readonly json: string; readonly bytes: Buffer; /** Of a table's row. */ readonly cells?: Cells };

type Target = Pick<CollectionInfo, 'target' | 'table'>;

/** The row of a document that is to be inserted. Throws DocumentError. */
export function rowToInsert({ target, table }: Target, bytes: Buffer): DocumentRow {
  if (table === undefined) return rowOfBytes(bytes);
  return { key: noBytes, json: '', bytes, cells: cellsOf({ table, target }, decodeDocument(bytes)) };
}

/** The row of a document that was made here, in the place of `before` where there was one. Throws DocumentError. */
export function rowFor({ target, table }: Target, document: Document, before?: Document): DocumentRow {
  if (table === undefined) return rowOfDocument(document);
  return { key: noBytes, json: '', bytes: noBytes, cells: cellsOf({ table, target }, document, before) };
}

const noBytes = Buffer.alloc(0);

/** The row of a document that a client sent: its own bytes, with an `_id` in front and the time in empty timestamps. Throws DocumentError. */
function rowOfBytes(sent: Buffer): DocumentRow {
  const bytes = withTimestamps(sent);
  if (bytes.length > maxDocumentBytes) {
    throw new DocumentError('BadValue', `object to insert too large. size in bytes: ${bytes.length}, max size: ${maxDocumentBytes}`);
  }
  if (!isStorableDepth(bytes)) throw new DocumentError('Overflow', `cannot insert document because it exceeds ${maxStoredDepth} levels of nesting`);
  const [first] = rawElements(bytes);
  if (first?.name === '_id') return row(decodeElement(bytes, first), bytes);
  const document = decodeDocument(bytes);
  const id = document.get('_id') ?? objectIdNow();
  return row(id, withIdInFront(bytes, id));
}

const timestampType = 17;
const emptyTimestamp = Buffer.alloc(8);

/** An empty timestamp at the top stands for the present one, but not as `_id`. Those of a client's bytes are told by the byte of their type alone, for most. */
function withTimestamps(bytes: Buffer): Buffer {
  if (!bytes.includes(timestampType)) return bytes;
  let changed: Buffer | undefined;
  for (const { type, name, start, end } of rawElements(bytes)) {
    if (type !== timestampType || name === '_id' || !bytes.subarray(start, end).equals(emptyTimestamp)) continue;
    changed ??= Buffer.from(bytes);
    changed.writeBigUInt64LE(timestampNow().value, start);
  }
  return changed ?? bytes;
}

/** The row of a document that was made here. */
export function rowOfDocument(document: Document): DocumentRow {
  return row(document.get('_id') ?? null, bufferOf(document));
}

function row(id: Value, bytes: Buffer): DocumentRow {
  assertStorableId(id);
  return { key: documentKeyOf(id), json: toStoredJson(bytes), bytes };
}

/** The bytes with `_id` as the first element: moved there, or new. */
function withIdInFront(bytes: Buffer, id: Value): Buffer {
  if (!(id instanceof ObjectId) || [...rawElements(bytes)].some(({ name }) => name === '_id')) return bufferOf(new Map([['_id', id], ...decodeDocument(bytes)]));
  const made = Buffer.allocUnsafe(bytes.length + 17);
  made.writeInt32LE(bytes.length + 17, 0);
  made[4] = 7;
  made.write('_id\0', 5, 'latin1');
  made.set(id.bytes, 9);
  bytes.copy(made, 21, 4);
  return made;
}
