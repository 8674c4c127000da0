// $covariancePop and $covarianceSamp, by Welford's algorithm on pairs.

import { decimalFromDouble, isInfiniteDecimal, isNaNDecimal } from '../../../../values/bson/decimal.ts';
import { Decimal128, int32, isNumeric, type Maybe, type Numeric } from '../../../../values/bson/types.ts';
import { toDouble } from '../../expressions/coercions.ts';
import { newSum } from '../../expressions/numeric-folds.ts';
import { divide, multiply, subtract } from '../../expressions/operators/arithmetic.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { type SlidingState, overWindows } from './over-windows.ts';
import { wholePartition } from './window-bounds.ts';
import { type ParseWindowFunction, readWindow } from './window-function.ts';

type Kind = 'population' | 'sample';

function covarianceFunction(name: string, kind: Kind): ParseWindowFunction {
  return (specification, context) => {
    const { argument, bounds = wholePartition } = readWindow(name, specification, context, (value) => parseExpression(value, context.expressions));
    return {
      input: argument.evaluate,
      results: (partition) =>
        overWindows(bounds, partition, {
          inputAt: (index) => pairOf(partition.inputAt(index)),
          newState: () => new Covariance(kind),
          newSlidingState: () => new Covariance(kind),
        }),
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

class Covariance implements SlidingState<Pair | undefined> {
  private readonly kind: Kind;
  private xs = newSum();
  private ys = newSum();
  private products = newSum();
  private count = 0;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  add(pair: Pair | undefined): void {
    if (pair === undefined) return;
    if (!pair.every(isFinite)) {
      this.products.add(nonFinite(pair));
      return;
    }
    const [x, y] = pair;
    const deltaX = this.count === 0 ? null : subtract(x, divide(this.xs.result(), this.count));
    this.count += 1;
    this.xs.add(x);
    this.ys.add(y);
    // The first pair's product is null, which adds nothing.
    this.products.add(multiply(deltaX, subtract(y, divide(this.ys.result(), this.count))));
  }

  remove(pair: Pair | undefined): void {
    if (pair === undefined) return;
    if (!pair.every(isFinite)) {
      this.products.add(multiply(nonFinite(pair), int32(-1)));
      return;
    }
    if (this.count === 1) {
      this.count = 0;
      [this.xs, this.ys, this.products] = [newSum(), newSum(), newSum()];
      return;
    }
    const [x, y] = pair;
    this.xs.add(multiply(x, int32(-1)));
    const deltaX = subtract(x, divide(this.xs.result(), this.count - 1));
    const deltaY = subtract(y, divide(this.ys.result(), this.count));
    this.count -= 1;
    this.products.add(multiply(multiply(deltaX, deltaY), int32(-1)));
    this.ys.add(multiply(y, int32(-1)));
  }

  result(): Maybe {
    if (this.kind === 'population' && this.count === 1) return 0;
    const divisor = this.kind === 'sample' ? this.count - 1 : this.count;
    if (divisor <= 0) return null;
    return divide(this.products.result(), divisor);
  }
}

function isFinite(value: Numeric): boolean {
  return value instanceof Decimal128 ? !isNaNDecimal(value) && !isInfiniteDecimal(value) : Number.isFinite(toDouble(value));
}

/** What a pair with an infinity or NaN makes of the sum: NaN where there is one, or where infinities have two signs. */
function nonFinite(pair: Pair): Numeric {
  const doubles = pair.map(toDouble).filter((value) => !Number.isFinite(value));
  const isNaN = doubles.some(Number.isNaN) || new Set(doubles).size > 1;
  const result = isNaN ? Number.NaN : doubles[0]!;
  return pair.some((value) => value instanceof Decimal128) ? decimalFromDouble(result) : result;
}

export const covariancePop = covarianceFunction('$covariancePop', 'population');
export const covarianceSamp = covarianceFunction('$covarianceSamp', 'sample');
