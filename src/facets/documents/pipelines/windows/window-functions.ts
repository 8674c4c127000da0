// Window functions that are no accumulators: ranks, shifts, slopes, areas, moving averages, covariances and fills.
// Source for errors: MongoDB 7.0.

import { compareValues } from '../../../../values/bson/compare.ts';
import { decimalFromString } from '../../../../values/bson/decimal.ts';
import { DateTime, Decimal128, int32, isNumeric, typeNameOf, type Document, type Maybe, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToInt, intOrLong, isInt32Integral, isNullish, toDouble } from '../../expressions/coercions.ts';
import { isTimeUnit } from '../../expressions/dates/date-arithmetic.ts';
import type { Evaluate, ParseContext, Scope } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { addNumbers, divideNumbers, multiplyNumbers, subtractNumbers } from './window-arithmetic.ts';
import { type WindowBounds, parseWindowBounds, reachOf, wholePartition } from './window-bounds.ts';

/** One partition in its order. */
export type Partition = {
  readonly scopes: readonly Scope[];
  /** Each document's values of the sort's fields. */
  readonly sortKeys: readonly (readonly Value[])[];
  /** The values of the single sort field, undefined where missing. */
  readonly positions: readonly Maybe[];
};

/** Gives the function's value for every document of a partition. Throws DocumentError. */
export type WindowFunction = (partition: Partition) => readonly Maybe[];

export type WindowContext = { readonly expressions: ParseContext; readonly sortBy: SortPattern | undefined };

type Parse = (specification: Document, context: WindowContext) => WindowFunction;

function refusal(text: string): DocumentError {
  return new DocumentError('FailedToParse', text);
}

/** The function's argument and its window; other fields are refused. */
export function readWindow(name: string, specification: Document, { expressions, sortBy }: WindowContext): { readonly argument: Value; readonly bounds: WindowBounds | undefined } {
  let bounds: WindowBounds | undefined;
  for (const [field, value] of specification) {
    if (field === 'window') bounds = parseWindowBounds(value, sortBy, expressions);
    else if (field !== name) throw refusal(`Window function found an unknown argument: ${field}`);
  }
  return { argument: specification.get(name)!, bounds };
}

// Ranks

function rank(name: string, next: (state: { rank: number; dense: number; place: number }) => number): Parse {
  return (specification, { sortBy }) => {
    if (specification.size > 1) throw new DocumentError(5_371_601, `${name} takes no arguments beside its own`);
    if (sortBy === undefined || (name !== '$documentNumber' && sortBy.length !== 1)) throw new DocumentError(5_371_602, `${name} must be specified with a top level sortBy expression with exactly one element`);
    const argument = specification.get(name);
    if (!(argument instanceof Map) || argument.size > 0) throw new DocumentError(5_371_603, `${name} must be specified with '{}' as the value`);
    return ({ sortKeys }) => {
      const state = { rank: 0, dense: 0, place: 0 };
      return sortKeys.map((keys, index) => {
        state.place += 1;
        const isTie = index > 0 && keys.every((key, part) => compareValues(key, sortKeys[index - 1]![part]) === 0);
        if (!isTie) {
          state.rank = state.place;
          state.dense += 1;
        }
        return intOrLong(BigInt(next(state)));
      });
    };
  };
}

// $shift

const shift: Parse = (specification, { expressions, sortBy }) => {
  const { argument, bounds } = readWindow('$shift', specification, { expressions, sortBy });
  if (bounds !== undefined) throw refusal("$shift does not accept a 'window' field");
  if (sortBy === undefined) throw refusal("'$shift' requires a sortBy");
  if (!(argument instanceof Map)) throw refusal("Argument to $shift must be an object");
  for (const name of argument.keys()) if (!['output', 'by', 'default'].includes(name)) throw refusal(`Unknown argument in $shift: ${name}`);
  const output = argument.get('output');
  const by = argument.get('by');
  const otherwise = argument.get('default');
  if (output === undefined) throw refusal("'$shift' requires an output field");
  if (by === undefined) throw refusal("'$shift' requires a by field");
  if (!isInt32Integral(by)) throw refusal(`'$shift:by' field must be an integer, but found ${shellText(by)}`);
  const offset = coerceToInt(by);
  const { evaluate } = parseExpression(output, expressions);
  const fallback = otherwise === undefined ? undefined : parseExpression(otherwise, expressions);
  if (fallback !== undefined && fallback.constant === undefined) throw refusal("'$shift:default' expression must yield a constant value.");
  return ({ scopes }) => scopes.map((_, index) => {
    const scope = scopes[index + offset];
    return scope === undefined ? (fallback?.constant?.value ?? null) : (evaluate(scope) ?? null);
  });
};

