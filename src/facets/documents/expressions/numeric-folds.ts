// Sums, averages and deviations over any number of values, one value at a time: the cores of the operators and of the
// accumulators of the same names. What is no number is passed over.

import { addDecimal, decimalFromDouble, decimalFromInteger, divideDecimal } from '../../../values/bson/decimal.ts';
import type { Decimal128, Maybe, Value } from '../../../values/bson/types.ts';
import { Int32, isNumeric } from '../../../values/bson/types.ts';
import { intOrLong, toDouble } from './coercions.ts';
import { fitsLong } from './integer-limits.ts';

/** Takes values one at a time. */
export type Fold = {
  readonly add: (value: Maybe) => void;
  /** Of the values so far; more may be added afterwards. */
  readonly result: () => Value;
};

const decimalPlaces = 34;

/** An exact sum of doubles as the unevaluated sum of two: the nearest double and the rest. About 106 bits, so whole numbers of 64 bits stay exact. */
export class DoubleSum {
  #sum = 0;
  #rest = 0;
  /** The plain sum, as infinities turn the compensated one into NaN. */
  #plain = 0;

  addDouble(value: number): void {
    this.#plain += value;
    const head = value + this.#rest;
    const tail = this.#rest - (head - value);
    const sum = this.#sum + head;
    const shareOfSum = sum - head;
    const lost = this.#sum - shareOfSum + (head - (sum - shareOfSum));
    this.#sum = sum;
    this.#rest = tail + lost;
  }

  addLong(value: bigint): void {
    const low = BigInt.asIntN(32, value);
    this.addDouble(Number(low));
    this.addDouble(Number(value - low));
  }

  /** The nearest double. */
  toDouble(): number {
    return Number.isNaN(this.#sum) ? this.#plain : this.#sum;
  }

  /** Of whole numbers only; nothing once it is infinite or NaN. */
  toInteger(): bigint | undefined {
    if (!Number.isFinite(this.#sum)) return undefined;
    return BigInt(this.#sum) + BigInt(this.#rest);
  }

  toDecimal(): Decimal128 {
    if (!Number.isFinite(this.#sum)) return decimalFromDouble(this.#plain, decimalPlaces);
    return addDecimal(decimalFromDouble(this.#sum, decimalPlaces), decimalFromDouble(this.#rest, decimalPlaces));
  }
}

/** The types of numbers from the narrowest to the widest. */
const widths = { int: 0, long: 1, double: 2, decimal: 3 } as const;

/** Numbers of all four types, summed with nothing lost until the result; decimals apart from the others. */
class MixedSum {
  #binary = new DoubleSum();
  #decimal: Decimal128 | undefined;
  #width: number = widths.int;
  #count = 0;

  add(value: Maybe): void {
    if (!isNumeric(value)) return;
    this.#count++;
    if (value instanceof Int32) this.#binary.addDouble(value.value);
    else if (typeof value === 'number') this.#addDouble(value);
    else if (typeof value === 'bigint') this.#addLong(value);
    else this.#addDecimal(value);
  }

  #addDouble(value: number): void {
    this.#binary.addDouble(value);
    this.#width = Math.max(this.#width, widths.double);
  }

  #addLong(value: bigint): void {
    this.#binary.addLong(value);
    this.#width = Math.max(this.#width, widths.long);
  }

  #addDecimal(value: Decimal128): void {
    this.#decimal = addDecimal(this.#decimal ?? decimalFromInteger(0n), value);
    this.#width = widths.decimal;
  }

  /** In the widest type that was added; integers that outgrow 64 bits are a double. */
  total(): Value {
    if (this.#decimal) return addDecimal(this.#decimal, this.#binary.toDecimal());
    if (this.#width === widths.double) return this.#binary.toDouble();
    const whole = this.#binary.toInteger();
    if (whole === undefined || !fitsLong(whole)) return this.#binary.toDouble();
    return this.#width === widths.long ? whole : intOrLong(whole);
  }

  mean(): Value {
    if (this.#count === 0) return null;
    if (!this.#decimal) return this.#binary.toDouble() / this.#count;
    return divideDecimal(addDecimal(this.#decimal, this.#binary.toDecimal()), decimalFromInteger(BigInt(this.#count)));
  }
}

/** The sum, an int 0 of nothing. */
export function newSum(): Fold {
  const sum = new MixedSum();
  return { add: (value) => sum.add(value), result: () => sum.total() };
}

/** The mean as a double or decimal, null of nothing. */
export function newAverage(): Fold {
  const sum = new MixedSum();
  return { add: (value) => sum.add(value), result: () => sum.mean() };
}

/** The standard deviation, a double, by Welford's algorithm: of a whole population, or of a sample (null below two values). */
export function newDeviation(of: 'population' | 'sample'): Fold {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      if (!isNumeric(value)) return;
      const number = toDouble(value);
      count++;
      const distance = number - mean;
      if (distance === 0) return;
      mean += distance / count;
      squares += distance * (number - mean);
    },
    result: () => {
      const degrees = of === 'sample' ? count - 1 : count;
      return degrees <= 0 ? null : Math.sqrt(squares / degrees);
    },
  };
}
