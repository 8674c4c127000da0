// Operators on documents. Names of fields may hold dots and start with `$` here.

import type { Document, Value } from '../../../../values/bson/types.ts';
import { typeNameOf } from '../../../../values/bson/types.ts';
import { isNullish } from '../coercions.ts';
import { constantExpression } from '../constant-folding.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext } from '../expression.ts';
import { newMerge } from '../object-folds.ts';
import { parseExpression } from '../parse.ts';
import { foldOperator } from '../fold-operator.ts';

type FieldCodes = { readonly path: number; readonly variable: number; readonly type: number };

/**
 * The name of a field, which must be a literal string: nothing is computed.
 * Throws DocumentError: the codes given.
 */
function literalField(operator: string, value: Value, codes: FieldCodes): string {
  if (typeof value === 'string' && value.startsWith('$')) {
    throw new DocumentError(codes.path, `'${value}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${value}'}?`);
  }
  const literal = literalOf(value);
  if (literal === undefined) throw new DocumentError(codes.variable, `${operator} requires 'field' to evaluate to a constant, but got a non-constant argument`);
  if (typeof literal !== 'string') throw new DocumentError(codes.type, `${operator} requires 'field' to evaluate to type String, but got ${typeNameOf(literal)}`);
  return literal;
}

function literalOf(value: Value): Value | undefined {
  if (Array.isArray(value)) return undefined;
  if (!(value instanceof Map)) return value;
  return value.has('$literal') ? value.get('$literal') : value.get('$const');
}

/** The arguments by name, each parsed, as errors within them come before those of what is missing. Throws DocumentError: `unknown`. */
function parseFields(operator: string, argument: Document, names: readonly string[], unknown: number, context: ParseContext): Map<string, Expression> {
  const fields = new Map<string, Expression>();
  for (const [name, value] of argument) {
    if (!names.includes(name)) throw new DocumentError(unknown, `${operator} found an unknown argument: ${name}`);
    fields.set(name, parseExpression(value, context));
  }
  return fields;
}

/** Throws DocumentError with `code` where it was not given. */
function required(operator: string, fields: ReadonlyMap<string, Expression>, name: string, code: number): Expression {
  const field = fields.get(name);
  if (!field) throw new DocumentError(code, `${operator} requires '${name}' to be specified`);
  return field;
}

// ---- $getField

const getFieldCodes: FieldCodes = { path: 5654600, variable: 5654601, type: 5654602 };

/** Throws DocumentError: 3041701 to 3041703, 5654600 to 5654602. */
function parseGetField(argument: Value, context: ParseContext): Expression {
  const given = getFieldArguments(argument);
  const fields = parseFields('$getField', given, ['field', 'input'], 3041701, context);
  required('$getField', fields, 'field', 3041702);
  const { evaluate } = required('$getField', fields, 'input', 3041703);
  const name = literalField('$getField', given.get('field')!, getFieldCodes);
  return {
    evaluate: (scope) => {
      const value = evaluate(scope);
      if (value instanceof Map) return value.get(name);
      return value === undefined || !isNullish(value) ? undefined : null;
    },
  };
}

/** What is no document of named arguments is the field. */
function getFieldArguments(argument: Value): Document {
  const [first] = argument instanceof Map ? argument.keys() : [];
  if (argument instanceof Map && !first?.startsWith('$')) return argument;
  return new Map<string, Value>([['field', argument], ['input', '$$CURRENT']]);
}

// ---- $setField, $unsetField

const setFieldCodes: FieldCodes = { path: 4161108, variable: 4161106, type: 4161107 };

/** Throws DocumentError: 4161100 to 4161109, 9534700. */
function parseSetField(operator: '$setField' | '$unsetField') {
  const names = operator === '$setField' ? ['field', 'input', 'value'] : ['field', 'input'];
  return (argument: Value, context: ParseContext): Expression => {
    if (!(argument instanceof Map)) throw new DocumentError(4161100, `${operator} only supports an object as its argument`);
    const fields = parseFields(operator, argument, names, 4161101, context);
    required(operator, fields, 'field', 4161102);
    const value = operator === '$unsetField' ? constantExpression(undefined) : required(operator, fields, 'value', 4161103);
    const input = required(operator, fields, 'input', 4161109);
    const name = literalField(operator, argument.get('field')!, setFieldCodes);
    if (name.includes('\0')) throw new DocumentError(9534700, `${operator} requires 'field' to have no embedded null byte`);
    return settingField(name, input, value);
  };
}

function settingField(name: string, input: Expression, value: Expression): Expression {
  return {
    evaluate: (scope) => {
      const document = input.evaluate(scope);
      if (isNullish(document)) return null;
      if (!(document instanceof Map)) throw new DocumentError(4161105, "$setField requires 'input' to evaluate to type Object");
      const result = new Map(document);
      const field = value.evaluate(scope);
      if (field === undefined) result.delete(name);
      else result.set(name, field);
      return result;
    },
  };
}