// $derivative and $integral

const unitMilliseconds: Readonly<Record<string, number>> = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000, millisecond: 1 };

type Slope = { readonly evaluate: Evaluate; readonly unit: number | undefined; readonly bounds: WindowBounds };

function parseSlope(name: '$derivative' | '$integral', specification: Document, context: WindowContext): Slope {
  const { argument, bounds } = readWindow(name, specification, context);
  if (context.sortBy === undefined) throw refusal(`${name} requires a sortBy`);
  if (context.sortBy.length !== 1) throw refusal(`${name} requires a non-compound sortBy`);
  if (!(argument instanceof Map)) throw refusal(`${name} expects an object`);
  for (const field of argument.keys()) if (field !== 'input' && field !== 'unit') throw refusal(`${name} got unexpected argument: ${field}`);
  const input = argument.get('input');
  if (input === undefined) throw refusal(`${name} requires an 'input' expression`);
  if (name === '$derivative' && bounds === undefined) throw refusal("$derivative requires explicit window bounds");
  const unit = argument.get('unit');
  if (unit !== undefined && typeof unit !== 'string') throw new DocumentError(5_490_710, `${name} 'unit' must be a string, but got ${typeNameOf(unit)}`);
  if (unit !== undefined && !isTimeUnit(unit)) throw refusal(`unknown time unit value: ${unit}`);
  if (unit !== undefined && unitMilliseconds[unit] === undefined) throw new DocumentError(5_490_704, "unit must be 'week' or smaller");
  return { evaluate: parseExpression(input, context.expressions).evaluate, unit: unit === undefined ? undefined : unitMilliseconds[unit]!, bounds: bounds ?? wholePartition };
}

/** A point of the curve: the place on the sort's axis, and the value. */
type Point = { readonly x: Numeric; readonly y: Numeric };

/** Throws DocumentError: 5624900 to 5624903, 5423902. */
function pointOf(name: string, position: Maybe, value: Maybe, unit: number | undefined): Point | undefined {
  if (isNullish(value)) return undefined;
  if (!isNumeric(value)) throw new DocumentError(name === '$derivative' ? 5_624_903 : 5_423_900, `${name} expects a number, but got ${typeNameOf(value)}`);
  if (position instanceof DateTime) {
    if (unit === undefined) throw new DocumentError(name === '$derivative' ? 5_624_901 : 5_423_901, `${name} where the sortBy is a Date requires a 'unit'`);
    return { x: Number(position.ms), y: value };
  }
  if (unit !== undefined) throw new DocumentError(name === '$derivative' ? 5_624_900 : 5_423_902, `${name} with 'unit' expects the sortBy field to be a Date`);
  if (!isNumeric(position)) throw new DocumentError(name === '$derivative' ? 5_624_902 : 5_423_902, `${name} expects the sortBy field to be numeric`);
  return { x: position, y: value };
}

const derivative: Parse = (specification, context) => {
  const { evaluate, unit, bounds } = parseSlope('$derivative', specification, context);
  return ({ scopes, positions }) => {
    const reach = reachOf(bounds, scopes.length, positions);
    return scopes.map((_, index) => {
      const { from, to } = reach(index);
      if (to - from < 1) return null;
      const first = pointOf('$derivative', positions[from], evaluate(scopes[from]!), unit);
      const last = pointOf('$derivative', positions[to - 1], evaluate(scopes[to - 1]!), unit);
      if (first === undefined || last === undefined) return null;
      const width = subtractNumbers(last.x, first.x);
      if (toDouble(width) === 0) return null;
      const slope = divideNumbers(subtractNumbers(last.y, first.y), width);
      return unit === undefined ? slope : multiplyNumbers(slope, unit);
    });
  };
};

