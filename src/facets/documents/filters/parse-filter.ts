// Parses query filters. Source for errors and their texts: MongoDB 7.0.

import { BsonUndefined, Code, CodeWithScope, isNumeric, RegularExpression, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { withOptimizingContext } from '../error-context.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import type { ParseContext } from '../expressions/expression.ts';
import { parseExpression } from '../expressions/parse.ts';
import { shellText } from '../expressions/shell-text.ts';
import { parseBits } from './bits.ts';
import { assertFeature, type FilterFeatures } from './filter-features.ts';
import type { BitOperator, ComparisonOperator, Filter, Path, Pattern } from './filter.ts';
import { doubleOf, isTruthy, parseLong, parseNonNegativeInt32, truncatedLong } from './numbers.ts';
import { parseSchema } from './parse-schema.ts';
import { checkedPattern } from './pattern.ts';
import { parseTypes } from './types-operand.ts';
import { unsupportedByName } from './unsupported.ts';

const maxPathLength = 180;

type State = {
  readonly context: ParseContext;
  readonly features: FilterFeatures;
  /** Within `$elemMatch`. */
  readonly nested: boolean;
  /** Must hold for the filter to hold: not below `$or`, `$nor`, `$not` or `$elemMatch`. */
  readonly isRequired: boolean;
};

type FieldParser = (path: string, operand: Value, state: State, siblings: Document) => Filter | undefined;
type DocumentParser = (operand: Value, state: State) => Filter | undefined;

/**
 * A filter of a document: fields and what they must be, and operators on whole documents.
 * Throws DocumentError: BadValue, FailedToParse, TypeMismatch, QueryFeatureNotAllowed, 17313, 5626500, and those of expressions.
 */
export function parseFilter(document: Document, context: ParseContext = newParseContext(), features: FilterFeatures = 'all'): Filter {
  return parseDocument(document, { context, features, nested: false, isRequired: true });
}

function parseDocument(document: Document, state: State): Filter {
  const filters: Filter[] = [];
  for (const [name, value] of document) {
    if (name.startsWith('$')) addIfAny(filters, parseDocumentOperator(name, value, state));
    else filters.push(...parseField(name, value, state));
  }
  return allOf(filters);
}

function addIfAny(filters: Filter[], filter: Filter | undefined): void {
  if (filter) filters.push(filter);
}

function allOf(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? filters[0]! : { operator: '$and', filters };
}

function parseField(name: string, value: Value, state: State): Filter[] {
  if (name.split('.').length > maxPathLength) throw new DocumentError(5_729_100, 'FieldPath is too long');
  if (isOperators(value, 'complete')) return parseOperators(name, value, state);
  if (value instanceof RegularExpression) return [regexFilter(name, value)];
  return [comparison('$eq', name, value)];
}

/**
 * Whether a value is a document of operators, not one to compare with. A reference ({$ref, $id}) is none; where
 * `references` may be partial, any of its fields makes one.
 */
function isOperators(value: Value, references: 'complete' | 'partial'): value is Document {
  if (!(value instanceof Map)) return false;
  const [first] = value.keys();
  if (!first?.startsWith('$')) return false;
  const isReference = references === 'complete' ? value.has('$ref') && value.has('$id') : value.has('$ref') || value.has('$id') || value.has('$db');
  return !isReference;
}

// --- Operators that stand where a field's name does.

const documentOperators: ReadonlyMap<string, DocumentParser> = new Map<string, DocumentParser>([
  ['$and', (operand, state) => parseTree('$and', operand, state)],
  ['$or', (operand, state) => parseTree('$or', operand, state)],
  ['$nor', (operand, state) => parseTree('$nor', operand, state)],
  ['$expr', parseExpr],
  ['$jsonSchema', parseJsonSchema],
  ['$comment', () => undefined],
  ['$sampleRate', parseSampleRate],
  ['$alwaysTrue', (operand) => parseAlways('$alwaysTrue', operand)],
  ['$alwaysFalse', (operand) => parseAlways('$alwaysFalse', operand)],
  ['$id', (operand) => comparison('$eq', '$id', operand)],
  ['$ref', (operand) => comparison('$eq', '$ref', operand)],
  ['$db', (operand) => comparison('$eq', '$db', operand)],
  ['$text', parseText],
  ['$where', parseWhere],
]);

function parseDocumentOperator(name: string, operand: Value, state: State): Filter | undefined {
  const parse = documentOperators.get(name);
  if (parse) return parse(operand, state);
  const hint = name === '$not'
    ? 'If you are trying to negate an entire expression, use $nor.'
    : "If you have a field name that starts with a '$' symbol, consider using $getField or $setField.";
  throw new DocumentError('BadValue', `unknown top level operator: ${name}. ${hint}`);
}

function parseTree(operator: '$and' | '$or' | '$nor', operand: Value, state: State): Filter {
  if (!Array.isArray(operand)) throw new DocumentError('BadValue', `${operator} must be an array`);
  if (operand.length === 0) throw new DocumentError('BadValue', '$and/$or/$nor must be a nonempty array');
  // The only entry of $or stands for all of it.
  const isRequired = state.isRequired && (operator === '$and' || (operator === '$or' && operand.length === 1));
  const filters = operand.map((entry) => {
    if (!(entry instanceof Map)) throw new DocumentError('BadValue', '$or/$and/$nor entries need to be full objects');
    return parseDocument(entry, { ...state, isRequired });
  });
  return { operator, filters };
}

function parseExpr(operand: Value, { context, features, nested }: State): Filter {
  if (nested) throw new DocumentError('BadValue', '$expr can only be applied to the top-level document');
  assertFeature('$expr', features);
  return { operator: '$expr', expression: withOptimizingContext('Failed to optimize expression', () => parseExpression(operand, context)) };
}

function parseJsonSchema(operand: Value, { features }: State): Filter {
  assertFeature('$jsonSchema', features);
  if (!(operand instanceof Map)) throw new DocumentError('TypeMismatch', '$jsonSchema must be an object');
  return { operator: '$jsonSchema', schema: parseSchema(operand) };
}

function parseSampleRate(operand: Value, { nested }: State): Filter {
  if (nested) throw new DocumentError('BadValue', '$sampleRate can only be applied to the top-level document');
  if (!isNumeric(operand)) throw new DocumentError('BadValue', 'argument to $sampleRate must be a numeric type');
  const rate = doubleOf(operand);
  if (!(rate >= 0 && rate <= 1)) throw new DocumentError('BadValue', 'numeric argument to $sampleRate must be in [0, 1]');
  return { operator: '$sampleRate', rate };
}

function parseAlways(operator: '$alwaysTrue' | '$alwaysFalse', operand: Value): Filter {
  if (parseLong(operator, operand) !== 1n) throw new DocumentError('FailedToParse', `${operator} must be an integer value of 1`);
  return { operator };
}

function parseText(operand: Value, { features, nested }: State): never {
  if (nested) throw new DocumentError('BadValue', '$text can only be applied to the top-level document');
  assertFeature('$text', features);
  if (!(operand instanceof Map)) throw new DocumentError('BadValue', '$text expects an object');
  if (!operand.has('$search')) throw new DocumentError('NoSuchKey', 'Missing expected field "$search"');
  for (const [name, { type, isOfType }] of textFields) {
    const value = operand.get(name);
    if (value !== undefined && !isOfType(value)) throw new DocumentError('TypeMismatch', `"${name}" had the wrong type. Expected ${type}, found ${typeNameOf(value)}`);
  }
  if ([...operand.keys()].some((name) => !textFields.has(name))) throw new DocumentError('BadValue', 'extra fields in $text');
  throw unsupported('$text');
}

const aString = { type: 'string', isOfType: (value: Value) => typeof value === 'string' };
const aFlag = { type: 'bool', isOfType: (value: Value) => typeof value === 'boolean' || isNumeric(value) };
const textFields = new Map<string, { readonly type: string; readonly isOfType: (value: Value) => boolean }>([['$search', aString], ['$language', aString], ['$caseSensitive', aFlag], ['$diacriticSensitive', aFlag]]);

function parseWhere(operand: Value, { features, nested }: State): never {
  assertFeature('$where', features);
  if (nested) throw new DocumentError('BadValue', '$where can only be applied to the top-level document');
  const isCode = typeof operand === 'string' || operand instanceof Code || operand instanceof CodeWithScope;
  if (!isCode) throw new DocumentError('BadValue', '$where got bad type');
  throw unsupported('$where');
}

function unsupported(name: string): DocumentError {
  const { code, text } = unsupportedByName.get(name)!;
  return new DocumentError(code, text);
}

// --- Operators under a field.

const fieldOperators: ReadonlyMap<string, FieldParser> = new Map<string, FieldParser>([
  ['$eq', (path, operand) => comparison('$eq', path, operand)],
  ['$lt', ordering('$lt')],
  ['$lte', ordering('$lte')],
  ['$gt', ordering('$gt')],
  ['$gte', ordering('$gte')],
  ['$ne', parseNe],
  ['$in', (path, operand) => parseIn('$in', path, operand)],
  ['$nin', (path, operand) => ({ operator: '$not', filter: parseIn('$nin', path, operand) })],
  ['$exists', parseExists],
  ['$type', (path, operand) => ({ operator: '$type', path: fieldsOf(path), types: parseTypes(path, operand) })],
  ['$mod', parseMod],
  ['$size', parseSize],
  ['$regex', (path, _, __, siblings) => ({ operator: '$regex', path: fieldsOf(path), ...parseRegex(siblings) })],
  ['$options', parseOptions],
  ['$elemMatch', parseElemMatch],
  ['$all', parseAll],
  ...(['$bitsAllSet', '$bitsAllClear', '$bitsAnySet', '$bitsAnyClear'] as const).map((name): [string, FieldParser] => [name, bitTest(name)]),
  ...(['$near', '$nearSphere', '$geoNear'] as const).map((name): [string, FieldParser] => [name, misplacedNear]),
  ...(['$geoWithin', '$within', '$geoIntersects'] as const).map((name): [string, FieldParser] => [name, () => raise(unsupported(name))]),
]);

function raise(error: DocumentError): never {
  throw error;
}

function fieldsOf(path: string): Path {
  return path.split('.');
}

function parseOperators(path: string, operators: Document, state: State): Filter[] {
  assertNotNear(operators, state);
  const filters: Filter[] = [];
  for (const [name, operand] of operators) addIfAny(filters, parseOperator(path, name, operand, state, operators));
  return filters;
}

function parseOperator(path: string, name: string, operand: Value, state: State, siblings: Document): Filter | undefined {
  if (name === '$not') return parseNot(path, operand, state);
  const parse = fieldOperators.get(name);
  if (parse) return parse(path, operand, state, siblings);
  throw new DocumentError('BadValue', name === '$where' ? '$where cannot be applied to a field' : `unknown operator: ${name}`);
}

/** $near takes its siblings as its own arguments, so it is looked for before they are parsed. */
function assertNotNear(operators: Document, { features, isRequired }: State): void {
  const [first] = operators;
  if (!first) return;
  const [name, operand] = first;
  const isNear = name === '$near' || name === '$nearSphere' || name === '$geoNear';
  if (!isNear || !(operand instanceof Map || Array.isArray(operand))) return;
  assertFeature('$near', features);
  throw isRequired ? unsupported(name) : new DocumentError('BadValue', 'geoNear must be top-level expr');
}

function misplacedNear(_: string, __: Value, ___: State, siblings: Document): never {
  throw new DocumentError('BadValue', `near must be first in: ${shellText(siblings)}`);
}

function comparison(operator: ComparisonOperator, path: string, value: Value): Filter {
  if (value instanceof BsonUndefined) throw new DocumentError('BadValue', 'cannot compare to undefined');
  return { operator, path: fieldsOf(path), value };
}

function ordering(operator: ComparisonOperator): FieldParser {
  return (path, operand) => {
    if (operand instanceof RegularExpression) throw new DocumentError('BadValue', `Can't have RegEx as arg to predicate over field '${path}'.`);
    return comparison(operator, path, operand);
  };
}

function parseNe(path: string, operand: Value): Filter {
  if (operand instanceof RegularExpression) throw new DocumentError('BadValue', "Can't have regex as arg to $ne.");
  return { operator: '$not', filter: comparison('$eq', path, operand) };
}

function parseNot(path: string, operand: Value, state: State): Filter {
  if (operand instanceof RegularExpression) return { operator: '$not', filter: regexFilter(path, operand) };
  if (!(operand instanceof Map)) throw new DocumentError('BadValue', '$not needs a regex or a document');
  if (operand.size === 0) throw new DocumentError('BadValue', '$not cannot be empty');
  return { operator: '$not', filter: allOf(parseOperators(path, operand, { ...state, isRequired: false })) };
}

function parseIn(operator: '$in' | '$nin', path: string, operand: Value): Filter {
  if (!Array.isArray(operand)) throw new DocumentError('BadValue', `${operator} needs an array`);
  const values: Value[] = [];
  const patterns: Pattern[] = [];
  for (const value of operand) {
    if (isOperators(value, 'complete')) throw new DocumentError('BadValue', 'cannot nest $ under $in');
    if (value instanceof RegularExpression) patterns.push(checkedPattern(value.pattern, value.options));
    else values.push(value);
  }
  if (values.some((value) => value instanceof BsonUndefined)) throw new DocumentError('BadValue', 'InMatchExpression equality cannot be undefined');
  return { operator: '$in', path: fieldsOf(path), values, patterns };
}

function parseExists(path: string, operand: Value): Filter {
  const exists: Filter = { operator: '$exists', path: fieldsOf(path) };
  return isTruthy(operand) ? exists : { operator: '$not', filter: exists };
}

function parseMod(path: string, operand: Value): Filter {
  if (!Array.isArray(operand)) throw new DocumentError('BadValue', 'malformed mod, needs to be an array');
  const [divisor, remainder] = operand;
  if (divisor === undefined) throw new DocumentError('BadValue', 'malformed mod, not enough elements');
  if (!isNumeric(divisor)) throw new DocumentError('BadValue', 'malformed mod, divisor not a number');
  if (remainder === undefined) throw new DocumentError('BadValue', 'malformed mod, not enough elements');
  if (!isNumeric(remainder)) throw new DocumentError('BadValue', 'malformed mod, remainder not a number');
  if (operand.length > 2) throw new DocumentError('BadValue', 'malformed mod, too many elements');
  const numbers = { divisor: coercedLong('divisor', divisor), remainder: coercedLong('remainder', remainder) };
  if (numbers.divisor === 0n) throw new DocumentError('BadValue', 'divisor cannot be 0');
  return { operator: '$mod', path: fieldsOf(path), ...numbers };
}

function coercedLong(what: 'divisor' | 'remainder', value: Value): bigint {
  const long = isNumeric(value) ? truncatedLong(value) : undefined;
  if (long !== undefined) return long;
  const isSpecial = isNumeric(value) && !Number.isFinite(doubleOf(value));
  const reason = isSpecial ? 'Unable to coerce NaN/Inf to integral type' : 'Out of bounds coercing to integral value';
  throw new DocumentError('BadValue', `malformed mod, ${what} value is invalid :: caused by :: ${reason}`);
}

function parseSize(path: string, operand: Value): Filter {
  try {
    return { operator: '$size', path: fieldsOf(path), size: parseNonNegativeInt32('$size', operand) };
  } catch (error) {
    if (error instanceof DocumentError) throw new DocumentError('BadValue', `Failed to parse $size. ${error.details}`, { cause: error });
    throw error;
  }
}

function regexFilter(path: string, { pattern, options }: RegularExpression): Filter {
  return { operator: '$regex', path: fieldsOf(path), ...checkedPattern(pattern, options) };
}

/** $regex and $options, in whichever order they stand. */
function parseRegex(siblings: Document): Pattern {
  let pattern = '';
  let options = '';
  for (const [name, value] of siblings) {
    if (name === '$regex') {
      if (value instanceof RegularExpression) {
        ({ pattern } = value);
        if (value.options !== '' && options !== '') throw new DocumentError(51_074, 'options set in both $regex and $options');
        if (value.options !== '') ({ options } = value);
      } else if (typeof value === 'string') pattern = value;
      else throw new DocumentError('BadValue', '$regex has to be a string');
    } else if (name === '$options') {
      if (typeof value !== 'string') throw new DocumentError('BadValue', '$options has to be a string');
      if (options !== '') throw new DocumentError(51_075, 'options set in both $regex and $options');
      options = value;
    }
  }
  return checkedPattern(pattern, options);
}

function parseOptions(_: string, __: Value, ___: State, siblings: Document): undefined {
  if (!siblings.has('$regex')) throw new DocumentError('BadValue', '$options needs a $regex');
  return undefined;
}

function parseElemMatch(path: string, operand: Value, state: State): Filter {
  if (!(operand instanceof Map)) throw new DocumentError('BadValue', '$elemMatch needs an Object');
  const inner: State = { ...state, nested: true, isRequired: false };
  const [first] = operand.keys();
  const ofValues = isOperators(operand, 'partial') && !documentOperators.has(first!);
  const filter = ofValues ? allOf(parseOperators('', operand, inner)) : parseDocument(operand, inner);
  return { operator: '$elemMatch', path: fieldsOf(path), of: ofValues ? 'values' : 'documents', filter };
}

function parseAll(path: string, operand: Value, state: State): Filter {
  if (!Array.isArray(operand)) throw new DocumentError('BadValue', '$all needs an array');
  if (operand.length === 0) return { operator: '$alwaysFalse' };
  if (elemMatchIn(operand[0]!) === undefined) return { operator: '$and', filters: operand.map((value) => parseAllValue(path, value)) };
  const filters = operand.map((value) => {
    const elemMatch = elemMatchIn(value);
    if (elemMatch === undefined) throw new DocumentError('BadValue', '$all/$elemMatch has to be consistent');
    return parseElemMatch(path, elemMatch, state);
  });
  return { operator: '$and', filters };
}

function elemMatchIn(value: Value): Value | undefined {
  if (!(value instanceof Map)) return undefined;
  const [first] = value;
  return first?.[0] === '$elemMatch' ? first[1] : undefined;
}

function parseAllValue(path: string, value: Value): Filter {
  if (value instanceof RegularExpression) return regexFilter(path, value);
  const [first] = value instanceof Map ? value.keys() : [];
  if (first !== undefined && fieldOperators.has(first)) throw new DocumentError('BadValue', 'no $ expressions in $all');
  return comparison('$eq', path, value);
}

function bitTest(operator: BitOperator): FieldParser {
  return (path, operand) => ({ operator, path: fieldsOf(path), ...parseBits(operator, path, operand) });
}
