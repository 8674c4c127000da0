// Operators on arrays whose arguments stand by position.

import { equalValues } from '../../../../values/bson/compare.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { int32, isNumeric } from '../../../../values/bson/types.ts';
import { coerceToInt, doubleText, isInt32Integral, isNullish, toDouble, typeNameOfMaybe } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext, Scope } from '../expression.ts';
import { parseArguments } from '../parse.ts';
import { valueText } from '../shell-text.ts';

const any = { min: 0, max: Number.POSITIVE_INFINITY } as const;

// ---- $arrayElemAt, $first, $last

/** Throws DocumentError: 28689 to 28691. */
function elementAt(name: string, place: string, array: Maybe, index: Maybe): Maybe {
  if (isNullish(array) || isNullish(index)) return null;
  if (!Array.isArray(array)) throw new DocumentError(28689, `${name}'s ${place} must be an array, but is ${typeNameOfMaybe(array)}`);
  if (!isNumeric(index)) throw new DocumentError(28690, `${name}'s second argument must be a numeric value, but is ${typeNameOfMaybe(index)}`);
  if (!isInt32Integral(index)) {
    throw new DocumentError(28691, `${name}'s second argument must be representable as a 32-bit integer: ${doubleText(toDouble(index))}`);
  }
  return array.at(coerceToInt(index));
}

// ---- $arrayToObject, $objectToArray

/** Throws DocumentError: 40386, 40391 to 40398, 4940400, 4940401. */
function arrayToObject(array: Maybe): Maybe {
  if (isNullish(array)) return null;
  if (!Array.isArray(array)) throw new DocumentError(40386, `$arrayToObject requires an array input, found: ${typeNameOfMaybe(array)}`);
  const [first] = array;
  if (first === undefined) return new Map();
  if (!Array.isArray(first) && !(first instanceof Map)) {
    throw new DocumentError(40398, `Unrecognised input type format for $arrayToObject: ${typeNameOfMaybe(first)}`);
  }
  const pairOf = Array.isArray(first) ? pairOfArray : pairOfDocument;
  return new Map(array.map(pairOf));
}

function pairOfArray(pair: Value): [string, Value] {
  if (!Array.isArray(pair)) throw inconsistent(40396, 'Array', pair);
  if (pair.length !== 2) throw new DocumentError(40397, `$arrayToObject requires an array of size 2 arrays,found array of size: ${pair.length}`);
  const [key, value] = pair as [Value, Value];
  if (typeof key !== 'string') {
    const text = `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeNameOfMaybe(key)}`;
    throw new DocumentError(40395, text);
  }
  return [checkedKey(key, 4940400), value];
}

function pairOfDocument(pair: Value): [string, Value] {
  if (!(pair instanceof Map)) throw inconsistent(40391, 'Object', pair);
  if (pair.size !== 2) throw new DocumentError(40392, `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${pair.size}`);
  const key = pair.get('k');
  const value = pair.get('v');
  if (key === undefined || value === undefined) {
    throw new DocumentError(40393, `$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from: ${valueText(pair)}`);
  }
  if (typeof key !== 'string') {
    const text = `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeNameOfMaybe(key)}`;
    throw new DocumentError(40394, text);
  }
  return [checkedKey(key, 4940401), value];
}

function inconsistent(code: number, format: string, found: Value): DocumentError {
  const text = `$arrayToObject requires a consistent input format. Elements mustall be arrays or all be objects. ${format} was detected, now found: ${typeNameOfMaybe(found)}`;
  return new DocumentError(code, text);
}

function checkedKey(key: string, code: number): string {
  if (key.includes('\0')) throw new DocumentError(code, 'Key field cannot contain an embedded null byte');
  return key;
}

/** Throws DocumentError 40390. */
function objectToArray(object: Maybe): Maybe {
  if (isNullish(object)) return null;
  if (!(object instanceof Map)) throw new DocumentError(40390, `$objectToArray requires a document input, found: ${typeNameOfMaybe(object)}`);
  return [...object].map(([key, value]): Document => new Map<string, Value>([['k', key], ['v', value]]));
}

// ---- $concatArrays, $in, $indexOfArray, $reverseArray, $size

