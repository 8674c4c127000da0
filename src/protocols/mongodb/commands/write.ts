// insert, update, delete. Source of the fields: MongoDB 7.0, write_ops.idl.

import { DocumentError, documentErrorCodes, shellText, writeErrorOf, type DeleteRequest, type DeleteStatement, type UpdateRequest, type UpdateStatement } from '../../../facets/documents/index.ts';
import { validateDocument } from '../../../values/bson/decode.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { collation } from '../collation.ts';
import { type CommandContext, command } from '../command.ts';
import { type FieldValues, arrayOf, bool, exactInt, hint, ignored, numberOf, object, optional, plainBool, readFields, required, safeBool, takingNull, unsupported, uuid } from '../fields.ts';
import { mongodbLimits } from '../limits.ts';
import { isUnacknowledged } from '../generic-fields.ts';
import { collectionName } from '../names.ts';
import { updateModification } from '../update-modification.ts';

const writeFields = {
  ordered: optional(bool, true),
  bypassDocumentValidation: optional(safeBool, false),
  stmtId: optional(exactInt),
  stmtIds: optional(arrayOf(exactInt)),
  isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false, plainBool),
  collectionUUID: optional(uuid),
  encryptionInformation: unsupported('queryable encryption is not offered', undefined, object),
} as const;

const runtimeConstants = { runtimeConstants: unsupported('it concerns routers of sharded clusters', undefined, object) } as const;

type StatementIds = { readonly stmtId: number | undefined; readonly stmtIds: readonly number[] | undefined };

/** Throws DocumentError: InvalidLength, InvalidOptions. */
function checkCount(count: number, { stmtId, stmtIds }: StatementIds): void {
  if (count === 0 || count > mongodbLimits.writeBatch) throw new DocumentError('InvalidLength', `Write batch sizes must be between 1 and ${mongodbLimits.writeBatch}. Got ${count} operations.`);
  if (stmtIds === undefined) return;
  if (stmtIds.length !== count) throw new DocumentError('InvalidLength', `Number of statement ids must match the number of batch entries. Got ${stmtIds.length} statement ids but ${count} operations. Statement ids: ${shellText(stmtIds.map((id) => int32(id)))}`);
  if (stmtId !== undefined) throw new DocumentError('InvalidOptions', 'May not specify both stmtId and stmtIds in write command');
}

type Expectation = { readonly collection: string; readonly uuid: Uint8Array | undefined; readonly ordered: boolean; readonly count: number };

/** The reply of a write that is meant for another collection: each of its statements fails. Undefined where it is not. */
async function mismatchReply({ documents, operation, database }: CommandContext, { collection, uuid: expected, ordered, count }: Expectation): Promise<Document | undefined> {
  if (expected === undefined) return undefined;
  try {
    await documents.assertExpectedCollection(operation, { database, collection }, expected);
    return undefined;
  } catch (error) {
    if (!(error instanceof DocumentError) || error.number !== documentErrorCodes.CollectionUUIDMismatch || operation.transaction !== undefined) throw error;
    return new Map<string, Value>([['n', int32(0)], ['writeErrors', Array.from({ length: ordered ? 1 : count }, (_, index) => writeErrorOf(index, error))]]);
  }
}

/** A reply that is sent all the same where nobody wants to be told has nothing to tell. Source: MongoDB 7.0, write_commands.cpp, populateReply. */
function toldOf(reply: Document, { body }: CommandContext): Document {
  if (!isUnacknowledged(body.get('writeConcern'))) return reply;
  return new Map([...reply.keys()].filter((name) => name === 'n' || name === 'nModified').map((name) => [name, int32(0)]));
}

export const insert = command({
  name: 'insert',
  summary: 'Stores new documents.',
  concern: 'write',
  inTransaction: true,
  retryable: true,
  apiVersion1: true,
  sequences: ['documents'],
  fields: { insert: required(collectionName), documents: required(arrayOf(object)), ...writeFields },
  run: async ({ insert: collection, documents: placeholders, ordered, stmtId, stmtIds, collectionUUID }, context) => {
    checkCount(placeholders.length, { stmtId, stmtIds });
    const { documents, operation, database, rawDocuments } = context;
    const bytes = rawDocuments('documents');
    for (const document of bytes) validateDocument(document);
    const refusal = await mismatchReply(context, { collection, uuid: collectionUUID, ordered, count: placeholders.length });
    return toldOf(refusal ?? await documents.insert(operation, { target: { database, collection }, documents: bytes, ordered }), context);
  },
});

