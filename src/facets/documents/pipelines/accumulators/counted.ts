// Accumulators of the first, last, least and greatest n values.

import { compareValues } from '../../../../values/bson/compare.ts';
import { isNumeric } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isNullish, toDouble } from '../../expressions/coercions.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { truncatedLong } from '../../filters/numbers.ts';
import { approximateSizeOf, newAccumulatorAccount } from '../memory.ts';
import type { AccumulatorExample, AccumulatorKind, AccumulatorState } from './accumulator.ts';
import { insertOrdered } from './ordered.ts';

/** The value of `n`. Throws DocumentError: 5787902 no number, 5787903 no whole one, 5787908 not positive. */
export function assertCount(value: Maybe): number {
  if (!isNumeric(value)) throw new DocumentError(5787902, `Value for 'n' must be of integral type, but found ${shellText(value)}`);
  const whole = truncatedLong(value);
  if (whole === undefined || Number(whole) !== toDouble(value)) {
    throw new DocumentError(5787903, `Value for 'n' must be of integral type, but found ${shellText(value)}`);
  }
  if (whole <= 0n) throw new DocumentError(5787908, `'n' must be greater than 0, found ${whole}`);
  return Number(whole);
}

class FirstN implements AccumulatorState {
  private readonly values: Value[] = [];
  private readonly n: number;
  private readonly memory = newAccumulatorAccount('$firstN');

  constructor(n: number) {
    this.n = n;
  }

  add(input: Maybe): void {
    if (this.values.length === this.n) return;
    this.memory.add(approximateSizeOf(input));
    this.values.push(input ?? null);
  }

  result(): Value {
    return this.values.slice();
  }
}

class LastN implements AccumulatorState {
  private values: Value[] = [];
  private readonly n: number;
  private readonly memory = newAccumulatorAccount('$lastN');

  constructor(n: number) {
    this.n = n;
  }

  add(input: Maybe): void {
    if (this.values.length < this.n) this.memory.add(approximateSizeOf(input));
    this.values.push(input ?? null);
    // Cut now and then only: to shift at every value would cost as much as there are values.
    if (this.values.length >= 2 * this.n + 64) this.values = this.values.slice(-this.n);
  }

  result(): Value {
    return this.values.slice(-this.n);
  }
}

/** The least (`sense` 1) or greatest (-1) n, in that order. */
class ExtremeN implements AccumulatorState {
  private readonly values: Value[] = [];
  private readonly n: number;
  private readonly compare: (a: Value, b: Value) => number;
  private readonly memory;

  constructor(name: string, n: number, sense: 1 | -1) {
    this.n = n;
    this.compare = (a, b) => compareValues(a, b) * sense;
    this.memory = newAccumulatorAccount(name);
  }

  add(input: Maybe): void {
    if (isNullish(input)) return;
    if (this.values.length < this.n) this.memory.add(approximateSizeOf(input));
    insertOrdered(this.values, input, this.n, this.compare);
  }

  result(): Value {
    return this.values.slice();
  }
}

function countedAccumulator(name: `$${string}`, objectCode: number, newState: (n: number) => AccumulatorState, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return {
    name,
    parse(argument, context) {
      if (!(argument instanceof Map)) throw new DocumentError(objectCode, `specification must be an object; found ${name}: ${shellText(argument)}`);
      const { n, input } = parseCounted(argument, context);
      return { argument: input, initializer: n, input: input.evaluate, newState: (group) => newState(assertCount(n.evaluate(group))) };
    },
    examples,
  };
}

function parseCounted(argument: Document, context: ParseContext): { n: Expression; input: Expression } {
  let n: Expression | undefined;
  let input: Expression | undefined;
  for (const [name, value] of argument) {
    if (name === 'input') input = parseExpression(value, context);
    else if (name === 'n') n = parseExpression(value, context);
    else throw new DocumentError(5787901, `Unknown argument for 'n' operator: ${name}`);
  }
  if (!n) throw new DocumentError(5787906, "Missing value for 'n'");
  if (!input) throw new DocumentError(5787907, "Missing value for 'input'");
  return { n, input };
}

const input = '[{"v": 2}, {}, {"v": null}, {"v": 1}, {"v": 3}]';

export const countedAccumulators: readonly AccumulatorKind[] = [
  countedAccumulator('$firstN', 5787801, (n) => new FirstN(n), [
    { argument: '{"n": 2, "input": "$v"}', input, result: '[2, null]' },
    { argument: '{"n": 0, "input": "$v"}', input, error: 5787908 },
    { argument: '{"n": 1.5, "input": "$v"}', input, error: 5787903 },
    { argument: '{"n": "x", "input": "$v"}', input, error: 5787902 },
    { argument: '{"n": 1}', error: 5787907 },
    { argument: '{"input": 1}', error: 5787906 },
    { argument: '{"n": 1, "input": 1, "x": 1}', error: 5787901 },
    { argument: '1', error: 5787801 },
  ]),
  countedAccumulator('$lastN', 5787801, (n) => new LastN(n), [{ argument: '{"n": 2, "input": "$v"}', input, result: '[1, 3]' }]),
  countedAccumulator('$maxN', 5787900, (n) => new ExtremeN('$maxN', n, -1), [
    { argument: '{"n": 2, "input": "$v"}', input, result: '[3, 2]' },
    { argument: '1', error: 5787900 },
  ]),
  countedAccumulator('$minN', 5787900, (n) => new ExtremeN('$minN', n, 1), [{ argument: '{"n": 9, "input": "$v"}', input, result: '[1, 2, 3]' }]),
];
