// Operators on documents. Names of fields may hold dots and start with `$` here.

import type { Value } from '../../../../values/bson/types.ts';
import { typeNameOf } from '../../../../values/bson/types.ts';
import { isNullish } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext } from '../expression.ts';
import { newMerge } from '../object-folds.ts';
import { parseExpression } from '../parse.ts';
import { foldOperator } from '../fold-operator.ts';

type FieldCodes = { readonly path: number; readonly variable: number; readonly type: number };

/**
 * The name of a field, which must be a literal string: nothing is computed.
 * Throws DocumentError: the codes given, those of parsing.
 */
function literalField(operator: string, value: Value, context: ParseContext, codes: FieldCodes): string {
  parseExpression(value, context);
  if (typeof value === 'string' && value.startsWith('$')) {
    const path = value.startsWith('$$') ? value : `$${value.slice(1)}`;
    const text = `'${path}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${path}'}?`;
    throw new DocumentError(codes.path, text);
  }
  const literal = literalOf(value);
  if (literal === undefined) throw new DocumentError(codes.variable, `${operator} requires 'field' to evaluate to a constant, but got a non-constant argument`);
  if (typeof literal !== 'string') throw new DocumentError(codes.type, `${operator} requires 'field' to evaluate to type String, but got ${typeNameOf(literal)}`);
  return literal;
}

function literalOf(value: Value): Value | undefined {
  if (Array.isArray(value)) return undefined;
  return value instanceof Map ? (value.get('$literal') ?? value.get('$const')) : value;
}

// ---- $getField

const getFieldCodes: FieldCodes = { path: 5654600, variable: 5654601, type: 5654602 };

/** Throws DocumentError: 3041701 to 3041703, 5654600 to 5654602. */
function parseGetField(argument: Value, context: ParseContext): Expression {
  const { field, input } = getFieldParts(argument);
  const name = literalField('$getField', field, context, getFieldCodes);
  const { evaluate } = parseExpression(input, context);
  return {
    evaluate: (scope) => {
      const value = evaluate(scope);
      if (value instanceof Map) return value.get(name);
      return value === undefined || !isNullish(value) ? undefined : null;
    },
  };
}

function getFieldParts(argument: Value): { field: Value; input: Value } {
  const [first] = argument instanceof Map ? argument.keys() : [];
  if (!(argument instanceof Map) || first?.startsWith('$')) return { field: argument, input: '$$CURRENT' };
  for (const name of argument.keys()) {
    if (name !== 'field' && name !== 'input') throw new DocumentError(3041701, `$getField found an unknown argument: ${name}`);
  }
  const field = argument.get('field');
  const input = argument.get('input');
  if (field === undefined) throw new DocumentError(3041702, "$getField requires 'field' to be specified");
  if (input === undefined) throw new DocumentError(3041703, "$getField requires 'input' to be specified");
  return { field, input };
}

// ---- $setField, $unsetField

const setFieldCodes: FieldCodes = { path: 4161108, variable: 4161106, type: 4161107 };

/** Throws DocumentError: 4161100 to 4161109. */
function parseSetField(operator: '$setField' | '$unsetField') {
  return (argument: Value, context: ParseContext): Expression => {
    if (!(argument instanceof Map)) throw new DocumentError(4161100, `${operator} only supports an object as its argument`);
    for (const name of argument.keys()) {
      const known = name === 'field' || name === 'input' || (name === 'value' && operator === '$setField');
      if (!known) throw new DocumentError(4161101, `${operator} found an unknown argument: ${name}`);
    }
    const field = argument.get('field');
    const value = operator === '$unsetField' ? '$$REMOVE' : argument.get('value');
    const input = argument.get('input');
    if (field === undefined) throw new DocumentError(4161102, `${operator} requires 'field' to be specified`);
    if (value === undefined) throw new DocumentError(4161103, `${operator} requires 'value' to be specified`);
    if (input === undefined) throw new DocumentError(4161109, `${operator} requires 'input' to be specified`);
    const name = literalField(operator, field, context, setFieldCodes);
    return settingField(name, parseExpression(input, context), parseExpression(value, context));
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
      { expression: '{"$getField":"$a"}', error: 5_654_600 },
      { expression: '{"$getField":{"$concat":["a","b"]}}', error: 5_654_601 },
      { expression: '{"$getField":1}', error: 5_654_602 },
    ],
  },
  foldOperator('$mergeObjects', newMerge, [
    { expression: '{"$mergeObjects":[{"a":1,"b":2},null,{"b":3,"c":4}]}', result: '{"a":1,"b":3,"c":4}' },
    { expression: '{"$mergeObjects":"$a"}', document: '{"a":[{"x":1},{"y":2}]}', result: '{"x":1,"y":2}' },
    { expression: '{"$mergeObjects":[]}', result: '{}' },
    { expression: '{"$mergeObjects":[{"a":1},1]}', error: 40_400 },
  ]),
  {
    name: '$setField',
    parse: parseSetField('$setField'),
    examples: [
      { expression: '{"$setField":{"field":"a.b","input":"$$ROOT","value":1}}', document: '{"a":0}', result: '{"a":0,"a.b":1}' },
      { expression: '{"$setField":{"field":"a","input":"$$ROOT","value":"$$REMOVE"}}', document: '{"a":0,"b":1}', result: '{"b":1}' },
      { expression: '{"$setField":{"field":"a","input":null,"value":1}}', result: 'null' },
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
      { expression: '{"$unsetField":{"field":"a","input":{},"value":1}}', error: 4_161_101 },
    ],
  },
];
