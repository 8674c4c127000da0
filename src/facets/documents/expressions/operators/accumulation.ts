// Accumulators that may stand as operators: over their operands, or over the elements of one array.

import type { Value } from '../../../../values/bson/types.ts';
import { isNumeric } from '../../../../values/bson/types.ts';
import { toDouble } from '../coercions.ts';
import { countOf, parseCountAndInput } from '../counted-operands.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ExpressionExample, Operator, ParseContext, SpecialOperator } from '../expression.ts';
import { newEnds, newExtreme, newExtremes } from '../extremes.ts';
import { foldOperator } from '../fold-operator.ts';
import type { Fold } from '../numeric-folds.ts';
import { newAverage, newDeviation, newSum } from '../numeric-folds.ts';
import type { QuantileOperator } from '../quantiles.ts';
import { parseQuantiles, Samples } from '../quantiles.ts';

// ---- $firstN, $lastN, $maxN, $minN

type Several = { readonly name: string; readonly notAnObject: number; readonly newFold: (count: number) => Fold; readonly examples: readonly ExpressionExample[] };

function severalOperator({ name, notAnObject, newFold, examples }: Several): SpecialOperator {
  const parse = (argument: Value, context: ParseContext): Expression => {
    const { count, input } = parseCountAndInput(name, argument, context, notAnObject);
    return {
      evaluate: (scope) => {
        const fold = newFold(countOf(count.evaluate(scope)));
        const array = input.evaluate(scope);
        if (!Array.isArray(array)) throw new DocumentError(5788200, 'Input must be an array');
        for (const value of array) fold.add(value);
        return fold.result();
      },
    };
  };
  const misuses: ExpressionExample[] = [
    { expression: `{"${name}":1}`, error: notAnObject },
    { expression: `{"${name}":{"x":1}}`, error: 5_787_901 },
    { expression: `{"${name}":{"n":"a","input":[]}}`, error: 5_787_902 },
    { expression: `{"${name}":{"n":1.5,"input":[]}}`, error: 5_787_903 },
    { expression: `{"${name}":{"n":{"$numberDouble":"NaN"},"input":[]}}`, error: 31_109 },
    { expression: `{"${name}":{"input":[]}}`, error: 5_787_906 },
    { expression: `{"${name}":{"n":1}}`, error: 5_787_907 },
    { expression: `{"${name}":{"n":0,"input":[]}}`, error: 5_787_908 },
    { expression: `{"${name}":{"n":1,"input":"$none"}}`, error: 5_788_200 },
  ];
  return { name, parse, examples: [...examples, ...misuses] };
}

// ---- $median, $percentile

function quantileOperator(name: QuantileOperator, notAnObject: number, examples: readonly ExpressionExample[]): SpecialOperator {
  const parse = (argument: Value, context: ParseContext): Expression => {
    const { input, fractions, format } = parseQuantiles(name, argument, context, notAnObject);
    return {
      evaluate: (scope) => {
        const value = input.evaluate(scope);
        if (isNumeric(value)) return format(fractions.map(() => toDouble(value)));
        const samples = new Samples();
        if (Array.isArray(value)) for (const element of value) samples.add(element);
        return format(samples.percentiles(fractions));
      },
    };
  };
  return { name, parse, examples };
}

