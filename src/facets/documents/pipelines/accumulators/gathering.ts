// Accumulators that keep all they get: $push and $addToSet.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { approximateSizeOf, type MemoryAccount, newAccumulatorAccount } from '../memory.ts';
import type { AccumulatorState, OnBytes } from './accumulator.ts';
import { gatheringAccumulator } from './unary-argument.ts';

class Push implements AccumulatorState {
  private readonly values: Value[] = [];
  private readonly memory: MemoryAccount;

  constructor(onBytes?: OnBytes) {
    this.memory = newAccumulatorAccount('$push', onBytes);
  }

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
  private readonly memory: MemoryAccount;

  constructor(onBytes?: OnBytes) {
    this.memory = newAccumulatorAccount('$addToSet', onBytes);
  }

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

export const pushAccumulator = gatheringAccumulator('$push', (onBytes) => new Push(onBytes), [
  { argument: '"$v"', input: '[{"v": 1}, {}, {"v": null}, {"v": 1}]', result: '[1, null, 1]' },
  { argument: '{"a": "$v"}', input: '[{"v": 1}, {}]', result: '[{"a": 1}, {}]' },
]);

export const addToSetAccumulator = gatheringAccumulator('$addToSet', (onBytes) => new AddToSet(onBytes), [
  { argument: '"$v"', input: '[{"v": 1}, {"v": {"$numberDouble": "1.0"}}, {}, {"v": [1]}]', result: '[1, [1]]' },
]);
