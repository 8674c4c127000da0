// insert.

import { FacetError } from '../../../kernel/errors.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { isRowRefusal } from '../tables/row-refusals.ts';
import { assertTableWritable } from '../tables/assert-table-writable.ts';
import { assertFits, assertWritable } from './capped.ts';
import type { CollectionInfo } from './catalog.ts';
import { ensureCollection } from './collections.ts';
import { type DocumentRow, rowToInsert } from './document-rows.ts';
import { assertWritableName, namespaceOf } from './names.ts';
import type { InsertRequest, Operation, WriteReply } from './operations.ts';
import { assertIndexable, refusesArrays } from './indexed-arrays.ts';
import { insertSingle } from './single-operations.ts';
import type { StoreContext } from './store-context.ts';
import { isMissing } from './store-errors.ts';
import { type Unit, firstReply, inUnit, isRepetition, onConnection, recordSteps } from './unit.ts';
import { ownError, refusalOf, writeErrorOf } from './write-errors.ts';
import { insertSteps } from './write-steps.ts';

/** A document of the request, by its place in it. */
type Item = { readonly index: number; readonly row: DocumentRow };

/** What the request holds: documents to insert, and those that are refused as they are. */
type Prepared = { readonly items: readonly Item[]; readonly errors: Document[] };

export async function insert(context: StoreContext, operation: Operation, request: InsertRequest): Promise<WriteReply> {
  assertWritableName(request.target);
  const info = await ensureCollection(context, operation, request.target);
  if (info.kind === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(request.target)} is a view, not a collection`);
  assertTableWritable(info);
  assertWritable(info, operation);
  const prepared = prepare(info, request);
  try {
    return await insertAtOnce(context, operation, { info, prepared });
  } catch (error) {
    if (operation.transaction === undefined && isMissing(error)) {
      // Dropped by somebody else since we looked.
      context.catalog.forget(request.target);
      return await insertAtOnce(context, operation, { info: await ensureCollection(context, operation, request.target), prepared });
    }
    if (!isRowRefusal(error)) throw error;
    if (operation.transaction !== undefined) throw refusalOf(error, info, decodeDocument(prepared.items[0]!.row.bytes));
    return await inUnit(context.engine, operation, { target: info.target, body: (unit) => insertOneByOne(unit, info, { ...prepared, isOrdered: request.ordered }) });
  }
}

/** Up to the first document that is refused, where the order counts. */
function prepare(info: CollectionInfo, { documents, ordered }: InsertRequest): Prepared {
  const items: Item[] = [];
  const errors: Document[] = [];
  const isRefusing = refusesArrays(info);
  for (const [index, bytes] of documents.entries()) {
    try {
      const row = rowToInsert(info, bytes);
      assertFits(info, row.bytes.length);
      if (isRefusing) assertIndexable(info, decodeDocument(row.bytes));
      items.push({ index, row });
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      errors.push(writeErrorOf(index, error));
      if (ordered) break;
    }
  }
  return { items, errors };
}

function replyOf(inserted: number, errors: readonly Document[]): WriteReply {
  const reply: WriteReply = new Map<string, Value>([['n', int32(inserted)]]);
  if (errors.length > 0) reply.set('writeErrors', [...errors].sort((a, b) => indexOf(a) - indexOf(b)));
  return reply;
}

function indexOf(error: Document): number {
  const index = error.get('index');
  return index !== null && typeof index === 'object' && 'value' in index ? Number(index.value) : 0;
}

/** All in one statement, one transaction, one round trip. */
async function insertAtOnce(context: StoreContext, operation: Operation, { info, prepared }: { readonly info: CollectionInfo; readonly prepared: Prepared }): Promise<WriteReply> {
  const reply = replyOf(prepared.items.length, prepared.errors);
  if (prepared.items.length === 0) return reply;
  const single = prepared.items.length === 1 && !info.isCapped ? await insertSingle(context, operation, { info, row: prepared.items[0]!.row, reply }) : undefined;
  if (single !== undefined) return single;
  return await onConnection(context.engine, operation, async (connection) => {
    try {
      await connection.execute([...recordSteps(operation.retryable, reply), ...insertSteps(info, prepared.items)]);
      if (info.isCapped) context.insertions.announce(info.oid);
      return reply;
    } catch (error) {
      if (operation.retryable !== undefined && error instanceof FacetError && isRepetition(error)) return await firstReply(connection, operation.retryable);
      throw error;
    }
  });
}

/** Finds those that PostgreSQL refuses, by halves. */
async function insertOneByOne(unit: Unit, info: CollectionInfo, { items, errors, isOrdered }: Prepared & { readonly isOrdered: boolean }): Promise<WriteReply> {
  let inserted = 0;
  const failed = [...errors];
  const insertRange = async (from: number, to: number): Promise<boolean> => {
    if (from >= to) return true;
    const range = items.slice(from, to);
    try {
      await unit.attempt(() => unit.execute(insertSteps(info, range)));
      inserted += range.length;
      return true;
    } catch (error) {
      if (!isRowRefusal(error)) throw error;
      if (range.length === 1) {
        const own = ownError(refusalOf(error, info, decodeDocument(range[0]!.row.bytes)), unit.isPart);
        if (own === undefined) throw error;
        failed.push(writeErrorOf(range[0]!.index, own));
        return !isOrdered;
      }
    }
    const middle = (from + to) >> 1;
    return (await insertRange(from, middle)) && (await insertRange(middle, to));
  };
  const isComplete = await insertRange(0, items.length);
  return replyOf(inserted, isComplete ? failed : failed.filter((error) => !errors.includes(error)));
}
