// createIndexes, listIndexes, dropIndexes.

import { DocumentError, withoutUnknownOptions } from '../../../facets/documents/index.ts';
import type { Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { anyValue, arrayOf, ignored, object, optional, required, safeBool, unsupported } from '../fields.ts';
import { collectionName } from '../names.ts';
import { listingReply } from './collections.ts';

export const createIndexes = command({
  name: 'createIndexes',
  summary: 'Makes indexes.',
  concern: 'write',
  inTransaction: true,
  apiVersion1: true,
  fields: {
    createIndexes: required(collectionName),
    indexes: required(arrayOf(object)),
    ignoreUnknownIndexOptions: optional(safeBool, false),
    commitQuorum: ignored('there is one node'),
    isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false),
  },
  run: async ({ createIndexes: collection, indexes, ignoreUnknownIndexOptions }, { documents, operation, database }) => {
    if (indexes.length === 0) throw new DocumentError('BadValue', 'Must specify at least one index to create');
    return await documents.createIndexes(operation, { database, collection }, ignoreUnknownIndexOptions ? indexes.map(withoutUnknownOptions) : indexes);
  },
});

export const listIndexes = command({
  name: 'listIndexes',
  summary: 'Lists the indexes of a collection.',
  apiVersion1: true,
  fields: {
    listIndexes: required(collectionName),
    cursor: optional(object, new Map<string, Value>()),
    includeBuildUUIDs: unsupported('indexes are complete when they are listed', (value) => value === false),
    includeIndexBuildInfo: unsupported('indexes are complete when they are listed', (value) => value === false),
    isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false),
  },
  run: async ({ listIndexes: collection, cursor }, context) => {
    const { documents, operation, database } = context;
    const indexes = await documents.listIndexes(operation, { database, collection });
    return await listingReply(context, indexes, { namespace: `${database}.${collection}`, cursor, path: 'listIndexes.cursor' });
  },
});

export const dropIndexes = command({
  name: 'dropIndexes',
  aliases: ['deleteIndexes'],
  summary: 'Removes indexes.',
  concern: 'write',
  apiVersion1: true,
  fields: { dropIndexes: required(collectionName), index: required(anyValue), isTimeseriesNamespace: unsupported('there are no time series collections', (value) => value === false) },
  run: async ({ dropIndexes: collection, index }, { documents, operation, database }) => await documents.dropIndexes(operation, { database, collection }, index),
});