/** Throws DocumentError 28664. */
function concatArrays(...operands: Maybe[]): Maybe {
  const all: Value[] = [];
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    if (!Array.isArray(operand)) throw new DocumentError(28664, `$concatArrays only supports arrays, not ${typeNameOfMaybe(operand)}`);
    for (const value of operand) all.push(value);
  }
  return all;
}

/** Throws DocumentError 40081. */
function isIn(value: Maybe, array: Maybe): Maybe {
  if (!Array.isArray(array)) throw new DocumentError(40081, `$in requires an array as a second argument, found: ${typeNameOfMaybe(array)}`);
  return array.some((element) => equalValues(value, element));
}

/** Of a constant that is no array the code is another: it is found before anything runs. Throws DocumentError 28667. */
function parseIndexOfArray(argument: Value, context: ParseContext): Expression {
  const operands = parseArguments('$indexOfArray', argument, { min: 2, max: 4 }, context);
  const fixed = operands[0]!.constant;
  if (fixed && isNullish(fixed.value)) return { evaluate: () => null, constant: { value: null } };
  if (fixed && !Array.isArray(fixed.value) && operands.some(({ constant }) => !constant)) {
    const type = typeNameOfMaybe(fixed.value);
    context.slots.foldingError ??= new DocumentError(50809, `First operand of $indexOfArray must be an array. First argument is of type: ${type}`);
  }
  return {
    evaluate: (scope) => indexOfArray(operands, scope),
    operator: { name: '$indexOfArray', operands },
  };
}

/** Throws DocumentError: 40090, 40096, 40097. */
function indexOfArray([operand, sought, from, to]: readonly Expression[], scope: Scope): Maybe {
  const array = operand!.evaluate(scope);
  if (isNullish(array)) return null;
  if (!Array.isArray(array)) throw new DocumentError(40090, `$indexOfArray requires an array as a first argument, found: ${typeNameOfMaybe(array)}`);
  const start = from ? boundOf(from.evaluate(scope), 'starting index') : 0;
  const end = to ? Math.min(boundOf(to.evaluate(scope), 'ending index'), array.length) : array.length;
  const value = sought!.evaluate(scope);
  for (let index = start; index < end; index++) {
    if (equalValues(array[index], value)) return int32(index);
  }
  return int32(-1);
}

function boundOf(value: Maybe, what: string): number {
  if (!isInt32Integral(value)) {
    throw new DocumentError(40096, `$indexOfArrayrequires an integral ${what}, found a value of type: ${typeNameOfMaybe(value)}, with value: ${valueText(value)}`);
  }
  const bound = coerceToInt(value);
  if (bound < 0) throw new DocumentError(40097, `$indexOfArray requires a nonnegative ${what}, found: ${valueText(value)}`);
  return bound;
}

/** Throws DocumentError 34435. */
function reverseArray(array: Maybe): Maybe {
  if (isNullish(array)) return null;
  if (!Array.isArray(array)) throw new DocumentError(34435, `The argument to $reverseArray must be an array, but was of type: ${typeNameOfMaybe(array)}`);
  return array.toReversed();
}

/** Throws DocumentError 17124. */
function size(array: Maybe): Maybe {
  if (!Array.isArray(array)) throw new DocumentError(17124, `The argument to $size must be an array, but was of type: ${typeNameOfMaybe(array)}`);
  return int32(array.length);
}

// ---- $range

const maxRangeBytes = 100 * 1024 * 1024;
/** What MongoDB reckons for an array, and for one number of it. */
const bytesOfArray = 24;
const bytesOfNumber = 16;

/** Throws DocumentError: 34443 to 34449, ExceededMemoryLimit. */
function range(start: Maybe, end: Maybe, step: Maybe): Maybe {
  const first = rangeBound(start, 34443, 'starting value', 'a starting');
  const last = rangeBound(end, 34445, 'ending value', 'an ending');
  const stride = step === undefined ? 1 : rangeStep(step);
  return numbersFrom(first, last, stride);
}

function rangeBound(value: Maybe, code: number, what: string, which: string): number {
  if (!isNumeric(value)) throw new DocumentError(code, `$range requires a numeric ${what}, found value of type: ${typeNameOfMaybe(value)}`);
  if (!isInt32Integral(value)) {
    throw new DocumentError(code + 1, `$range requires ${which} value that can be represented as a 32-bit integer, found value: ${valueText(value)}`);
  }
  return coerceToInt(value);
}