const integral: Parse = (specification, context) => {
  const { evaluate, unit, bounds } = parseSlope('$integral', specification, context);
  return ({ scopes, positions }) => {
    const points = scopes.map((scope, index) => pointOf('$integral', positions[index], evaluate(scope), unit));
    const reach = reachOf(bounds, scopes.length, positions);
    return scopes.map((_, index) => {
      const { from, to } = reach(index);
      const within = points.slice(from, to).filter((point) => point !== undefined);
      if (within.length === 0) return null;
      let area: Numeric = int32(0);
      for (let at = 1; at < within.length; at += 1) {
        const [a, b] = [within[at - 1]!, within[at]!];
        area = addNumbers(area, divideNumbers(multiplyNumbers(addNumbers(a.y, b.y), subtractNumbers(b.x, a.x)), 2));
      }
      return unit === undefined ? area : divideNumbers(area, unit);
    });
  };
};

// $expMovingAvg

const expMovingAvg: Parse = (specification, { expressions, sortBy }) => {
  const argument = specification.get('$expMovingAvg');
  if (specification.size !== 1 || !(argument instanceof Map)) throw refusal('$expMovingAvg must have exactly one argument that is an object');
  const input = argument.get('input');
  if (argument.size !== 2 || input === undefined) throw refusal("$expMovingAvg sub object must have exactly two fields: An 'input' field, and either an 'N' field or an 'alpha' field");
  if (sortBy === undefined) throw refusal("$expMovingAvg requires an explicit 'sortBy'");
  const { evaluate } = parseExpression(input, expressions);
  const alpha = alphaOf(argument);
  return ({ scopes }) => {
    let average: Numeric | undefined;
    return scopes.map((scope) => {
      const value = evaluate(scope);
      if (isNumeric(value)) {
        // In decimals the weight is one too, so that nothing is rounded to a double.
        const weight = value instanceof Decimal128 || average instanceof Decimal128 ? (decimalFromString(String(alpha)) ?? alpha) : alpha;
        average = average === undefined ? value : addNumbers(multiplyNumbers(value, weight), multiplyNumbers(average, subtractNumbers(int32(1), weight)));
      }
      return average ?? null;
    });
  };
};

function alphaOf(argument: Document): number {
  const n = argument.get('N');
  if (n !== undefined) {
    if (!isNumeric(n)) throw refusal(`'N' field must be an integer, but found type ${typeNameOf(n)}`);
    if (!Number.isInteger(toDouble(n))) throw refusal(`'N' field must be an integer, but found  N: ${shellText(n)}. To use a non-integer, use the 'alpha' argument instead`);
    if (toDouble(n) <= 0) throw refusal(`'N' must be greater than zero. Got ${toDouble(n)}`);
    return 2 / (toDouble(n) + 1);
  }
  const alpha = argument.get('alpha');
  if (alpha === undefined) throw refusal("Got unrecognized field in $expMovingAvg$expMovingAvg sub object must have exactly two fields: An 'input' field, and either an 'N' field or an 'alpha' field");
  if (!isNumeric(alpha)) throw refusal("'alpha' must be a number");
  if (!(toDouble(alpha) > 0 && toDouble(alpha) < 1)) throw refusal(`'alpha' must be between 0 and 1 (exclusive), found alpha: ${shellText(alpha)}`);
  return toDouble(alpha);
}

// Covariances

function covariance(name: string, divisorOf: (count: number) => number): Parse {
  return (specification, context) => {
    const { argument, bounds = wholePartition } = readWindow(name, specification, context);
    const { evaluate } = parseExpression(argument, context.expressions);
    return ({ scopes, positions }) => {
      const pairs = scopes.map((scope) => pairOf(evaluate(scope)));
      const reach = reachOf(bounds, scopes.length, positions);
      return scopes.map((_, index) => {
        const { from, to } = reach(index);
        const within = pairs.slice(from, to).filter((pair) => pair !== undefined);
        const divisor = divisorOf(within.length);
        if (divisor <= 0) return null;
        return divideNumbers(sumOfProducts(within), divisor);
      });
    };
  };
}

