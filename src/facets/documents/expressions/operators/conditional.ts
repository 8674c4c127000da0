// Operators that evaluate only some of their operands.

import type { Value } from '../../../../values/bson/types.ts';
import { typeNameOf } from '../../../../values/bson/types.ts';
import { coerceToBoolean, isNullish } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Evaluate, Expression, Operator, ParseContext } from '../expression.ts';
import { parseArguments, parseExpression } from '../parse.ts';

// ---- $cond

/** Throws DocumentError: 16020 for an array, 17080 to 17083 for an object. */
function parseCond(argument: Value, context: ParseContext): Expression {
  const operands = argument instanceof Map ? parseNamedCond(argument, context) : parseArguments('$cond', argument, 3, context);
  const [condition, whenTrue, whenFalse] = operands as [Expression, Expression, Expression];
  return choosing(condition, whenTrue, whenFalse);
}

function choosing(condition: Expression, whenTrue: Expression, whenFalse: Expression): Expression {
  if (condition.constant) return coerceToBoolean(condition.constant.value) ? whenTrue : whenFalse;
  return {
    evaluate: (scope) => (coerceToBoolean(condition.evaluate(scope)) ? whenTrue : whenFalse).evaluate(scope),
    operator: { name: '$cond', operands: [condition, whenTrue, whenFalse] },
  };
}

const condOperands = ['if', 'then', 'else'] as const;

function parseNamedCond(argument: ReadonlyMap<string, Value>, context: ParseContext): Expression[] {
  const parsed = new Map<string, Expression>();
  for (const [name, value] of argument) {
    if (!(condOperands as readonly string[]).includes(name)) throw new DocumentError(17083, `Unrecognized parameter to $cond: ${name}`);
    parsed.set(name, parseExpression(value, context));
  }
  return condOperands.map((name, index) => {
    const operand = parsed.get(name);
    if (!operand) throw new DocumentError(17080 + index, `Missing '${name}' parameter to $cond`);
    return operand;
  });
}

// ---- $ifNull

/** Throws DocumentError: 1257300. */
function parseIfNull(argument: Value, context: ParseContext): Expression {
  const operands = parseArguments('$ifNull', argument, { min: 0, max: Number.POSITIVE_INFINITY }, context);
  if (operands.length < 2) throw new DocumentError(1257300, `$ifNull needs at least two arguments, had: ${operands.length}`);
  const last = operands.at(-1)!;
  const others = operands.slice(0, -1);
  const evaluate: Evaluate = (scope) => {
    for (const operand of others) {
      const value = operand.evaluate(scope);
      if (!isNullish(value)) return value;
    }
    return last.evaluate(scope);
  };
  return { evaluate, operator: { name: '$ifNull', operands } };
}

// ---- $switch

type Branch = { readonly condition: Expression; readonly result: Expression; readonly errors: readonly (DocumentError | undefined)[] };

/** Throws DocumentError: 40060 to 40068. */
function parseSwitch(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(40060, `$switch requires an object as an argument, found: ${typeNameOf(argument)}`);
  let branches: Branch[] = [];
  let fallback: ReturnType<typeof parseApart> | undefined;
  for (const [name, value] of argument) {
    if (name === 'branches') branches = parseBranches(value, context);
    else if (name === 'default') fallback = parseApart(value, context);
    else throw new DocumentError(40067, `$switch found an unknown argument: ${name}`);
  }
  if (branches.length === 0) throw new DocumentError(40068, '$switch requires at least one branch.');
  if (fallback?.error) context.slots.foldingError ??= fallback.error;
  return prunedSwitch(branches, fallback?.expression, context);
}

/** Parses a part whose constants may turn out never to be evaluated: its error of constants is kept apart. */
function parseApart(value: Value, context: ParseContext): { expression: Expression; error: DocumentError | undefined } {
  const before = context.slots.foldingError;
  context.slots.foldingError = undefined;
  const expression = parseExpression(value, context);
  const error: DocumentError | undefined = context.slots.foldingError;
  context.slots.foldingError = before;
  return { expression, error };
}

function parseBranches(value: Value, context: ParseContext): Branch[] {
  if (!Array.isArray(value)) throw new DocumentError(40061, `$switch expected an array for 'branches', found: ${typeNameOf(value)}`);
  return value.map((branch) => {
    if (!(branch instanceof Map)) throw new DocumentError(40062, `$switch expected each branch to be an object, found: ${typeNameOf(branch)}`);
    return parseBranch(branch, context);
  });
}

