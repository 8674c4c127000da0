// The rows of accumulators that take one expression.

import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import type { Accumulator, AccumulatorExample, AccumulatorKind, AccumulatorState } from './accumulator.ts';

export function unaryAccumulator(name: `$${string}`, newState: () => AccumulatorState, examples: readonly AccumulatorExample[]): AccumulatorKind {
  const accumulatorOf = (expression: Expression): Accumulator => ({ argument: expression, input: expression.evaluate, newState });
  return {
    name,
    parse: (argument, context) => accumulatorOf(parseUnaryArgument(name, argument, context)),
    // A window's function takes an array for what it is: one value.
    parseInWindow: (argument, context) => accumulatorOf(parseExpression(argument, context)),
    examples,
  };
}

/** Throws DocumentError: 40237 for an array, and those of expressions. */
function parseUnaryArgument(name: string, argument: Value, context: ParseContext): Expression {
  if (Array.isArray(argument)) throw new DocumentError(40237, `The ${name} accumulator is a unary operator`);
  return parseExpression(argument, context);
}