const updateStatement = {
  q: required(object),
  u: required(updateModification),
  c: optional(object),
  arrayFilters: optional(arrayOf(object)),
  multi: optional(bool, false),
  upsert: optional(bool, false),
  upsertSupplied: unsupported('it is for routers of sharded clusters', (value) => value === false, plainBool),
  collation,
  hint: optional(hint),
  sampleId: ignored('it concerns sharded clusters', uuid),
  allowShardKeyUpdatesWithoutFullShardKeyInQuery: ignored('it concerns sharded clusters', plainBool),
} as const;

export const updateFields = { update: required(collectionName), updates: required(arrayOf(object)), let: optional(object), mirrored: ignored('there are no secondaries that could read along', plainBool), ...runtimeConstants, ...writeFields } as const;

export function updateRequestOf({ update: collection, updates, let: variables, ordered, stmtId, stmtIds }: FieldValues<typeof updateFields>, database: string): UpdateRequest {
  checkCount(updates.length, { stmtId, stmtIds });
  const statements = updates.map((statement): UpdateStatement => {
    const { q, u, c, arrayFilters, multi, upsert, hint: wanted } = readFields(statement, updateStatement, { path: 'update.updates' });
    return { filter: q, update: u, constants: c, arrayFilters, multi, upsert, hint: wanted };
  });
  return { target: { database, collection }, statements, ordered, let: variables };
}

export const update = command({
  name: 'update',
  summary: 'Changes documents that match.',
  concern: 'write',
  inTransaction: true,
  retryable: true,
  apiVersion1: true,
  sequences: ['updates'],
  fields: updateFields,
  run: async (fields, context) => {
    const { documents, operation, database } = context;
    const request = updateRequestOf(fields, database);
    const isMulti = request.statements.some(({ multi }) => multi);
    if (isMulti && operation.retryable !== undefined) throw new DocumentError('InvalidOptions', 'Cannot use retryable writes with multi=true');
    const refusal = await mismatchReply(context, { collection: fields.update, uuid: fields.collectionUUID, ordered: fields.ordered, count: fields.updates.length });
    return toldOf(refusal ?? await documents.update(operation, request), context);
  },
});

const deleteStatement = {
  q: required(object),
  // As in MongoDB, what is no number counts as 0.
  limit: required(takingNull((value): 0 | 1 => {
    const limit = isNumeric(value) ? numberOf(value) : 0;
    if (limit === 0 || limit === 1) return limit;
    throw new DocumentError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`);
  })),
  collation,
  hint: optional(hint),
  sampleId: ignored('it concerns sharded clusters', uuid),
} as const;

export const deleteFields = { delete: required(collectionName), deletes: required(arrayOf(object)), let: optional(object), ...runtimeConstants, ...writeFields } as const;

export function deleteRequestOf({ delete: collection, deletes, let: variables, ordered, stmtId, stmtIds }: FieldValues<typeof deleteFields>, database: string): DeleteRequest {
  checkCount(deletes.length, { stmtId, stmtIds });
  const statements = deletes.map((statement): DeleteStatement => {
    const { q, limit, hint: wanted } = readFields(statement, deleteStatement, { path: 'delete.deletes' });
    return { filter: q, limit, hint: wanted };
  });
  return { target: { database, collection }, statements, ordered, let: variables };
}

export const deleteCommand = command({
  name: 'delete',
  summary: 'Removes documents that match.',
  concern: 'write',
  inTransaction: true,
  retryable: true,
  apiVersion1: true,
  sequences: ['deletes'],
  fields: deleteFields,
  run: async (fields, context) => {
    const { documents, operation, database } = context;
    const request = deleteRequestOf(fields, database);
    if (request.statements.some(({ limit }) => limit === 0) && operation.retryable !== undefined) throw new DocumentError('InvalidOptions', 'Cannot use retryable writes with limit=0');
    const refusal = await mismatchReply(context, { collection: fields.delete, uuid: fields.collectionUUID, ordered: fields.ordered, count: fields.deletes.length });
    return toldOf(refusal ?? await documents.delete(operation, request), context);
  },
});
