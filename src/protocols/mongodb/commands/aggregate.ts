// aggregate. Source of the fields: MongoDB 7.0, aggregate_command.idl.

import { DocumentError, type AggregateQuery } from '../../../facets/documents/index.ts';
import { isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { collation } from '../collation.ts';
import { command } from '../command.ts';
import { ownerOf } from '../cursor-owner.ts';
import { type FieldValues, type Read, cursorFields, hint, ignored, nonNegativeLong, numberOf, object, optional, plainBool, readFields, required, safeBool, takingNull, unsupported, uuid } from '../fields.ts';
import { explainReply } from '../explain-reply.ts';
import { listingsFor } from '../server-listings.ts';

/** A collection's name, or 1. */
const source: Read<string | undefined> = takingNull((value) => {
  if (typeof value === 'string') return value;
  if (!isNumeric(value)) throw new DocumentError('TypeMismatch', `collection name has invalid type: ${typeNameOf(value)}`);
  if (numberOf(value) === 1) return undefined;
  throw new DocumentError('FailedToParse', `Invalid command format: the 'aggregate' field must specify a collection name or 1`);
});

const pipelineOf: Read<readonly Value[]> = takingNull((value) => {
  if (!Array.isArray(value)) throw new DocumentError('TypeMismatch', "'pipeline' option must be specified as an array");
  for (const stage of value) if (!(stage instanceof Map)) throw new DocumentError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
  return value;
});

export const aggregateFields = {
  aggregate: required(source),
  pipeline: required(pipelineOf),
  explain: optional(takingNull((value) => {
    if (typeof value === 'boolean') return value;
    throw new DocumentError('TypeMismatch', 'explain must be a boolean');
  }), false),
  allowDiskUse: optional(plainBool),
  cursor: optional(takingNull((value): Document => {
    if (value instanceof Map) return value;
    throw new DocumentError('TypeMismatch', 'cursor field must be missing or an object');
  })),
  // Read with the other generic fields; here for the error that this command has for its own.
  maxTimeMS: optional(nonNegativeLong),
  hint: optional(hint),
  let: optional(object),
  collation,
  bypassDocumentValidation: optional(safeBool, false),
  needsMerge: unsupported('it concerns sharded clusters', (value) => value === false, plainBool),
  fromMongos: unsupported('it concerns sharded clusters', (value) => value === false, plainBool),
  exchange: unsupported('it concerns sharded clusters', undefined, object),
  runtimeConstants: unsupported('it concerns sharded clusters', undefined, object),
  $_requestReshardingResumeToken: unsupported('it concerns sharded clusters', (value) => value === false, plainBool),
  $_passthroughToShard: unsupported('it concerns sharded clusters', undefined, object),
  $_generateV2ResumeTokens: ignored('there are no change streams whose tokens it concerns', plainBool),
  isMapReduceCommand: unsupported('mapReduce is not offered', (value) => value === false, plainBool),
  collectionUUID: optional(uuid),
  encryptionInformation: unsupported('queryable encryption is not offered', undefined, object),
} as const;

export function aggregateQueryOf({ aggregate: collection, pipeline, hint: wanted, let: variables, allowDiskUse }: FieldValues<typeof aggregateFields>, database: string): AggregateQuery {
  return { database, collection, pipeline, hint: wanted, let: variables, ...(allowDiskUse === undefined ? {} : { allowDiskUse }) };
}

export const aggregate = command({
  name: 'aggregate',
  summary: 'Runs a pipeline over a collection.',
  readsSnapshots: true,
  concern: 'both',
  inTransaction: true,
  apiVersion1: true,
  fields: aggregateFields,
  run: async (fields, context) => {
    const query = { ...aggregateQueryOf(fields, context.database), listings: listingsFor(context) };
    if (fields.explain && context.body.has('writeConcern')) throw new DocumentError('FailedToParse', "Aggregation explain does not support the'writeConcern' option");
    if (fields.explain) return await explainReply(context, { command: context.body, explained: { kind: 'aggregate', query }, verbosity: 'queryPlanner' });
    if (fields.cursor === undefined) throw new DocumentError('FailedToParse', "The 'cursor' option is required, except for aggregate with the explain argument");
    if (fields.collectionUUID !== undefined) {
      if (fields.aggregate === undefined) throw new DocumentError(4_928_902, 'collectionUUID is not supported for collectionless aggregations');
      await context.documents.assertExpectedCollection(context.operation, { database: context.database, collection: fields.aggregate }, fields.collectionUUID);
    }
    const { batchSize } = readFields(fields.cursor, cursorFields, { path: 'cursor' });
    const isWriting = fields.pipeline.some((stage) => stage instanceof Map && (stage.has('$out') || stage.has('$merge')));
    if (isWriting && context.readConcernLevel === 'linearizable') throw new DocumentError('InvalidOptions', '$out and $merge cannot be used with a linearizable read concern');
    const cursor = await context.documents.aggregate(context.operation, query);
    const namespace = `${context.database}.${fields.aggregate ?? '$cmd.aggregate'}`;
    return await context.server.cursors.firstBatch(cursor, ownerOf(context, namespace), { batchSize: batchSize === undefined || isWriting ? undefined : Number(batchSize), doing: 'PlanExecutor error during aggregation' });
  },
});

