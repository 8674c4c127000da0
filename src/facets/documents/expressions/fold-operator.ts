// Accumulators as operators: over their operands, or over the elements of the only one.

import type { Maybe } from '../../../values/bson/types.ts';
import type { ExpressionExample, PlainOperator } from './expression.ts';
import type { Fold } from './numeric-folds.ts';

/** The operator that adds its operands to a fold; of a single operand that is an array, its elements. */
export function foldOperator(name: string, newFold: () => Fold, examples: readonly ExpressionExample[]): PlainOperator {
  return {
    name,
    arguments: { min: 0, max: Number.POSITIVE_INFINITY },
    evaluate: (...operands: Maybe[]) => {
      const fold = newFold();
      const [first] = operands;
      for (const value of operands.length === 1 && Array.isArray(first) ? first : operands) fold.add(value);
      return fold.result();
    },
    examples,
  };
}
