// What createIndexes is told of one index. Source: MongoDB 7.0, src/mongo/db/catalog/index_key_validate.cpp.

import { Int32, int32, isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';
import { shellText } from '../expressions/shell-text.ts';
import { DocumentError } from '../errors.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { planFilter } from '../planner/plan-filter.ts';
import { isSqlPath, sqlPath } from '../planner/sql-keys.ts';
import { quoteLiteral } from '../../../engine/quoting.ts';
import { SqlParameters } from './statements.ts';

export type IndexPart = { readonly path: readonly string[]; readonly descending: boolean };

export type IndexSpecification = {
  readonly name: string;
  readonly key: Document;
  readonly kind: 'ordered' | 'hashed' | 'wildcard';
  readonly parts: readonly IndexPart[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partialFilter: Document | undefined;
  /** As `listIndexes` shows it. */
  readonly document: Document;
};

/** Options that are kept, with what reads them; others are unknown, or refused by name. */
const options = new Set(['v', 'key', 'name', 'unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression', 'background', 'hidden', 'ns']);
const unsupportedOptions = new Map([
  ['collation', 'strings are compared by their bytes only'], ['weights', 'text indexes follow in a later version'], ['default_language', 'text indexes follow in a later version'],
  ['language_override', 'text indexes follow in a later version'], ['textIndexVersion', 'text indexes follow in a later version'], ['2dsphereIndexVersion', 'geo indexes follow in a later version'],
  ['bits', 'geo indexes follow in a later version'], ['min', 'geo indexes follow in a later version'], ['max', 'geo indexes follow in a later version'], ['bucketSize', 'geo indexes follow in a later version'],
  ['wildcardProjection', 'wildcard indexes hold all fields'], ['storageEngine', 'the storage is PostgreSQL'], ['clustered', 'there are no clustered collections'],
  ['prepareUnique', 'collMod is not offered'], ['dropDups', 'MongoDB has not had it since 3.0'],
]);
const later = new Set(['text', '2d', '2dsphere', 'geoHaystack']);
const mostSeconds = 2_147_483_647;

/** Throws DocumentError: FailedToParse, CannotCreateIndex, TypeMismatch, InvalidIndexSpecificationOption, BadValue. */
export function parseIndexSpecification(specification: Document): IndexSpecification {
  for (const name of specification.keys()) checkOption(name, specification);
  const key = specification.get('key');
  if (key === undefined) throw new DocumentError('FailedToParse', "The 'key' field is a required property of an index specification");
  if (!(key instanceof Map)) throw new DocumentError('TypeMismatch', `The field 'key' must be an object, but got ${typeNameOf(key)}`);
  const name = specification.get('name');
  if (name === undefined) throw new DocumentError('FailedToParse', "The 'name' field is a required property of an index specification");
  if (typeof name !== 'string') throw new DocumentError('TypeMismatch', `The field 'name' must be a string, but got ${typeNameOf(name)}`);
  if (name === '' || name === '*') throw new DocumentError(name === '' ? 'CannotCreateIndex' : 'BadValue', name === '' ? 'index name cannot be empty' : "The index name '*' is not valid.");
  const kind = kindOf(key);
  const parts = kind === 'wildcard' ? [] : [...key].map(([path, direction]) => partOf(path, direction));
  const isUnique = boolOf(specification, 'unique');
  const isSparse = boolOf(specification, 'sparse');
  if (isUnique && kind !== 'ordered') throw new DocumentError('CannotCreateIndex', `Index type '${kind}' does not support the unique option`);
  const partialFilter = filterOf(specification);
  if (partialFilter !== undefined && isSparse) throw new DocumentError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  const expiry = expiryOf(specification, key);
  const document: Document = new Map<string, Value>([['v', int32(2)], ['key', key], ['name', name]]);
  if (isUnique) document.set('unique', true);
  if (isSparse) document.set('sparse', true);
  if (expiry !== undefined) document.set('expireAfterSeconds', expiry);
  if (partialFilter !== undefined) document.set('partialFilterExpression', partialFilter);
  if (boolOf(specification, 'hidden')) document.set('hidden', true);
  const made: IndexSpecification = { name, key, kind, parts, isUnique, isSparse, partialFilter, document };
  conditionOf(made);
  return made;
}

function checkOption(name: string, specification: Document): void {
  const reason = unsupportedOptions.get(name);
  if (reason !== undefined) {
    const value = specification.get(name);
    if (name === 'collation' && value instanceof Map && value.get('locale') === 'simple') return;
    throw new DocumentError('CommandNotSupported', `the index option '${name}' is not supported: ${reason}`);
  }
  if (options.has(name)) return;
  throw new DocumentError('InvalidIndexSpecificationOption', `The field '${name}' is not valid for an index specification. Specification: ${shellText(specification)}`);
}

function kindOf(key: Document): IndexSpecification['kind'] {
  if (key.size === 0) throw new DocumentError('CannotCreateIndex', 'Index keys cannot be an empty object');
  let kind: IndexSpecification['kind'] = 'ordered';
  for (const [path, direction] of key) {
    if (direction === 'hashed') {
      if (key.size > 1) throw new DocumentError('CommandNotSupported', 'compound hashed indexes are not supported: PostgreSQL needs no shard keys');
      kind = 'hashed';
    } else if (typeof direction === 'string') {
      if (later.has(direction)) throw new DocumentError('CommandNotSupported', `indexes of type '${direction}' are not supported: text and geo indexes follow in a later version`);
      throw new DocumentError('CannotCreateIndex', `Unknown index plugin '${direction}'`);
    } else if (!isNumeric(direction)) {
      throw new DocumentError('CannotCreateIndex', `Values in v:2 index key pattern cannot be of type ${typeNameOf(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`);
    } else if (toDouble(direction) === 0 || Number.isNaN(toDouble(direction))) {
      throw new DocumentError('CannotCreateIndex', 'Values in the index key pattern cannot be 0.');
    }
    if (path.endsWith('.$**')) throw new DocumentError('CommandNotSupported', `a wildcard index on a part of the document ('${path}') is not supported: on all of it ('$**') it is`);
    if (path === '$**') {
      if (key.size > 1) throw new DocumentError('CommandNotSupported', 'compound wildcard indexes are not supported');
      kind = 'wildcard';
    }
  }
  return kind;
}

function partOf(path: string, direction: Value): IndexPart {
  if (path === '') throw new DocumentError('CannotCreateIndex', 'Index keys cannot contain an empty field.');
  const names = path.split('.');
  if (names.includes('')) throw new DocumentError('CannotCreateIndex', "Index key contains an illegal field name: field name can't contain an empty component");
  if (names.some((name) => name.startsWith('$') && !['$ref', '$id', '$db'].includes(name))) throw new DocumentError('CannotCreateIndex', "Index key contains an illegal field name: field name starts with '$'.");
  if (!isSqlPath(names)) throw new DocumentError('CommandNotSupported', `the path '${path}' cannot be indexed: a part of it may be the index of an array`);
  return { path: names, descending: isNumeric(direction) && toDouble(direction) < 0 };
}

function boolOf(specification: Document, name: string): boolean {
  const value = specification.get(name);
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  if (isNumeric(value)) return toDouble(value) !== 0;
  throw new DocumentError('TypeMismatch', `The field '${name}' has value ${name}: ${shellText(value)}, which is not convertible to bool`);
}

function filterOf(specification: Document): Document | undefined {
  const filter = specification.get('partialFilterExpression');
  if (filter === undefined) return undefined;
  if (!(filter instanceof Map)) throw new DocumentError('TypeMismatch', `The field 'partialFilterExpression' must be an object, but got ${typeNameOf(filter)}`);
  return filter;
}

function expiryOf(specification: Document, key: Document): Value | undefined {
  const seconds = specification.get('expireAfterSeconds');
  if (seconds === undefined) return undefined;
  if (!isNumeric(seconds)) throw new DocumentError('CannotCreateIndex', `TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeNameOf(seconds)}'. Index spec: ${shellText(specification)}`);
  const value = toDouble(seconds);
  if (!(value >= 0 && value <= mostSeconds)) throw new DocumentError('CannotCreateIndex', `TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different value. Index spec: ${shellText(specification)}`);
  if (key.size > 1) throw new DocumentError('CannotCreateIndex', `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${shellText(specification)}`);
  if (key.has('_id')) throw new DocumentError('InvalidIndexSpecificationOption', `The field 'expireAfterSeconds' is not valid for an _id index specification. Specification: ${shellText(specification)}`);
  return seconds instanceof Int32 ? seconds : int32(Math.trunc(value));
}

/** The documents that an index holds, as SQL; undefined for all. Throws DocumentError where SQL cannot tell. */
export function conditionOf({ parts, isSparse, partialFilter }: IndexSpecification): string | undefined {
  if (isSparse && parts.length > 0) return parts.map(({ path }) => `(facetdb.has_array(doc, ${sqlPath(path)}) or doc #> ${sqlPath(path)} is not null)`).join(' or ');
  if (partialFilter === undefined) return undefined;
  const parameters = new SqlParameters();
  const { sql, isExact } = planFilter(parseFilter(partialFilter), parameters);
  if (!isExact) throw new DocumentError('CannotCreateIndex', `unsupported expression in partial index: ${shellText(partialFilter)}`);
  return sql?.replaceAll(/\$(\d+)/g, (_, number: string) => literalOf(parameters, Number(number) - 1));
}

function literalOf({ types, values }: SqlParameters, index: number): string {
  const value = values[index];
  if (types[index] === 'bytea' && value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'::bytea`;
  if (types[index] === 'text' && typeof value === 'string') return quoteLiteral(value);
  throw new DocumentError('CannotCreateIndex', 'unsupported expression in partial index: a list of values');
}
