// $percentile and $median. All values are kept, so what comes out is exact: a value that went in.

import { isNumeric } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { toDouble } from '../../expressions/coercions.ts';
import type { ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { newAccumulatorAccount } from '../memory.ts';
import { readArguments } from '../stage-arguments.ts';
import type { Accumulator, AccumulatorKind, AccumulatorState } from './accumulator.ts';

/** Values as doubles, sorted when a quantile is asked for. */
class Quantiles {
  private readonly values: number[] = [];
  private isSorted = true;
  private readonly memory;

  constructor(name: string) {
    this.memory = newAccumulatorAccount(name);
  }

  add(input: Maybe): void {
    if (!isNumeric(input)) return;
    this.memory.add(8);
    this.values.push(toDouble(input));
    this.isSorted = false;
  }

  /** The least value that is not below a fraction `p` of all. Null where there are none. */
  at(p: number): Value {
    if (this.values.length === 0) return null;
    if (!this.isSorted) this.values.sort(compareDoubles);
    this.isSorted = true;
    const rank = p >= 1 ? this.values.length - 1 : Math.max(0, Math.ceil(this.values.length * p) - 1);
    return this.values[rank]!;
  }
}

/** NaN before all others, as in BSON's order. */
function compareDoubles(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a < b ? -1 : Number(a > b);
}

function newQuantiles(name: string, resultOf: (quantiles: Quantiles) => Value): AccumulatorState {
  const quantiles = new Quantiles(name);
  return { add: (input) => quantiles.add(input), result: () => resultOf(quantiles) };
}

/** Throws DocumentError: 7750300 – 7750303. */
function parseFractions(value: Value, context: ParseContext): number[] {
  const { constant } = parseExpression(value, context);
  if (!constant) throw new DocumentError(7750300, `The $percentile 'p' field must be an array of constant values, but found value: ${shellText(value)}.`);
  const text = `The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: `;
  const fractions = constant.value;
  if (!Array.isArray(fractions) || fractions.length === 0) throw new DocumentError(7750301, text + shellText(fractions));
  return fractions.map((fraction) => {
    if (!isNumeric(fraction)) throw new DocumentError(7750302, text + shellText(fraction));
    const p = toDouble(fraction);
    if (p < 0 || p > 1) throw new DocumentError(7750303, text + shellText(fraction));
    return p;
  });
}

function assertMethod({ method }: { method: Value }): void {
  if (method !== 'approximate') throw new DocumentError('BadValue', "Currently only 'approximate' can be used as percentile 'method'.");
}

function parsePercentile(argument: Value, context: ParseContext): Accumulator {
  const given = readQuantileArguments('$percentile', 7429703, argument, { p: { required: true } });
  assertMethod({ method: given.get('method')! });
  const expression = parseExpression(given.get('input')!, context);
  const fractions = parseFractions(given.get('p')!, context);
  return {
    argument: expression,
    input: expression.evaluate,
    newState: () => newQuantiles('$percentile', (quantiles) => fractions.map((p) => quantiles.at(p))),
  };
}

function parseMedian(argument: Value, context: ParseContext): Accumulator {
  const given = readQuantileArguments('$median', 7436100, argument, {});
  assertMethod({ method: given.get('method')! });
  const expression = parseExpression(given.get('input')!, context);
  return { argument: expression, input: expression.evaluate, newState: () => newQuantiles('$median', (quantiles) => quantiles.at(0.5)) };
}

function readQuantileArguments(name: string, objectCode: number, argument: Value, rules: Parameters<typeof readArguments>[2]): Document {
  if (!(argument instanceof Map)) throw new DocumentError(objectCode, `specification must be an object; found ${name}: ${shellText(argument)}`);
  return readArguments(name, argument, { input: { required: true }, ...rules, method: { types: ['string'], required: true } });
}

const input = '[{"v": 3}, {"v": 1}, {"v": "x"}, {"v": 2}, {}]';

export const quantileAccumulators: readonly AccumulatorKind[] = [
  {
    name: '$median',
    parse: parseMedian,
    examples: [
      { argument: '{"input": "$v", "method": "approximate"}', input, result: '{"$numberDouble": "2.0"}' },
      { argument: '{"input": "$v", "method": "approximate"}', input: '[{}]', result: 'null' },
      { argument: '{"input": "$v", "method": "exact"}', error: 2 },
      { argument: '{"input": "$v", "method": 1}', error: 14 },
      { argument: '{"input": "$v"}', error: 40414 },
      { argument: '{"input": "$v", "method": "approximate", "p": [0.5]}', error: 40415 },
      { argument: '1', error: 7436100 },
    ],
  },
  {
    name: '$percentile',
    parse: parsePercentile,
    examples: [
      {
        argument: '{"input": "$v", "method": "approximate", "p": [0, 0.5, 1]}',
        input,
        result: '[{"$numberDouble": "1.0"}, {"$numberDouble": "2.0"}, {"$numberDouble": "3.0"}]',
      },
      { argument: '{"input": "$v", "method": "approximate", "p": [0.5, 0.9]}', input: '[]', result: '[null, null]' },
      { argument: '{"input": "$v", "method": "approximate", "p": "$v"}', error: 7750300 },
      { argument: '{"input": "$v", "method": "approximate", "p": []}', error: 7750301 },
      { argument: '{"input": "$v", "method": "approximate", "p": ["x"]}', error: 7750302 },
      { argument: '{"input": "$v", "method": "approximate", "p": [2]}', error: 7750303 },
      { argument: '1', error: 7429703 },
    ],
  },
];
