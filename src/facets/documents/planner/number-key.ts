// Where a number stands among others in the keys of SQL, as facetdb.number_key tells it (store/exact-keys-migration.ts):
// doubles by their shortest digits, exact numbers between them by a hundredth of their distance from the next towards zero.

import { compareParts, partsOf, partsOfDouble, partsOfInteger, powerOfTen, type DecimalParts } from '../../../values/bson/decimal-parts.ts';
import { doubleBelow } from '../../../values/bson/order-key.ts';
import { Decimal128, Int32, type Numeric } from '../../../values/bson/types.ts';

/** JSON. NaN stands below all numbers, and so does null in jsonb; a text below them, and true above. */
export function numberKey(value: Numeric): string {
  if (typeof value === 'number') return doubleKey(value);
  if (value instanceof Int32) return String(value.value);
  const parts = value instanceof Decimal128 ? partsOf(value) : partsOfInteger(value);
  if (parts.kind === 'nan') return 'null';
  if (parts.kind === 'infinity') return doubleKey(parts.negative ? -Infinity : Infinity);
  return exactKey(parts);
}

function doubleKey(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (Number.isFinite(value)) return JSON.stringify(value);
  return value < 0 ? '""' : 'true';
}

function exactKey({ negative, coefficient, exponent }: DecimalParts): string {
  const magnitude: DecimalParts = { kind: 'finite', negative: false, coefficient, exponent };
  const nearest = Math.min(Number(`${coefficient}e${exponent}`), Number.MAX_VALUE);
  const below = compareParts(partsOfDouble(nearest), magnitude) > 0 ? doubleBelow(nearest) : nearest;
  const worth = partsOfDouble(below);
  if (compareParts(worth, magnitude) === 0) return JSON.stringify(negative ? -below : below);
  const digits = shortestParts(below);
  const unit = Math.min(digits.exponent, worth.exponent - 2, exponent - 2);
  const inUnits = (parts: DecimalParts, shift: number): bigint => parts.coefficient * powerOfTen(parts.exponent + shift - unit);
  return `${negative ? '-' : ''}${inUnits(digits, 0) + inUnits(magnitude, -2) - inUnits(worth, -2)}e${unit}`;
}

/** The digits by which a double is written. */
function shortestParts(value: number): DecimalParts {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { kind: 'finite', negative: false, coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
