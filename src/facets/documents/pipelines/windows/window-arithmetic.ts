// The arithmetic of window functions: in decimals where one of the operands is a decimal, else in doubles.

import { addDecimal, divideDecimal, multiplyDecimal, subtractDecimal } from '../../../../values/bson/decimal.ts';
import { Decimal128, Int32, type Numeric } from '../../../../values/bson/types.ts';
import { intOrLong, toBigInt, toDecimal, toDouble } from '../../expressions/coercions.ts';
import { fitsLong } from '../../expressions/integer-limits.ts';

/** As `$add`: whole numbers stay whole. */
export function addNumbers(a: Numeric, b: Numeric): Numeric {
  if ((a instanceof Int32 || typeof a === 'bigint') && (b instanceof Int32 || typeof b === 'bigint')) {
    const sum = toBigInt(a) + toBigInt(b);
    if (fitsLong(sum)) return typeof a === 'bigint' || typeof b === 'bigint' ? sum : intOrLong(sum);
  }
  return combine(a, b, addDecimal, (x, y) => x + y);
}

export function subtractNumbers(a: Numeric, b: Numeric): Numeric {
  return combine(a, b, subtractDecimal, (x, y) => x - y);
}

export function multiplyNumbers(a: Numeric, b: Numeric): Numeric {
  return combine(a, b, multiplyDecimal, (x, y) => x * y);
}

export function divideNumbers(a: Numeric, b: Numeric): Numeric {
  return combine(a, b, divideDecimal, (x, y) => x / y);
}

function combine(a: Numeric, b: Numeric, decimals: (a: Decimal128, b: Decimal128) => Decimal128, doubles: (a: number, b: number) => number): Numeric {
  if (a instanceof Decimal128 || b instanceof Decimal128) return decimals(toDecimal(a), toDecimal(b));
  return doubles(toDouble(a), toDouble(b));
}
