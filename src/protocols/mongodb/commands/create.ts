// create. Source: MongoDB 7.0, create.idl and create_command.cpp.

import { DocumentError, parseIdIndex, shellText } from '../../../facets/documents/index.ts';
import { int32, type Document, type Value } from '../../../values/bson/types.ts';
import { collation } from '../collation.ts';
import { command } from '../command.ts';
import { type FieldValues, type Read, arrayOf, ignored, int, long, longWithin, object, oneOf, optional, readFields, required, safeBool, text, unsupported, wrongType } from '../fields.ts';
import { changeStreamImages, isDisabled } from '../change-stream-images.ts';
import { collectionName } from '../names.ts';

const isEmptyObject = (value: Value): boolean => value instanceof Map && value.size === 0;
const mostBytes = 2n ** 50n;

/** Throws DocumentError: BadValue. */
const collationOfCreate = { ...collation, read: (value: Value, path: string): void => {
  if (object(value, path).size === 0) throw new DocumentError('BadValue', "'collation' cannot be empty");
} };

/** Throws DocumentError: InvalidOptions where the collection is a view. */
function notOfViews(option: string): (fields: Document) => void {
  return (fields) => {
    if (typeof fields.get('viewOn') === 'string') throw new DocumentError('InvalidOptions', `option not supported on a view: ${option}`);
  };
}

const clusteredIndexFields = { v: optional(int), key: required(object), unique: required(safeBool), name: optional(text) } as const;

const clusteredIndex: Read<unknown> = (value, path) => {
  if (typeof value === 'boolean') return;
  if (!(value instanceof Map)) throw wrongType(value, path, ['bool', 'object']);
  readFields(value, clusteredIndexFields, { path });
};

const mostBucketSeconds = 31_536_000n;
const bucketSeconds = longWithin({ atLeast: 1n, atMost: mostBucketSeconds });
const timeSeriesFields = {
  timeField: required(text), metaField: optional(text), granularity: optional(oneOf('seconds', 'minutes', 'hours')), bucketMaxSpanSeconds: optional(bucketSeconds), bucketRoundingSeconds: optional(bucketSeconds),
} as const;

const timeSeries: Read<unknown> = (value, path) => readFields(object(value, path), timeSeriesFields, { path });

/** Throws DocumentError: InvalidOptions for an expiry of documents that nothing else makes possible. */
function assertExpiring(fields: Document): void {
  const clustered = fields.get('clusteredIndex');
  if (!fields.has('timeseries') && !(clustered instanceof Map || clustered === true)) {
    throw new DocumentError('InvalidOptions', "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified");
  }
}

/** Throws DocumentError: InvalidOptions for the options of engines that there are none of. */
function assertEngines(fields: Document): void {
  const engines = fields.get('storageEngine');
  for (const [name, value] of engines instanceof Map ? engines : []) {
    if (!(value instanceof Map)) throw new DocumentError('BadValue', `'storageEngine.${name}' has to be an embedded document.`);
    if (name !== 'wiredTiger') throw new DocumentError('InvalidOptions', `${name} is not a registered storage engine for this server`);
  }
}

