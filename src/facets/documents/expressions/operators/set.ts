// Operators that read arrays as sets: of equal elements the first counts, numbers of different types may be equal.

import { compareValues, hashKeyOf } from '../../../../values/bson/compare.ts';
import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { coerceToBoolean, isNullish, typeNameOfMaybe } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext } from '../expression.ts';
import { parseArguments } from '../parse.ts';

const any = { min: 0, max: Number.POSITIVE_INFINITY } as const;

type ValueSet = Map<string, Value>;

function setOf(values: readonly Value[]): ValueSet {
  const set: ValueSet = new Map();
  addAll(set, values);
  return set;
}

function addAll(set: ValueSet, values: readonly Value[]): void {
  for (const value of values) {
    const key = hashKeyOf(value);
    if (!set.has(key)) set.set(key, value);
  }
}

function sorted(set: ValueSet): Value[] {
  return [...set.values()].sort(compareValues);
}

/** Throws DocumentError 17043. */
function union(...operands: Maybe[]): Maybe {
  const united: ValueSet = new Map();
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    if (!Array.isArray(operand)) throw new DocumentError(17043, `All operands of $setUnion must be arrays. One argument is of type: ${typeNameOfMaybe(operand)}`);
    addAll(united, operand);
  }
  return sorted(united);
}

/** Throws DocumentError 17047. */
function intersection(...operands: Maybe[]): Maybe {
  let common: ValueSet | undefined;
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    if (!Array.isArray(operand)) throw new DocumentError(17047, `All operands of $setIntersection must be arrays. One argument is of type: ${typeNameOfMaybe(operand)}`);
    common = common ? inBoth(common, setOf(operand)) : setOf(operand);
  }
  return common ? sorted(common) : [];
}

/** Of equal values, that of the smaller set stays. */
function inBoth(left: ValueSet, right: ValueSet): ValueSet {
  const [fewer, more] = left.size > right.size ? [right, left] : [left, right];
  return new Map([...fewer].filter(([key]) => more.has(key)));
}

/** Throws DocumentError: 17048, 17049. */
function difference(left: Maybe, right: Maybe): Maybe {
  if (isNullish(left) || isNullish(right)) return null;
  const [first, second] = arrays('$setDifference', left, right, [17048, 17049]);
  const excluded = new Set(second.map(hashKeyOf));
  return [...setOf(first)].filter(([key]) => !excluded.has(key)).map(([, value]) => value);
}

function arrays(name: string, left: Maybe, right: Maybe, codes: readonly [number, number]): [Value[], Value[]] {
  const refuse = (which: number, value: Maybe) =>
    new DocumentError(codes[which]!, `both operands of ${name} must be arrays. ${which === 0 ? 'First' : 'Second'} argument is of type: ${typeNameOfMaybe(value)}`);
  if (!Array.isArray(left)) throw refuse(0, left);
  if (!Array.isArray(right)) throw refuse(1, right);
  return [left, right];
}

/** Of a constant operand that is no array the codes are others: it is found before anything runs. */
function parseIsSubset(argument: Value, context: ParseContext): Expression {
  const operands = parseArguments('$setIsSubset', argument, 2, context);
  const [left, right] = operands as [Expression, Expression];
  const isFixed = right.constant !== undefined && !left.constant;
  const codes = isFixed ? [17310, 17311] as const : [17046, 17042] as const;
  if (isFixed && !Array.isArray(right.constant.value)) {
    const type = typeNameOfMaybe(right.constant.value);
    context.slots.foldingError ??= new DocumentError(17311, `both operands of $setIsSubset must be arrays. Second argument is of type: ${type}`);
  }
  return {
    evaluate: (scope) => {
      const [first, second] = arrays('$setIsSubset', left.evaluate(scope), right.evaluate(scope), codes);
      const whole = new Set(second.map(hashKeyOf));
      return first.every((value) => whole.has(hashKeyOf(value)));
    },
    operator: { name: '$setIsSubset', operands },
  };
}

/** Throws DocumentError 17045. */
function parseSetEquals(argument: Value, context: ParseContext): Expression {
  const operands = parseArguments('$setEquals', argument, any, context);
  if (operands.length < 2) throw new DocumentError(17045, `$setEquals needs at least two arguments had: ${operands.length}`);
  for (const [index, { constant }] of operands.entries()) {
    if (constant && !Array.isArray(constant.value)) context.slots.foldingError ??= notAnArray(5887502, index, constant.value);
  }
  // The first constant is what the others are compared with, one after the other.
  const fixed = Math.max(0, operands.findIndex(({ constant }) => constant !== undefined));
  const others = operands.map(({ evaluate }, index) => ({ evaluate, index })).filter(({ index }) => index !== fixed);
  return {
    evaluate: (scope) => {
      const first = keysOf(operands[fixed]!.evaluate(scope), fixed);
      return others.every(({ evaluate, index }) => {
        const other = keysOf(evaluate(scope), index);
        return other.size === first.size && [...other].every((key) => first.has(key));
      });
    },
    operator: { name: '$setEquals', operands },
  };
}

