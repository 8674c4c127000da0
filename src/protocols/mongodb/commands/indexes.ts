// createIndexes, listIndexes, dropIndexes.

import { DocumentError, withoutUnknownOptions } from '../../../facets/documents/index.ts';
import { int32, isNumeric, type Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { type Read, anyValue, arrayOf, bool, ignored, int, listingCursor, long, object, optional, required, safeBool, takingNull, unsupported, uuid } from '../fields.ts';
import { collectionName } from '../names.ts';
import { nameOrUuid, targetOf } from './collection-target.ts';
import { listingReply } from './collections.ts';

const mostMembers = 50;

/** How many members must be done: on one node that is one at most. Throws DocumentError. */
const commitQuorum: Read<Value> = takingNull((value) => {
  const refuse = (text: string): never => {
    throw new DocumentError('FailedToParse', text);
  };
  if (typeof value === 'string') {
    if (value === '') refuse("commitQuorum can't be an empty string");
    if (value !== 'votingMembers' && value !== 'majority') throw new DocumentError('UnknownReplWriteConcern', `No write concern mode named '${value}' found in replica set configuration`);
    return value;
  }
  if (!isNumeric(value)) return refuse('commitQuorum has to be a number or a string');
  const members = long(value, 'commitQuorum');
  if (members < 0n || members > mostMembers) refuse(`commitQuorum has to be a non-negative number and not greater than ${mostMembers}`);
  if (members > 1n) throw new DocumentError(339, 'Commit quorum cannot be satisfied with the current replica set configuration');
  return int32(Number(members));
});

export const createIndexes = command({
  name: 'createIndexes',
  summary: 'Makes indexes.',
  concern: 'write',
  inTransaction: true,
  apiVersion1: true,
  fields: {
    createIndexes: required(collectionName),
    v: ignored('each index says its own', int),
    indexes: required(arrayOf(object)),
    ignoreUnknownIndexOptions: optional(safeBool, false),
    commitQuorum: optional(commitQuorum),
    collectionUUID: optional(uuid),
    isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false, bool),
  },
  run: async ({ createIndexes: collection, indexes, ignoreUnknownIndexOptions, commitQuorum: quorum = 'votingMembers', collectionUUID }, { documents, operation, database }) => {
    if (indexes.length === 0) throw new DocumentError('BadValue', 'Must specify at least one index to create');
    if (collectionUUID !== undefined) await documents.assertExpectedCollection(operation, { database, collection }, collectionUUID);
    const reply = await documents.createIndexes(operation, { database, collection }, ignoreUnknownIndexOptions ? indexes.map(withoutUnknownOptions) : indexes);
    return reply.set('commitQuorum', quorum);
  },
});

export const listIndexes = command({
  name: 'listIndexes',
  summary: 'Lists the indexes of a collection.',
  apiVersion1: true,
  fields: {
    listIndexes: required(nameOrUuid),
    cursor: optional(listingCursor),
    includeBuildUUIDs: optional(safeBool, false),
    includeIndexBuildInfo: optional(safeBool, false),
    isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false, bool),
  },
  run: async ({ listIndexes: named, cursor, includeBuildUUIDs, includeIndexBuildInfo }, context) => {
    if (includeBuildUUIDs && includeIndexBuildInfo) throw new DocumentError('InvalidOptions', 'The includeBuildUUIDs flag and includeBuildIndexInfo flag cannot both be set to true');
    const target = await targetOf(context, named);
    const specifications = await context.documents.listIndexes(context.operation, target);
    // An index is listed when it is complete: of its making there is nothing to be told.
    const indexes = includeIndexBuildInfo ? specifications.map((spec) => new Map<string, Value>([['spec', spec]])) : specifications;
    return await listingReply(context, indexes, { namespace: `${target.database}.${target.collection}`, batchSize: cursor?.batchSize });
  },
});

export const dropIndexes = command({
  name: 'dropIndexes',
  aliases: ['deleteIndexes'],
  summary: 'Removes indexes.',
  concern: 'write',
  apiVersion1: true,
  fields: {
    dropIndexes: required(collectionName),
    index: required(anyValue),
    collectionUUID: optional(uuid),
    isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false, bool),
  },
  run: async ({ dropIndexes: collection, index, collectionUUID }, { documents, operation, database }) => {
    if (collectionUUID !== undefined) await documents.assertExpectedCollection(operation, { database, collection }, collectionUUID);
    return await documents.dropIndexes(operation, { database, collection }, index);
  },
});
