// $top, $bottom, $topN and $bottomN: the first or last values in an order of their own.

import { int32 } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { constantExpression } from '../../expressions/constant-folding.ts';
import { countOf } from '../../expressions/counted-operands.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { insertOrdered } from '../../expressions/ordered.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { parseSort } from '../../sorts/parse-sort.ts';
import { compareSortKeys, sortKeysOf } from '../../sorts/sort-keys.ts';
import type { SortKeys } from '../../sorts/sort-keys.ts';
import { approximateSizeOf, type MemoryAccount, newAccumulatorAccount } from '../memory.ts';
import type { Accumulator, AccumulatorExample, AccumulatorKind, AccumulatorState, OnBytes } from './accumulator.ts';

type Entry = { readonly keys: SortKeys; readonly output: Value };

/** Takes pairs of an output and the keys that it is ordered by. */
class TopN implements AccumulatorState {
  private readonly entries: Entry[] = [];
  private readonly n: number;
  private readonly compare: (a: Entry, b: Entry) => number;
  private readonly isBottom: boolean;
  private readonly memory: MemoryAccount;

  constructor(name: string, n: number, compare: (a: SortKeys, b: SortKeys) => number, onBytes?: OnBytes) {
    this.n = n;
    this.isBottom = name.startsWith('$bottom');
    // The last n are the first n of the order turned round.
    this.compare = this.isBottom ? (a, b) => compare(b.keys, a.keys) : (a, b) => compare(a.keys, b.keys);
    this.memory = newAccumulatorAccount(name, onBytes);
  }

  add(input: Maybe): void {
    const [output, keys] = input as [Value, Value[]];
    if (this.entries.length < this.n) this.memory.add(approximateSizeOf(output) + 64);
    insertOrdered(this.entries, { keys, output }, this.n, this.compare);
  }

  result(): Value[] {
    const outputs = this.entries.map(({ output }) => output);
    return this.isBottom ? outputs.reverse() : outputs;
  }
}

function topAccumulator(name: `$${string}`, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return { name, parse: (argument, context) => parseTop(name, argument, context), examples };
}

function parseTop(name: string, argument: Value, context: ParseContext): Accumulator {
  const isSingle = !name.endsWith('N');
  const { n, output, sortBy } = parseTopArguments(name, isSingle, argument, context);
  const pattern = parseSort(sortBy);
  const compare = compareSortKeys(pattern);
  const { evaluate } = output;
  const newState = (count: number, onBytes?: OnBytes): AccumulatorState => {
    const top = new TopN(name, count, compare, onBytes);
    return isSingle ? { add: (input) => top.add(input), result: () => top.result()[0] ?? null } : top;
  };
  return {
    argument: output,
    initializer: n,
    input: (scope) => [evaluate(scope) ?? null, [...sortKeysOf(pattern, scope.root as Document)]],
    newState: (group, onBytes) => newState(countOf(n.evaluate(group)), onBytes),
    ...(!isSingle && { isGathering: true }),
  };
}

function parseTopArguments(name: string, isSingle: boolean, argument: Value, context: ParseContext): { n: Expression; output: Expression; sortBy: Document } {
  if (!(argument instanceof Map)) throw new DocumentError(5788001, `specification must be an object; found ${name}: ${shellText(argument)}`);
  let n: Expression | undefined = isSingle ? constantExpression(int32(1)) : undefined;
  let output: Value | undefined;
  let sortBy: Document | undefined;
  for (const [field, value] of argument) {
    if (field === 'n' && !isSingle) n = parseExpression(value, context);
    else if (field === 'output') output = value;
    else if (field === 'sortBy') sortBy = sortByOf(value);
    else throw new DocumentError(5788002, `Unknown argument to ${name} '${field}'`);
  }
  if (!n) throw new DocumentError(5788003, "Missing value for 'n'");
  if (output === undefined) throw new DocumentError(5788004, "Missing value for 'output'");
  if (!sortBy) throw new DocumentError(5788005, "Missing value for 'sortBy'");
  return { n, output: parseExpression(output, context), sortBy };
}

/** An array's elements have their places for names, as those of every document that the server does not ask for its type. */
function sortByOf(value: Value): Document {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) return new Map(value.map((element, index) => [String(index), element]));
  throw new DocumentError(10065, 'invalid parameter: expected an object (sortBy)');
}

const input = '[{"k": 1, "v": "a"}, {"k": 3, "v": "b"}, {"k": 2}, {"k": 3, "v": "c"}]';

export const topAccumulators: readonly AccumulatorKind[] = [
  topAccumulator('$bottom', [{ argument: '{"output": "$v", "sortBy": {"k": 1}}', input: '[{"k": 1, "v": "a"}, {"k": 3, "v": "b"}, {"k": 2}]', result: '"b"' }]),
  topAccumulator('$bottomN', [
    { argument: '{"n": 2, "output": "$v", "sortBy": {"k": 1}}', input: '[{"k": 1, "v": "a"}, {"k": 3, "v": "b"}, {"k": 2, "v": "c"}]', result: '["c", "b"]' },
    { argument: '{"output": 1, "sortBy": {"k": 1}}', error: 5788003 },
  ]),
  topAccumulator('$top', [
    { argument: '{"output": "$v", "sortBy": {"k": -1}}', input, result: '"b"' },
    { argument: '{"output": "$v", "sortBy": {"k": 1}, "n": 1}', error: 5788002 },
    { argument: '{"sortBy": {"k": 1}}', error: 5788004 },
    { argument: '{"output": 1}', error: 5788005 },
    { argument: '{"output": 1, "sortBy": 1}', error: 10065 },
    { argument: '{"output": 1, "sortBy": ["k"]}', error: 15974 },
    { argument: '1', error: 5788001 },
  ]),
  topAccumulator('$topN', [{ argument: '{"n": 3, "output": "$v", "sortBy": {"k": -1}}', input, result: '["b", "c", null]' }]),
];
