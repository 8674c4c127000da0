// Operators on arrays with named arguments, most of which evaluate an expression once for each element.

import { compareValues } from '../../../../values/bson/compare.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import { coerceToBoolean, coerceToInt, isInt32Integral, isNullish, toDouble, typeNameOfMaybe } from '../coercions.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, Operator, ParseContext, Scope } from '../expression.ts';
import { parseExpression, withVariables } from '../parse.ts';
import { assertUserVariableName } from '../paths.ts';
import { valueText } from '../shell-text.ts';

// ---- $filter, $map

/** What `as` names, `this` if it is not given. Throws DocumentError: FailedToParse. */
function elementName(as: Value | undefined): string {
  const name = as === undefined ? 'this' : typeof as === 'string' ? as : '';
  assertUserVariableName(name);
  return name;
}

function assertFields(argument: Document, names: readonly string[], refuse: (name: string) => DocumentError): void {
  for (const name of argument.keys()) {
    if (!names.includes(name)) throw refuse(name);
  }
}

function required(argument: Document, name: string, code: number, text: string): Value {
  const value = argument.get(name);
  if (value === undefined) throw new DocumentError(code, text);
  return value;
}

/** Throws DocumentError: 28646 to 28651, 327391, 327392, FailedToParse for the variable's name. */
function parseFilterOperator(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(28646, '$filter only supports an object as its argument');
  assertFields(argument, ['input', 'as', 'cond', 'limit'], (name) => new DocumentError(28647, `Unrecognized parameter to $filter: ${name}`));
  const inputValue = required(argument, 'input', 28648, "Missing 'input' parameter to $filter");
  const conditionValue = required(argument, 'cond', 28650, "Missing 'cond' parameter to $filter");
  const input = parseExpression(inputValue, context);
  const inner = withVariables(context, [elementName(argument.get('as'))]);
  const condition = parseExpression(conditionValue, inner.context);
  const limitValue = argument.get('limit');
  const limit = limitValue === undefined ? undefined : parseExpression(limitValue, context);
  const slot = inner.slots[0]!;
  return {
    evaluate: (scope) => {
      const array = input.evaluate(scope);
      if (isNullish(array)) return null;
      if (!Array.isArray(array)) throw new DocumentError(28651, `input to $filter must be an array not ${typeNameOfMaybe(array)}`);
      if (array.length === 0) return array;
      return filtered(array, limit ? filterLimit(limit.evaluate(scope)) : Number.POSITIVE_INFINITY, condition, slot, scope);
    },
  };
}

function filterLimit(limit: Maybe): number {
  if (isNullish(limit)) return Number.POSITIVE_INFINITY;
  if (!isInt32Integral(limit)) throw new DocumentError(327391, `$filter: limit must be represented as a 32-bit integral value: ${valueText(limit)}`);
  const count = coerceToInt(limit);
  if (count <= 0) throw new DocumentError(327392, `$filter: limit must be greater than 0: ${valueText(limit)}`);
  return count;
}

function filtered(array: readonly Value[], limit: number, condition: Expression, slot: number, scope: Scope): Value[] {
  const kept: Value[] = [];
  for (const element of array) {
    scope.slots[slot] = element;
    if (!coerceToBoolean(condition.evaluate(scope))) continue;
    kept.push(element);
    if (kept.length === limit) break;
  }
  return kept;
}

/** Throws DocumentError: 16878 to 16883, FailedToParse for the variable's name. */
function parseMap(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(16878, '$map only supports an object as its argument');
  assertFields(argument, ['input', 'as', 'in'], (name) => new DocumentError(16879, `Unrecognized parameter to $map: ${name}`));
  const inputValue = required(argument, 'input', 16880, "Missing 'input' parameter to $map");
  const bodyValue = required(argument, 'in', 16882, "Missing 'in' parameter to $map");
  const input = parseExpression(inputValue, context);
  const inner = withVariables(context, [elementName(argument.get('as'))]);
  const body = parseExpression(bodyValue, inner.context);
  const slot = inner.slots[0]!;
  return {
    evaluate: (scope) => {
      const array = input.evaluate(scope);
      if (isNullish(array)) return null;
      if (!Array.isArray(array)) throw new DocumentError(16883, `input to $map must be an array not ${typeNameOfMaybe(array)}`);
      return array.map((element) => {
        scope.slots[slot] = element;
        return body.evaluate(scope) ?? null;
      });
    },
  };
}

