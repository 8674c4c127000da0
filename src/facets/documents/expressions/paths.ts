// Field paths of expressions: `$a.b` and `$$variable.a.b`. Arrays on the way are mapped over, an array within an array
// is not; what has no such field is missing.

import type { Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { constantExpression } from './constant-folding.ts';
import type { Evaluate, Expression, ParseContext, Scope } from './expression.ts';
import { systemSlots } from './scope.ts';

const maxPathDepth = 200;

/** Those of references between documents, and of metadata. */
const dollarFields: ReadonlySet<string> = new Set(['$id', '$ref', '$db', '$sortKey', '$recordId', '$searchSortValues', '$searchScore']);

/**
 * The fields of a dotted path.
 * Throws DocumentError: 40352, 40353, 15998, 16410, 16411, Overflow.
 */
export function splitFieldPath(path: string): string[] {
  if (path === '') throw new DocumentError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.endsWith('.')) throw new DocumentError(40353, "FieldPath must not end with a '.'.");
  const fields = path.split('.');
  assertPathLength(fields.length);
  for (const field of fields) assertFieldName(field);
  return fields;
}

function assertPathLength(length: number): void {
  if (length > maxPathDepth) throw new DocumentError('Overflow', 'FieldPath is too long');
}

/** The fields below a variable, which counts as one of the path. */
function splitVariablePath(path: string): string[] {
  const fields = splitFieldPath(path);
  assertPathLength(fields.length + 1);
  return fields;
}

/** Refuses a field's name that an expression cannot write. Throws DocumentError: 15998, 16410, 16411, 16412. */
export function assertFieldName(field: string): void {
  if (field === '') throw new DocumentError(15998, 'FieldPath field names may not be empty strings.');
  if (field.startsWith('$') && !dollarFields.has(field)) {
    throw new DocumentError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  }
  if (field.includes('\0')) throw new DocumentError(16411, String.raw`FieldPath field names may not contain '\0'.`);
  if (field.includes('.')) throw new DocumentError(16412, `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
}

/** The value at `fields` from `index` on, arrays mapped over. */
export function valueAtPath(value: Maybe, fields: readonly string[], index = 0): Maybe {
  if (index === fields.length) return value;
  if (value instanceof Map) return valueAtPath(value.get(fields[index]!), fields, index + 1);
  if (Array.isArray(value)) return mapPath(value, fields, index);
  return undefined;
}

function mapPath(values: readonly Value[], fields: readonly string[], index: number): Value[] {
  const found: Value[] = [];
  for (const value of values) {
    if (!(value instanceof Map)) continue;
    const nested = valueAtPath(value, fields, index);
    if (nested !== undefined) found.push(nested);
  }
  return found;
}

/**
 * A string that starts with `$` or `$$`, as an expression.
 * Throws DocumentError: 16872, 17276, FailedToParse for a variable's name, those of `splitFieldPath`.
 */
export function parsePath(text: string, context: ParseContext): Expression {
  if (text.length < 2) throw new DocumentError(16872, "'$' by itself is not a valid FieldPath");
  if (!text.startsWith('$$')) return fieldPath(splitVariablePath(text.slice(1)), context);
  const dot = text.indexOf('.');
  const name = dot === -1 ? text.slice(2) : text.slice(2, dot);
  assertReadableName(name);
  if (dot !== -1 && dot === text.length - 1) throw new DocumentError(40353, "FieldPath must not end with a '.'.");
  const fields = dot === -1 ? [] : splitVariablePath(text.slice(dot + 1));
  if (name === 'CURRENT') return fieldPath(fields, context);
  return variablePath(name, fields, context);
}

function fieldPath(fields: readonly string[], context: ParseContext): Expression {
  const slot = context.variables.get('CURRENT');
  if (slot !== undefined) return { evaluate: readSlot(slot, fields) };
  return context.constants.has('CURRENT') ? constantPath('CURRENT', fields, context) : rootPath(fields, context);
}

/** The whole document is no path to the planner. Throws DocumentError 4890500 where there is none. */
function rootPath(fields: readonly string[], { isWithoutDocument }: ParseContext): Expression {
  if (isWithoutDocument) {
    const reason = 'this is not allowed because Command let expressions run before the query examines any documents.';
    throw new DocumentError(4890500, `Command let Expression tried to access a field, but ${reason}`);
  }
  return { evaluate: readRoot(fields), ...(fields.length > 0 && { path: fields }) };
}

function variablePath(name: string, fields: readonly string[], context: ParseContext): Expression {
  if (name === 'ROOT') return rootPath(fields, context);
  if (name === 'REMOVE') return constantExpression(undefined);
  if (name === 'CLUSTER_TIME') return { evaluate: readClusterTime(fields) };
  if (name === 'IS_MR' || name === 'JS_SCOPE') return { evaluate: () => refuseUnavailable(name) };
  const slot = context.variables.get(name);
  if (slot !== undefined) return { evaluate: readSlot(slot, fields) };
  if (context.constants.has(name)) return constantPath(name, fields, context);
  if (!Object.hasOwn(systemSlots, name)) throw new DocumentError(17276, `Use of undefined variable: ${name}`);
  return { evaluate: readSlot(systemSlots[name as keyof typeof systemSlots], fields) };
}

function constantPath(name: string, fields: readonly string[], { constants }: ParseContext): Expression {
  return constantExpression(valueAtPath(constants.get(name), fields));
}

function readRoot(fields: readonly string[]): Evaluate {
  if (fields.length === 0) return (scope) => scope.root;
  if (fields.length === 1) {
    const [field] = fields as [string];
    return ({ root }) => (root instanceof Map ? root.get(field) : valueAtPath(root, fields));
  }
  return (scope) => valueAtPath(scope.root, fields);
}

function readSlot(slot: number, fields: readonly string[]): Evaluate {
  if (fields.length === 0) return (scope) => scope.slots[slot];
  return (scope) => valueAtPath(scope.slots[slot], fields);
}

function readClusterTime(fields: readonly string[]): Evaluate {
  return (scope: Scope) => {
    const time = scope.slots[systemSlots.CLUSTER_TIME];
    return time === undefined ? refuseUnavailable('CLUSTER_TIME') : valueAtPath(time, fields);
  };
}

/** Of `$$IS_MR` and `$$JS_SCOPE`, which only map-reduce has, and `$$CLUSTER_TIME` without a clock. */
function refuseUnavailable(name: string): never {
  throw new DocumentError(51144, `Builtin variable '$$${name}' is not available`);
}

/** Refuses a name that cannot be read as a variable. Throws DocumentError: FailedToParse. */
function assertReadableName(name: string): void {
  assertVariableName(name, /^[a-zA-Z\u{80}-\u{10FFFF}]/u);
}

/** Refuses a name that the user cannot give a variable: lower case at first, or `CURRENT`. Throws DocumentError: FailedToParse. */
export function assertUserVariableName(name: string): void {
  if (name !== 'CURRENT') assertVariableName(name, /^[a-z\u{80}-\u{10FFFF}]/u);
}

function assertVariableName(name: string, start: RegExp): void {
  if (name === '') throw new DocumentError('FailedToParse', 'empty variable names are not allowed');
  if (!start.test(name)) throw new DocumentError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
  const wrong = /[^a-zA-Z0-9_\u{80}-\u{10FFFF}]/u.exec(name);
  if (wrong) throw new DocumentError('FailedToParse', `'${name}' contains an invalid character for a variable name: '${wrong[0]}'`);
}
