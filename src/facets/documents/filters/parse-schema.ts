// Parses the operand of `$jsonSchema`: JSON schema, draft 4, with MongoDB's `bsonType`. Errors are told in MongoDB's
// order: the keywords of scalars, of arrays, of objects, the logical ones.

import { hashKeyOf } from '../../../values/bson/compare.ts';
import { Decimal128, Int32, isNumeric, typeNameOf, type Document, type Numeric, type TypeName, type Value } from '../../../values/bson/types.ts';
import { isNegativeDecimal, isZeroDecimal } from '../../../values/bson/decimal.ts';
import { DocumentError } from '../errors.ts';
import { parseNonNegativeLong } from './numbers.ts';
import { checkedPattern } from './pattern.ts';
import type { Dependency, PatternSchema, Schema } from './schema.ts';
import { bsonAliases, jsonAliases, typesOfAlias } from './types-operand.ts';
import { unorderedForm } from './unordered.ts';

const keywords: ReadonlySet<string> = new Set([
  'additionalItems', 'additionalProperties', 'allOf', 'anyOf', 'bsonType', 'dependencies', 'description', 'encrypt', 'encryptMetadata', 'enum',
  'exclusiveMaximum', 'exclusiveMinimum', 'items', 'maxItems', 'maxLength', 'maxProperties', 'maximum', 'minItems', 'minLength', 'minProperties',
  'minimum', 'multipleOf', 'not', 'oneOf', 'pattern', 'patternProperties', 'properties', 'required', 'title', 'type', 'uniqueItems',
]);

const unsupportedKeywords: ReadonlySet<string> = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id']);

/** Throws DocumentError: FailedToParse, TypeMismatch, BadValue, QueryFeatureNotAllowed. */
export function parseSchema(document: Document): Schema {
  assertKeywords(document);
  for (const name of ['description', 'title']) {
    const text = document.get(name);
    if (text !== undefined && typeof text !== 'string') throw mismatch(name, 'must be of type string');
  }
  const types = parseTypeKeywords(document);
  return {
    ...(types ? { types } : {}),
    ...parseScalarKeywords(document),
    ...parseArrayKeywords(document),
    ...refuseEncryption(document),
    ...parseObjectKeywords(document),
    ...parseLogicalKeywords(document),
  };
}

function assertKeywords(document: Document): void {
  for (const name of document.keys()) {
    if (keywords.has(name)) continue;
    if (unsupportedKeywords.has(name)) throw failure(name, 'is not currently supported');
    throw new DocumentError('FailedToParse', `Unknown $jsonSchema keyword: ${name}`);
  }
}

function mismatch(keyword: string, text: string): DocumentError {
  return new DocumentError('TypeMismatch', `$jsonSchema keyword '${keyword}' ${text}`);
}

function failure(keyword: string, text: string): DocumentError {
  return new DocumentError('FailedToParse', `$jsonSchema keyword '${keyword}' ${text}`);
}

// --- Types.

function parseTypeKeywords(document: Document): ReadonlySet<TypeName> | undefined {
  const type = document.get('type');
  const bsonType = document.get('bsonType');
  if (type !== undefined && bsonType !== undefined) throw new DocumentError('FailedToParse', "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'");
  for (const keyword of ['type', 'bsonType']) {
    if (!document.has(keyword) || !document.has('encrypt')) continue;
    throw failure('encrypt', `cannot be used in conjunction with '${keyword}', 'encrypt' implies type 'bsonType::BinData'`);
  }
  if (type !== undefined) return parseTypes('type', type, jsonAliases);
  return bsonType === undefined ? undefined : parseTypes('bsonType', bsonType, bsonAliases);
}

function parseTypes(keyword: string, value: Value, aliases: ReadonlyMap<string, readonly TypeName[]>): ReadonlySet<TypeName> {
  if (typeof value !== 'string' && !Array.isArray(value)) throw mismatch(keyword, 'must be either a string or an array of strings');
  const names = new Set<string>();
  for (const name of Array.isArray(value) ? value : [value]) {
    if (typeof name !== 'string') throw mismatch(keyword, 'array elements must be strings');
    if (name === 'integer') throw new DocumentError('FailedToParse', "$jsonSchema type 'integer' is not currently supported.");
    if (names.has(name)) throw failure(keyword, `has duplicate value: ${name}`);
    names.add(name);
  }
  const types = new Set([...names].flatMap((name) => typesOfAlias(name, aliases)));
  if (types.size === 0) throw failure(keyword, 'must name at least one type');
  return types;
}

// --- Scalars.

function parseScalarKeywords(document: Document): Schema {
  return {
    ...parsePattern(document),
    ...parseLength(document, 'maxLength'),
    ...parseLength(document, 'minLength'),
    ...parseMultipleOf(document),
    ...parseBound(document, 'maximum', 'exclusiveMaximum'),
    ...parseBound(document, 'minimum', 'exclusiveMinimum'),
  };
}

