// The rows of accumulators that take one expression.

import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import type { Accumulator, AccumulatorExample, AccumulatorKind, AccumulatorState, OnBytes } from './accumulator.ts';

type NewState = (onBytes?: OnBytes) => AccumulatorState;

/** What a group holds does not grow with its documents. */
export function unaryAccumulator(name: `$${string}`, newState: NewState, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return accumulatorKind(name, (expression) => ({ argument: expression, input: expression.evaluate, newState: (_, onBytes) => newState(onBytes) }), examples);
}

/** What a group holds grows with its documents. */
export function gatheringAccumulator(name: `$${string}`, newState: NewState, examples: readonly AccumulatorExample[]): AccumulatorKind {
  return accumulatorKind(name, (expression) => ({ argument: expression, input: expression.evaluate, newState: (_, onBytes) => newState(onBytes), isGathering: true }), examples);
}

function accumulatorKind(name: `$${string}`, accumulatorOf: (expression: Expression) => Accumulator, examples: readonly AccumulatorExample[]): AccumulatorKind {
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
