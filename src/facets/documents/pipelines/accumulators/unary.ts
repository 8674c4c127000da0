// Accumulators of one expression.

import { int32 } from '../../../../values/bson/types.ts';
import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { constantExpression } from '../../expressions/constant-folding.ts';
import { newExtreme } from '../../expressions/extremes.ts';
import { newAverage, newDeviation, newSum } from '../../expressions/numeric-folds.ts';
import { newMerge } from '../../expressions/object-folds.ts';
import { approximateSizeOf } from '../memory.ts';
import type { Accumulator, AccumulatorKind, AccumulatorState, OnBytes } from './accumulator.ts';
import { addToSetAccumulator, pushAccumulator } from './gathering.ts';
import { gatheringAccumulator, unaryAccumulator } from './unary-argument.ts';

/** A state that holds one of its values: the first one's size counts. */
function measured(state: AccumulatorState, onBytes: OnBytes = () => undefined): AccumulatorState {
  let hasValue = false;
  return {
    add(input) {
      if (!hasValue && input !== undefined) {
        hasValue = true;
        onBytes(approximateSizeOf(input));
      }
      state.add(input);
    },
    result: () => state.result(),
  };
}

class First implements AccumulatorState {
  private first: Maybe;
  private has = false;

  add(input: Maybe): void {
    if (this.has) return;
    this.has = true;
    this.first = input;
  }

  result(): Maybe {
    return this.first;
  }
}

class Last implements AccumulatorState {
  private last: Maybe;

  add(input: Maybe): void {
    this.last = input;
  }

  result(): Maybe {
    return this.last;
  }
}

const countOfAll: Accumulator = { input: constantExpression(int32(1)).evaluate, newState: newSum };

function isEmptyObject(value: Value): boolean {
  return value instanceof Map && value.size === 0;
}

const countAccumulator: AccumulatorKind = {
  name: '$count',
  parse(argument) {
    // An array is a document here.
    const isEmpty = isEmptyObject(argument) || (Array.isArray(argument) && argument.length === 0);
    if (!isEmpty) throw new DocumentError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
    return countOfAll;
  },
  parseInWindow(argument) {
    if (!isEmptyObject(argument)) throw new DocumentError('FailedToParse', '$count only accepts an empty object as input');
    return countOfAll;
  },
  examples: [
    { argument: '{}', input: '[{}, {"v": 1}]', result: '2' },
    { argument: '[]', input: '[{}, {"v": 1}]', result: '2' },
    { argument: '1', error: 14 },
    { argument: '{"a": 1}', error: 14 },
  ],
};

export const unaryAccumulators: readonly AccumulatorKind[] = [
  addToSetAccumulator,
  unaryAccumulator('$avg', newAverage, [
    { argument: '"$v"', input: '[{"v": 1}, {"v": 2}, {"v": "x"}, {}]', result: '1.5' },
    { argument: '"$v"', input: '[{"v": 1}, {"v": {"$numberDecimal": "2"}}]', result: '{"$numberDecimal": "1.5"}' },
    { argument: '"$v"', input: '[{}]', result: 'null' },
  ]),
  countAccumulator,
  unaryAccumulator('$first', (onBytes) => measured(new First(), onBytes), [
    { argument: '"$v"', input: '[{"v": 1}, {"v": 2}]', result: '1' },
    { argument: '"$v"', input: '[{}, {"v": 2}]', result: 'null' },
  ]),
  unaryAccumulator('$last', (onBytes) => measured(new Last(), onBytes), [{ argument: '"$v"', input: '[{"v": 1}, {"v": 2}]', result: '2' }]),
  unaryAccumulator('$max', (onBytes) => measured(newExtreme('max'), onBytes), [
    { argument: '"$v"', input: '[{"v": 1}, {"v": "a"}, {"v": null}]', result: '"a"' },
    { argument: '"$v"', input: '[{}]', result: 'null' },
  ]),
  gatheringAccumulator('$mergeObjects', (onBytes) => newMerge((name, field) => onBytes?.(name.length + approximateSizeOf(field))), [
    { argument: '"$v"', input: '[{"v": {"a": 1, "b": 1}}, {"v": null}, {"v": {"a": 2}}]', result: '{"a": 2, "b": 1}' },
    { argument: '"$v"', input: '[{"v": 1}]', error: 40400 },
  ]),
  unaryAccumulator('$min', (onBytes) => measured(newExtreme('min'), onBytes), [{ argument: '"$v"', input: '[{"v": "a"}, {"v": 2}, {}]', result: '2' }]),
  pushAccumulator,
  unaryAccumulator('$stdDevPop', () => newDeviation('population'), [
    { argument: '"$v"', input: '[{"v": 1}, {"v": 3}, {"v": "x"}]', result: '{"$numberDouble": "1.0"}' },
    { argument: '"$v"', input: '[{}]', result: 'null' },
  ]),
  unaryAccumulator('$stdDevSamp', () => newDeviation('sample'), [
    { argument: '"$v"', input: '[{"v": 1}, {"v": 3}, {"v": 5}]', result: '{"$numberDouble": "2.0"}' },
    { argument: '"$v"', input: '[{"v": 1}]', result: 'null' },
  ]),
  unaryAccumulator('$sum', newSum, [
    { argument: '"$v"', input: '[{"v": 1}, {"v": 2}, {"v": "x"}, {"v": [5]}]', result: '3' },
    { argument: '"$v"', input: '[{"v": 2147483647}, {"v": 1}]', result: '{"$numberLong": "2147483648"}' },
    { argument: '"$v"', input: '[{"v": {"$numberLong": "1"}}, {"v": 1}]', result: '{"$numberLong": "2"}' },
    { argument: '"$v"', input: '[{"v": {"$numberLong": "9223372036854775807"}}, {"v": 1}]', result: '{"$numberDouble": "9223372036854775808"}' },
    { argument: '"$v"', input: '[{"v": 0.1}, {"v": 0.2}, {"v": 0.3}]', result: '0.6' },
    { argument: '"$v"', input: '[{"v": 1}, {"v": {"$numberDecimal": "0.5"}}]', result: '{"$numberDecimal": "1.5"}' },
    { argument: '"$v"', input: '[{"v": {"$numberDouble": "Infinity"}}, {"v": {"$numberDouble": "-Infinity"}}]', result: '{"$numberDouble": "NaN"}' },
    { argument: '"$v"', input: '[]', result: '0' },
    { argument: '["$v"]', error: 40237 },
  ]),
];
