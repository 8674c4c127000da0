// The rules of capped collections. Source: MongoDB 7.0's manual, "Capped Collections"; collection_write_path.cpp.

import { isNumeric } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import type { CollectionInfo } from './catalog.ts';
import { namespaceOf } from './names.ts';
import type { Operation } from './operations.ts';

/** Throws DocumentError: OperationNotSupportedInTransaction. */
export function assertWritable({ isCapped, target }: CollectionInfo, operation: Operation): void {
  if (!isCapped || operation.transaction === undefined) return;
  throw new DocumentError('OperationNotSupportedInTransaction', `Collection '${namespaceOf(target)}' is a capped collection. Writes in transactions are not allowed on capped collections.`);
}

/** The most bytes that it holds; 0 where it is not capped. */
export function cappedBytes({ isCapped, options }: CollectionInfo): number {
  const size = options.get('size');
  return isCapped && isNumeric(size) ? toDouble(size) : 0;
}

/** Throws DocumentError: BadValue for a document that a capped collection cannot hold. */
export function assertFits(info: CollectionInfo, bytes: number): void {
  const most = cappedBytes(info);
  if (!info.isCapped || bytes <= most) return;
  throw new DocumentError('BadValue', `object to insert exceeds cappedMaxSize. Object size: ${bytes}, cappedMaxSize: ${most}`);
}
