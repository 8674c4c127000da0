// What createIndexes is told of one index. Source: MongoDB 7.0, src/mongo/db/catalog/index_key_validate.cpp and
// index_catalog_impl.cpp.

import { int32, isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { DocumentError, inContext } from '../errors.ts';
import { type IndexKey, assertKeyPattern, isIdKey, parseIndexKey, pluginOf } from './index-key.ts';
import { allowedOptions, checkOption, unsupportedOptions } from './index-options.ts';
import { assertPartialFilter, conditionOf } from './partial-filter.ts';
import { type WildcardFields, wildcardFieldsOf } from './wildcard-key.ts';

export type IndexSpecification = IndexKey & {
  readonly name: string;
  readonly key: Document;
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Document | undefined;
  /** Of a wildcard index. */
  readonly wildcard: WildcardFields | undefined;
  /** As `listIndexes` shows it. */
  readonly document: Document;
};

const idOptions: ReadonlySet<string> = new Set(['_id', 'v', 'key', 'name', 'ns', 'collation']);
const mostSeconds = 2_147_483_647;

/** Without what is no option of an index (`ignoreUnknownIndexOptions`). */
export function withoutUnknownOptions(specification: Document): Document {
  return new Map([...specification].filter(([name]) => allowedOptions.has(name)));
}

/**
 * Throws DocumentError: FailedToParse, CannotCreateIndex, TypeMismatch, InvalidIndexSpecificationOption, BadValue, and
 * CommandNotSupported for options that are known and not offered.
 */
export function parseIndexSpecification(specification: Document): IndexSpecification {
  const key = within(specification, () => checkedKey(specification));
  const complete = withDefaults(specification);
  if (isIdKey(key)) return idIndex(complete, key);
  const name = specification.get('name') as string;
  if (name === '_id_') throw new DocumentError('BadValue', `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${shellText(key)}`);
  if (name === '*') throw new DocumentError('BadValue', "The index name '*' is not valid.");
  assertExpiry(specification, key);
  const { kind, parts } = parseIndexKey(key);
  const wildcard = kind === 'wildcard' ? wildcardFieldsOf(key, complete.get('wildcardProjection')) : undefined;
  within(complete, () => assertConsistent(complete, kind === 'wildcard'));
  for (const [option, reason] of unsupportedOptions) {
    if (isAskedFor(complete.get(option))) throw new DocumentError('CommandNotSupported', `the index option '${option}' is not supported: ${reason}`);
  }
  const filter = complete.get('partialFilterExpression');
  const partialFilter = filter instanceof Map ? filter : undefined;
  const isUnique = isTrue(complete.get('unique'));
  if (kind === 'hashed' && isUnique) throw new DocumentError(16_764, 'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.');
  const document = shown(complete, key, name);
  const result: IndexSpecification = { name, key, kind, parts, isUnique, isSparse: isTrue(complete.get('sparse')), partialFilter, wildcard, document };
  conditionOf(result);
  return result;
}

/** `idIndex` of `create`. Throws DocumentError, as `parseIndexSpecification`. */
export function parseIdIndex(specification: Document): IndexSpecification {
  const key = checkedKey(specification);
  return idIndex(withDefaults(specification), key);
}

/** Errors of a specification say of which. */
function within<T>(specification: Document, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw inContext(`Error in specification ${shellText(specification)}`, error);
  }
}

/** The types of all options, and that `key` and `name` are there. */
function checkedKey(specification: Document): Document {
  for (const name of specification.keys()) {
    if (!allowedOptions.has(name)) throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is not valid for an index specification. Specification: ${shellText(specification)}`);
  }
  for (const [name, value] of specification) {
    if (name === 'key') checkKey(value, specification);
    else checkOption(name, value, specification);
  }
  const key = specification.get('key');
  if (!(key instanceof Map)) throw new DocumentError('FailedToParse', "The 'key' field is a required property of an index specification");
  if (!specification.has('name')) throw new DocumentError('FailedToParse', "The 'name' field is a required property of an index specification");
  if (specification.has('collation') && isVersion1(specification)) throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; cannot create an index with the 'collation' option and v=1`);
  if (specification.has('weights') && pluginOf(key) !== 'text') throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; the field 'weights' can only be specified with text indexes`);
  if (isTrue(specification.get('unique')) && isTrue(specification.get('prepareUnique'))) {
    throw new DocumentError('CannotCreateIndex', `Invalid index specification ${shellText(specification)}; cannot create an index with the 'unique' option and the 'prepareUnique' option`);
  }
  return key;
}

function checkKey(key: Value, specification: Document): void {
  if (!(key instanceof Map)) throw new DocumentError('TypeMismatch', `The field 'key' must be an object, but got ${typeNameOf(key)}`);
  assertKeyPattern(key);
  if (key.size > 1 && key.has('$**') && pluginOf(key) === 'wildcard' && !specification.has('wildcardProjection')) {
    throw new DocumentError('CannotCreateIndex', "Compound wildcard indexes on all fields must also specify 'wildcardProjection' option");
  }
}

function isVersion1(specification: Document): boolean {
  const version = specification.get('v');
  return isNumeric(version) && toDouble(version) === 1;
}

/** As it is kept: the comparison by bytes is no collation, and a namespace and duplicates to be dropped are of long ago. */
function withDefaults(specification: Document): Document {
  const complete = new Map(specification);
  if (!complete.has('v')) complete.set('v', int32(2));
  for (const name of ['ns', 'dropDups', '_id']) complete.delete(name);
  const collation = complete.get('collation');
  if (collation instanceof Map && collation.get('locale') === 'simple') complete.delete('collation');
  return complete;
}

/** The index on `_id`, which is there already. Throws DocumentError: InvalidIndexSpecificationOption, BadValue. */
function idIndex(specification: Document, key: Document): IndexSpecification {
  if (specification.get('hidden') === true) throw new DocumentError('BadValue', "can't hide _id index");
  for (const name of specification.keys()) {
    if (!idOptions.has(name)) throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is not valid for an _id index specification. Specification: ${shellText(specification)}`);
  }
  const direction = key.get('_id')!;
  if (!isNumeric(direction) || toDouble(direction) !== 1) throw new DocumentError('BadValue', `The field 'key' for an _id index must be {_id: 1}, but got ${shellText(key)}`);
  if (specification.has('collation')) throw new DocumentError('CannotCreateIndex', '_id index must have the collection default collation');
  const document: Document = new Map<string, Value>([['v', int32(2)], ['key', key], ['name', '_id_']]);
  return { name: '_id_', key, kind: 'ordered', parts: [{ path: ['_id'], descending: false }], isUnique: false, isSparse: false, partialFilter: undefined, wildcard: undefined, document };
}

