// collMod. Source of the fields: MongoDB 7.0, coll_mod.idl.

import { isNumeric, type Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { type Read, arrayOf, long, longWithin, object, oneOf, optional, readFields, required, safeBool, text, unsupported, uuid, wrongType } from '../fields.ts';
import { changeStreamImages, isDisabled } from '../change-stream-images.ts';
import { collectionName } from '../names.ts';

const isFalse = (value: Value): boolean => value === false;

/** Of these there are values that ask for nothing, but a view has none of them. */
const ofCollections = ['validator', 'validationLevel', 'validationAction', 'changeStreamPreAndPostImages', 'recordPreImages'];

const textOrLong: Read<string | bigint> = (value, path) => {
  if (typeof value === 'string') return value;
  if (isNumeric(value)) return long(value, path);
  throw wrongType(value, path, ['string', 'long', 'int', 'decimal', 'double']);
};

const indexFields = {
  name: optional(text),
  keyPattern: optional(object),
  expireAfterSeconds: optional(long),
  hidden: optional(safeBool),
  unique: unsupported('indexes become unique when they are made only', undefined, safeBool),
  prepareUnique: unsupported('indexes become unique when they are made only', isFalse, safeBool),
  forceNonUnique: unsupported('indexes become unique when they are made only', isFalse, safeBool),
} as const;

export const collMod = command({
  name: 'collMod',
  summary: 'Hides an index or changes when its documents expire, redefines a view, bounds a capped collection anew.',
  concern: 'write',
  apiVersion1: true,
  fields: {
    collMod: required(collectionName),
    index: optional((value, path) => readFields(object(value, path), indexFields, { path })),
    viewOn: optional(text),
    pipeline: optional(arrayOf(object)),
    cappedSize: optional(longWithin({ atLeast: 1n, atMost: 2n ** 50n })),
    cappedMax: optional(longWithin({ below: 2n ** 31n })),
    validator: unsupported('validators follow in a later version', (value) => value instanceof Map && value.size === 0, object),
    validationLevel: unsupported('validators follow in a later version', (value) => value === 'strict' || value === 'off', oneOf('off', 'strict', 'moderate')),
    validationAction: unsupported('validators follow in a later version', (value) => value === 'error', oneOf('error', 'warn')),
    changeStreamPreAndPostImages: unsupported('change streams follow in a later version', isDisabled, changeStreamImages),
    recordPreImages: unsupported('change streams follow in a later version', isFalse, safeBool),
    expireAfterSeconds: unsupported('it is for time series and clustered collections', undefined, textOrLong),
    timeseries: unsupported('there are no time series collections', undefined, object),
    dryRun: unsupported('what would happen is not told beforehand', isFalse, safeBool),
    isTimeseriesNamespace: unsupported('there are no time series collections', isFalse, safeBool),
    collectionUUID: optional(uuid),
  },
  run: async ({ collMod: collection, index, viewOn, pipeline, cappedSize, cappedMax, collectionUUID }, { documents, operation, database, body }) => {
    if (collectionUUID !== undefined) await documents.assertExpectedCollection(operation, { database, collection }, collectionUUID);
    return await documents.modifyCollection(operation, { database, collection }, { index, viewOn, pipeline, cappedSize, cappedMax, harmless: ofCollections.filter((name) => body.has(name)) });
  },
});