type Pair = readonly [Numeric, Numeric];

/** Only arrays of two numbers count. */
function pairOf(value: Maybe): Pair | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [x, y] = value;
  return isNumeric(x) && isNumeric(y) ? [x, y] : undefined;
}

function sumOfProducts(pairs: readonly Pair[]): Numeric {
  const meanOf = (part: 0 | 1): Numeric => divideNumbers(pairs.reduce<Numeric>((sum, pair) => addNumbers(sum, pair[part]), int32(0)), pairs.length);
  const [meanX, meanY] = [meanOf(0), meanOf(1)];
  return pairs.reduce<Numeric>((sum, [x, y]) => addNumbers(sum, multiplyNumbers(subtractNumbers(x, meanX), subtractNumbers(y, meanY))), 0);
}

// Fills

const linearFill: Parse = (specification, context) => {
  const { argument, bounds } = readWindow('$linearFill', specification, context);
  if (bounds !== undefined) throw refusal("'window' field is not allowed in $linearFill");
  if (context.sortBy?.length !== 1) throw new DocumentError(605_001, '$linearFill must be specified with a top level sortBy expression with exactly one element');
  const { evaluate } = parseExpression(argument, context.expressions);
  return ({ scopes, positions }) => {
    const values = scopes.map((scope) => evaluate(scope));
    for (const [index, position] of positions.entries()) {
      if (!isNumeric(position) && !(position instanceof DateTime)) throw new DocumentError('TypeMismatch', 'Conflicting sort value types, must be numeric or date');
      if (index > 0 && compareValues(position, positions[index - 1]) === 0) throw new DocumentError(6_050_106, 'There can be no repeated values in the sort field');
    }
    return values.map((value, index) => (isNullish(value) ? interpolate(values, positions, index) : value)).map(assertFillable);
  };
};

function assertFillable(value: Maybe): Maybe {
  if (isNullish(value) || isNumeric(value)) return value ?? null;
  throw new DocumentError('TypeMismatch', 'Value to be filled must be numeric or nullish');
}

function interpolate(values: readonly Maybe[], positions: readonly Maybe[], index: number): Maybe {
  const before = values.findLastIndex((value, at) => at < index && !isNullish(value));
  const after = values.findIndex((value, at) => at > index && !isNullish(value));
  const [low, high] = [values[before], values[after]];
  if (before < 0 || after < 0 || !isNumeric(low) || !isNumeric(high)) return null;
  const x = axis(positions[index]);
  const [start, end] = [axis(positions[before]), axis(positions[after])];
  const slope = divideNumbers(subtractNumbers(high, low), subtractNumbers(end, start));
  return addNumbers(low, multiplyNumbers(slope, subtractNumbers(x, start)));
}

function axis(position: Maybe): Numeric {
  if (position instanceof DateTime) return Number(position.ms);
  return isNumeric(position) ? position : int32(0);
}

const locf: Parse = (specification, context) => {
  const { argument, bounds } = readWindow('$locf', specification, context);
  if (bounds !== undefined) throw refusal("'window' field is not allowed in $locf");
  const { evaluate } = parseExpression(argument, context.expressions);
  return ({ scopes }) => {
    let last: Maybe = null;
    return scopes.map((scope) => {
      const value = evaluate(scope);
      if (!isNullish(value)) last = value;
      return last;
    });
  };
};

/** By name, with the `$`. */
export const windowFunctions: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['$covariancePop', covariance('$covariancePop', (count) => count)],
  ['$covarianceSamp', covariance('$covarianceSamp', (count) => count - 1)],
  ['$denseRank', rank('$denseRank', ({ dense }) => dense)],
  ['$derivative', derivative],
  ['$documentNumber', rank('$documentNumber', ({ place }) => place)],
  ['$expMovingAvg', expMovingAvg],
  ['$integral', integral],
  ['$linearFill', linearFill],
  ['$locf', locf],
  ['$rank', rank('$rank', ({ rank: own }) => own)],
  ['$shift', shift],
]);

