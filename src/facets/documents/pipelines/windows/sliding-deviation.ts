// $stdDevPop and $stdDevSamp over windows whose lower end moves: from the differences of each value to the sum of those
// before, which can be taken back. Over other windows they are the accumulators.

import { int32, isNumeric, type Maybe, type Value } from '../../../../values/bson/types.ts';
import { toDouble } from '../../expressions/coercions.ts';
import { DoubleSum } from '../../expressions/numeric-folds.ts';
import type { SlidingState } from './over-windows.ts';

export class SlidingDeviation implements SlidingState<Maybe> {
  private readonly isSample: boolean;
  private sum = new DoubleSum();
  private squares = new DoubleSum();
  private count = 0;
  private nonFinite = 0;

  constructor(of: 'population' | 'sample') {
    this.isSample = of === 'sample';
  }

  add(input: Maybe): void {
    this.update(input, 1);
  }

  remove(input: Maybe): void {
    this.update(input, -1);
  }

  private update(input: Maybe, quantity: 1 | -1): void {
    if (!isNumeric(input)) return;
    const value = toDouble(input);
    if (!Number.isFinite(value)) {
      this.nonFinite += quantity;
      this.count += quantity;
    } else if (this.count === 0) {
      this.count = 1;
      this.sum.addDouble(value);
    } else if (this.count + quantity === 0) {
      this.sum = new DoubleSum();
      this.squares = new DoubleSum();
      this.count = 0;
      this.nonFinite = 0;
    } else {
      const difference = this.count * value - this.sum.toDouble();
      this.count += quantity;
      this.sum.addDouble(value * quantity);
      this.squares.addDouble((difference * difference * quantity) / (this.count * (this.count - quantity)));
    }
  }

  /** An int where it is 0 by definition or by rounding, as in MongoDB. */
  result(): Value {
    if (this.nonFinite > 0) return Number.NaN;
    const degrees = this.isSample ? this.count - 1 : this.count;
    if (degrees <= 0) return null;
    const squares = this.squares.toDouble();
    if (squares < 0 || (!this.isSample && this.count === 1)) {
      this.squares = new DoubleSum();
      return int32(0);
    }
    return Math.sqrt(squares / degrees);
  }
}
