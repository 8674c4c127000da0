// The fields that every command has. Source: MongoDB 7.0, src/mongo/idl/generic_argument.idl.

import { DocumentError, shellText } from '../../facets/documents/index.ts';
import { Binary, Timestamp, int32, isNumeric, typeNameOf, type Document, type Maybe, type Value } from '../../values/bson/types.ts';
import type { Command } from './command.ts';
import { type FieldValues, type Read, anyValue, array, binary, bool, exactLong, ignored, long, object, optional, readFields, required, safeBool, takingNull, text, unsupported, wrongType } from './fields.ts';

const modes: readonly unknown[] = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

/** One node serves whatever is preferred; but it has to be a preference. Throws DocumentError. */
function readPreference(value: Value): void {
  if (!(value instanceof Map)) throw new DocumentError('TypeMismatch', `"$readPreference" had the wrong type. Expected object, found ${typeNameOf(value)}`);
  const { mode, tags, maxStalenessSeconds } = readFields(value, preferenceFields, { path: 'readPreference' });
  if (!modes.includes(mode)) throw new DocumentError('BadValue', `Enumeration value '${mode}' for field 'readPreference.mode' is not a valid value.`);
  if (mode !== 'primary') return;
  const isAnyTag = tags === undefined || tags.length === 0 || (tags.length === 1 && tags[0] instanceof Map && tags[0].size === 0);
  if (!isAnyTag) throw new DocumentError('BadValue', 'Only empty tags are allowed with primary read preference');
  if (maxStalenessSeconds !== undefined && maxStalenessSeconds > 0n) throw new DocumentError('BadValue', 'mode must be a non-primary mode if maxStalenessSeconds is specified');
}

const preferenceFields = {
  mode: required(text), tags: optional(array), maxStalenessSeconds: optional(long), hedge: ignored('there is one node', object), $tenant: ignored('there are no tenants'),
} as const;

const mostTimeMs = 2n ** 31n - 1n;

/** Throws DocumentError: BadValue, as MongoDB's `parseMaxTimeMS`. */
const maxTimeMs: Read<bigint> = takingNull((value) => {
  if (!isNumeric(value)) throw new DocumentError('BadValue', 'maxTimeMS must be a number');
  const time = long(value, 'maxTimeMS');
  if (time < 0n || time > mostTimeMs) throw new DocumentError('BadValue', `${time} value for maxTimeMS is out of range [0, ${mostTimeMs}]`);
  if (typeof value === 'number' && !Number.isInteger(value)) throw new DocumentError('BadValue', 'maxTimeMS has non-integral value');
  return time;
});

/** In these errors the fields of sessions have a name of their own. */
const ofSession = <T>(read: Read<T>): Read<T> => (value, path) => read(value, `OperationSessionInfo.${path.slice(path.lastIndexOf('.') + 1)}`);

/** As these have in theirs. */
const ofApi = <T>(read: Read<T>): Read<T> => (value, path) => read(value, `APIParametersFromClient.${path.slice(path.lastIndexOf('.') + 1)}`);

export const genericFields = {
  $db: optional(text),
  lsid: optional(ofSession(object)),
  txnNumber: optional(ofSession(exactLong)),
  autocommit: optional(ofSession(bool)),
  startTransaction: optional(ofSession(bool)),
  readConcern: optional(object),
  writeConcern: optional(object),
  maxTimeMS: optional(maxTimeMs),
  comment: optional(anyValue),
  apiVersion: optional(ofApi(text)),
  apiStrict: optional(ofApi(bool), false),
  apiDeprecationErrors: optional(ofApi(bool), false),
  $readPreference: ignored('there is one node, and it is the primary', readPreference),
  $clusterTime: ignored('there is one node, whose clock is its own'),
  $audit: ignored('it concerns the auditing of sharded clusters'),
  $client: ignored('it concerns routers of sharded clusters'),
  $configServerState: ignored('it concerns sharded clusters'),
  $topologyTime: ignored('it concerns sharded clusters'),
  $oplogQueryData: ignored('it concerns replication'),
  $replData: ignored('it concerns replication'),
  $queryOptions: ignored('it concerns routers of sharded clusters'),
  maxTimeMSOpOnly: ignored('it concerns sharded clusters'),
  databaseVersion: ignored('it concerns sharded clusters'),
  shardVersion: ignored('it concerns sharded clusters'),
  operationTime: ignored('it concerns sharded clusters'),
  coordinator: unsupported('it concerns sharded transactions'),
} as const;

export function isGeneric(name: string): boolean {
  return Object.hasOwn(genericFields, name);
}

export type GenericValues = FieldValues<typeof genericFields>;

export function readGenericFields(body: Document, command: string): GenericValues {
  const values = readFields(body, genericFields, { path: command, isOther: () => true });
  checkApi(values);
  return values;
}

/** The session's id, sixteen bytes. Throws DocumentError. */
export function sessionIdOf({ lsid }: GenericValues): Uint8Array | undefined {
  if (lsid === undefined) return undefined;
  return readSessionId(lsid, 'OperationSessionInfo.lsid');
}

const sessionIdFields = { id: optional(anyValue), uid: ignored('a session belongs to who is logged in') } as const;

/** `{id: UUID}`. Throws DocumentError. */
export function readSessionId(value: Value, path: string): Uint8Array {
  const { id } = readFields(object(value, path), sessionIdFields, { path });
  if (id === undefined) throw new DocumentError('IDLFailedToParse', `BSON field '${path}.id' is missing but a required field`);
  const bytes = binary(id, `${path}.id`);
  if (!(id instanceof Binary) || id.subtype !== 4 || bytes.length !== 16) throw new DocumentError('InvalidUUID', 'uuid must be a 16-byte binary field with UUID (4) subtype');
  return bytes;
}