export const objectOperators: readonly Operator[] = [
  {
    name: '$getField',
    parse: parseGetField,
    examples: [
      { expression: '{"$getField":"a.b"}', document: '{"a.b":1,"a":{"b":2}}', result: '1' },
      { expression: '{"$getField":{"$literal":"$a"}}', document: '{"$a":1}', result: '1' },
      { expression: '{"$getField":{"field":"b","input":"$a"}}', document: '{"a":{"b":2}}', result: '2' },
      { expression: '{"$getField":{"field":"b","input":"$a"}}', document: '{"a":[{"b":2}]}', missing: true },
      { expression: '{"$getField":{"field":"b","input":null}}', result: 'null' },
      { expression: '{"$getField":{"field":"b","x":1}}', error: 3_041_701 },
      { expression: '{"$getField":{"input":1}}', error: 3_041_702 },
      { expression: '{"$getField":{"field":"a"}}', error: 3_041_703 },
      { expression: '{"$getField":{"field":"b","input":"$none"}}', missing: true },
      { expression: '{"$getField":{"field":"b","input":1}}', missing: true },
      { expression: '{"$getField":{"field":"b","input":{"$undefined":true}}}', result: 'null' },
      { expression: '{"$getField":{"field":{"$const":""},"input":"$$ROOT"}}', document: '{"":1}', result: '1' },
      { expression: '{"$getField":{}}', error: 3_041_702 },
      { expression: '{"$getField":{"field":"a","$add":1}}', error: 3_041_701 },
      { expression: '{"$getField":{"field":1,"input":"$$none"}}', error: 17_276 },
      { expression: '{"$getField":"$$CURRENT"}', error: 5_654_600 },
      { expression: '{"$getField":["a"]}', error: 5_654_601 },
      { expression: '{"$getField":{"$literal":null}}', error: 5_654_602 },
      { expression: '{"$getField":"$a"}', error: 5_654_600 },
      { expression: '{"$getField":{"$concat":["a","b"]}}', error: 5_654_601 },
      { expression: '{"$getField":1}', error: 5_654_602 },
    ],
  },
  foldOperator('$mergeObjects', () => newMerge(), [
    { expression: '{"$mergeObjects":[{"a":1,"b":2},null,{"b":3,"c":4}]}', result: '{"a":1,"b":3,"c":4}' },
    { expression: '{"$mergeObjects":"$a"}', document: '{"a":[{"x":1},{"y":2}]}', result: '{"x":1,"y":2}' },
    { expression: '{"$mergeObjects":[]}', result: '{}' },
    { expression: '{"$mergeObjects":[null,"$none"]}', result: '{}' },
    { expression: '{"$mergeObjects":[{"a":1},1]}', error: 40_400 },
    { expression: '{"$mergeObjects":["$a",{}]}', document: '{"a":[{"x":1}]}', error: 40_400 },
  ]),
  {
    name: '$setField',
    parse: parseSetField('$setField'),
    examples: [
      { expression: '{"$setField":{"field":"a.b","input":"$$ROOT","value":1}}', document: '{"a":0}', result: '{"a":0,"a.b":1}' },
      { expression: '{"$setField":{"field":"a","input":"$$ROOT","value":"$$REMOVE"}}', document: '{"a":0,"b":1}', result: '{"b":1}' },
      { expression: '{"$setField":{"field":"a","input":null,"value":1}}', result: 'null' },
      { expression: '{"$setField":{"field":"a\\u0000b","input":{},"value":1}}', error: 9_534_700 },
      { expression: '{"$setField":{"field":"$a\\u0000b","input":{},"value":1}}', error: 16_411 },
      { expression: '{"$setField":{"field":"a","input":"$$ROOT","value":{"$undefined":true}}}', document: '{"a":0}', result: '{"a":{"$undefined":true}}' },
      { expression: '{"$setField":{"field":"a","input":"$none","value":{"$size":"$none"}}}', result: 'null' },
      { expression: '{"$setField":{"field":"a","input":[{}],"value":1}}', error: 4_161_105 },
      { expression: '{"$setField":1}', error: 4_161_100 },
      { expression: '{"$setField":{"x":1}}', error: 4_161_101 },
      { expression: '{"$setField":{"value":1,"input":{}}}', error: 4_161_102 },
      { expression: '{"$setField":{"field":"a","input":{}}}', error: 4_161_103 },
      { expression: '{"$setField":{"field":"a","input":1,"value":1}}', error: 4_161_105 },
      { expression: '{"$setField":{"field":{"$toLower":"A"},"input":{},"value":1}}', error: 4_161_106 },
      { expression: '{"$setField":{"field":1,"input":{},"value":1}}', error: 4_161_107 },
      { expression: '{"$setField":{"field":"$a","input":{},"value":1}}', error: 4_161_108 },
      { expression: '{"$setField":{"field":"a","value":1}}', error: 4_161_109 },
    ],
  },
  {
    name: '$unsetField',
    parse: parseSetField('$unsetField'),
    examples: [
      { expression: '{"$unsetField":{"field":{"$const":"$a"},"input":"$$ROOT"}}', document: '{"$a":0,"b":1}', result: '{"b":1}' },
      { expression: '{"$unsetField":{"field":"a","input":"$none"}}', result: 'null' },
      { expression: '{"$unsetField":{"field":"a","input":{},"value":1}}', error: 4_161_101 },
      { expression: '{"$unsetField":{"input":{}}}', error: 4_161_102 },
      { expression: '{"$unsetField":{"field":"a"}}', error: 4_161_109 },
    ],
  },
];