export const accumulationOperators: readonly Operator[] = [
  foldOperator('$avg', newAverage, [
    { expression: '{"$avg":[1,2,"x",null]}', result: '{"$numberDouble":"1.5"}' },
    { expression: '{"$avg":"$a"}', document: '{"a":[{"$numberDecimal":"1"},2]}', result: '{"$numberDecimal":"1.5"}' },
    { expression: '{"$avg":["$a",1]}', document: '{"a":[5,5]}', result: '{"$numberDouble":"1.0"}' },
    { expression: '{"$avg":"$none"}', result: 'null' },
  ]),
  severalOperator({
    name: '$firstN', notAnObject: 5787801, newFold: (count) => newEnds('first', count),
    examples: [{ expression: '{"$firstN":{"n":2,"input":[3,null,1]}}', result: '[3,null]' }],
  }),
  severalOperator({
    name: '$lastN', notAnObject: 5787801, newFold: (count) => newEnds('last', count),
    examples: [{ expression: '{"$lastN":{"n":{"$numberLong":"2"},"input":[3,null,1]}}', result: '[null,1]' }],
  }),
  foldOperator('$max', () => newExtreme('max'), [
    { expression: '{"$max":[1,"a",null]}', result: '"a"' },
    { expression: '{"$max":"$a"}', document: '{"a":[1,3,2]}', result: '3' },
    { expression: '{"$max":[]}', result: 'null' },
  ]),
  severalOperator({
    name: '$maxN', notAnObject: 5787900, newFold: (count) => newExtremes('max', count),
    examples: [
      { expression: '{"$maxN":{"n":2,"input":[3,null,1,7]}}', result: '[7,3]' },
      { expression: '{"$maxN":{"n":5,"input":[3,null,1,7]}}', result: '[7,3,1]' },
      { expression: '{"$maxN":{"n":2,"input":[1,{"$numberLong":"1"},{"$numberDouble":"1.0"}]}}', result: '[{"$numberLong":"1"},1]' },
    ],
  }),
  quantileOperator('$median', 7436201, [
    { expression: '{"$median":{"input":[3,1,2,4,"x"],"method":"approximate"}}', result: '{"$numberDouble":"2.0"}' },
    { expression: '{"$median":{"input":"x","method":"approximate"}}', result: 'null' },
    { expression: '{"$median":{"input":5,"method":"approximate"}}', result: '{"$numberDouble":"5.0"}' },
    { expression: '{"$median":1}', error: 7_436_201 },
    { expression: '{"$median":{"input":5}}', error: 40_414 },
    { expression: '{"$median":{"input":5,"p":[1],"method":"approximate"}}', error: 40_415 },
    { expression: '{"$median":{"input":5,"method":1}}', error: 14 },
    { expression: '{"$median":{"input":5,"method":"exact"}}', error: 2 },
  ]),
  foldOperator('$min', () => newExtreme('min'), [
    { expression: '{"$min":[3,null,{"$numberDouble":"NaN"}]}', result: '{"$numberDouble":"NaN"}' },
    { expression: '{"$min":[[3,1],2]}', result: '2' },
  ]),
  severalOperator({
    name: '$minN', notAnObject: 5787900, newFold: (count) => newExtremes('min', count),
    examples: [{ expression: '{"$minN":{"n":2,"input":["a",3,null,1]}}', result: '[1,3]' }],
  }),
  quantileOperator('$percentile', 7436200, [
    { expression: '{"$percentile":{"input":[4,2,1,3],"p":[0.5,0,1],"method":"approximate"}}', result: '[{"$numberDouble":"2.0"},{"$numberDouble":"1.0"},{"$numberDouble":"4.0"}]' },
    { expression: '{"$percentile":{"input":[],"p":[0.5,0.9],"method":"approximate"}}', result: '[null,null]' },
    { expression: '{"$percentile":{"input":[3,1,2],"p":[{"$numberDouble":"NaN"}],"method":"approximate"}}', result: '[{"$numberDouble":"1.0"}]' },
    { expression: '{"$percentile":1}', error: 7_436_200 },
    { expression: '{"$percentile":{"input":[],"p":"$a","method":"approximate"}}', error: 7_750_300 },
    { expression: '{"$percentile":{"input":[],"p":[],"method":"approximate"}}', error: 7_750_301 },
    { expression: '{"$percentile":{"input":[],"p":["a"],"method":"approximate"}}', error: 7_750_302 },
    { expression: '{"$percentile":{"input":[],"p":[2],"method":"approximate"}}', error: 7_750_303 },
  ]),
  foldOperator('$stdDevPop', () => newDeviation('population'), [
    { expression: '{"$stdDevPop":[2,4,4,4,5,5,7,9,"x"]}', result: '{"$numberDouble":"2.0"}' },
    { expression: '{"$stdDevPop":["x"]}', result: 'null' },
  ]),
  foldOperator('$stdDevSamp', () => newDeviation('sample'), [
    { expression: '{"$stdDevSamp":"$a"}', document: '{"a":[1,3]}', result: '{"$numberDouble":"1.4142135623730951"}' },
    { expression: '{"$stdDevSamp":[1]}', result: 'null' },
  ]),
  foldOperator('$sum', newSum, [
    { expression: '{"$sum":[2147483647,1]}', result: '{"$numberLong":"2147483648"}' },
    { expression: '{"$sum":[{"$numberLong":"1"},1]}', result: '{"$numberLong":"2"}' },
    { expression: '{"$sum":[{"$numberLong":"9223372036854775807"},1]}', result: '{"$numberDouble":"9.223372036854775807E18"}' },
    { expression: '{"$sum":[0.1,0.2,0.3]}', result: '{"$numberDouble":"0.6"}' },
    { expression: '{"$sum":[{"$numberDecimal":"1.50"},1]}', result: '{"$numberDecimal":"2.50"}' },
    { expression: '{"$sum":"$a"}', document: '{"a":[1,"x",[2],3]}', result: '4' },
    { expression: '{"$sum":["$a",3]}', document: '{"a":[1]}', result: '3' },
    { expression: '{"$sum":[]}', result: '0' },
  ]),
];
