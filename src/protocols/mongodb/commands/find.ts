// find, count, distinct. Source of the fields: MongoDB 7.0, find_command.idl, count_command.idl, distinct_command.idl.

import { DocumentError, shellText, type CollectionName, type CountQuery, type DistinctQuery, type FindQuery } from '../../../facets/documents/index.ts';
import { int32, isNumeric, type Document, type Value } from '../../../values/bson/types.ts';
import { collation, collationOfFind } from '../collation.ts';
import { command } from '../command.ts';
import { ownerOf } from '../cursor-owner.ts';
import { type FieldValues, type Read, hint, ignored, long, nonNegativeLong, numberOf, object, optional, ownedObject, plainBool, readFields, required, takingNull, text, unsupported, uuid } from '../fields.ts';
import { genericFields } from '../generic-fields.ts';
import { nameOrUuid, targetOf } from './collection-target.ts';

const empty: Document = new Map();

export const findFields = {
  find: required(nameOrUuid),
  filter: optional(ownedObject, empty),
  sort: optional(ownedObject),
  projection: optional(ownedObject),
  hint: optional(hint),
  skip: optional(nonNegativeLong),
  limit: optional(nonNegativeLong),
  batchSize: optional(nonNegativeLong),
  singleBatch: optional(plainBool, false),
  min: optional(ownedObject),
  max: optional(ownedObject),
  returnKey: optional(plainBool, false),
  showRecordId: optional(plainBool, false),
  tailable: optional(plainBool, false),
  awaitData: optional(plainBool, false),
  oplogReplay: ignored('deprecated: it has had no effect since MongoDB 4.4', plainBool),
  noCursorTimeout: optional(plainBool, false),
  allowPartialResults: ignored('there are no shards that could be missing', plainBool),
  allowDiskUse: optional(plainBool),
  collation: collationOfFind,
  let: optional(object),
  term: ignored('it concerns replication', long),
  // A hint for the cache of the storage engine, which does nothing here; but transactions must not have it.
  readOnce: optional(plainBool, false),
  allowSpeculativeMajorityRead: ignored('it concerns replication', plainBool),
  mirrored: ignored('there are no secondaries that could read along', plainBool),
  collectionUUID: optional(uuid),
  $_requestResumeToken: unsupported('a scan goes on with its cursor only', (value) => value === false, plainBool),
  $_resumeAfter: unsupported('a scan goes on with its cursor only', (value) => value instanceof Map && value.size === 0, ownedObject),
  runtimeConstants: unsupported('it concerns routers of sharded clusters', undefined, object),
  encryptionInformation: unsupported('queryable encryption is not offered', undefined, object),
  includeQueryStatsMetrics: ignored('it concerns routers of sharded clusters'),
} as const;

export function findQueryOf(fields: FieldValues<typeof findFields>, target: CollectionName): FindQuery {
  const { filter, sort, projection, hint: index, skip, limit, min, max, returnKey, showRecordId, tailable: isTailable, awaitData, allowDiskUse, let: variables } = fields;
  if (isTailable && sort !== undefined && sort.size > 0 && !isNaturalOrder(sort)) throw new DocumentError('BadValue', 'cannot use tailable option with a sort other than {$natural: 1}');
  if (awaitData && !isTailable) throw new DocumentError('FailedToParse', "Cannot set 'awaitData' without also setting 'tailable'");
  return { target, filter, sort, projection, hint: index, skip, limit, min, max, returnKey, showRecordId, isTailable, let: variables, ...(allowDiskUse === undefined ? {} : { allowDiskUse }) };
}

function isNaturalOrder(sort: Document): boolean {
  const direction = sort.get('$natural');
  return sort.size === 1 && isNumeric(direction) && numberOf(direction) === 1;
}

/** Throws DocumentError: what a query within a transaction must not be. */
function assertInTransaction({ tailable, readOnce }: FieldValues<typeof findFields>): void {
  if (tailable) throw new DocumentError('InvalidOptions', 'It is illegal to open a tailable cursor in a transaction');
  if (readOnce) throw new DocumentError('OperationNotSupportedInTransaction', "The 'readOnce' option is not supported within a transaction.");
}

