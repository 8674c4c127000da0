// $covariancePop and $covarianceSamp, by Welford's algorithm on pairs.

import { isInfiniteDecimal, isNaNDecimal } from '../../../../values/bson/decimal.ts';
import { Decimal128, isNumeric, type Maybe, type Numeric } from '../../../../values/bson/types.ts';
import { decimalFromDouble } from '../../../../values/bson/decimal.ts';
import { toDouble } from '../../expressions/coercions.ts';
import { newAverage, newSum } from '../../expressions/numeric-folds.ts';
import { divide, multiply, subtract } from '../../expressions/operators/arithmetic.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { overWindows } from './over-windows.ts';
import { reachOf, wholePartition } from './window-bounds.ts';
import { type ParseWindowFunction, readWindow } from './window-function.ts';

type Kind = 'population' | 'sample';

function covarianceFunction(name: string, kind: Kind): ParseWindowFunction {
  return (specification, context) => {
    const { argument, bounds = wholePartition } = readWindow(name, specification, context, (value) => parseExpression(value, context.expressions));
    return ({ scopes, positions }) =>
      overWindows(reachOf(bounds, scopes.length, positions), scopes.length, {
        inputAt: (index) => pairOf(argument.evaluate(scopes[index]!)),
        newState: () => new Covariance(kind),
      });
  };
}

type Pair = readonly [Numeric, Numeric];

/** Only arrays of two numbers count. */
function pairOf(value: Maybe): Pair | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [x, y] = value;
  return isNumeric(x) && isNumeric(y) ? [x, y] : undefined;
}

class Covariance {
  private readonly kind: Kind;
  private readonly meanX = newAverage();
  private readonly meanY = newAverage();
  private readonly products = newSum();
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
    this.count += 1;
    // Before the first pair the mean is null, and so is the product, which adds nothing.
    const deltaX = subtract(x, this.meanX.result());
    this.meanX.add(x);
    this.meanY.add(y);
    this.products.add(multiply(deltaX, subtract(y, this.meanY.result())));
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