function rangeStep(value: Maybe): number {
  if (!isNumeric(value)) throw new DocumentError(34447, `$range requires a numeric step value, found value of type:${typeNameOfMaybe(value)}`);
  if (!isInt32Integral(value)) {
    throw new DocumentError(34448, `$range requires a step value that can be represented as a 32-bit integer, found value: ${valueText(value)}`);
  }
  const step = coerceToInt(value);
  if (step === 0) throw new DocumentError(34449, '$range requires a non-zero step value');
  return step;
}

function numbersFrom(first: number, last: number, step: number): Value[] {
  const bytes = bytesOfArray + Math.max(0, 1 + Math.trunc((last - first) / step)) * bytesOfNumber;
  if (bytes >= maxRangeBytes) {
    const text = `$range would use too much memory (${bytes} bytes) and cannot spill to disk. Memory limit: ${maxRangeBytes} bytes`;
    throw new DocumentError('ExceededMemoryLimit', text);
  }
  const length = Math.max(0, Math.ceil((last - first) / step));
  return Array.from({ length }, (_, index) => int32(first + index * step));
}

/** A step that is missing is refused, one that is not given is 1: so the operands are counted. */
function parseRange(argument: Value, context: ParseContext): Expression {
  const operands = parseArguments('$range', argument, { min: 2, max: 3 }, context);
  const [start, end, step] = operands as [Expression, Expression, Expression | undefined];
  return {
    evaluate: (scope) => range(start.evaluate(scope), end.evaluate(scope), step ? step.evaluate(scope) ?? null : undefined),
    operator: { name: '$range', operands },
  };
}

// ---- $slice

/** Throws DocumentError: 28724 to 28729. */
function slice(operands: readonly Maybe[]): Maybe {
  const [array, second, third] = operands;
  if (isNullish(array) || isNullish(second)) return null;
  if (!Array.isArray(array)) throw new DocumentError(28724, `First argument to $slice must be an array, but is of type: ${typeNameOfMaybe(array)}`);
  if (!isNumeric(second)) throw new DocumentError(28725, `Second argument to $slice must be a numeric value, but is of type: ${typeNameOfMaybe(second)}`);
  if (!isInt32Integral(second)) {
    throw new DocumentError(28726, `Second argument to $slice can't be represented as a 32-bit integer: ${doubleText(toDouble(second))}`);
  }
  const position = coerceToInt(second);
  if (operands.length === 2) return position >= 0 ? array.slice(0, position) : array.slice(position);
  if (isNullish(third)) return null;
  const start = position < 0 ? Math.max(0, array.length + position) : position;
  return array.slice(start, start + sliceCount(third));
}

function sliceCount(value: Maybe): number {
  if (!isNumeric(value)) throw new DocumentError(28727, `Third argument to $slice must be numeric, but is of type: ${typeNameOfMaybe(value)}`);
  if (!isInt32Integral(value)) {
    throw new DocumentError(28728, `Third argument to $slice can't be represented as a 32-bit integer: ${doubleText(toDouble(value))}`);
  }
  const count = coerceToInt(value);
  if (count <= 0) throw new DocumentError(28729, `Third argument to $slice must be positive: ${count}`);
  return count;
}

