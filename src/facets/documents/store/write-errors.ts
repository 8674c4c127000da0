// Statements that fail alone: what a write's reply tells of them.

import { isFacetError } from '../../../kernel/errors.ts';
import { int32, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { rowRefusal, violatedKey } from '../tables/row-refusals.ts';
import type { CollectionInfo } from './catalog.ts';
import { documentsSharing, duplicateKeyError } from './duplicate-key.ts';

/** An element of `writeErrors`. */
export function writeErrorOf(index: number, error: DocumentError): Document {
  const document: Document = new Map<string, Value>([['index', int32(index)], ['code', int32(error.number)], ['errmsg', error.details]]);
  for (const [name, value] of error.extra ?? []) document.set(name, value);
  return document;
}

/** The DocumentError that belongs to one statement of a write; undefined for those that end the whole command. */
export function ownError(error: unknown, isPart: boolean): DocumentError | undefined {
  if (isPart || !(error instanceof DocumentError) || error.labels.includes('TransientTransactionError')) return undefined;
  const endsAll: readonly number[] = [13, 50, 11_600, 11_601, 112];
  return endsAll.includes(error.number) ? undefined : error;
}

/** What a unique index or a table's constraint refused, in MongoDB's words; other errors stay as they are. */
export function refusalOf(error: unknown, info: CollectionInfo, document: Document): unknown {
  if (!isFacetError(error, 'unique_violation')) return info.table === undefined ? error : rowRefusal(error, info, document);
  const relation = error.postgres?.constraint;
  if (info.table !== undefined) {
    const { name, pattern } = violatedKey(info.table, relation);
    return duplicateKeyError(info, { index: name, pattern, document, cause: error });
  }
  const index = info.indexes.find((candidate) => candidate.relation === relation);
  const pattern = keyPatternOf(index?.specification.get('key'));
  const other = documentsSharing(error.postgres?.detail)?.other;
  return duplicateKeyError(info, { index: index?.name ?? '_id_', pattern, document, other, cause: error });
}

function keyPatternOf(key: Maybe): Document {
  return key instanceof Map ? key : new Map([['_id', int32(1)]]);
}
