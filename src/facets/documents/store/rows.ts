// Rows of collections as documents.

import type { DataRow } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document } from '../../../values/bson/types.ts';
import { idFirst } from './id-first.ts';

/** The columns of which `bsonOf` makes a document: its bytes, or its JSON after SQL has changed it. */
export function documentColumns(row = ''): string {
  const prefix = row === '' ? '' : `${row}.`;
  return `${prefix}bson, case when ${prefix}bson is null then ${prefix}doc::text end`;
}

/** The document in the columns from `first`; the bytes are a copy. */
export function bsonOf(row: DataRow, first = 0): Buffer {
  if (!row.isNull(first)) return Buffer.from(row.bytes(first));
  return bufferOf(idFirst(fromStoredJson(row.utf8(first + 1))));
}

export function bufferOf(document: Document): Buffer {
  const bytes = encodeDocument(document);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** As `bsonOf`, without a copy: for rows of which all are kept, and not for long. */
export function lastingBsonOf(row: DataRow, first = 0): Buffer {
  return row.isNull(first) ? bsonOf(row, first) : row.lasting(first);
}

export function documentOf(row: DataRow, first = 0): Document {
  return decodeDocument(bsonOf(row, first));
}