function parsePattern(document: Document): Schema {
  const pattern = document.get('pattern');
  if (pattern === undefined) return {};
  if (typeof pattern !== 'string') throw mismatch('pattern', 'must be a string');
  return { pattern: checkedPattern(pattern, '').pattern };
}

type LengthKeyword = 'minLength' | 'maxLength' | 'minItems' | 'maxItems' | 'minProperties' | 'maxProperties';

function parseLength(document: Document, keyword: LengthKeyword): Schema {
  const length = document.get(keyword);
  return length === undefined ? {} : { [keyword]: Number(parseNonNegativeLong(keyword, length)) };
}

function parseMultipleOf(document: Document): Schema {
  const multipleOf = document.get('multipleOf');
  if (multipleOf === undefined) return {};
  if (!isNumeric(multipleOf)) throw mismatch('multipleOf', 'must be a number');
  if (!isPositive(multipleOf)) throw failure('multipleOf', 'must have a positive value');
  return { multipleOf };
}

function isPositive(value: Numeric): boolean {
  if (value instanceof Decimal128) return !isNegativeDecimal(value) && !isZeroDecimal(value);
  const plain = value instanceof Int32 ? value.value : value;
  return !(plain <= 0);
}

function parseBound(document: Document, keyword: 'minimum' | 'maximum', exclusiveKeyword: string): Schema {
  const value = document.get(keyword);
  const exclusive = document.get(exclusiveKeyword);
  if (value === undefined) {
    if (exclusive !== undefined) throw failure(keyword, `must be a present if ${exclusiveKeyword} is present`);
    return {};
  }
  if (exclusive !== undefined && typeof exclusive !== 'boolean') throw mismatch(exclusiveKeyword, 'must be a boolean');
  if (!isNumeric(value)) throw mismatch(keyword, 'must be a number');
  return { [keyword]: { value, exclusive: exclusive === true } };
}

// --- Arrays.

function parseArrayKeywords(document: Document): Schema {
  const counts = { ...parseLength(document, 'minItems'), ...parseLength(document, 'maxItems') };
  const uniqueItems = document.get('uniqueItems');
  if (uniqueItems !== undefined && typeof uniqueItems !== 'boolean') throw mismatch('uniqueItems', 'must be a boolean');
  return { ...counts, ...(uniqueItems ? { uniqueItems } : {}), ...parseItems(document), ...parseAdditionalItems(document) };
}

function parseItems(document: Document): Schema {
  const items = document.get('items');
  if (items === undefined) return {};
  if (items instanceof Map) return { items: parseSchema(items) };
  if (!Array.isArray(items)) throw mismatch('items', `must be an array or an object, not ${typeNameOf(items)}`);
  return {
    items: items.map((item) => {
      if (!(item instanceof Map)) throw mismatch('items', `requires that each element of the array is an object, but found a ${typeNameOf(item)}`);
      return parseSchema(item);
    }),
  };
}

/** Without an array of `items` there is nothing behind it, and the keyword only has to be well formed. */
function parseAdditionalItems(document: Document): Schema {
  const additional = document.get('additionalItems');
  if (additional === undefined) return {};
  if (typeof additional !== 'boolean' && !(additional instanceof Map)) {
    throw mismatch('additionalItems', `must be either an object or a boolean, but got a ${typeNameOf(additional)}`);
  }
  const additionalItems = additional instanceof Map ? parseSchema(additional) : additional;
  return Array.isArray(document.get('items')) ? { additionalItems } : {};
}

function refuseEncryption(document: Document): Schema {
  if (!document.has('encrypt') && !document.has('encryptMetadata')) return {};
  throw new DocumentError('QueryFeatureNotAllowed', 'Encryption-related validator keywords are not allowed in this context');
}

// --- Objects.

function parseObjectKeywords(document: Document): Schema {
  const required = parseRequired(document);
  return {
    ...parseProperties(document),
    ...parsePatternProperties(document),
    ...parseAdditionalProperties(document),
    ...(required ? { required } : {}),
    ...parseLength(document, 'minProperties'),
    ...parseLength(document, 'maxProperties'),
    ...parseDependencies(document),
  };
}

function parseRequired(document: Document): readonly string[] | undefined {
  const required = document.get('required');
  if (required === undefined) return undefined;
  if (!Array.isArray(required)) throw mismatch('required', `must be an array, but found an element of type ${typeNameOf(required)}`);
  const names = new Set<string>();
  for (const name of required) {
    if (typeof name !== 'string') throw mismatch('required', `must be an array of strings, but found an element of type: ${typeNameOf(name)}`);
    if (names.has(name)) throw failure('required', 'array cannot contain duplicate values');
    names.add(name);
  }
  if (names.size === 0) throw failure('required', 'cannot be an empty array');
  return [...names];
}

