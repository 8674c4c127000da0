// Trigonometric and hyperbolic functions and their inverses, in radians. Of a decimal they are decimals, else doubles.
// Source: MongoDB's manual, and its server for the codes.

import { compareNumbers } from '../../../../values/bson/compare.ts';
import { acosDecimal, asinDecimal, atan2Decimal, atanDecimal, cosDecimal, sinDecimal, tanDecimal } from '../../../../values/bson/decimal-angles.ts';
import { acoshDecimal, asinhDecimal, atanhDecimal, coshDecimal, sinhDecimal, tanhDecimal } from '../../../../values/bson/decimal-exponentials.ts';
import { decimalFromString, decimalToString, isNaNDecimal, multiplyDecimal } from '../../../../values/bson/decimal.ts';
import * as double from '../../../../values/bson/double-functions.ts';
import type { Maybe, Numeric, Value } from '../../../../values/bson/types.ts';
import { Decimal128, isNumeric } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { doubleText, isNullish, toDecimal, toDouble, typeNameOfMaybe } from '../coercions.ts';
import type { Operator, PlainOperator } from '../expression.ts';
import { onNumber } from './arithmetic.ts';

type Bounds = { readonly lower: number; readonly upper: number; readonly isInclusive: boolean };

type TrigonometricFunction = {
  readonly name: string;
  readonly ofDouble: (value: number) => number;
  readonly ofDecimal: (value: Decimal128) => Decimal128;
  readonly bounds?: Bounds;
  /** What it gives for 1, or the error. */
  readonly ofOne: string | number;
};

const finite: Bounds = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY, isInclusive: false };
const unit: Bounds = { lower: -1, upper: 1, isInclusive: true };

const functions: readonly TrigonometricFunction[] = [
  { name: '$sin', ofDouble: double.sin, ofDecimal: sinDecimal, bounds: finite, ofOne: '0.8414709848078965' },
  { name: '$cos', ofDouble: double.cos, ofDecimal: cosDecimal, bounds: finite, ofOne: '0.5403023058681398' },
  { name: '$tan', ofDouble: double.tan, ofDecimal: tanDecimal, bounds: finite, ofOne: '1.5574077246549023' },
  { name: '$asin', ofDouble: double.asin, ofDecimal: asinDecimal, bounds: unit, ofOne: '1.5707963267948966' },
  { name: '$acos', ofDouble: double.acos, ofDecimal: acosDecimal, bounds: unit, ofOne: '{"$numberDouble": "0.0"}' },
  { name: '$atan', ofDouble: double.atan, ofDecimal: atanDecimal, ofOne: '0.7853981633974483' },
  { name: '$sinh', ofDouble: double.sinh, ofDecimal: sinhDecimal, ofOne: '1.1752011936438014' },
  { name: '$cosh', ofDouble: double.cosh, ofDecimal: coshDecimal, ofOne: '1.5430806348152437' },
  { name: '$tanh', ofDouble: double.tanh, ofDecimal: tanhDecimal, ofOne: '0.7615941559557649' },
  { name: '$asinh', ofDouble: double.asinh, ofDecimal: asinhDecimal, ofOne: '0.881373587019543' },
  { name: '$acosh', ofDouble: double.acosh, ofDecimal: acoshDecimal, bounds: { lower: 1, upper: Number.POSITIVE_INFINITY, isInclusive: true }, ofOne: '{"$numberDouble": "0.0"}' },
  { name: '$atanh', ofDouble: double.atanh, ofDecimal: atanhDecimal, bounds: unit, ofOne: '{"$numberDouble": "Infinity"}' },
];

/** Throws DocumentError: 28765, 50989. */
function trigonometric({ name, ofDouble, ofDecimal, bounds, ofOne }: TrigonometricFunction): PlainOperator {
  const apply = (value: Numeric): Value => {
    if (bounds) {
      if (isNaNNumber(value)) return value;
      assertWithin(name, value, bounds);
    }
    return value instanceof Decimal128 ? ofDecimal(value) : ofDouble(toDouble(value));
  };
  return {
    name,
    arguments: 1,
    evaluate: onNumber(name, apply),
    examples: [
      { expression: `{"${name}": 1}`, ...(typeof ofOne === 'string' ? { result: ofOne } : { error: ofOne }) },
      { expression: `{"${name}": "x"}`, error: 28765 },
    ],
  };
}

function isNaNNumber(value: Numeric): boolean {
  return value instanceof Decimal128 ? isNaNDecimal(value) : Number.isNaN(value);
}

function assertWithin(name: string, value: Numeric, { lower, upper, isInclusive }: Bounds): void {
  // Compared exactly: the largest decimals are finite, though they are beyond every double.
  const above = compareNumbers(value, lower);
  const below = compareNumbers(upper, value);
  if (isInclusive ? above >= 0 && below >= 0 : above > 0 && below > 0) return;
  const text = value instanceof Decimal128 ? decimalToString(value) : doubleText(toDouble(value));
  const [open, close] = isInclusive ? ['[', ']'] : ['(', ')'];
  throw new DocumentError(50989, `cannot apply ${name} to ${text}, value must in ${open}${doubleText(lower)},${doubleText(upper)}${close}`);
}

/** Throws DocumentError: 51044, 51045. */
function atan2(y: Maybe, x: Maybe): Maybe {
  if (isNullish(y)) return null;
  if (!isNumeric(y)) throw new DocumentError(51044, `$atan2 only supports numeric types, not ${typeNameOfMaybe(y)}`);
  if (isNullish(x)) return null;
  if (!isNumeric(x)) throw new DocumentError(51045, `$atan2 only supports numeric types, not ${typeNameOfMaybe(x)}`);
  if (y instanceof Decimal128 || x instanceof Decimal128) return atan2Decimal(toDecimal(y), toDecimal(x));
  return double.atan2(toDouble(y), toDouble(x));
}

const decimalRadiansPerDegree = decimalFromString('0.01745329251994329576923690768488613')!;
const decimalDegreesPerRadian = decimalFromString('57.29577951308232087679815481410517')!;

/** Both factors as they are, since one is not exactly the other's inverse. */
function scaling(name: string, ofDouble: number, ofDecimal: Decimal128): PlainOperator['evaluate'] {
  return onNumber(name, (value) => (value instanceof Decimal128 ? multiplyDecimal(value, ofDecimal) : toDouble(value) * ofDouble));
}

export const trigonometryOperators: readonly Operator[] = [
  ...functions.map(trigonometric),
  {
    name: '$atan2',
    arguments: 2,
    evaluate: atan2,
    examples: [
      { expression: '{"$atan2": [1, 1]}', result: '0.7853981633974483' },
      { expression: '{"$atan2": [1, "x"]}', error: 51045 },
    ],
  },
  {
    name: '$degreesToRadians',
    arguments: 1,
    evaluate: scaling('$degreesToRadians', Math.PI / 180, decimalRadiansPerDegree),
    examples: [{ expression: '{"$degreesToRadians": 180}', result: '3.141592653589793' }],
  },
  {
    name: '$radiansToDegrees',
    arguments: 1,
    evaluate: scaling('$radiansToDegrees', 180 / Math.PI, decimalDegreesPerRadian),
    examples: [{ expression: '{"$radiansToDegrees": 3.141592653589793}', result: '{"$numberDouble": "180.0"}' }],
  },
];