export const find = command({
  name: 'find',
  summary: 'Gives the documents that match.',
  readsSnapshots: true,
  concern: 'read',
  inTransaction: true,
  apiVersion1: true,
  fields: findFields,
  run: async (fields, context) => {
    if (context.operation.transaction !== undefined && context.txnNumber !== undefined) assertInTransaction(fields);
    if (fields.collectionUUID !== undefined && typeof fields.find !== 'string') throw new DocumentError('InvalidOptions', 'When using the find command by UUID, the collectionUUID parameter cannot also be specified');
    const target = await targetOf(context, fields.find);
    if (fields.collectionUUID !== undefined) await context.documents.assertExpectedCollection(context.operation, target, fields.collectionUUID);
    const cursor = await context.documents.find(context.operation, findQueryOf(fields, target));
    const batchSize = fields.batchSize === undefined ? undefined : Number(fields.batchSize);
    const owner = ownerOf(context, `${target.database}.${target.collection}`, { hasTimeout: !fields.noCursorTimeout, awaitsData: fields.awaitData });
    return await context.server.cursors.firstBatch(cursor, owner, { batchSize, isSingle: fields.singleBatch, doing: 'Executor error during find command' });
  },
});

/** Of any type of number, but a whole one; a negative one counts as its positive. Throws DocumentError: BadValue, FailedToParse. */
const countLimit: Read<bigint> = takingNull((value) => {
  if (!isNumeric(value)) throw new DocumentError('BadValue', 'limit value is not a valid number');
  const refuse = (text: string): never => {
    throw new DocumentError('FailedToParse', `${text}: limit: ${shellText(value)}`);
  };
  const number = numberOf(value);
  if (Number.isNaN(number)) refuse('Expected an integer, but found NaN in');
  if (typeof value !== 'bigint' && (number >= 2 ** 63 || number < -(2 ** 63))) refuse('Cannot represent as a 64-bit integer');
  if (typeof value !== 'bigint' && !Number.isInteger(number)) refuse('Expected an integer');
  const whole = long(value, 'limit');
  if (whole === -(2n ** 63n)) throw new DocumentError('BadValue', 'limit value for count cannot be min long');
  return whole < 0n ? -whole : whole;
});

export const countFields = {
  count: required(nameOrUuid),
  query: optional(object, empty),
  limit: optional(countLimit),
  skip: optional(nonNegativeLong),
  hint: optional(hint),
  collation,
  fields: ignored('drivers of long ago sent it; it has never had an effect', object),
  mirrored: ignored('there are no secondaries that could read along', plainBool),
  encryptionInformation: unsupported('queryable encryption is not offered', undefined, object),
} as const;

export function countQueryOf({ query, limit, skip, hint: index }: FieldValues<typeof countFields>, target: CollectionName): CountQuery {
  return { target, filter: query, limit, skip, hint: index };
}

export const count = command({
  name: 'count',
  summary: 'Counts the documents that match.',
  concern: 'read',
  apiVersion1: true,
  fields: countFields,
  run: async (fields, context) => {
    const n = await context.documents.count(context.operation, countQueryOf(fields, await targetOf(context, fields.count)));
    return new Map<string, Value>([['n', n < 2n ** 31n ? int32(Number(n)) : n]]);
  },
});

export const distinctFields = {
  distinct: required(nameOrUuid),
  key: required(text),
  query: optional(object, empty),
  collation,
  mirrored: ignored('there are no secondaries that could read along', plainBool),
} as const;

export function distinctQueryOf({ key, query }: FieldValues<typeof distinctFields>, target: CollectionName): DistinctQuery {
  if (key.includes('\0')) throw new DocumentError(31_032, 'Key field cannot contain an embedded null byte');
  return { target, key, filter: query };
}

export const distinct = command({
  name: 'distinct',
  summary: 'Gives the different values of a field.',
  readsSnapshots: true,
  concern: 'read',
  inTransaction: true,
  apiVersion1: true,
  fields: distinctFields,
  run: async (fields, context) => new Map([['values', await context.documents.distinct(context.operation, distinctQueryOf(fields, await targetOf(context, fields.distinct)))]]),
});

/** The fields of a command within another (`explain`). */
export function innerFields<F extends Parameters<typeof readFields>[1]>(body: Document, fields: F, path: string): FieldValues<F> {
  return readFields(body, fields, { path, isOther: (name) => Object.hasOwn(genericFields, name) });
}
