// The error of a document whose entry a unique index has already. Source: MongoDB 7.0, buildDupKeyErrorStatus in
// src/mongo/db/storage/index_entry_comparison.cpp.

import { fromStoredJson } from '../../../values/bson/extended-json.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { CollectionInfo } from './catalog.ts';
import { compareEntries, indexEntriesOf, signsOf, type IndexEntry } from './index-entries.ts';
import { namespaceOf } from './names.ts';

type Duplicate = { readonly index: string; readonly pattern: Document; readonly document: Document; /** It has the entry, too. */ readonly other?: Document | undefined; readonly cause?: Error };

/** Code 11000, with `keyPattern` and `keyValue`: the first entry that both documents have. */
export function duplicateKeyError({ target }: Pick<CollectionInfo, 'target'>, { index, pattern, document, other, cause }: Duplicate): DocumentError {
  const entry = sharedEntry(pattern, document, other);
  const values: Document = new Map([...pattern.keys()].map((path, at) => [path, entry[at]!]));
  const text = `E11000 duplicate key error collection: ${namespaceOf(target)} index: ${index} dup key: ${shellText(values)}`;
  return new DocumentError('DuplicateKey', text, { cause, extra: new Map<string, Value>([['keyPattern', pattern], ['keyValue', values]]) });
}

/** Where the other is not known it is the first, which is the one that the B-tree of the index holds. */
function sharedEntry(pattern: Document, document: Document, other: Document | undefined): IndexEntry {
  const [first, ...rest] = indexEntriesOf(document, pattern);
  if (other === undefined || rest.length === 0) return first!;
  const signs = signsOf(pattern);
  const others = indexEntriesOf(other, pattern);
  return [first!, ...rest].find((entry) => others.some((each) => compareEntries(entry, each, signs) === 0)) ?? first!;
}

/** The two documents that PostgreSQL's error names (unique-arrays.ts): one that was written, and the other. */
export function documentsSharing(detail: string | undefined): Pick<Duplicate, 'document' | 'other'> | undefined {
  const named = detail?.startsWith('{') === true ? fromStoredJson(detail) : undefined;
  const [document, other] = [named?.get('written'), named?.get('other')];
  return document instanceof Map && other instanceof Map ? { document, other } : undefined;
}
