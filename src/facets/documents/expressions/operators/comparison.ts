// Comparison by the order of all values, types included.

import { compareValues } from '../../../../values/bson/compare.ts';
import { int32 } from '../../../../values/bson/types.ts';
import type { ExpressionExample, PlainOperator } from '../expression.ts';

function comparing(name: string, holds: (order: number) => boolean, examples: readonly ExpressionExample[]): PlainOperator {
  return { name, arguments: 2, evaluate: (left, right) => holds(compareValues(left, right)), examples: [...examples, { expression: `{"${name}":[1]}`, error: 16_020 }] };
}

export const comparisonOperators: readonly PlainOperator[] = [
  {
    name: '$cmp',
    arguments: 2,
    evaluate: (left, right) => int32(Math.sign(compareValues(left, right))),
    examples: [
      { expression: '{"$cmp":[1,{"$numberDouble":"1.0"}]}', result: '0' },
      { expression: '{"$cmp":["$a",null]}', result: '-1' },
      { expression: '{"$cmp":["a",5]}', result: '1' },
      { expression: '{"$cmp":[1,2,3]}', error: 16_020 },
    ],
  },
  comparing('$eq', (order) => order === 0, [
    { expression: '{"$eq":["$a",null]}', result: 'false' },
    { expression: '{"$eq":[{"$numberDecimal":"1.0"},{"$numberLong":"1"}]}', result: 'true' },
    { expression: '{"$eq":[{"$numberDouble":"NaN"},{"$numberDouble":"NaN"}]}', result: 'true' },
  ]),
  comparing('$gt', (order) => order > 0, [{ expression: '{"$gt":["a",1000]}', result: 'true' }]),
  comparing('$gte', (order) => order >= 0, [{ expression: '{"$gte":[2,2]}', result: 'true' }]),
  comparing('$lt', (order) => order < 0, [{ expression: '{"$lt":["$none",null]}', result: 'true' }]),
  comparing('$lte', (order) => order <= 0, [{ expression: '{"$lte":[[1,2],[1,3]]}', result: 'true' }]),
  comparing('$ne', (order) => order !== 0, [{ expression: '{"$ne":[1,true]}', result: 'true' }]),
];