// ---- $reduce

/** Throws DocumentError: 40075 to 40080. */
function parseReduce(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(40075, `$reduce requires an object as an argument, found: ${typeNameOf(argument)}`);
  const inner = withVariables(context, ['this', 'value']);
  const parsed = new Map<string, Expression>();
  for (const [name, value] of argument) {
    if (name !== 'input' && name !== 'initialValue' && name !== 'in') throw new DocumentError(40076, `$reduce found an unknown argument: ${name}`);
    parsed.set(name, parseExpression(value, name === 'in' ? inner.context : context));
  }
  const [input, initial, body] = (['input', 'initialValue', 'in'] as const).map((name, index) => {
    const operand = parsed.get(name);
    if (!operand) throw new DocumentError(40077 + index, `$reduce requires '${name}' to be specified`);
    return operand;
  }) as [Expression, Expression, Expression];
  const [element, accumulated] = inner.slots as [number, number];
  return {
    evaluate: (scope) => {
      const array = input.evaluate(scope);
      if (isNullish(array)) return null;
      if (!Array.isArray(array)) throw new DocumentError(40080, `$reduce requires that 'input' be an array, found: ${valueText(array)}`);
      let value = initial.evaluate(scope);
      for (const each of array) {
        scope.slots[element] = each;
        scope.slots[accumulated] = value;
        value = body.evaluate(scope);
      }
      return value;
    },
  };
}

// ---- $sortArray

type ElementOrder = (left: Value, right: Value) => number;

/** Throws DocumentError: 2942500 to 2942507. */
function parseSortArray(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(2942500, `$sortArray requires an object as an argument, found: ${typeNameOf(argument)}`);
  let input: Expression | undefined;
  let order: ElementOrder | undefined;
  for (const [name, value] of argument) {
    if (name === 'input') input = parseExpression(value, context);
    else if (name === 'sortBy') order = elementOrder(value);
    else throw new DocumentError(2942501, `$sortArray found an unknown argument: ${name}`);
  }
  if (!input) throw new DocumentError(2942502, "$sortArray requires 'input' to be specified");
  if (!order) throw new DocumentError(2942503, "$sortArray requires 'sortBy' to be specified");
  const { evaluate } = input;
  return {
    evaluate: (scope) => {
      const array = evaluate(scope);
      if (isNullish(array)) return null;
      if (!Array.isArray(array)) throw new DocumentError(2942504, `The input argument to $sortArray must be an array, but was of type: ${typeNameOfMaybe(array)}`);
      return array.toSorted(order);
    },
  };
}