function checkApi({ apiVersion, apiStrict, apiDeprecationErrors }: GenericValues): void {
  if (apiVersion === undefined) {
    if (apiStrict || apiDeprecationErrors) throw new DocumentError(4_886_600, 'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion');
    return;
  }
  if (apiVersion !== '1') throw new DocumentError('APIVersionError', 'API version must be "1"');
}

/** A read of a snapshot outside of transactions: of one that is there already, or of a new one. */
export type WantedSnapshot = { readonly time: Timestamp | undefined };

function timestamp(value: Value, path: string): Timestamp {
  if (value instanceof Timestamp) return value;
  throw wrongType(value, path, ['timestamp']);
}

const readConcernFields = {
  level: optional(text),
  // On one node every read is after every write that was acknowledged.
  afterClusterTime: optional(timestamp),
  atClusterTime: optional(timestamp),
  provenance: ignored('it tells where the concern came from'),
} as const;

/** Checks a read concern against what one node can mean by it. Throws DocumentError. */
export function checkReadConcern(concern: Document | undefined, { command, inTransaction }: { readonly command: Command; readonly inTransaction: boolean }): WantedSnapshot | undefined {
  if (concern === undefined) return undefined;
  const { level, afterClusterTime, atClusterTime } = readFields(concern, readConcernFields, { path: 'readConcern' });
  if (afterClusterTime !== undefined && atClusterTime !== undefined) throw new DocumentError('InvalidOptions', 'Specifying both afterClusterTime and atClusterTime is not allowed');
  if (afterClusterTime?.value === 0n) throw new DocumentError('InvalidOptions', 'afterClusterTime cannot be a null timestamp');
  if (atClusterTime?.value === 0n) throw new DocumentError('InvalidOptions', 'atClusterTime cannot be a null timestamp');
  if (afterClusterTime !== undefined && (level === 'linearizable' || level === 'available')) {
    throw new DocumentError('InvalidOptions', 'afterClusterTime field can be set only if level is equal to majority, local, or snapshot');
  }
  if (atClusterTime !== undefined && level !== 'snapshot') throw new DocumentError('InvalidOptions', "readConcern.atClusterTime is only supported with level 'snapshot'");
  if (level === undefined) return undefined;
  if (!['local', 'majority', 'linearizable', 'available', 'snapshot'].includes(level)) throw new DocumentError('BadValue', `Enumeration value '${level}' for field 'readConcern.level' is not a valid value.`);
  const isAllowed = inTransaction || (level === 'snapshot' ? command.readsSnapshots === true : command.concern === 'read' || command.concern === 'both');
  if (!isAllowed && level !== 'local') throw new DocumentError('InvalidOptions', `Command ${command.name} does not support { readConcern: ${shellText(concern)} } :: caused by :: read concern not supported`);
  if (inTransaction && !['local', 'majority', 'snapshot'].includes(level)) {
    throw new DocumentError('InvalidOptions', `The readConcern level must be either 'local' (default), 'majority' or 'snapshot' in order to run in a transaction`);
  }
  if (inTransaction && atClusterTime !== undefined) throw new DocumentError('CommandNotSupported', 'readConcern.atClusterTime is not supported in transactions: they read a snapshot of now');
  return level === 'snapshot' && !inTransaction ? { time: atClusterTime } : undefined;
}

const writeConcernFields = {
  w: optional(anyValue),
  j: optional(safeBool),
  fsync: optional(safeBool),
  wtimeout: optional(anyValue),
  provenance: ignored('it tells where the concern came from'),
} as const;

/** The error that a write concern has which one node cannot satisfy: the write is done all the same. Throws DocumentError for a malformed one. */
export function writeConcernErrorOf(concern: Document | undefined): Document | undefined {
  if (concern === undefined) return undefined;
  const { w, j, fsync } = readFields(concern, writeConcernFields, { path: 'WriteConcernOptions' });
  if (j === true && fsync === true) throw new DocumentError('FailedToParse', 'fsync and j options cannot be used together');
  if (w === undefined || w === null || w === 'majority') return undefined;
  if (typeof w === 'string') return concernError(79, 'UnknownReplWriteConcern', `No write concern mode named '${w}' found in replica set configuration`);
  if (w instanceof Map) {
    if (w.size === 0) throw new DocumentError('FailedToParse', 'tagged write concern requires tags');
    const [wrong] = [...w].filter(([, value]) => !isNumeric(value));
    if (wrong !== undefined) throw new DocumentError('FailedToParse', `tags must be a single level document with only number values; found: ${wrong[0]}: ${shellText(wrong[1])}`);
    return concernError(100, 'UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
  }
  if (!isNumeric(w)) throw new DocumentError('FailedToParse', `w has to be a number, string, or object; found: ${typeNameOf(w)}`);
  const nodes = Number(long(w, 'writeConcern.w'));
  if (nodes < 0 || nodes > 50) throw new DocumentError('FailedToParse', `w has to be a non-negative number and not greater than 50; found: ${nodes}`);
  return nodes <= 1 ? undefined : concernError(100, 'UnsatisfiableWriteConcern', 'Not enough data-bearing nodes');
}

/** Whether nobody wants to be told of the write. `concern` was found to be well formed. */
export function isUnacknowledged(concern: Maybe): boolean {
  if (!(concern instanceof Map)) return false;
  const { w, j, fsync } = readFields(concern, writeConcernFields, { path: 'WriteConcernOptions' });
  return isNumeric(w) && Number(long(w, 'writeConcern.w')) === 0 && j !== true && fsync !== true;
}

function concernError(code: number, codeName: string, errmsg: string): Document {
  return new Map<string, Value>([['code', int32(code)], ['codeName', codeName], ['errmsg', errmsg]]);
}
