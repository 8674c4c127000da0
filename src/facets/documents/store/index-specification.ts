// What createIndexes is told of one index. Source: MongoDB 7.0, src/mongo/db/catalog/index_key_validate.cpp and
// index_catalog_impl.cpp.

import { int32, isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { DocumentError } from '../errors.ts';
import { type IndexKey, isIdKey, parseIndexKey } from './index-key.ts';
import { assertPartialFilter, conditionOf } from './partial-filter.ts';

export type IndexSpecification = IndexKey & {
  readonly name: string;
  readonly key: Document;
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Document | undefined;
  /** As `listIndexes` shows it. */
  readonly document: Document;
};

/** Options that are read. */
const options: ReadonlySet<string> = new Set(['v', 'key', 'name', 'unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression', 'background', 'hidden', 'ns', 'dropDups']);
const geo = 'geo indexes follow in a later version';
const texts = 'text indexes follow in a later version';
const unsupportedOptions: ReadonlyMap<string, string> = new Map([
  ['collation', 'strings are compared by their bytes only'], ['weights', texts], ['default_language', texts], ['language_override', texts], ['textIndexVersion', texts],
  ['2dsphereIndexVersion', geo], ['bits', geo], ['min', geo], ['max', geo], ['bucketSize', geo], ['coarsestIndexedLevel', geo], ['finestIndexedLevel', geo],
  ['wildcardProjection', 'wildcard indexes hold all fields'], ['storageEngine', 'the storage is PostgreSQL'], ['clustered', 'there are no clustered collections'],
  ['prepareUnique', 'indexes become unique when they are made only'], ['columnstoreProjection', 'there are no column store indexes'],
]);
const idOptions: ReadonlySet<string> = new Set(['v', 'key', 'name', 'ns', 'collation']);
const mostSeconds = 2_147_483_647;
const keyBytes = 2_048;

/** Without what is no option of an index (`ignoreUnknownIndexOptions`). */
export function withoutUnknownOptions(specification: Document): Document {
  return new Map([...specification].filter(([name]) => options.has(name) || unsupportedOptions.has(name)));
}

/**
 * Throws DocumentError: FailedToParse, CannotCreateIndex, TypeMismatch, InvalidIndexSpecificationOption, BadValue, and
 * CommandNotSupported for options that are known and not offered.
 */
export function parseIndexSpecification(specification: Document): IndexSpecification {
  const key = within(specification, () => checkedKey(specification));
  const complete = new Map(specification);
  if (!complete.has('v')) complete.set('v', int32(2));
  complete.delete('ns');
  if (isIdKey(key)) return idIndex(complete, key);
  const name = specification.get('name') as string;
  if (name === '_id_') throw new DocumentError('BadValue', `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${shellText(key)}`);
  if (name === '*') throw new DocumentError('BadValue', "The index name '*' is not valid.");
  return within(complete, () => made(complete, key, name));
}

/** Errors of a specification say of which. */
function within<T>(specification: Document, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new DocumentError(error.number, `Error in specification ${shellText(specification)} :: caused by :: ${error.details}`, { cause: error });
  }
}

/** The types of all options, and that `key` and `name` are there. */
function checkedKey(specification: Document): Document {
  for (const name of specification.keys()) {
    if (!options.has(name) && !unsupportedOptions.has(name)) throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is not valid for an index specification. Specification: ${shellText(specification)}`);
  }
  let key: Document | undefined;
  let hasName = false;
  for (const [name, value] of specification) {
    if (name === 'key') {
      if (!(value instanceof Map)) throw new DocumentError('TypeMismatch', `The field 'key' must be an object, but got ${typeNameOf(value)}`);
      if (shellText(value).length > keyBytes) throw new DocumentError('CannotCreateIndex', 'Index key pattern too large.');
      key = value;
      parseIndexKey(key);
    } else if (name === 'name') {
      if (typeof value !== 'string') throw new DocumentError('TypeMismatch', `The field 'name' must be a string, but got ${typeNameOf(value)}`);
      hasName = true;
    } else checkOption(name, value, specification);
  }
  if (key === undefined) throw new DocumentError('FailedToParse', "The 'key' field is a required property of an index specification");
  if (!hasName) throw new DocumentError('FailedToParse', "The 'name' field is a required property of an index specification");
  return key;
}

function checkOption(name: string, value: Value, specification: Document): void {
  switch (name) {
    case 'unique':
    case 'sparse':
    case 'background':
    case 'dropDups':
      if (typeof value === 'boolean' || isNumeric(value)) return;
      throw new DocumentError('TypeMismatch', `The field '${name} has value ${name}: ${shellText(value)}, which is not convertible to bool`);
    case 'hidden':
      if (typeof value === 'boolean') return;
      // The name of the field is that of MongoDB's text.
      throw new DocumentError('TypeMismatch', `The field 'name' must be a bool, but got ${typeNameOf(value)}`);
    case 'v':
      checkVersion(value, specification);
      return;
    case 'partialFilterExpression':
      if (value instanceof Map) return;
      throw new DocumentError('TypeMismatch', `The field 'partialFilterExpression' must be an object, but got ${typeNameOf(value)}`);
    case 'collation':
      if (!(value instanceof Map)) throw new DocumentError('TypeMismatch', `The field 'collation' must be an object, but got ${typeNameOf(value)}`);
      if (value.size === 0) throw new DocumentError('BadValue', "The field 'collation' cannot be an empty object.");
      if (value.get('locale') === 'simple') return;
      break;
    case 'weights':
      throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; the field 'weights' can only be specified with text indexes`);
    case 'wildcardProjection':
      if (specification.get('key') instanceof Map && !(specification.get('key') as Document).has('$**')) throw new DocumentError('BadValue', "The field 'wildcardProjection' is only allowed in 'wildcard' indexes");
      break;
    default:
  }
  const reason = unsupportedOptions.get(name);
  if (reason !== undefined) throw new DocumentError('CommandNotSupported', `the index option '${name}' is not supported: ${reason}`);
}

function checkVersion(value: Value, specification: Document): void {
  if (!isNumeric(value)) throw new DocumentError('TypeMismatch', `The field 'v' must be a number, but got ${typeNameOf(value)}`);
  const version = toDouble(value);
  if (!Number.isInteger(version) || Math.abs(version) > mostSeconds) throw new DocumentError('BadValue', `Index version must be representable as a 32-bit integer, but got ${shellText(value)}`);
  if (version !== 1 && version !== 2) throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; cannot create an index with v=${version}`);
}