function elementOrder(sortBy: Value): ElementOrder {
  if (sortBy instanceof Map) return fieldsOrder(sortBy);
  if (!isNumeric(sortBy)) {
    throw new DocumentError(2942507, 'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  }
  const direction = toDouble(sortBy);
  if (Math.abs(direction) !== 1) throw new DocumentError(2942506, 'The $sort element value must be either 1 or -1');
  return (left, right) => direction * compareValues(left, right);
}

function fieldsOrder(sortBy: Document): ElementOrder {
  const refuse = (reason: string) => new DocumentError(2942505, `BadValue: ${reason}`);
  if (sortBy.size === 0) throw refuse('The sort pattern is empty when it should be a set of fields.');
  const parts = [...sortBy].map(([path, direction]) => {
    const fields = path.split('.');
    if (path === '') throw refuse('The sort pattern contains an empty field name');
    if (!isNumeric(direction) || Math.abs(toDouble(direction)) !== 1) throw refuse('The sort element value must be either 1 or -1');
    if (fields.includes('')) throw refuse(`The sort field is a dotted field '${path}' that contains an empty field`);
    if (fields.some((field) => field.startsWith('$'))) throw refuse(`The sort path component '${path}' cannot start with '$'`);
    return { fields, direction: toDouble(direction) };
  });
  return (left, right) => {
    for (const { fields, direction } of parts) {
      const order = compareValues(sortValueOf(left, fields), sortValueOf(right, fields));
      if (order !== 0) return direction * order;
    }
    return 0;
  };
}

/** What is no document has no fields. */
function sortValueOf(element: Value, fields: readonly string[]): Value {
  return element instanceof Map ? plainValueAt(element, fields) : null;
}

/** Without mapping over arrays, in which a field is an index; a field whose name holds the dots counts too. What is missing sorts as null. */
function plainValueAt(value: Maybe, fields: readonly string[]): Value {
  const [field, ...inner] = fields as [string, ...string[]];
  if (inner.length === 0) return fieldOf(value, field) ?? null;
  return fieldOf(value, fields.join('.')) ?? plainValueAt(fieldOf(value, field), inner);
}

function fieldOf(value: Maybe, field: string): Maybe {
  if (value instanceof Map) return value.get(field);
  return Array.isArray(value) && /^(?:0|[1-9]\d*)$/.test(field) ? value[Number(field)] : undefined;
}

// ---- $zip

type ZipParts = { inputs: Expression[]; defaults: Expression[]; longest: boolean };

/** Throws DocumentError: 34460 to 34468. */
function parseZip(argument: Value, context: ParseContext): Expression {
  if (!(argument instanceof Map)) throw new DocumentError(34460, `$zip only supports an object as an argument, found ${typeNameOf(argument)}`);
  const { inputs, defaults, longest } = zipParts(argument, context);
  if (inputs.length === 0) throw new DocumentError(34465, '$zip requires at least one input array');
  if (!longest && defaults.length > 0) throw new DocumentError(34466, 'cannot specify defaults unless useLongestLength is true');
  if (defaults.length > 0 && defaults.length !== inputs.length) throw new DocumentError(34467, 'defaults and inputs must have the same length');
  return {
    evaluate: (scope) => {
      const arrays = zipInputs(inputs, scope);
      if (!arrays) return null;
      const lengths = arrays.map((array) => array.length);
      const [shortest, longestLength] = [Math.min(...lengths), Math.max(...lengths)];
      const fallbacks: Maybe[] = shortest === longestLength || defaults.length === 0 ? inputs.map(() => null) : defaults.map(({ evaluate }) => evaluate(scope));
      const length = longest ? longestLength : shortest;
      return Array.from({ length }, (_, row) => zipRow(arrays, fallbacks, row));
    },
  };
}

/** A default that is missing leaves its place out. */
function zipRow(arrays: readonly Value[][], fallbacks: readonly Maybe[], row: number): Value[] {
  return arrays.map((array, column) => (row < array.length ? array[row] : fallbacks[column])).filter((value) => value !== undefined);
}

function zipParts(argument: Document, context: ParseContext): ZipParts {
  const parts: ZipParts = { inputs: [], defaults: [], longest: false };
  const parseAll = (value: Value, name: string, code: number) => {
    if (!Array.isArray(value)) throw new DocumentError(code, `${name} must be an array of expressions, found ${typeNameOf(value)}`);
    return value.map((each) => parseExpression(each, context));
  };
  for (const [name, value] of argument) {
    if (name === 'inputs') parts.inputs = parseAll(value, name, 34461);
    else if (name === 'defaults') parts.defaults = parseAll(value, name, 34462);
    else if (name !== 'useLongestLength') throw new DocumentError(34464, `$zip found an unknown argument: ${name}`);
    else if (typeof value === 'boolean') parts.longest = value;
    // The type of the whole argument, as the server has it.
    else throw new DocumentError(34463, 'useLongestLength must be a bool, found object');
  }
  return parts;
}

function zipInputs(inputs: readonly Expression[], scope: Scope): Value[][] | undefined {
  const arrays: Value[][] = [];
  for (const { evaluate } of inputs) {
    const array = evaluate(scope);
    if (isNullish(array)) return undefined;
    if (!Array.isArray(array)) throw new DocumentError(34468, `$zip found a non-array expression in input: ${valueText(array)}`);
    arrays.push(array);
  }
  return arrays;
}

export const iterationOperators: readonly Operator[] = [
  {
    name: '$filter',
    parse: parseFilterOperator,
    examples: [
      { expression: '{"$filter":{"input":"$a","as":"x","cond":{"$gt":["$$x",1]}}}', document: '{"a":[1,2,3]}', result: '[2,3]' },
      { expression: '{"$filter":{"input":"$a","cond":"$$this","limit":{"$numberLong":"1"}}}', document: '{"a":[0,2,3]}', result: '[2]' },
      { expression: '{"$filter":{"input":"$a","cond":true,"limit":null}}', document: '{"a":[0,2,3]}', result: '[0,2,3]' },
      { expression: '{"$filter":{"input":"$none","cond":true}}', result: 'null' },
      { expression: '{"$filter":1}', error: 28_646 },
      { expression: '{"$filter":{"x":1}}', error: 28_647 },
      { expression: '{"$filter":{"cond":1}}', error: 28_648 },
      { expression: '{"$filter":{"input":[]}}', error: 28_650 },
      { expression: '{"$filter":{"input":1,"cond":1}}', error: 28_651 },
      { expression: '{"$filter":{"input":[1],"cond":1,"limit":1.5}}', error: 327_391 },
      { expression: '{"$filter":{"input":[1],"cond":1,"limit":0}}', error: 327_392 },
      { expression: '{"$filter":{"input":[1],"as":"_x","cond":1}}', error: 9 },
    ],
  },
  {
    name: '$map',
    parse: parseMap,
    examples: [
      { expression: '{"$map":{"input":"$a","as":"x","in":["$$x","$b"]}}', document: '{"a":[1,2],"b":3}', result: '[[1,3],[2,3]]' },
      { expression: '{"$map":{"input":[{"v":1},{}],"in":"$$this.v"}}', result: '[1,null]' },
      { expression: '{"$map":{"input":[[1,2],[3]],"as":"r","in":{"$map":{"input":"$$r","in":["$$this"]}}}}', result: '[[[1],[2]],[[3]]]' },
      { expression: '{"$map":{"input":null,"in":1}}', result: 'null' },
      { expression: '{"$map":1}', error: 16_878 },
      { expression: '{"$map":{"x":1}}', error: 16_879 },
      { expression: '{"$map":{"in":1}}', error: 16_880 },
      { expression: '{"$map":{"input":[]}}', error: 16_882 },
      { expression: '{"$map":{"input":"a","in":1}}', error: 16_883 },
      { expression: '{"$map":{"input":[],"as":"","in":1}}', error: 9 },
    ],
  },
  {
    name: '$reduce',
    parse: parseReduce,
    examples: [
      { expression: '{"$reduce":{"input":[1,2,3],"initialValue":[],"in":{"$concatArrays":[["$$this"],"$$value"]}}}', result: '[3,2,1]' },
      { expression: '{"$reduce":{"input":[],"initialValue":"$none","in":1}}', missing: true },
      { expression: '{"$reduce":{"input":"$none","initialValue":1,"in":1}}', result: 'null' },
      { expression: '{"$reduce":1}', error: 40_075 },
      { expression: '{"$reduce":{"x":1}}', error: 40_076 },
      { expression: '{"$reduce":{"initialValue":1,"in":1}}', error: 40_077 },
      { expression: '{"$reduce":{"input":[],"in":1}}', error: 40_078 },
      { expression: '{"$reduce":{"input":[],"initialValue":1}}', error: 40_079 },
      { expression: '{"$reduce":{"input":1,"initialValue":1,"in":1}}', error: 40_080 },
      { expression: '{"$reduce":{"input":[],"initialValue":"$$value","in":1}}', error: 17_276 },
    ],
  },
  {
    name: '$sortArray',
    parse: parseSortArray,
    examples: [
      { expression: '{"$sortArray":{"input":[3,"a",1,null],"sortBy":1}}', result: '[null,1,3,"a"]' },
      { expression: '{"$sortArray":{"input":[1,3,2],"sortBy":{"$numberLong":"-1"}}}', result: '[3,2,1]' },
      {
        expression: '{"$sortArray":{"input":"$a","sortBy":{"x.y":-1,"z":1}}}',
        document: '{"a":[{"x":{"y":1}},{"x":{"y":2},"z":2},{"x":{"y":2}},5]}', result: '[{"x":{"y":2}},{"x":{"y":2},"z":2},{"x":{"y":1}},5]',
      },
      { expression: '{"$sortArray":{"input":"$a","sortBy":{"x.y":1}}}', document: '{"a":[{"x.y":3},{"x":[{"y":0}]},{"x":{"y":1}}]}', result: '[{"x":[{"y":0}]},{"x":{"y":1}},{"x.y":3}]' },
      { expression: '{"$sortArray":{"input":"$a","sortBy":{"0":1}}}', document: '{"a":[[2],[1]]}', result: '[[2],[1]]' },
      { expression: '{"$sortArray":{"input":null,"sortBy":1}}', result: 'null' },
      { expression: '{"$sortArray":1}', error: 2_942_500 },
      { expression: '{"$sortArray":{"x":1}}', error: 2_942_501 },
      { expression: '{"$sortArray":{"sortBy":1}}', error: 2_942_502 },
      { expression: '{"$sortArray":{"input":[]}}', error: 2_942_503 },
      { expression: '{"$sortArray":{"input":1,"sortBy":1}}', error: 2_942_504 },
      { expression: '{"$sortArray":{"input":[],"sortBy":{"a":2}}}', error: 2_942_505 },
      { expression: '{"$sortArray":{"input":[],"sortBy":{}}}', error: 2_942_505 },
      { expression: '{"$sortArray":{"input":[],"sortBy":2}}', error: 2_942_506 },
      { expression: '{"$sortArray":{"input":[],"sortBy":"a"}}', error: 2_942_507 },
    ],
  },
  {
    name: '$zip',
    parse: parseZip,
    examples: [
      { expression: '{"$zip":{"inputs":[[1,2,3],["a","b"]]}}', result: '[[1,"a"],[2,"b"]]' },
      { expression: '{"$zip":{"inputs":[[1,2],["a"]],"useLongestLength":true}}', result: '[[1,"a"],[2,null]]' },
      { expression: '{"$zip":{"inputs":[[1],["a","b"]],"useLongestLength":true,"defaults":[0,1]}}', result: '[[1,"a"],[0,"b"]]' },
      { expression: '{"$zip":{"inputs":["$a",[1]],"useLongestLength":true,"defaults":["x","$none"]}}', document: '{"a":[null,2]}', result: '[[null,1],[2]]' },
      { expression: '{"$zip":{"inputs":[[1],"$none"]}}', result: 'null' },
      { expression: '{"$zip":1}', error: 34_460 },
      { expression: '{"$zip":{"inputs":1}}', error: 34_461 },
      { expression: '{"$zip":{"inputs":[[1]],"defaults":1}}', error: 34_462 },
      { expression: '{"$zip":{"inputs":[[1]],"useLongestLength":1}}', error: 34_463 },
      { expression: '{"$zip":{"x":1}}', error: 34_464 },
      { expression: '{"$zip":{"inputs":[]}}', error: 34_465 },
      { expression: '{"$zip":{"inputs":[[1]],"defaults":[1]}}', error: 34_466 },
      { expression: '{"$zip":{"inputs":[[1]],"defaults":[1,2],"useLongestLength":true}}', error: 34_467 },
      { expression: '{"$zip":{"inputs":[1]}}', error: 34_468 },
    ],
  },
];
