// Operations that are about one document, which their filter names by `_id`: they go in groups (document-groups.ts). Each
// function gives undefined for an operation that is not of that kind, or that has to be done alone.

import type { Document } from '../../../values/bson/types.ts';
import { objectIdNow } from '../../../values/bson/object-id.ts';
import { compileFilter } from '../filters/match.ts';
import type { Filter } from '../filters/filter.ts';
import { applyUpdate } from '../updates/apply-update.ts';
import { documentForUpsert, equalitiesForUpsert } from '../updates/upsert.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import type { CollectionInfo } from './catalog.ts';
import type { CommandScope } from './command-scope.ts';
import { isGroupable } from './document-groups.ts';
import { documentKeyOf } from './document-key.ts';
import { type DocumentRow, rowOfDocument } from './document-rows.ts';
import type { Operation, WriteReply } from './operations.ts';
import { assertIndexable } from './indexed-arrays.ts';
import type { StoreContext } from './store-context.ts';
import type { ParsedUpdate, UpdateOutcome } from './parsed-update.ts';
import type { SingleChange } from './write-group.ts';

/** The row's key, of a filter that only one document can match. */
export function keyOfFilter(filter: Filter): Buffer | undefined {
  if (filter.operator === '$eq') return filter.path.length === 1 && filter.path[0] === '_id' && !Array.isArray(filter.value) ? documentKeyOf(filter.value) : undefined;
  if (filter.operator !== '$and') return undefined;
  for (const part of filter.filters) {
    const key = keyOfFilter(part);
    if (key !== undefined) return key;
  }
  return undefined;
}

type Reading = { readonly info: CollectionInfo; readonly filter: Filter; readonly scope: Pick<CommandScope, 'scopeFor'> };

/** The document that matches, null for none; `key` is its filter's. */
export async function readSingle({ groups }: StoreContext, operation: Operation, { info, key, filter, scope }: Reading & { readonly key: Buffer }): Promise<Buffer | null | undefined> {
  if (!isGroupable(operation, info)) return undefined;
  const bytes = await groups.read(operation, { info, key });
  if (bytes === null || bytes === undefined || filter.operator === '$eq') return bytes;
  const document = decodeDocument(bytes);
  return compileFilter(filter)(document, scope.scopeFor(document)) ? bytes : null;
}

/** Inserts one document. */
export async function insertSingle({ groups }: StoreContext, operation: Operation, { info, row, reply }: { readonly info: CollectionInfo; readonly row: DocumentRow; readonly reply: WriteReply }): Promise<WriteReply | undefined> {
  if (!isGroupable(operation, info)) return undefined;
  return await groups.write(operation.role, { info, key: row.key, row, reply, retryable: operation.retryable });
}

type Updating = {
  readonly info: CollectionInfo;
  readonly parsed: ParsedUpdate;
  readonly replyOf: (outcome: UpdateOutcome) => Document;
};

/** Updates one document, or inserts it where the update says so. */
export async function updateSingle({ groups }: StoreContext, operation: Operation, { info, parsed, replyOf }: Updating): Promise<Document | undefined> {
  const { filter, multi } = parsed;
  const key = !multi && isGroupable(operation, info) ? keyOfFilter(filter) : undefined;
  if (key === undefined) return undefined;
  const matches = compileFilter(filter);
  const change = (document: Document | undefined): SingleChange | undefined => {
    if (document === undefined) return parsed.upsert ? insertionOf(info, parsed, replyOf) : undefined;
    const { now, environment, scopeFor } = parsed.scope;
    if (!matches(document, scopeFor(document))) return parsed.upsert ? undefined : { reply: replyOf({ matched: 0, modified: 0 }) };
    const result = applyUpdate(parsed.update, document, { now, filter, environment });
    if (result.changed) assertIndexable(info, result.document);
    const reply = replyOf({ matched: 1, modified: result.changed ? 1 : 0, before: document, after: result.document });
    return result.changed ? { reply, becomes: { row: rowOfDocument(result.document), document: result.document } } : { reply };
  };
  return await groups.write(operation.role, { info, key, change, retryable: operation.retryable });
}

function insertionOf(info: CollectionInfo, { filter, update, scope: { now, environment } }: ParsedUpdate, replyOf: Updating['replyOf']): SingleChange {
  const document = documentForUpsert(equalitiesForUpsert(filter, update), update, { now, environment, newId: objectIdNow });
  assertIndexable(info, document);
  const reply = replyOf({ matched: 0, modified: 0, upserted: document.get('_id')!, after: document });
  return { reply, becomes: { row: rowOfDocument(document), document } };
}

/** Deletes one document. */
export async function deleteSingle({ groups }: StoreContext, operation: Operation, { info, filter, scope, replyOf }: Reading & { readonly replyOf: (document: Document | undefined) => Document }): Promise<Document | undefined> {
  const key = isGroupable(operation, info) ? keyOfFilter(filter) : undefined;
  if (key === undefined) return undefined;
  const matches = compileFilter(filter);
  const change = (document: Document | undefined): SingleChange | undefined => {
    if (document === undefined) return undefined;
    return matches(document, scope.scopeFor(document)) ? { reply: replyOf(document), becomes: 'nothing' } : { reply: replyOf(undefined) };
  };
  return await groups.write(operation.role, { info, key, change, retryable: operation.retryable });
}