/** The index on `_id`, which is there already. Throws DocumentError: InvalidIndexSpecificationOption, BadValue. */
function idIndex(specification: Document, key: Document): IndexSpecification {
  if (specification.get('hidden') === true) throw new DocumentError('BadValue', "can't hide _id index");
  for (const name of specification.keys()) {
    if (!idOptions.has(name)) throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is not valid for an _id index specification. Specification: ${shellText(specification)}`);
  }
  const direction = key.get('_id')!;
  if (!isNumeric(direction) || toDouble(direction) !== 1) throw new DocumentError('BadValue', `The field 'key' for an _id index must be {_id: 1}, but got ${shellText(key)}`);
  const document: Document = new Map<string, Value>([['v', int32(2)], ['key', key], ['name', '_id_']]);
  return { name: '_id_', key, kind: 'ordered', parts: [{ path: ['_id'], descending: false }], isUnique: false, isSparse: false, partialFilter: undefined, document };
}

function made(specification: Document, key: Document, name: string): IndexSpecification {
  const { kind, parts } = parseIndexKey(key);
  const [isUnique, isSparse] = ['unique', 'sparse'].map((option) => isTrue(specification.get(option)));
  const filter = specification.get('partialFilterExpression');
  const partialFilter = filter instanceof Map ? filter : undefined;
  const refuse = (details: string): never => {
    throw new DocumentError('CannotCreateIndex', details);
  };
  if (name === '') refuse('index name cannot be empty');
  if (kind === 'wildcard') {
    for (const [option, isSet] of [['sparse', isSparse], ['unique', isUnique]] as const) if (isSet) refuse(`Index type 'wildcard' does not support the ${option} option`);
    if (specification.has('expireAfterSeconds')) refuse("Index type 'wildcard' cannot be a TTL index");
  }
  if (kind === 'hashed' && isUnique) throw new DocumentError(16_764, 'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.');
  if (partialFilter !== undefined) {
    if (isSparse) refuse('cannot mix "partialFilterExpression" and "sparse" options');
    assertPartialFilter(partialFilter);
  }
  const expiry = expiryOf(specification, key);
  const document: Document = new Map<string, Value>([['v', specification.get('v')!], ['key', key], ['name', name]]);
  // As MongoDB, in the order in which they were given.
  for (const option of specification.keys()) {
    if (option === 'unique' && isUnique) document.set('unique', true);
    if (option === 'sparse' && isSparse) document.set('sparse', true);
    if (option === 'hidden' && specification.get('hidden') === true) document.set('hidden', true);
    if (option === 'expireAfterSeconds' && expiry !== undefined) document.set('expireAfterSeconds', expiry);
    if (option === 'partialFilterExpression' && partialFilter !== undefined) document.set('partialFilterExpression', partialFilter);
  }
  const result: IndexSpecification = { name, key, kind, parts, isUnique: isUnique === true, isSparse: isSparse === true, partialFilter, document };
  conditionOf(result);
  return result;
}

function isTrue(value: Value | undefined): boolean {
  return value === true || (isNumeric(value) && toDouble(value) !== 0);
}

function expiryOf(specification: Document, key: Document): Value | undefined {
  const seconds = specification.get('expireAfterSeconds');
  if (seconds === undefined) return undefined;
  const refuse = (details: string): never => {
    throw new DocumentError('CannotCreateIndex', `${details}. Index spec: ${shellText(specification)}`);
  };
  if (!isNumeric(seconds)) return refuse(`TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeNameOf(seconds)}'`);
  const value = checkExpiry(toDouble(seconds));
  if (typeof value === 'string') return refuse(value);
  if (key.size > 1) refuse('TTL indexes are single-field indexes, compound indexes do not support TTL');
  return int32(value);
}

/** The whole seconds, or what is wrong with them. */
export function checkExpiry(seconds: number): number | string {
  if (seconds < 0) return "TTL index 'expireAfterSeconds' option cannot be less than 0";
  if (Number.isNaN(seconds)) return 0;
  if (seconds > mostSeconds) return "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number";
  return Math.trunc(seconds);
}
