// The options of indexes: of which types they are, and which are not offered. Source: MongoDB 7.0, validateIndexSpec in
// src/mongo/db/catalog/index_key_validate.cpp.

import { isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { pluginOf } from './index-key.ts';
import { parsePartialFilter } from './partial-filter.ts';
import { assertWildcardProjection } from './wildcard-key.ts';

type Check = (value: Value, name: string, specification: Document) => void;

const mostVersion = 2_147_483_647;

function mustBe(isRight: (value: Value) => boolean, expected: string): Check {
  return (value, name) => {
    if (!isRight(value)) throw new DocumentError('TypeMismatch', `The field '${name}' must be ${expected}, but got ${typeNameOf(value)}`);
  };
}

const isText = (value: Value): boolean => typeof value === 'string';
const isDocument = (value: Value): boolean => value instanceof Map;

const anything: Check = () => {};
const object = mustBe(isDocument, 'an object');
const text = mustBe(isText, 'a string');
const number = mustBe((value) => isNumeric(value), 'a number');
const weights = mustBe((value) => isDocument(value) || Array.isArray(value) || isText(value), 'an object');
// The name of the field is that of MongoDB's text.
const hidden: Check = (value) => mustBe((given) => typeof given === 'boolean', 'a bool')(value, 'name', new Map());

const truth: Check = (value, name) => {
  if (typeof value === 'boolean' || isNumeric(value)) return;
  throw new DocumentError('TypeMismatch', `The field '${name} has value ${name}: ${shellText(value)}, which is not convertible to bool`);
};

const version: Check = (value, name, specification) => {
  number(value, name, specification);
  const asked = isNumeric(value) ? toDouble(value) : Number.NaN;
  if (!Number.isInteger(asked) || Math.abs(asked) > mostVersion) throw new DocumentError('BadValue', `Index version must be representable as a 32-bit integer, but got ${shellText(value)}`);
  if (asked !== 1 && asked !== 2) throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; cannot create an index with v=${asked}`);
};

const collation: Check = (value, name, specification) => {
  object(value, name, specification);
  if (value instanceof Map && value.size === 0) throw new DocumentError('BadValue', "The field 'collation' cannot be an empty object.");
};

const partialFilter: Check = (value, name, specification) => {
  object(value, name, specification);
  if (value instanceof Map) parsePartialFilter(value);
};

const wildcardProjection: Check = (value, name, specification) => {
  const key = specification.get('key');
  if (!(key instanceof Map) || pluginOf(key) !== 'wildcard') throw new DocumentError('BadValue', `The field '${name}' is only allowed in 'wildcard' indexes`);
  assertWildcardProjection(key, value);
};

const ofColumnStores: Check = (_value, name) => {
  throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is only allowed in 'columnstore' indexes`);
};

const checks: Readonly<Record<string, Check>> = {
  name: text, ns: anything, _id: anything, v: version, hidden,
  unique: truth, sparse: truth, background: truth, dropDups: truth, prepareUnique: truth, clustered: truth,
  expireAfterSeconds: anything, partialFilterExpression: partialFilter, wildcardProjection, collation, storageEngine: anything,
  columnstoreProjection: ofColumnStores, columnstoreCompressor: ofColumnStores,
  weights, default_language: text, language_override: text, textIndexVersion: number,
  '2dsphereIndexVersion': number, bits: number, min: number, max: number, coarsestIndexedLevel: number, finestIndexedLevel: number, bucketSize: anything,
};

/** `key` is checked by itself. */
export const allowedOptions: ReadonlySet<string> = new Set(['key', ...Object.keys(checks)]);

/** The others that mean nothing for an ordered index (`bits`, `default_language`, …) are kept, as MongoDB keeps them. */
export const unsupportedOptions: ReadonlyMap<string, string> = new Map([
  ['collation', 'strings are compared by their bytes only'], ['storageEngine', 'the storage is PostgreSQL'], ['clustered', 'there are no clustered collections'],
  ['prepareUnique', 'indexes become unique when they are made only'],
]);

/** Throws DocumentError: TypeMismatch, BadValue, CannotCreateIndex, FailedToParse, InvalidIndexSpecificationOption. */
export function checkOption(name: string, value: Value, specification: Document): void {
  checks[name]?.(value, name, specification);
}
