// $percentile and $median. All values are kept, so what comes out is exact: a value that went in.

import type { QuantileOperator } from '../../expressions/quantiles.ts';
import { parseQuantiles, Samples } from '../../expressions/quantiles.ts';
import { newAccumulatorAccount } from '../memory.ts';
import type { Accumulator, AccumulatorExample, AccumulatorKind } from './accumulator.ts';

const bytesOfSample = 8;

function quantileAccumulator(name: QuantileOperator, notAnObject: number, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return {
    name,
    parse(argument, context) {
      const { input, fractions, format } = parseQuantiles(name, argument, context, notAnObject);
      const newState: Accumulator['newState'] = (_, onBytes) => {
        const samples = new Samples();
        const memory = newAccumulatorAccount(name, onBytes);
        return {
          add: (value) => {
            if (samples.add(value)) memory.add(bytesOfSample);
          },
          result: () => format(samples.percentiles(fractions)),
        };
      };
      return { argument: input, input: input.evaluate, newState, isGathering: true };
    },
    examples,
  };
}

const input = '[{"v": 3}, {"v": 1}, {"v": "x"}, {"v": 2}, {}]';

export const quantileAccumulators: readonly AccumulatorKind[] = [
  quantileAccumulator('$median', 7436100, [
    { argument: '{"input": "$v", "method": "approximate"}', input, result: '{"$numberDouble": "2.0"}' },
    { argument: '{"input": "$v", "method": "approximate"}', input: '[{}]', result: 'null' },
    { argument: '{"input": "$v", "method": "approximate"}', input: '[{"v": {"$numberDouble": "NaN"}}, {"v": 1}]', result: '{"$numberDouble": "1.0"}' },
    { argument: '{"input": "$v", "method": "exact"}', error: 2 },
    { argument: '{"input": "$v", "method": 1}', error: 14 },
    { argument: '{"input": "$v"}', error: 40414 },
    { argument: '{"input": "$v", "method": "approximate", "p": [0.5]}', error: 40415 },
    { argument: '1', error: 7436100 },
  ]),
  quantileAccumulator('$percentile', 7429703, [
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
  ]),
];
