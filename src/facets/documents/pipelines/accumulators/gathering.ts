// Accumulators that keep all they get: $push and $addToSet.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { approximateSizeOf, newAccumulatorAccount } from '../memory.ts';
import type { AccumulatorState } from './accumulator.ts';
import { unaryAccumulator } from './unary-argument.ts';

class Push implements AccumulatorState {
  private readonly values: Value[] = [];
  private readonly memory = newAccumulatorAccount('$push');

  add(input: Maybe): void {
    if (input === undefined) return;
    this.memory.add(approximateSizeOf(input));
    this.values.push(input);
  }

  result(): Value {
    return this.values.slice();
  }
}

class AddToSet implements AccumulatorState {
  private readonly values = new Map<string, Value>();
  private readonly memory = newAccumulatorAccount('$addToSet');

  add(input: Maybe): void {
    if (input === undefined) return;
    const key = hashKeyOf(input);
    if (this.values.has(key)) return;
    this.memory.add(approximateSizeOf(input));
    this.values.set(key, input);
  }

  result(): Value {
    return [...this.values.values()];
  }
}

export const pushAccumulator = unaryAccumulator('$push', () => new Push(), [
  { argument: '"$v"', input: '[{"v": 1}, {}, {"v": null}, {"v": 1}]', result: '[1, null, 1]' },
  { argument: '{"a": "$v"}', input: '[{"v": 1}, {}]', result: '[{"a": 1}, {}]' },
]);

export const addToSetAccumulator = unaryAccumulator('$addToSet', () => new AddToSet(), [
  { argument: '"$v"', input: '[{"v": 1}, {"v": {"$numberDouble": "1.0"}}, {}, {"v": [1]}]', result: '[1, [1]]' },
]);