function parseBranch(branch: ReadonlyMap<string, Value>, context: ParseContext): Branch {
  const parts = new Map<string, ReturnType<typeof parseApart>>();
  for (const [name, value] of branch) {
    if (name !== 'case' && name !== 'then') throw new DocumentError(40063, `$switch found an unknown argument to a branch: ${name}`);
    parts.set(name, parseApart(value, context));
  }
  const condition = parts.get('case');
  const result = parts.get('then');
  if (!condition) throw new DocumentError(40064, "$switch requires each branch have a 'case' expression");
  if (!result) throw new DocumentError(40065, "$switch requires each branch have a 'then' expression.");
  return { condition: condition.expression, result: result.expression, errors: [condition.error, result.error] };
}

/** Leaves out the branches that constants decide; only what remains can fail by its constants. */
function prunedSwitch(branches: readonly Branch[], fallback: Expression | undefined, context: ParseContext): Expression {
  const kept: Branch[] = [];
  let otherwise = fallback;
  for (const branch of branches) {
    const { constant } = branch.condition;
    if (constant && !coerceToBoolean(constant.value)) continue;
    context.slots.foldingError ??= branch.errors[0] ?? branch.errors[1];
    if (constant) {
      otherwise = branch.result;
      break;
    }
    kept.push(branch);
  }
  if (kept.length === 0 && otherwise) return otherwise;
  if (kept.length === 0) {
    context.slots.foldingError ??= new DocumentError(40069, 'One cannot execute a switch statement where all the cases evaluate to false without a default.');
  }
  return {
    evaluate: (scope) => {
      const found = kept.find(({ condition }) => coerceToBoolean(condition.evaluate(scope)))?.result ?? otherwise;
      if (!found) throw new DocumentError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
      return found.evaluate(scope);
    },
  };
}

export const conditionalOperators: readonly Operator[] = [
  {
    name: '$cond',
    parse: parseCond,
    examples: [
      { expression: '{"$cond":["$a","yes","no"]}', document: '{"a":{"$numberDouble":"NaN"}}', result: '"yes"' },
      { expression: '{"$cond":{"if":{"$gt":["$a",1]},"then":"$a","else":"$none"}}', document: '{"a":1}', missing: true },
      { expression: '{"$cond":[{"$eq":["$a",0]},null,{"$mod":[1,"$a"]}]}', document: '{"a":0}', result: 'null' },
      { expression: '{"$cond":[1,2]}', error: 16_020 },
      { expression: '{"$cond":{"then":1,"else":1}}', error: 17_080 },
      { expression: '{"$cond":{"if":1,"else":1}}', error: 17_081 },
      { expression: '{"$cond":{"if":1,"then":1}}', error: 17_082 },
      { expression: '{"$cond":{"if":1,"then":1,"else":1,"x":1}}', error: 17_083 },
    ],
  },
  {
    name: '$ifNull',
    parse: parseIfNull,
    examples: [
      { expression: '{"$ifNull":["$a","$b",3]}', document: '{"a":null}', result: '3' },
      { expression: '{"$ifNull":["$a",3]}', document: '{"a":false}', result: 'false' },
      { expression: '{"$ifNull":[null,"$a"]}', missing: true },
      { expression: '{"$ifNull":[1]}', error: 1_257_300 },
    ],
  },
  {
    name: '$switch',
    parse: parseSwitch,
    examples: [
      { expression: '{"$switch":{"branches":[{"case":{"$gt":["$a",5]},"then":"big"},{"case":{"$gt":["$a",1]},"then":"some"}],"default":"few"}}', document: '{"a":3}', result: '"some"' },
      { expression: '{"$switch":{"branches":[{"case":true,"then":1},{"case":"$a","then":{"$size":1}}]}}', result: '1' },
      { expression: '{"$switch":{"branches":[{"case":"$a","then":1}]}}', error: 40_066 },
      { expression: '{"$switch":{"branches":[{"case":false,"then":1}]}}', error: 40_069 },
      { expression: '{"$switch":1}', error: 40_060 },
      { expression: '{"$switch":{"branches":1}}', error: 40_061 },
      { expression: '{"$switch":{"branches":[1]}}', error: 40_062 },
      { expression: '{"$switch":{"branches":[{"x":1}]}}', error: 40_063 },
      { expression: '{"$switch":{"branches":[{"then":1}]}}', error: 40_064 },
      { expression: '{"$switch":{"branches":[{"case":1}]}}', error: 40_065 },
      { expression: '{"$switch":{"x":1}}', error: 40_067 },
      { expression: '{"$switch":{"branches":[]}}', error: 40_068 },
    ],
  },
];