export const arrayOperators: readonly Operator[] = [
  {
    name: '$arrayElemAt',
    arguments: 2,
    evaluate: (array, index) => elementAt('$arrayElemAt', 'first argument', array, index),
    examples: [
      { expression: '{"$arrayElemAt":[[1,2,3],-1]}', result: '3' },
      { expression: '{"$arrayElemAt":[[1,2,3],{"$numberDouble":"0.0"}]}', result: '1' },
      { expression: '{"$arrayElemAt":[[1,2,3],3]}', missing: true },
      { expression: '{"$arrayElemAt":[[1,2,3],-4]}', missing: true },
      { expression: '{"$arrayElemAt":["$none",0]}', result: 'null' },
      { expression: '{"$arrayElemAt":[1,0]}', error: 28_689 },
      { expression: '{"$arrayElemAt":[[],"a"]}', error: 28_690 },
      { expression: '{"$arrayElemAt":[[],1.5]}', error: 28_691 },
    ],
  },
  {
    name: '$arrayToObject',
    arguments: 1,
    evaluate: arrayToObject,
    examples: [
      { expression: '{"$arrayToObject":[[["a",1],["b",2],["a",3]]]}', result: '{"a":3,"b":2}' },
      { expression: '{"$arrayToObject":"$x"}', document: '{"x":[{"k":"a","v":null}]}', result: '{"a":null}' },
      { expression: '{"$arrayToObject":[[]]}', result: '{}' },
      { expression: '{"$arrayToObject":"$none"}', result: 'null' },
      { expression: '{"$arrayToObject":{"$literal":1}}', error: 40_386 },
      { expression: '{"$arrayToObject":{"$literal":[{"k":"a","v":1},1]}}', error: 40_391 },
      { expression: '{"$arrayToObject":{"$literal":[{"k":"a"}]}}', error: 40_392 },
      { expression: '{"$arrayToObject":{"$literal":[{"k":"a","x":1}]}}', error: 40_393 },
      { expression: '{"$arrayToObject":{"$literal":[{"k":1,"v":1}]}}', error: 40_394 },
      { expression: '{"$arrayToObject":{"$literal":[[1,1]]}}', error: 40_395 },
      { expression: '{"$arrayToObject":{"$literal":[["a",1],1]}}', error: 40_396 },
      { expression: '{"$arrayToObject":{"$literal":[["a"]]}}', error: 40_397 },
      { expression: '{"$arrayToObject":{"$literal":["a"]}}', error: 40_398 },
      { expression: '{"$arrayToObject":{"$literal":[["a\\u0000",1]]}}', error: 4_940_400 },
      { expression: '{"$arrayToObject":{"$literal":[{"k":"a\\u0000","v":1}]}}', error: 4_940_401 },
    ],
  },
  {
    name: '$concatArrays',
    arguments: any,
    stopsAtNull: true,
    evaluate: concatArrays,
    examples: [
      { expression: '{"$concatArrays":[[1],[[2]],[]]}', result: '[1,[2]]' },
      { expression: '{"$concatArrays":[]}', result: '[]' },
      { expression: '{"$concatArrays":[[1],"$none"]}', result: 'null' },
      { expression: '{"$concatArrays":[[1],2]}', error: 28_664 },
    ],
  },
  {
    name: '$first',
    arguments: 1,
    evaluate: (array) => elementAt('$first', 'argument', array, int32(0)),
    examples: [
      { expression: '{"$first":"$a"}', document: '{"a":[7,8]}', result: '7' },
      { expression: '{"$first":[[]]}', missing: true },
      { expression: '{"$first":"$none"}', result: 'null' },
      { expression: '{"$first":1}', error: 28_689 },
    ],
  },
  {
    name: '$in',
    arguments: 2,
    evaluate: isIn,
    examples: [
      { expression: '{"$in":[2,[1,{"$numberDouble":"2.0"}]]}', result: 'true' },
      { expression: '{"$in":["$none",[null]]}', result: 'false' },
      { expression: '{"$in":[1,"$none"]}', error: 40_081 },
    ],
  },
  {
    name: '$indexOfArray',
    parse: parseIndexOfArray,
    examples: [
      { expression: '{"$indexOfArray":["$a",2]}', document: '{"a":[1,2,3,2]}', result: '1' },
      { expression: '{"$indexOfArray":["$a",2,2]}', document: '{"a":[1,2,3,2]}', result: '3' },
      { expression: '{"$indexOfArray":[[1,2,3,2],2,2,3]}', result: '-1' },
      { expression: '{"$indexOfArray":[null,2]}', result: 'null' },
      { expression: '{"$indexOfArray":["$a",2]}', document: '{"a":1}', error: 40_090 },
      { expression: '{"$indexOfArray":[1,2]}', error: 40_090 },
      { expression: '{"$indexOfArray":[1,"$a"]}', error: 50_809 },
      { expression: '{"$indexOfArray":[[],2,1.5]}', error: 40_096 },
      { expression: '{"$indexOfArray":[[],2,null]}', error: 40_096 },
      { expression: '{"$indexOfArray":[[],2,-1]}', error: 40_097 },
      { expression: '{"$indexOfArray":[[]]}', error: 28_667 },
      { expression: '{"$indexOfArray":["$none",{"$toInt":"$x"}]}', document: '{"x":"no number"}', result: 'null' },
      { expression: '{"$indexOfArray":["$a",{"$toInt":"$x"},"$x"]}', document: '{"a":[],"x":"no number"}', error: 40_096 },
    ],
  },
  {
    name: '$isArray',
    arguments: 1,
    evaluate: (value) => Array.isArray(value),
    examples: [
      { expression: '{"$isArray":[[]]}', result: 'true' },
      { expression: '{"$isArray":["$none"]}', result: 'false' },
      { expression: '{"$isArray":[]}', error: 16_020 },
    ],
  },
  {
    name: '$last',
    arguments: 1,
    evaluate: (array) => elementAt('$last', 'argument', array, int32(-1)),
    examples: [
      { expression: '{"$last":"$a"}', document: '{"a":[7,8]}', result: '8' },
      { expression: '{"$last":"$a"}', document: '{"a":"x"}', error: 28_689 },
    ],
  },
  {
    name: '$objectToArray',
    arguments: 1,
    evaluate: objectToArray,
    examples: [
      { expression: '{"$objectToArray":"$a"}', document: '{"a":{"b":1,"c":{"d":2}}}', result: '[{"k":"b","v":1},{"k":"c","v":{"d":2}}]' },
      { expression: '{"$objectToArray":null}', result: 'null' },
      { expression: '{"$objectToArray":[[]]}', error: 40_390 },
    ],
  },
  {
    name: '$range',
    parse: parseRange,
    examples: [
      { expression: '{"$range":[0,5,2]}', result: '[0,2,4]' },
      { expression: '{"$range":[3,{"$numberLong":"0"},-1]}', result: '[3,2,1]' },
      { expression: '{"$range":[0,3,-1]}', result: '[]' },
      { expression: '{"$range":[null,1]}', error: 34_443 },
      { expression: '{"$range":[0.5,1]}', error: 34_444 },
      { expression: '{"$range":[0,"a"]}', error: 34_445 },
      { expression: '{"$range":[0,{"$numberLong":"2147483648"}]}', error: 34_446 },
      { expression: '{"$range":[0,1,"$none"]}', error: 34_447 },
      { expression: '{"$range":[0,1,0.5]}', error: 34_448 },
      { expression: '{"$range":[0,1,0]}', error: 34_449 },
      { expression: '{"$range":[0,2147483647]}', error: 146 },
      { expression: '{"$range":[0,6553598]}', error: 146 },
      { expression: '{"$range":[0]}', error: 28_667 },
    ],
  },
  {
    name: '$reverseArray',
    arguments: 1,
    evaluate: reverseArray,
    examples: [
      { expression: '{"$reverseArray":[[1,2,3]]}', result: '[3,2,1]' },
      { expression: '{"$reverseArray":"$none"}', result: 'null' },
      { expression: '{"$reverseArray":"a"}', error: 34_435 },
    ],
  },
  {
    name: '$size',
    arguments: 1,
    evaluate: size,
    examples: [
      { expression: '{"$size":[[1,2]]}', result: '2' },
      { expression: '{"$size":"$none"}', error: 17_124 },
    ],
  },
  {
    name: '$slice',
    arguments: { min: 2, max: 3 },
    evaluate: (...operands) => slice(operands),
    examples: [
      { expression: '{"$slice":[[1,2,3],2]}', result: '[1,2]' },
      { expression: '{"$slice":[[1,2,3],-2]}', result: '[2,3]' },
      { expression: '{"$slice":[[1,2,3],0]}', result: '[]' },
      { expression: '{"$slice":[[1,2,3],-5,2]}', result: '[1,2]' },
      { expression: '{"$slice":[[1,2,3],5,2]}', result: '[]' },
      { expression: '{"$slice":[[1,2,3],1,null]}', result: 'null' },
      { expression: '{"$slice":[1,2]}', error: 28_724 },
      { expression: '{"$slice":[[],"a"]}', error: 28_725 },
      { expression: '{"$slice":[[],1.5]}', error: 28_726 },
      { expression: '{"$slice":[[],1,"a"]}', error: 28_727 },
      { expression: '{"$slice":[[],1,1.5]}', error: 28_728 },
      { expression: '{"$slice":[[],1,0]}', error: 28_729 },
      { expression: '{"$slice":[[]]}', error: 28_667 },
    ],
  },
];
