// findAndModify. Source of the fields: MongoDB 7.0, find_and_modify_command.idl.

import { DocumentError, type FindAndModifyRequest } from '../../../facets/documents/index.ts';
import type { Document } from '../../../values/bson/types.ts';
import { collation } from '../collation.ts';
import { command } from '../command.ts';
import { type FieldValues, arrayOf, bool, exactInt, hint, ignored, object, optional, plainBool, required, safeBool, unsupported, uuid } from '../fields.ts';
import { collectionName } from '../names.ts';
import { updateModification } from '../update-modification.ts';

const empty: Document = new Map();

export const findAndModifyFields = {
  findAndModify: required(collectionName),
  query: optional(object, empty),
  sort: optional(object),
  remove: optional(safeBool, false),
  update: optional(updateModification),
  new: optional(safeBool, false),
  fields: optional(object),
  upsert: optional(safeBool, false),
  bypassDocumentValidation: optional(safeBool, false),
  arrayFilters: optional(arrayOf(object)),
  hint: optional(hint),
  collation,
  let: optional(object),
  stmtId: optional(exactInt),
  batchSize: ignored('there is one document at most', exactInt),
  singleBatch: ignored('there is one document at most', bool),
  mirrored: ignored('there are no secondaries that could read along', plainBool),
  sampleId: ignored('it concerns sharded clusters', uuid),
  runtimeConstants: unsupported('it concerns routers of sharded clusters', undefined, object),
  encryptionInformation: unsupported('queryable encryption is not offered', undefined, object),
  allowShardKeyUpdatesWithoutFullShardKeyInQuery: ignored('it concerns sharded clusters', plainBool),
} as const;

/** Throws DocumentError: FailedToParse for what contradicts itself. */
export function findAndModifyRequestOf(fields: FieldValues<typeof findAndModifyFields>, database: string): FindAndModifyRequest {
  const { findAndModify: collection, query, sort, remove, update, new: returnNew, fields: projection, upsert, arrayFilters, hint: wanted, let: variables } = fields;
  const refuse = (text: string): never => {
    throw new DocumentError('FailedToParse', text);
  };
  if (remove) {
    if (update !== undefined) refuse('Cannot specify both an update and remove=true');
    if (upsert) refuse('Cannot specify both upsert=true and remove=true ');
    if (returnNew) refuse("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
    if (arrayFilters !== undefined) refuse('Cannot specify arrayFilters and remove=true');
  } else if (update === undefined) refuse('Either an update or remove=true must be specified');
  if (Array.isArray(update) && arrayFilters !== undefined) refuse('Cannot specify arrayFilters and a pipeline update');
  return { target: { database, collection }, filter: query, sort, projection, remove, update, returnNew, upsert, arrayFilters, hint: wanted, let: variables };
}

export const findAndModify = command({
  name: 'findAndModify',
  aliases: ['findandmodify'],
  summary: 'Changes or removes one document, and gives it.',
  concern: 'write',
  inTransaction: true,
  retryable: true,
  apiVersion1: true,
  fields: findAndModifyFields,
  run: async (fields, { documents, operation, database }) => await documents.findAndModify(operation, findAndModifyRequestOf(fields, database)),
});