const createFields = {
  create: required(collectionName),
  capped: optional(safeBool, false),
  size: optional(longWithin({ atLeast: 1n, atMost: mostBytes })),
  max: optional(longWithin({ below: 2n ** 31n })),
  viewOn: optional(text),
  pipeline: optional(arrayOf(object)),
  autoIndexId: optional(safeBool),
  idIndex: optional(object),
  storageEngine: unsupported('the storage is PostgreSQL', isEmptyObject, object, assertEngines),
  validator: unsupported('validators follow in a later version', isEmptyObject, object, notOfViews('validator')),
  validationLevel: unsupported('validators follow in a later version', (value) => value === 'strict' || value === 'off', oneOf('off', 'strict', 'moderate'), notOfViews('validationLevel')),
  validationAction: unsupported('validators follow in a later version', (value) => value === 'error', oneOf('error', 'warn'), notOfViews('validationAction')),
  indexOptionDefaults: unsupported('the storage is PostgreSQL', isEmptyObject, object),
  timeseries: unsupported('there are no time series collections', undefined, timeSeries),
  expireAfterSeconds: unsupported('it is for time series and clustered collections', undefined, long, assertExpiring),
  clusteredIndex: unsupported('there are no clustered collections', (value) => value === false, clusteredIndex),
  changeStreamPreAndPostImages: unsupported('change streams follow in a later version', isDisabled, changeStreamImages),
  recordPreImages: unsupported('change streams follow in a later version', (value) => value === false, safeBool),
  encryptedFields: unsupported('queryable encryption is not offered', undefined, object),
  collation: collationOfCreate,
  temp: optional(safeBool, false),
  flags: ignored('it concerned the storage engine before WiredTiger', long),
} as const;

const deprecated = 'The autoIndexId option is deprecated and will be removed in a future release';

export const create = command({
  name: 'create',
  summary: 'Makes a collection, a capped collection or a view.',
  concern: 'write',
  inTransaction: true,
  apiVersion1: true,
  fields: createFields,
  run: async (fields, { documents, operation, database }) => {
    const { create: collection, autoIndexId, viewOn } = fields;
    checkOptions(fields);
    if (fields.idIndex !== undefined) parseIdIndex(fields.idIndex);
    if (autoIndexId === false) throw new DocumentError(50_001, `autoIndexId:false is not allowed for collection ${database}.${collection} because it can be replicated`);
    if (operation.transaction !== undefined && viewOn !== undefined) throw new DocumentError('OperationNotSupportedInTransaction', `Cannot create a view in a multi-document transaction. View: ${database}.${collection}`);
    await documents.createCollection(operation, { database, collection }, optionsOf(fields));
    return autoIndexId === undefined ? new Map() : new Map([['note', deprecated]]);
  },
});

type CreateValues = FieldValues<typeof createFields>;

/** Throws DocumentError: InvalidOptions, BadValue for options that do not go together. */
function checkOptions({ capped, size, max, viewOn, pipeline, idIndex, autoIndexId, temp }: CreateValues): void {
  const refuse = (details: string): never => {
    throw new DocumentError('InvalidOptions', details);
  };
  if (viewOn === '') throw new DocumentError('BadValue', "'viewOn' cannot be empty");
  if (capped && size === undefined) refuse("the 'size' field is required when 'capped' is true");
  if (!capped && (size !== undefined || max !== undefined)) refuse("the 'capped' field needs to be true when either the 'size' or 'max' fields are present");
  if (temp) refuse("the 'temp' field is an invalid option");
  if (pipeline !== undefined && viewOn === undefined) refuse("'pipeline' requires 'viewOn' to also be specified");
  if (idIndex !== undefined && viewOn !== undefined) refuse(`'idIndex' is not allowed with 'viewOn': ${shellText(idIndex)}`);
  if (idIndex !== undefined && autoIndexId !== undefined) refuse(`'idIndex' is not allowed with 'autoIndexId': ${shellText(idIndex)}`);
  if (viewOn !== undefined && capped) refuse("option not supported on a view: capped");
}

/** What is kept of them, as listCollections shows it. */
function optionsOf({ capped, size = 0n, max, viewOn, pipeline }: CreateValues): Document {
  const options: Document = new Map();
  if (capped) {
    // As in MongoDB, in pieces of 256 bytes.
    options.set('capped', true).set('size', wholeNumber((size + 255n) & ~255n));
    if (max !== undefined && max > 0n) options.set('max', wholeNumber(max));
  }
  if (viewOn !== undefined) options.set('viewOn', viewOn).set('pipeline', pipeline ?? []);
  return options;
}

function wholeNumber(value: bigint): Value {
  return value < 2n ** 31n ? int32(Number(value)) : value;
}
