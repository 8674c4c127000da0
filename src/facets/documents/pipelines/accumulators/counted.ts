// Accumulators of the first, last, least and greatest n values.

import { countOf, parseCountAndInput } from '../../expressions/counted-operands.ts';
import type { OnGrowth } from '../../expressions/extremes.ts';
import { newEnds, newExtremes } from '../../expressions/extremes.ts';
import { approximateSizeOf, newAccumulatorAccount } from '../memory.ts';
import type { AccumulatorExample, AccumulatorKind, AccumulatorState } from './accumulator.ts';

type NewState = (count: number, onGrowth: OnGrowth) => AccumulatorState;

function countedAccumulator(name: `$${string}`, notAnObject: number, newState: NewState, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return {
    name,
    parse(argument, context) {
      const { count, input } = parseCountAndInput(name, argument, context, notAnObject);
      return {
        argument: input, initializer: count, input: input.evaluate,
        isGathering: true,
        newState: (group, onBytes) => {
          const memory = newAccumulatorAccount(name, onBytes);
          return newState(countOf(count.evaluate(group)), (value) => memory.add(approximateSizeOf(value)));
        },
      };
    },
    examples,
  };
}

const input = '[{"v": 2}, {}, {"v": null}, {"v": 1}, {"v": 3}]';

export const countedAccumulators: readonly AccumulatorKind[] = [
  countedAccumulator('$firstN', 5787801, (count, onGrowth) => newEnds('first', count, onGrowth), [
    { argument: '{"n": 2, "input": "$v"}', input, result: '[2, null]' },
    { argument: '{"n": 0, "input": "$v"}', input, error: 5787908 },
    { argument: '{"n": 1.5, "input": "$v"}', input, error: 5787903 },
    { argument: '{"n": "x", "input": "$v"}', input, error: 5787902 },
    { argument: '{"n": {"$numberDouble": "NaN"}, "input": "$v"}', input, error: 31109 },
    { argument: '{"n": {"$numberDecimal": "NaN"}, "input": "$v"}', input, error: 5787903 },
    { argument: '{"n": 1}', error: 5787907 },
    { argument: '{"input": 1}', error: 5787906 },
    { argument: '{"n": 1, "input": 1, "x": 1}', error: 5787901 },
    { argument: '1', error: 5787801 },
  ]),
  countedAccumulator('$lastN', 5787801, (count, onGrowth) => newEnds('last', count, onGrowth), [{ argument: '{"n": 2, "input": "$v"}', input, result: '[1, 3]' }]),
  countedAccumulator('$maxN', 5787900, (count, onGrowth) => newExtremes('max', count, onGrowth), [
    { argument: '{"n": 2, "input": "$v"}', input, result: '[3, 2]' },
    { argument: '1', error: 5787900 },
  ]),
  countedAccumulator('$minN', 5787900, (count, onGrowth) => newExtremes('min', count, onGrowth), [{ argument: '{"n": 9, "input": "$v"}', input, result: '[1, 2, 3]' }]),
];
