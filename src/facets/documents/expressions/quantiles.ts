// What `$percentile` and `$median` share, as operators, accumulators and window functions.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { isNumeric, typeNameOf } from '../../../values/bson/types.ts';
import { doubleText, toDouble } from './coercions.ts';
import { DocumentError } from '../errors.ts';
import type { Expression, ParseContext } from './expression.ts';
import { parseExpression } from './parse.ts';
import { shellText } from './shell-text.ts';

export type QuantileOperator = '$percentile' | '$median';

export type Quantiles = {
  readonly input: Expression;
  /** Between 0 and 1, at least one. */
  readonly fractions: readonly number[];
  /** The results in MongoDB's form: an array for `$percentile`, one number for `$median`; nulls if there are none. */
  readonly format: (results: readonly number[] | undefined) => Value;
};

/**
 * The specification behind the operator's name. `notAnObject` is the code for what is no document: it differs between
 * expressions (7436200, 7436201) and accumulators (7429703, 7436100).
 * Throws DocumentError: that code, IDLUnknownField, IDLFailedToParse, TypeMismatch, BadValue, 7750300 to 7750303.
 */
export function parseQuantiles(operator: QuantileOperator, argument: Value, context: ParseContext, notAnObject: number): Quantiles {
  if (!(argument instanceof Map)) {
    throw new DocumentError(notAnObject, `specification must be an object; found ${operator}: ${shellText(argument)}`);
  }
  const isMedian = operator === '$median';
  assertFields(operator, argument, isMedian ? ['input', 'method'] : ['input', 'p', 'method']);
  const input = parseExpression(argument.get('input')!, context);
  const fractions = isMedian ? [0.5] : parseFractions(argument.get('p')!, context);
  return { input, fractions, format: (results) => formatted(isMedian, fractions.length, results) };
}

function assertFields(operator: string, argument: Document, names: readonly string[]): void {
  for (const [name, value] of argument) {
    if (!names.includes(name)) throw new DocumentError('IDLUnknownField', `BSON field '${operator}.${name}' is an unknown field.`);
    if (name === 'method') assertMethod(operator, value);
  }
  const missing = names.find((name) => !argument.has(name));
  if (missing) throw new DocumentError('IDLFailedToParse', `BSON field '${operator}.${missing}' is missing but a required field`);
}

function assertMethod(operator: string, method: Value): void {
  if (typeof method !== 'string') {
    throw new DocumentError('TypeMismatch', `BSON field '${operator}.method' is the wrong type '${typeNameOf(method)}', expected type 'string'`);
  }
  if (method !== 'approximate') throw new DocumentError('BadValue', "Currently only 'approximate' can be used as percentile 'method'.");
}

function parseFractions(value: Value, context: ParseContext): number[] {
  const { constant } = parseExpression(value, context);
  if (!constant) throw new DocumentError(7750300, `The $percentile 'p' field must be an array of constant values, but found value: ${shellText(value)}.`);
  const refuse = (code: number, found: string) => new DocumentError(code, `The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: ${found}`);
  const list = constant.value;
  if (!Array.isArray(list) || list.length === 0) throw refuse(7750301, shellText(list));
  return list.map((each) => {
    if (!isNumeric(each)) throw refuse(7750302, shellText(each));
    const fraction = toDouble(each);
    if (fraction < 0 || fraction > 1) throw refuse(7750303, doubleText(fraction));
    return fraction;
  });
}

function formatted(isMedian: boolean, count: number, results: readonly number[] | undefined): Value {
  if (isMedian) return results?.[0] ?? null;
  return results ? [...results] : Array.from({ length: count }, () => null);
}

/** The numbers among the values that are added, NaN left out; sorted when percentiles are asked for. */
export class Samples {
  #values: number[] = [];
  #sorted: Float64Array | undefined;

  /** Whether the value was kept. */
  add(value: Maybe): boolean {
    if (!isNumeric(value)) return false;
    const number = toDouble(value);
    if (Number.isNaN(number)) return false;
    this.#values.push(number);
    this.#sorted = undefined;
    return true;
  }

  /** The discrete percentiles, each one of the numbers; nothing of nothing. */
  percentiles(fractions: readonly number[]): number[] | undefined {
    if (this.#values.length === 0) return undefined;
    const sorted = (this.#sorted ??= Float64Array.from(this.#values).sort());
    return fractions.map((fraction) => sorted[rankOf(sorted.length, fraction)]!);
  }
}

/** NaN, which the bounds let pass, asks for the smallest. */
function rankOf(count: number, fraction: number): number {
  if (fraction >= 1) return count - 1;
  const rank = Math.ceil(count * fraction) - 1;
  return rank > 0 ? rank : 0;
}