function parseProperties(document: Document): Schema {
  const properties = document.get('properties');
  if (properties === undefined) return {};
  if (!(properties instanceof Map)) throw mismatch('properties', 'must be an object');
  return {
    properties: new Map([...properties].map(([name, schema]) => {
      if (!(schema instanceof Map)) throw new DocumentError('TypeMismatch', `Nested schema for $jsonSchema property '${name}' must be an object`);
      return [name, parseSchema(schema)];
    })),
  };
}

function parsePatternProperties(document: Document): Schema {
  const properties = document.get('patternProperties');
  if (properties === undefined) return {};
  if (!(properties instanceof Map)) throw mismatch('patternProperties', 'must be an object');
  const patternProperties = [...properties].map(([pattern, schema]): PatternSchema => {
    if (!(schema instanceof Map)) throw mismatch('patternProperties', `has property '${pattern}' which is not an object`);
    return { schema: parseSchema(schema), pattern: checkedPattern(pattern, '').pattern };
  });
  return { patternProperties };
}

function parseAdditionalProperties(document: Document): Schema {
  const additional = document.get('additionalProperties');
  if (additional === undefined) return {};
  if (typeof additional === 'boolean') return { additionalProperties: additional };
  if (additional instanceof Map) return { additionalProperties: parseSchema(additional) };
  throw mismatch('additionalProperties', 'must be an object or a boolean');
}

function parseDependencies(document: Document): Schema {
  const dependencies = document.get('dependencies');
  if (dependencies === undefined) return {};
  if (!(dependencies instanceof Map)) throw mismatch('dependencies', 'must be an object');
  return { dependencies: [...dependencies].flatMap(([property, value]) => parseDependency(property, value)) };
}

function parseDependency(property: string, value: Value): Dependency[] {
  if (value instanceof Map) return [{ property, schema: parseSchema(value) }];
  if (Array.isArray(value)) return [{ property, requires: parseRequires(property, value) }];
  if (typeof value === 'string' && (property === 'title' || property === 'description')) return [];
  throw new DocumentError('TypeMismatch', `property '${property}' in $jsonSchema keyword 'dependencies' must be either an object or an array`);
}

function parseRequires(property: string, values: readonly Value[]): readonly string[] {
  if (values.length === 0) throw new DocumentError('FailedToParse', `property '${property}' in $jsonSchema keyword 'dependencies' cannot be an empty array`);
  const place = `array '${property}' in $jsonSchema keyword 'dependencies'`;
  const names = new Set<string>();
  for (const name of values) {
    if (typeof name !== 'string') throw new DocumentError('TypeMismatch', `${place} can only contain strings, but found element of type: ${typeNameOf(name)}`);
    if (names.has(name)) throw new DocumentError('FailedToParse', `${place} contains duplicate element: ${name}`);
    names.add(name);
  }
  return [...names];
}

// --- Logic.

function parseLogicalKeywords(document: Document): Schema {
  return {
    ...parseSchemas(document, 'allOf'),
    ...parseSchemas(document, 'anyOf'),
    ...parseSchemas(document, 'oneOf'),
    ...parseNot(document),
    ...parseEnum(document),
  };
}

function parseSchemas(document: Document, keyword: 'allOf' | 'anyOf' | 'oneOf'): Schema {
  const schemas = document.get(keyword);
  if (schemas === undefined) return {};
  if (!Array.isArray(schemas)) throw mismatch(keyword, 'must be an array');
  if (schemas.length === 0) throw new DocumentError('BadValue', `$jsonSchema keyword '${keyword}' must be a non-empty array`);
  return {
    [keyword]: schemas.map((schema) => {
      if (!(schema instanceof Map)) throw mismatch(keyword, `must be an array of objects, but found an element of type ${typeNameOf(schema)}`);
      return parseSchema(schema);
    }),
  };
}

function parseNot(document: Document): Schema {
  const not = document.get('not');
  if (not === undefined) return {};
  if (!(not instanceof Map)) throw mismatch('not', `must be an object, but found an element of type ${typeNameOf(not)}`);
  return { not: parseSchema(not) };
}

function parseEnum(document: Document): Schema {
  const values = document.get('enum');
  if (values === undefined) return {};
  if (!Array.isArray(values)) throw mismatch('enum', `must be an array, but found an element of type ${typeNameOf(values)}`);
  if (values.length === 0) throw failure('enum', 'cannot be an empty array');
  const keys = new Set(values.map((value) => hashKeyOf(unorderedForm(value))));
  if (keys.size !== values.length) throw failure('enum', 'array cannot contain duplicate values.');
  return { enum: values };
}
