// Decimals rounded to a fixed number of decimal places, with the trailing zeros that the places ask for.

import { decimalDigits, decimalNaN, packParts, partsOf, powerOfTen } from '../../../values/bson/decimal-parts.ts';
import type { Decimal128 } from '../../../values/bson/types.ts';

export type QuantizeRounding = 'half-even' | 'truncate' | 'ceiling' | 'floor';

/**
 * `decimal` with exactly `places` decimal places (negative: tens, hundreds, …): 1.5 to 3 places is 1.500. Where places
 * ask for more than 34 digits it keeps 34, but $ceil's and $floor's modes give NaN; so does an infinity.
 */
export function quantize(decimal: Decimal128, places: number, mode: QuantizeRounding): Decimal128 {
  const { kind, negative, coefficient, exponent } = partsOf(decimal);
  if (kind === 'nan') return decimal;
  if (kind === 'infinity') return decimalNaN;
  const shift = exponent + places;
  if (coefficient === 0n) return packParts(negative, 0n, -places);
  if (shift < 0) return packParts(negative, roundedQuotient(coefficient, -shift, negative, mode), -places);
  const spare = decimalDigits - String(coefficient).length;
  if (shift <= spare) return packParts(negative, coefficient * powerOfTen(shift), -places);
  return mode === 'ceiling' || mode === 'floor' ? decimalNaN : packParts(negative, coefficient * powerOfTen(spare), exponent - spare);
}

function roundedQuotient(coefficient: bigint, digits: number, negative: boolean, mode: QuantizeRounding): bigint {
  const unit = powerOfTen(digits);
  const quotient = coefficient / unit;
  const remainder = coefficient % unit;
  if (remainder === 0n) return quotient;
  return isRoundedUp(quotient, remainder * 2n, unit, negative, mode) ? quotient + 1n : quotient;
}

function isRoundedUp(quotient: bigint, twiceRemainder: bigint, unit: bigint, negative: boolean, mode: QuantizeRounding): boolean {
  switch (mode) {
    case 'truncate':
      return false;
    case 'ceiling':
      return !negative;
    case 'floor':
      return negative;
    case 'half-even':
      return twiceRemainder > unit || (twiceRemainder === unit && quotient % 2n === 1n);
  }
}
