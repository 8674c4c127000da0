// Operators that bind variables or keep a value from being read as an expression.

import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext, SpecialOperator } from '../expression.ts';
import { constantExpression } from '../constant-folding.ts';
import { parseExpression, withVariables } from '../parse.ts';
import { assertUserVariableName } from '../paths.ts';

/** Throws DocumentError: 16874 to 16877, 10065, FailedToParse for a variable's name. */
function parseLet(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(16874, '$let only supports an object as its argument');
  const { variables, body } = letParts(argument);
  const values = [...variables.values()].map((value) => parseExpression(value, context));
  for (const name of variables.keys()) assertUserVariableName(name);
  const inner = withVariables(context, [...variables.keys()]);
  const { evaluate, constant } = parseExpression(body, inner.context);
  if (values.length === 0) return { evaluate, ...(constant && { constant }) };
  return {
    evaluate: (scope) => {
      for (const [index, slot] of inner.slots.entries()) scope.slots[slot] = values[index]!.evaluate(scope);
      return evaluate(scope);
    },
  };
}

function letParts(argument: Document): { variables: Document; body: Value } {
  for (const name of argument.keys()) {
    if (name !== 'vars' && name !== 'in') throw new DocumentError(16875, `Unrecognized parameter to $let: ${name}`);
  }
  const variables = argument.get('vars');
  const body = argument.get('in');
  if (variables === undefined) throw new DocumentError(16876, "Missing 'vars' parameter to $let");
  if (body === undefined) throw new DocumentError(16877, "Missing 'in' parameter to $let");
  return { variables: namedVariables(variables), body };
}

/** An array's elements have their places for names, which are no variable's. */
function namedVariables(variables: Value): Document {
  if (variables instanceof Map) return variables;
  if (Array.isArray(variables)) return new Map(variables.map((value, index) => [String(index), value]));
  throw new DocumentError(10065, 'invalid parameter: expected an object (vars)');
}

const literal: Omit<SpecialOperator, 'name' | 'examples'> = { parse: (argument) => constantExpression(argument) };

export const variableOperators: readonly Operator[] = [
  {
    name: '$const',
    ...literal,
    examples: [{ expression: '{"$const":"$a"}', result: '"$a"' }],
  },
  {
    name: '$let',
    parse: parseLet,
    examples: [
      { expression: '{"$let":{"vars":{"x":"$a"},"in":["$$x","$b"]}}', document: '{"a":1,"b":2}', result: '[1,2]' },
      { expression: '{"$let":{"vars":{"CURRENT":"$a"},"in":"$b"}}', document: '{"a":{"b":7},"b":1}', result: '7' },
      { expression: '{"$let":{"vars":{"x":1,"y":2},"in":{"$let":{"vars":{"x":"$$y","y":"$$x"},"in":["$$x","$$y"]}}}}', result: '[2,1]' },
      { expression: '{"$let":{"vars":{"x":"$none"},"in":"$$x"}}', missing: true },
      { expression: '{"$let":1}', error: 16_874 },
      { expression: '{"$let":{"vars":{},"in":1,"x":1}}', error: 16_875 },
      { expression: '{"$let":{"in":1}}', error: 16_876 },
      { expression: '{"$let":{"vars":{}}}', error: 16_877 },
      { expression: '{"$let":{"vars":1,"in":1}}', error: 10_065 },
      { expression: '{"$let":{"vars":[],"in":1}}', result: '1' },
      { expression: '{"$let":{"vars":[1],"in":1}}', error: 9 },
      { expression: '{"$let":{"vars":{"":1},"in":1}}', error: 9 },
      { expression: '{"$let":{"vars":{"X":1},"in":1}}', error: 9 },
      { expression: '{"$let":{"vars":{"x":1,"y":"$$x"},"in":1}}', error: 17_276 },
    ],
  },
  {
    name: '$literal',
    ...literal,
    examples: [
      { expression: '{"$literal":{"$add":[1,2]}}', result: '{"$add":[1,2]}' },
      { expression: '{"$literal":"$a.b"}', result: '"$a.b"' },
    ],
  },
];
