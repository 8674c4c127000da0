// What is evaluated before any document, as MongoDB's optimizer does it: operators whose operands are all constants, and
// constants that stand together among the operands of an associative operator. The errors that come of it are told
// even where no document is read.

import type { Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Expression, ParseContext, PlainOperator, Scope } from './expression.ts';

/** Nothing in it is read: constants are evaluated over it. */
export const emptyScope: Scope = { root: undefined, slots: [] };

/** Gives `value` for every document. */
export function constantExpression(value: Maybe): Expression {
  return { evaluate: () => value, constant: { value } };
}

export function isAllConstant(expressions: readonly (Expression | undefined)[]): boolean {
  return expressions.every((expression) => !expression || expression.constant !== undefined);
}

/** The expression as a constant if all its operands are. One that names no operands (`$rand`, `$filter`) stays as it is. */
export function folded(expression: Expression, context: ParseContext): Expression {
  if (expression.constant || !expression.operator || !isAllConstant(expression.operator.operands)) return expression;
  const outcome = attempt(() => expression.evaluate(emptyScope), context);
  return outcome ? { ...expression, ...constantExpression(outcome.value) } : expression;
}

/**
 * Parses one expression or all of a pipeline. The error of a constant, wherever it stands, comes after every error of parsing.
 * Throws DocumentError: what `parse` does, and the first error of a constant.
 */
export function foldingAfterwards<T>({ slots }: ParseContext, parse: () => T): T {
  if (slots.isFoldingLater) return parse();
  slots.isFoldingLater = true;
  try {
    const parsed = parse();
    const { foldingError } = slots;
    if (foldingError) throw new DocumentError(foldingError.number, foldingError.details, { cause: foldingError.cause, isOfConstants: true });
    return parsed;
  } finally {
    slots.isFoldingLater = false;
    slots.foldingError = undefined;
  }
}

/** Nothing where it fails: the first error is kept in the context until all is parsed. */
function attempt(evaluate: () => Maybe, context: ParseContext): { value: Maybe } | undefined {
  try {
    return { value: evaluate() };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    context.slots.foldingError ??= error;
    return undefined;
  }
}

/** Which constants may be taken together: any that stand side by side, all (they come last then), or only those before every other operand. */
const associativity: ReadonlyMap<string, 'adjacent' | 'commutative' | 'leading'> = new Map([
  ['$add', 'leading'], ['$multiply', 'leading'], ['$concat', 'adjacent'], ['$concatArrays', 'adjacent'], ['$setIntersection', 'commutative'],
  ['$setUnion', 'commutative'], ['$bitAnd', 'commutative'], ['$bitOr', 'commutative'], ['$bitXor', 'commutative'], ['$max', 'commutative'],
  ['$min', 'commutative'], ['$sum', 'commutative'],
]);

/**
 * The operands of an associative operator in the order in which MongoDB evaluates them: those of the same operator
 * within are its own, and constants are gathered. Others stay as they are.
 */
export function gatherConstants({ name, evaluate }: PlainOperator, operands: readonly Expression[], context: ParseContext): readonly Expression[] {
  const rule = associativity.get(name);
  // A single operand of $sum and the like may be an array that stands for its elements.
  if (!rule || operands.length < 2 || isAllConstant(operands)) return operands;
  const gathered: Expression[] = [];
  let run: Expression[] = [];
  const closeRun = () => {
    const values = run.map(({ constant }) => constant!.value);
    const outcome = run.length > 1 ? attempt(() => evaluate(...values), context) : undefined;
    gathered.push(...(outcome ? [constantExpression(outcome.value)] : run));
    run = [];
  };
  let isOpen = true;
  for (const operand of rule === 'leading' ? operands : flattened(name, operands)) {
    if (operand.constant && isOpen) {
      run.push(operand);
      continue;
    }
    if (rule !== 'commutative') closeRun();
    if (rule === 'leading') isOpen = false;
    gathered.push(operand);
  }
  closeRun();
  return gathered;
}

function flattened(name: string, operands: readonly Expression[]): readonly Expression[] {
  return operands.flatMap((operand) => {
    const inner = operand.constant ? undefined : operand.operator;
    return inner?.name === name && inner.operands.length > 1 ? flattened(name, inner.operands) : [operand];
  });
}
