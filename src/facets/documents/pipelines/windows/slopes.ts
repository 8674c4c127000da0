// $derivative and $integral: over numbers, or over time in a unit.

import { isNaNDecimal } from '../../../../values/bson/decimal.ts';
import { DateTime, Decimal128, isNumeric, typeNameOf, type Document, type Maybe, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isNullish, toDouble } from '../../expressions/coercions.ts';
import { isTimeUnit, type TimeUnit } from '../../expressions/dates/date-arithmetic.ts';
import type { Evaluate, ParseContext } from '../../expressions/expression.ts';
import { newSum } from '../../expressions/numeric-folds.ts';
import { add, divide, multiply, subtract } from '../../expressions/operators/arithmetic.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { overWindows } from './over-windows.ts';
import { type Reach, type WindowBounds, reachOf, wholePartition } from './window-bounds.ts';
import { type ParseWindowFunction, type Partition, type WindowContext, readWindow, refusal } from './window-function.ts';

/** Longer units are not always of one length. */
const unitMilliseconds: Readonly<Partial<Record<TimeUnit, bigint>>> = { week: 604_800_000n, day: 86_400_000n, hour: 3_600_000n, minute: 60_000n, second: 1_000n, millisecond: 1n };

type Slope = { readonly evaluate: Evaluate; /** In milliseconds. */ readonly unit: bigint | undefined };

function readSlope(name: '$derivative' | '$integral', specification: Document, context: WindowContext): { readonly slope: Slope; readonly bounds: WindowBounds | undefined } {
  if (context.sortBy === undefined) throw refusal(`${name} requires a sortBy`);
  if (context.sortBy.length !== 1) throw refusal(`${name} requires a non-compound sortBy`);
  const { argument, bounds } = readWindow(name, specification, context, (value) => value);
  if (!(argument instanceof Map)) throw refusal(`${name} expects an object, but got a ${typeNameOf(argument)}: ${shellText(argument)}`);
  return { slope: parseSlope(name, argument, context.expressions), bounds };
}

function parseSlope(name: string, argument: Document, context: ParseContext): Slope {
  let evaluate: Evaluate | undefined;
  let unit: bigint | undefined;
  for (const [field, value] of argument) {
    if (field === 'input') evaluate = parseExpression(value, context).evaluate;
    else if (field === 'unit') unit = parseUnit(value);
    else throw refusal(`${name} got unexpected argument: ${field}`);
  }
  if (evaluate === undefined) throw refusal(`${name} requires an 'input' expression`);
  return { evaluate, unit };
}

/** Throws DocumentError: FailedToParse, 5490710 for a month and what is longer. */
function parseUnit(value: Value): bigint {
  if (typeof value !== 'string') throw refusal(`unit' must be a string, but got ${typeNameOf(value)}`);
  if (!isTimeUnit(value)) throw refusal(`unknown time unit value: ${value}`);
  const unit = unitMilliseconds[value];
  if (unit === undefined) throw new DocumentError(5_490_710, "unit must be 'week' or smaller");
  return unit;
}

// $derivative

export const derivative: ParseWindowFunction = (specification, context) => {
  const { slope, bounds } = readSlope('$derivative', specification, context);
  if (bounds === undefined) throw refusal('$derivative requires explicit window bounds');
  return {
    input: slope.evaluate,
    *results(partition) {
      const reach = reachOf(bounds, partition.count, partition.positions);
      for (let index = 0; index < partition.count; index += 1) yield slopeOf(partition, reach(index), slope.unit);
    },
  };
};

/** Throws DocumentError: 5624903, and those of `runBetween`. */
function slopeOf({ positions, inputAt }: Partition, { from, to }: Reach, unit: bigint | undefined): Maybe {
  if (to <= from) return null;
  const run = runBetween(positions[from], positions[to - 1], unit);
  const rise = subtract(inputAt(to - 1), inputAt(from));
  if (isNullish(rise)) throw new DocumentError(5_624_903, '$derivative input must not be null or missing');
  // A window of one document, as the first one's often is, has no slope.
  if (isNumeric(rise) && isNumeric(run) && toDouble(run) === 0) return null;
  const result = divide(rise, run);
  return unit === undefined ? result : multiply(result, unit);
}

/** Throws DocumentError: 5624900, 5624901, 5624902. */
function runBetween(left: Maybe, right: Maybe, unit: bigint | undefined): Maybe {
  const areDates = left instanceof DateTime && right instanceof DateTime;
  if (unit !== undefined && !areDates) throw new DocumentError(5_624_900, "$derivative with 'unit' expects the sortBy field to be a Date");
  if (unit === undefined) {
    if (left instanceof DateTime || right instanceof DateTime) throw new DocumentError(5_624_901, "$derivative where the sortBy is a Date requires an 'unit'");
    if (!isNumeric(left) || !isNumeric(right)) throw new DocumentError(5_624_902, "$derivative (with no 'unit') expects the sortBy field to be numeric");
  }
  return subtract(right, left);
}

// $integral, by the trapezoidal rule

/** A point of the curve: the place on the sort's axis, and the value. */
type Point = { readonly x: Numeric | DateTime; readonly y: Numeric };

export const integral: ParseWindowFunction = (specification, context) => {
  const { slope, bounds = wholePartition } = readSlope('$integral', specification, context);
  return {
    input: slope.evaluate,
    results: (partition) =>
      overWindows(bounds, partition, {
        inputAt: (index) => pointOf(partition.positions[index], partition.inputAt(index), slope.unit),
        newState: () => new Area(slope.unit),
      }),
  };
};

/** Throws DocumentError: 5423900, 5423901, 5423902. */
function pointOf(x: Maybe, y: Maybe, unit: bigint | undefined): Point {
  if (!isNumeric(y) || !(isNumeric(x) || x instanceof DateTime)) {
    throw new DocumentError(5_423_900, 'The input value of $integral window function must be a vector of 2 value, the first value must be numeric or date type and the second must be numeric.');
  }
  if (unit !== undefined && isNumeric(x)) throw new DocumentError(5_423_901, "$integral with 'outputUnit' expects the sortBy field to be a Date");
  if (unit === undefined && x instanceof DateTime) throw new DocumentError(5_423_902, "$integral (with no 'outputUnit') expects the sortBy field to be numeric");
  return { x, y };
}

class Area {
  private readonly sum = newSum();
  private readonly unit: bigint | undefined;
  private last: Point | undefined;
  private hasNaN = false;

  constructor(unit: bigint | undefined) {
    this.unit = unit;
  }

  add(point: Point): void {
    if (isNaNPoint(point)) this.hasNaN = true;
    else if (this.last !== undefined && !isNaNPoint(this.last)) this.sum.add(areaBetween(this.last, point));
    this.last = point;
  }

  result(): Maybe {
    if (this.last === undefined) return null;
    if (this.hasNaN) return Number.NaN;
    return this.unit === undefined ? this.sum.result() : divide(this.sum.result(), this.unit);
  }
}

function isNaNPoint({ x, y }: Point): boolean {
  return isNaNValue(y) || (isNumeric(x) && isNaNValue(x));
}

function isNaNValue(value: Numeric): boolean {
  return value instanceof Decimal128 ? isNaNDecimal(value) : Number.isNaN(value);
}

function areaBetween(a: Point, b: Point): Maybe {
  return divide(multiply(add(b.y, a.y), subtract(b.x, a.x)), 2);
}
