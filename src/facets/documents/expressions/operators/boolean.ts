// $and, $or and $not. Every value counts as true or false; operands that no longer matter are not evaluated.

import type { Value } from '../../../../values/bson/types.ts';
import { coerceToBoolean } from '../coercions.ts';
import { constantExpression } from '../constant-folding.ts';
import type { Expression, Operator, ParseContext } from '../expression.ts';
import { parseArguments } from '../parse.ts';

/** `deciding` is the value of an operand that decides the whole. */
function parseJunction(name: string, deciding: boolean) {
  return (argument: Value, context: ParseContext): Expression => {
    const operands = parseArguments(name, argument, { min: 0, max: Number.POSITIVE_INFINITY }, context);
    // A constant that decides does so whatever the others are, even if they would fail.
    if (operands.some(({ constant }) => constant && coerceToBoolean(constant.value) === deciding)) return constantExpression(deciding);
    return {
      evaluate: (scope) => (operands.some(({ evaluate }) => coerceToBoolean(evaluate(scope)) === deciding) ? deciding : !deciding),
      operator: { name, operands },
    };
  };
}

export const booleanOperators: readonly Operator[] = [
  {
    name: '$and',
    parse: parseJunction('$and', false),
    examples: [
      { expression: '{"$and":[]}', result: 'true' },
      { expression: '{"$and":["$a",{"$size":"$a"}]}', document: '{"a":0}', result: 'false' },
      { expression: '{"$and":"$a"}', document: '{"a":"x"}', result: 'true' },
      { expression: '{"$and":[{"$size":"$a"},false]}', document: '{"a":0}', result: 'false' },
      { expression: '{"$and":[false,{"$divide":[1,0]}]}', error: 2 },
      { expression: '{"$and":["$a",{"$foo":1}]}', error: 168 },
    ],
  },
  {
    name: '$not',
    arguments: 1,
    evaluate: (operand) => !coerceToBoolean(operand),
    examples: [
      { expression: '{"$not":["$none"]}', result: 'true' },
      { expression: '{"$not":[[false]]}', result: 'false' },
      { expression: '{"$not":[1,2]}', error: 16_020 },
    ],
  },
  {
    name: '$or',
    parse: parseJunction('$or', true),
    examples: [
      { expression: '{"$or":[]}', result: 'false' },
      { expression: '{"$or":[0,null,"$none",{"$numberDecimal":"0.0"}]}', result: 'false' },
      { expression: '{"$or":[0,""]}', result: 'true' },
      { expression: '{"$or":[{"$size":"$a"},1]}', document: '{"a":0}', result: 'true' },
      { expression: '{"$or":[{"$size":"$a"},0]}', document: '{"a":0}', error: 17124 },
    ],
  },
];
