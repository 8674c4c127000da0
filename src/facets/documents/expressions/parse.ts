// Parses aggregation expressions. Operators come with the context (context.ts makes one), as they call this parser for
// their own operands. An expression of constants is evaluated here, once; its error is told when the tree is parsed.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { isNullish } from './coercions.ts';
import { constantExpression, emptyScope, folded, foldingAfterwards, gatherConstants, isAllConstant } from './constant-folding.ts';
import type { Evaluate, Expression, Operator, ParseContext, PlainOperator, Scope } from './expression.ts';
import { assertFieldName, parsePath } from './paths.ts';
import { shellText } from './shell-text.ts';

const maxDepth = 400;

/**
 * An expression as it stands in a pipeline: a path, an operator, an object or array of expressions, or a literal.
 * Throws DocumentError: those of paths and of the operators, 15983, 16020, 28667, InvalidPipelineOperator, Overflow.
 */
export function parseExpression(value: Value, context: ParseContext): Expression {
  if (context.depth > 0) return parseValue(value, context);
  return foldingAfterwards(context, () => parseValue(value, { ...context, depth: 1 }));
}

function parseValue(value: Value, context: ParseContext): Expression {
  if (typeof value === 'string') return value.startsWith('$') ? parsePath(value, context) : constantExpression(value);
  if (value instanceof Map) return parseObject(value, deeper(context));
  if (Array.isArray(value)) return parseArray(value, deeper(context));
  return constantExpression(value);
}

function deeper(context: ParseContext): ParseContext {
  if (context.depth > maxDepth) throw new DocumentError('Overflow', `Exceeded the maximum depth of an expression, ${maxDepth}`);
  return { ...context, depth: context.depth + 1 };
}

/** The context in which `names` are visible too, and the slots that hold them. */
export function withVariables(context: ParseContext, names: readonly string[]): { context: ParseContext; slots: number[] } {
  const variables = new Map(context.variables);
  const slots = names.map((name) => {
    const slot = context.slots.next++;
    variables.set(name, slot);
    return slot;
  });
  return { context: { ...context, variables }, slots };
}

/** A document that stands for an expression: of an operator if its first field starts with `$`, of fields otherwise. */
function parseObject(document: Document, context: ParseContext): Expression {
  const [first] = document.keys();
  if (first?.startsWith('$')) return parseOperator(document, first, context);
  const fields = [...document].map(([name, value]) => {
    assertFieldName(name);
    return { name, expression: parseExpression(value, context) };
  });
  const evaluate: Evaluate = (scope) => {
    const result: Document = new Map();
    for (const { name, expression } of fields) {
      const value = expression.evaluate(scope);
      if (value !== undefined) result.set(name, value);
    }
    return result;
  };
  return isAllConstant(fields.map(({ expression }) => expression)) ? constantExpression(evaluate(emptyScope)) : { evaluate, fields };
}

function parseArray(values: readonly Value[], context: ParseContext): Expression {
  const elements = values.map((value) => parseExpression(value, context));
  const evaluate: Evaluate = (scope) => elements.map((element) => element.evaluate(scope) ?? null);
  return isAllConstant(elements) ? constantExpression(evaluate(emptyScope)) : { evaluate };
}

function parseOperator(document: Document, name: string, context: ParseContext): Expression {
  if (document.size !== 1) throw new DocumentError(15983, `An object representing an expression must have exactly one field: ${shellText(document)}`);
  const operator = context.operators.get(name);
  if (!operator) throw new DocumentError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  return folded(applyOperator(operator, document.get(name)!, context), context);
}

function applyOperator(operator: Operator, argument: Value, context: ParseContext): Expression {
  if ('parse' in operator) return operator.parse(argument, context);
  const operands = gatherConstants(operator, parseArguments(operator.name, argument, operator.arguments, context), context);
  return { evaluate: applying(operator, operands), operator: { name: operator.name, operands } };
}

/**
 * The operands of an operator that takes them by position: an array's elements, or the one that stands alone.
 * Throws DocumentError: 16020, 28667, and before them those of the operands.
 */
export function parseArguments(name: string, argument: Value, arity: PlainOperator['arguments'], context: ParseContext): Expression[] {
  const operands = (Array.isArray(argument) ? argument : [argument]).map((value) => parseExpression(value, context));
  assertArity(name, operands.length, arity);
  return operands;
}

function assertArity(name: string, count: number, arity: PlainOperator['arguments']): void {
  if (typeof arity === 'number') {
    if (count !== arity) throw new DocumentError(16020, `Expression ${name} takes exactly ${arity} arguments. ${count} were passed in.`);
    return;
  }
  if (count >= arity.min && count <= arity.max) return;
  throw new DocumentError(28667, `Expression ${name} takes at least ${arity.min} arguments, and at most ${arity.max}, but ${count} were passed in.`);
}

function applying({ evaluate, stopsAtNull }: PlainOperator, operands: readonly Expression[]): Evaluate {
  const evaluators = operands.map((operand) => operand.evaluate);
  const [first, second, third] = evaluators as [Evaluate, Evaluate, Evaluate];
  if (evaluators.length === 1) return (scope) => evaluate(first(scope));
  if (stopsAtNull && evaluators.length === 2) {
    return (scope) => {
      const value = first(scope);
      return isNullish(value) ? evaluate(value) : evaluate(value, second(scope));
    };
  }
  if (stopsAtNull) return (scope) => evaluate(...valuesUpToNull(evaluators, scope));
  if (evaluators.length === 2) return (scope) => evaluate(first(scope), second(scope));
  if (evaluators.length === 3) return (scope) => evaluate(first(scope), second(scope), third(scope));
  return (scope) => evaluate(...evaluators.map((operand) => operand(scope)));
}

function valuesUpToNull(evaluators: readonly Evaluate[], scope: Scope): Maybe[] {
  const values: Maybe[] = [];
  for (const evaluate of evaluators) {
    const value = evaluate(scope);
    values.push(value);
    if (isNullish(value)) break;
  }
  return values;
}