function keysOf(value: Maybe, index: number): Set<string> {
  if (!Array.isArray(value)) throw notAnArray(17044, index, value);
  return new Set(value.map(hashKeyOf));
}

function notAnArray(code: number, index: number, value: Maybe): DocumentError {
  return new DocumentError(code, `All operands of $setEquals must be arrays. ${index + 1}-th argument is of type: ${typeNameOfMaybe(value)}`);
}

function elements(name: string, code: number, value: Maybe): Value[] {
  if (!Array.isArray(value)) throw new DocumentError(code, `${name}'s argument must be an array, but is ${typeNameOfMaybe(value)}`);
  return value;
}

export const setOperators: readonly Operator[] = [
  {
    name: '$allElementsTrue',
    arguments: 1,
    evaluate: (operand) => elements('$allElementsTrue', 17040, operand).every(coerceToBoolean),
    examples: [
      { expression: '{"$allElementsTrue":[[]]}', result: 'true' },
      { expression: '{"$allElementsTrue":["$a"]}', document: '{"a":[1,null]}', result: 'false' },
      { expression: '{"$allElementsTrue":["$a"]}', error: 17_040 },
    ],
  },
  {
    name: '$anyElementTrue',
    arguments: 1,
    evaluate: (operand) => elements('$anyElementTrue', 17041, operand).some(coerceToBoolean),
    examples: [
      { expression: '{"$anyElementTrue":[[]]}', result: 'false' },
      { expression: '{"$anyElementTrue":[[0,"a"]]}', result: 'true' },
      { expression: '{"$anyElementTrue":[null]}', error: 17_041 },
    ],
  },
  {
    name: '$setDifference',
    arguments: 2,
    evaluate: difference,
    examples: [
      { expression: '{"$setDifference":["$a",[2]]}', document: '{"a":[3,1,2,3,{"$numberDouble":"2.0"}]}', result: '[3,1]' },
      { expression: '{"$setDifference":["$none",[2]]}', result: 'null' },
      { expression: '{"$setDifference":[1,"$a"]}', document: '{"a":[]}', error: 17_048 },
      { expression: '{"$setDifference":["$a",1]}', document: '{"a":[]}', error: 17_049 },
    ],
  },
  {
    name: '$setEquals',
    parse: parseSetEquals,
    examples: [
      { expression: '{"$setEquals":[[1,2,1],[2,1],[{"$numberLong":"2"},1]]}', result: 'true' },
      { expression: '{"$setEquals":["$a",[1]]}', document: '{"a":[[1]]}', result: 'false' },
      { expression: '{"$setEquals":["$a","$b",[1]]}', document: '{"a":[2]}', result: 'false' },
      { expression: '{"$setEquals":["$a","$b",[2]]}', document: '{"a":[2]}', error: 17_044 },
      { expression: '{"$setEquals":["$a",[1]]}', error: 17_044 },
      { expression: '{"$setEquals":[[1]]}', error: 17_045 },
      { expression: '{"$setEquals":["$a",1]}', document: '{"a":[1]}', error: 5_887_502 },
    ],
  },
  {
    name: '$setIntersection',
    arguments: any,
    stopsAtNull: true,
    evaluate: intersection,
    examples: [
      { expression: '{"$setIntersection":[[3,1,2],[2,3,4]]}', result: '[2,3]' },
      { expression: '{"$setIntersection":[]}', result: '[]' },
      { expression: '{"$setIntersection":[[1],null]}', result: 'null' },
      { expression: '{"$setIntersection":[[1],"$a"]}', document: '{"a":1}', error: 17_047 },
    ],
  },
  {
    name: '$setIsSubset',
    parse: parseIsSubset,
    examples: [
      { expression: '{"$setIsSubset":["$a",[1,2,3]]}', document: '{"a":[3,3]}', result: 'true' },
      { expression: '{"$setIsSubset":[1,"$a"]}', document: '{"a":[]}', error: 17_046 },
      { expression: '{"$setIsSubset":["$b","$a"]}', document: '{"b":[]}', error: 17_042 },
      { expression: '{"$setIsSubset":["$b",[1]]}', error: 17_310 },
      { expression: '{"$setIsSubset":["$b",1]}', error: 17_311 },
    ],
  },
  {
    name: '$setUnion',
    arguments: any,
    stopsAtNull: true,
    evaluate: union,
    examples: [
      { expression: '{"$setUnion":[[3,"a"],[1,3]]}', result: '[1,3,"a"]' },
      { expression: '{"$setUnion":[[1],"$none"]}', result: 'null' },
      { expression: '{"$setUnion":[[1],"$a"]}', document: '{"a":[{"$numberLong":"1"}]}', result: '[{"$numberLong":"1"}]' },
      { expression: '{"$setUnion":["a","$none"]}', result: 'null' },
      { expression: '{"$setUnion":[]}', result: '[]' },
      { expression: '{"$setUnion":["$a"]}', document: '{"a":1}', error: 17_043 },
    ],
  },
];
