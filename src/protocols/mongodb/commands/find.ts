// find, count, distinct. Source of the fields: MongoDB 7.0, find_command.idl, count_command.idl, distinct_command.idl.

import { DocumentError, type CountQuery, type DistinctQuery, type FindQuery } from '../../../facets/documents/index.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { ownerOf } from '../cursor-owner.ts';
import { type FieldValues, bool, collation, hint, ignored, long, nonNegativeLong, object, optional, readFields, required, safeBool, text, unsupported, wrongType } from '../fields.ts';
import { genericFields } from '../generic-fields.ts';
import { collectionName } from '../names.ts';

const empty: Document = new Map();
const isFalse = (value: Value): boolean => value === false || value === null;

export const findFields = {
  find: required(collectionName),
  filter: optional(object, empty),
  sort: optional(object),
  projection: optional(object),
  hint: optional(hint),
  skip: optional(nonNegativeLong),
  limit: optional(nonNegativeLong),
  batchSize: optional(nonNegativeLong),
  singleBatch: optional(safeBool, false),
  min: optional(object),
  max: optional(object),
  returnKey: optional(safeBool, false),
  showRecordId: unsupported('rows have no record ids', isFalse),
  tailable: unsupported('cursors do not wait at the end of capped collections', isFalse),
  awaitData: unsupported('cursors do not wait at the end of capped collections', isFalse),
  oplogReplay: ignored('deprecated: it has had no effect since MongoDB 4.4'),
  noCursorTimeout: optional(safeBool, false),
  allowPartialResults: ignored('there are no shards that could be missing'),
  allowDiskUse: optional(bool),
  collation,
  let: optional(object),
  term: ignored('it concerns replication'),
  readOnce: ignored('it is a hint for the cache of the storage engine'),
  allowSpeculativeMajorityRead: ignored('it concerns replication'),
  includeQueryStatsMetrics: ignored('it concerns routers of sharded clusters'),
} as const;

export function findQueryOf(fields: FieldValues<typeof findFields>, database: string): FindQuery {
  const { find: collection, filter, sort, projection, hint: index, skip, limit, min, max, returnKey, allowDiskUse, let: variables } = fields;
  return { target: { database, collection }, filter, sort, projection, hint: index, skip, limit, min, max, returnKey, let: variables, ...(allowDiskUse === undefined ? {} : { allowDiskUse }) };
}

export const find = command({
  name: 'find',
  summary: 'Gives the documents that match.',
  concern: 'read',
  inTransaction: true,
  apiVersion1: true,
  fields: findFields,
  run: async (fields, context) => {
    const cursor = await context.documents.find(context.operation, findQueryOf(fields, context.database));
    const batchSize = fields.batchSize === undefined ? undefined : Number(fields.batchSize);
    const owner = ownerOf(context, `${context.database}.${fields.find}`, { hasTimeout: !fields.noCursorTimeout });
    return await context.server.cursors.firstBatch(cursor, owner, { batchSize, isSingle: fields.singleBatch, doing: 'Executor error during find command' });
  },
});

export const countFields = {
  count: required(collectionName),
  query: optional(object, empty),
  limit: optional(long),
  skip: optional(nonNegativeLong),
  hint: optional(hint),
  collation,
  fields: ignored('drivers of long ago sent it; it has never had an effect'),
} as const;

export function countQueryOf({ count: collection, query, limit, skip, hint: index }: FieldValues<typeof countFields>, database: string): CountQuery {
  // As in MongoDB, a negative limit counts as its positive one.
  return { target: { database, collection }, filter: query, limit: limit !== undefined && limit < 0n ? -limit : limit, skip, hint: index };
}

export const count = command({
  name: 'count',
  summary: 'Counts the documents that match.',
  concern: 'read',
  apiVersion1: true,
  fields: countFields,
  run: async (fields, { documents, operation, database }) => {
    const n = await documents.count(operation, countQueryOf(fields, database));
    return new Map<string, Value>([['n', n < 2n ** 31n ? int32(Number(n)) : n]]);
  },
});

export const distinctFields = {
  distinct: required(collectionName),
  key: required(text),
  query: optional((value, path): Document => {
    if (value instanceof Map) return value;
    throw wrongType(value, path, ['object']);
  }, empty),
  collation,
  hint: optional(hint),
} as const;

export function distinctQueryOf({ distinct: collection, key, query }: FieldValues<typeof distinctFields>, database: string): DistinctQuery {
  if (key.includes('\0')) throw new DocumentError('BadValue', 'the key of distinct cannot contain an embedded null byte');
  return { target: { database, collection }, key, filter: query };
}

export const distinct = command({
  name: 'distinct',
  summary: 'Gives the different values of a field.',
  concern: 'read',
  inTransaction: true,
  apiVersion1: true,
  fields: distinctFields,
  run: async (fields, { documents, operation, database }) => new Map([['values', await documents.distinct(operation, distinctQueryOf(fields, database))]]),
});

/** The fields of a command within another (`explain`). */
export function innerFields<F extends Parameters<typeof readFields>[1]>(body: Document, fields: F, path: string): FieldValues<F> {
  return readFields(body, fields, { path, isOther: (name) => Object.hasOwn(genericFields, name) });
}