/** Options that do not go together. Throws DocumentError: CannotCreateIndex, QueryFeatureNotAllowed and those of filters. */
function assertConsistent(specification: Document, isWildcard: boolean): void {
  const refuse = (details: string): never => {
    throw new DocumentError('CannotCreateIndex', details);
  };
  const name = specification.get('name');
  if (typeof name === 'string' && name.includes('\0')) refuse('index name cannot contain NUL bytes');
  if (name === '') refuse('index name cannot be empty');
  if (isWildcard) {
    for (const option of ['sparse', 'unique']) if (isTrue(specification.get(option))) refuse(`Index type 'wildcard' does not support the '${option}' option`);
    if (specification.has('expireAfterSeconds')) refuse("cannot make a TTL index :: caused by :: Index type 'wildcard' does not support the 'expireAfterSeconds' option");
    if (isVersion1(specification)) refuse("Index type 'wildcard' is not allowed with index version v: 1");
  }
  const filter = specification.get('partialFilterExpression');
  if (filter instanceof Map) {
    if (isTrue(specification.get('sparse'))) refuse('cannot mix "partialFilterExpression" and "sparse" options');
    assertPartialFilter(filter);
  }
  const engine = specification.get('storageEngine');
  if (engine === undefined) return;
  if (!(engine instanceof Map)) refuse('"storageEngine" options must be a document if present');
  else if (engine.size === 0) refuse('Empty "storageEngine" options are invalid. Please remove the field or include valid options.');
}

/** As MongoDB shows it: those that are nothing where they are false are left out, the others in the order in which they were given. */
function shown(specification: Document, key: Document, name: string): Document {
  const document: Document = new Map<string, Value>([['v', specification.get('v')!], ['key', key], ['name', name]]);
  for (const [option, value] of specification) {
    if (document.has(option)) continue;
    if (option === 'unique' || option === 'hidden') {
      if (isTrue(value)) document.set(option, true);
    } else if (option === 'sparse' || option === 'background') document.set(option, isTrue(value));
    else document.set(option, option === 'expireAfterSeconds' && isNumeric(value) ? int32(Math.trunc(toDouble(value))) : value);
  }
  return document;
}

function isTrue(value: Value | undefined): boolean {
  return value === true || (isNumeric(value) && toDouble(value) !== 0);
}

/** Of an option that is not offered: false, zero and no value ask for nothing. */
function isAskedFor(value: Value | undefined): boolean {
  return value !== undefined && value !== false && !(isNumeric(value) && toDouble(value) === 0);
}

/** Throws DocumentError: CannotCreateIndex. */
function assertExpiry(specification: Document, key: Document): void {
  const seconds = specification.get('expireAfterSeconds');
  if (seconds === undefined) return;
  const refuse = (details: string): never => {
    throw new DocumentError('CannotCreateIndex', details);
  };
  const wrong = wrongExpiry(seconds);
  if (wrong !== undefined) refuse(`. Index spec: ${shellText(specification)} :: caused by :: ${wrong}`);
  if (key.size > 1) refuse(`TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${shellText(specification)}`);
}

/** What is wrong with `expireAfterSeconds`. */
function wrongExpiry(seconds: Value): string | undefined {
  if (!isNumeric(seconds)) return `TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeNameOf(seconds)}'`;
  const value = toDouble(seconds);
  if (Number.isNaN(value)) return "TTL index 'expireAfterSeconds' option must not be NaN";
  if (Math.abs(value) > mostSeconds + 1 || value >= mostSeconds + 1) return "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer";
  return value <= -1 ? "TTL index 'expireAfterSeconds' option cannot be less than 0" : undefined;
}

/** Of collMod, which takes whole numbers: what is wrong with them. */
export function wrongChangedExpiry(seconds: bigint): string | undefined {
  if (seconds < 0n) return "TTL index 'expireAfterSeconds' option cannot be less than 0";
  return seconds > BigInt(mostSeconds) ? "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number" : undefined;
}
