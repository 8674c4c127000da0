// $add, $subtract, $multiply, $divide, $mod, $abs, $ceil, $floor, $round, $trunc, $sqrt, $pow and the logarithms.
// The result has the widest type of the operands; ints grow to longs, longs to doubles, where a result does not fit.
// Source: MongoDB's manual, and its server for the codes.

import { expDecimal, lnDecimal, log10Decimal, log2Decimal, powDecimal } from '../../../../values/bson/decimal-exponentials.ts';
import {
  absDecimal, addDecimal, compareDecimal, decimalFromDouble, decimalFromInteger, decimalToDouble, divideDecimal, isInfiniteDecimal, isNaNDecimal,
  isNegativeDecimal, isZeroDecimal, multiplyDecimal, remainderDecimal, sqrtDecimal, subtractDecimal,
} from '../../../../values/bson/decimal.ts';
import { exp, log, log10, pow } from '../../../../values/bson/double-functions.ts';
import type { Maybe, Numeric, Value } from '../../../../values/bson/types.ts';
import { DateTime, Decimal128, Int32, int32, isNumeric } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import {
  coerceToLong, doubleText, intOrLong, isInt32Integral, isNullish, toBigInt, toDecimal, toDouble, typeNameOfMaybe,
} from '../coercions.ts';
import type { ExpressionExample, Operator, PlainOperator } from '../expression.ts';
import { fitsLong, maxInt, minLong, twoTo63 } from '../integer-limits.ts';
import type { QuantizeRounding } from '../quantize.ts';
import { quantize } from '../quantize.ts';

const any = { min: 0, max: Number.POSITIVE_INFINITY } as const;

// ---- $add

/** Numbers and at most one date. Throws DocumentError: TypeMismatch, 16612, Overflow. */
export function add(...operands: Maybe[]): Maybe {
  const sum = new Sum();
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    sum.add(operand);
  }
  return sum.result();
}

class Sum {
  private total: number | bigint | Decimal128 = 0n;
  private isInt = true;
  private isDate = false;

  add(operand: Value): void {
    if (operand instanceof Int32) return this.addNumber(BigInt(operand.value));
    if (operand instanceof DateTime) {
      if (this.isDate) throw new DocumentError(16612, 'only one date allowed in an $add expression');
      this.isDate = true;
      return this.addNumber(operand.ms);
    }
    if (!isNumeric(operand)) throw new DocumentError('TypeMismatch', `$add only supports numeric or date types, not ${typeNameOfMaybe(operand)}`);
    if (typeof operand === 'bigint') this.isInt = false;
    this.addNumber(operand);
  }

  private addNumber(number: number | bigint | Decimal128): void {
    const { total } = this;
    if (number instanceof Decimal128 || total instanceof Decimal128) {
      this.total = addDecimal(typeof total === 'number' ? decimalFromDouble(total, 34) : toDecimal(total), toDecimal(number));
    } else if (typeof total === 'bigint' && typeof number === 'bigint') {
      const exact = total + number;
      this.total = fitsLong(exact) ? exact : Number(total) + Number(number);
    } else {
      this.total = Number(total) + Number(number);
    }
  }

  result(): Value {
    const { total } = this;
    if (this.isDate) return new DateTime(dateTotal(total));
    if (typeof total !== 'bigint') return total;
    return this.isInt ? intOrLong(total) : total;
  }
}

function dateTotal(total: number | bigint | Decimal128): bigint {
  if (typeof total === 'bigint') return total;
  if (total instanceof Decimal128) return coerceToLong(total);
  if (total >= -twoTo63 && total < twoTo63) return roundedAway(total);
  throw new DocumentError('Overflow', 'date overflow in $add');
}

/** Half away from zero. */
function roundedAway(value: number): bigint {
  const whole = Math.trunc(value);
  return BigInt(Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole);
}

// ---- $subtract, $multiply, $divide, $mod

/** Numbers, a date less a date (a long of milliseconds), or a date less a number of milliseconds. */
export function subtract(left: Maybe, right: Maybe): Maybe {
  if (isNumeric(left) && isNumeric(right)) return subtractNumbers(left, right);
  if (isNullish(left) || isNullish(right)) return null;
  if (!(left instanceof DateTime)) throw new DocumentError('TypeMismatch', `can't $subtract ${typeNameOfMaybe(right)} from ${typeNameOfMaybe(left)}`);
  if (right instanceof DateTime) return withinDuration(left.ms - right.ms);
  if (!isNumeric(right)) throw new DocumentError('TypeMismatch', `can't $subtract ${typeNameOfMaybe(right)} from Date`);
  return new DateTime(withinDuration(left.ms - coerceToLong(right)));
}

function withinDuration(milliseconds: bigint): bigint {
  if (!fitsLong(milliseconds)) throw new DocumentError('DurationOverflow', 'Overflow while subtracting');
  return milliseconds;
}

function subtractNumbers(left: Numeric, right: Numeric): Value {
  if (left instanceof Decimal128 || right instanceof Decimal128) return subtractDecimal(toDecimal(left), toDecimal(right));
  if (typeof left === 'number' || typeof right === 'number') return toDouble(left) - toDouble(right);
  const difference = toBigInt(left) - toBigInt(right);
  if (left instanceof Int32 && right instanceof Int32) return intOrLong(difference);
  return fitsLong(difference) ? difference : toDouble(left) - toDouble(right);
}

/** Throws DocumentError: TypeMismatch. */
export function multiply(...operands: Maybe[]): Maybe {
  const product = new Product();
  for (const operand of operands) {
    if (isNullish(operand)) return null;
    if (!isNumeric(operand)) throw new DocumentError('TypeMismatch', `$multiply only supports numeric types, not ${typeNameOfMaybe(operand)}`);
    product.multiply(operand);
  }
  return product.result();
}

/** Keeps the exact product as long as it fits 64 bits, and that of doubles beside it for when it no longer does. */
class Product {
  private exact: bigint | undefined = 1n;
  private double = 1;
  private decimal: Decimal128 | undefined;
  private isInt = true;

  multiply(factor: Numeric): void {
    if (this.decimal || factor instanceof Decimal128) {
      this.decimal = multiplyDecimal(this.decimal ?? toDecimal(this.exact ?? this.double), toDecimal(factor));
      return;
    }
    this.double *= toDouble(factor);
    if (typeof factor === 'bigint') this.isInt = false;
    const exact = this.exact === undefined || typeof factor === 'number' ? undefined : this.exact * toBigInt(factor);
    this.exact = exact === undefined || !fitsLong(exact) ? undefined : exact;
  }

  result(): Value {
    if (this.decimal) return this.decimal;
    if (this.exact === undefined) return this.double;
    return this.isInt ? intOrLong(this.exact) : this.exact;
  }
}

/** Always a double, or a decimal if one is. Throws DocumentError: BadValue, TypeMismatch. */
export function divide(left: Maybe, right: Maybe): Maybe {
  if (isNumeric(left) && isNumeric(right)) return divideNumbers(left, right);
  if (isNullish(left) || isNullish(right)) return null;
  throw new DocumentError('TypeMismatch', `$divide only supports numeric types, not ${typeNameOfMaybe(left)} and ${typeNameOfMaybe(right)}`);
}

function divideNumbers(left: Numeric, right: Numeric): Value {
  if (left instanceof Decimal128 || right instanceof Decimal128) {
    const divisor = toDecimal(right);
    if (isZeroDecimal(divisor)) throw new DocumentError('BadValue', "can't $divide by zero");
    return divideDecimal(toDecimal(left), divisor);
  }
  const divisor = toDouble(right);
  if (divisor === 0) throw new DocumentError('BadValue', "can't $divide by zero");
  return toDouble(left) / divisor;
}

/** With the sign of the dividend. Throws DocumentError: 16610, 5733415, 16611. */
function mod(left: Maybe, right: Maybe): Maybe {
  if (isNumeric(left) && isNumeric(right)) return modNumbers(left, right);
  if (isNullish(left) || isNullish(right)) return null;
  throw new DocumentError(16611, `$mod only supports numeric types, not ${typeNameOfMaybe(left)} and ${typeNameOfMaybe(right)}`);
}

function modNumbers(left: Numeric, right: Numeric): Value {
  if (left instanceof Decimal128 || right instanceof Decimal128) {
    const divisor = toDecimal(right);
    if (isZeroDecimal(divisor)) throw new DocumentError(5733415, "can't $mod by zero");
    return remainderDecimal(toDecimal(left), divisor);
  }
  if (toDouble(right) === 0) throw new DocumentError(16610, "can't $mod by zero");
  // A double divisor without fraction counts as an int: 8 modulo 3.0 is an int.
  if (typeof left === 'number' || (typeof right === 'number' && !isInt32Integral(right))) return toDouble(left) % toDouble(right);
  const remainder = toBigInt(left) % (typeof right === 'number' ? BigInt(right) : toBigInt(right));
  return left instanceof Int32 && typeof right !== 'bigint' ? int32(Number(remainder)) : remainder;
}

// ---- of one number

/** Wraps what is done to a number: null for null, DocumentError 28765 for what is no number. */
export function onNumber(name: string, apply: (value: Numeric) => Value): (operand: Maybe) => Maybe {
  return (operand) => {
    if (isNumeric(operand)) return apply(operand);
    if (isNullish(operand)) return null;
    throw new DocumentError(28765, `${name} only supports numeric types, not ${typeNameOfMaybe(operand)}`);
  };
}

function abs(value: Numeric): Value {
  if (typeof value === 'number') return Math.abs(value);
  if (value instanceof Decimal128) return absDecimal(value);
  if (value instanceof Int32) return intOrLong(BigInt(Math.abs(value.value)));
  if (value === minLong) throw new DocumentError(28680, "can't take $abs of long long min");
  return value < 0n ? -value : value;
}

function ceil(value: Numeric): Value {
  if (typeof value === 'number') return Math.ceil(value);
  return value instanceof Decimal128 ? quantize(value, 0, 'ceiling') : value;
}

function floor(value: Numeric): Value {
  if (typeof value === 'number') return Math.floor(value);
  return value instanceof Decimal128 ? quantize(value, 0, 'floor') : value;
}

function exponential(value: Numeric): Value {
  return value instanceof Decimal128 ? expDecimal(value) : exp(toDouble(value));
}

function naturalLogarithm(value: Numeric): Value {
  if (value instanceof Decimal128 && isPositiveDecimal(value)) return lnDecimal(value);
  const double = toDouble(value);
  if (double <= 0) throw new DocumentError(28766, `$ln's argument must be a positive number, but is ${doubleText(double)}`);
  return log(double);
}

function commonLogarithm(value: Numeric): Value {
  if (value instanceof Decimal128 && isPositiveDecimal(value)) return log10Decimal(value);
  const double = toDouble(value);
  if (double <= 0) throw new DocumentError(28761, `$log10's argument must be a positive number, but is ${doubleText(double)}`);
  return log10(double);
}

const decimalZero = decimalFromInteger(0n);
const decimalOne = decimalFromInteger(1n);
const decimalTwo = decimalFromInteger(2n);
const decimalTen = decimalFromInteger(10n);

function isPositiveDecimal(value: Decimal128): boolean {
  return !isNaNDecimal(value) && compareDecimal(value, decimalZero) > 0;
}

function sqrt(value: Numeric): Value {
  if (value instanceof Decimal128) {
    if (!isNaNDecimal(value) && compareDecimal(value, decimalZero) < 0) throw negativeRoot();
    return sqrtDecimal(value);
  }
  const double = toDouble(value);
  if (double < 0) throw negativeRoot();
  return Math.sqrt(double);
}

function negativeRoot(): DocumentError {
  return new DocumentError(28714, "$sqrt's argument must be greater than or equal to 0");
}

// ---- $log, $pow

/** Throws DocumentError: 28756 to 28759. */
function logarithm(argument: Maybe, base: Maybe): Maybe {
  if (isNullish(argument) || isNullish(base)) return null;
  if (!isNumeric(argument)) throw new DocumentError(28756, `$log's argument must be numeric, not ${typeNameOfMaybe(argument)}`);
  if (!isNumeric(base)) throw new DocumentError(28757, `$log's base must be numeric, not ${typeNameOfMaybe(base)}`);
  if (argument instanceof Decimal128 || base instanceof Decimal128) {
    const [decimalArgument, decimalBase] = [toDecimal(argument), toDecimal(base)];
    if (isPositiveDecimal(decimalArgument) && isPositiveDecimal(decimalBase) && compareDecimal(decimalBase, decimalOne) !== 0) {
      return logDecimal(decimalArgument, decimalBase);
    }
  }
  const [x, b] = [toDouble(argument), toDouble(base)];
  if (x <= 0) throw new DocumentError(28758, `$log's argument must be a positive number, but is ${doubleText(x)}`);
  if (b <= 0 || b === 1) throw new DocumentError(28759, `$log's base must be a positive number not equal to 1, but is ${doubleText(b)}`);
  return log(x) / log(b);
}

function logDecimal(argument: Decimal128, base: Decimal128): Decimal128 {
  if (compareDecimal(base, decimalTwo) === 0) return log2Decimal(argument);
  return compareDecimal(base, decimalTen) === 0 ? log10Decimal(argument) : divideDecimal(lnDecimal(argument), lnDecimal(base));
}

/** Throws DocumentError: 28762 to 28764. */
function power(base: Maybe, exponent: Maybe): Maybe {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumeric(base)) throw new DocumentError(28762, `$pow's base must be numeric, not ${typeNameOfMaybe(base)}`);
  if (!isNumeric(exponent)) throw new DocumentError(28763, `$pow's exponent must be numeric, not ${typeNameOfMaybe(exponent)}`);
  if (base instanceof Decimal128 || exponent instanceof Decimal128) {
    const [decimalBase, decimalExponent] = [toDecimal(base), toDecimal(exponent)];
    assertPowerOfZero(isZeroDecimal(decimalBase) && isNegativeDecimal(decimalExponent));
    return powDecimal(decimalBase, decimalExponent);
  }
  const [b, e] = [toDouble(base), toDouble(exponent)];
  assertPowerOfZero(b === 0 && e < 0);
  if (typeof base === 'number' || typeof exponent === 'number') return pow(b, e);
  return powIntegers(base, exponent);
}

function assertPowerOfZero(isZeroToNegative: boolean): void {
  if (isZeroToNegative) throw new DocumentError(28764, '$pow cannot take a base of 0 and a negative exponent');
}

function powIntegers(base: Int32 | bigint, exponent: Int32 | bigint): Value {
  const isInt = base instanceof Int32 && exponent instanceof Int32;
  const [b, e] = [toBigInt(base), toBigInt(exponent)];
  const typed = (result: bigint): Value => (isInt ? intOrLong(result) : result);
  if (b === 0n) return typed(e === 0n ? 1n : 0n);
  if (b === 1n) return typed(1n);
  if (b === -1n) return typed(e % 2n === 0n ? 1n : -1n);
  if (e < 0n || e > 63n) return pow(Number(b), Number(e));
  const result = b ** e;
  return fitsLong(result) ? typed(result) : pow(Number(b), Number(e));
}

// ---- $round, $trunc

/** Throws DocumentError: 51080 to 51083, and those of coercing to a long. */
function rounding(name: string, mode: QuantizeRounding): PlainOperator['evaluate'] {
  return (value, ...places) => {
    if (isNullish(value)) return null;
    if (!isNumeric(value)) throw new DocumentError(51081, `${name} only supports numeric types, not ${typeNameOfMaybe(value)}`);
    if (places.length === 0) return roundTo(name, value, 0, mode);
    const [place] = places;
    if (isNullish(place)) return null;
    const precision = coerceToLong(place);
    if (!isInt32Integral(place)) throw new DocumentError(51082, `precision argument to  ${name} must be a integral value`);
    if (precision < -20n || precision > 100n) {
      throw new DocumentError(51083, `cannot apply ${name} with precision value ${precision} value must be in [-20, 100]`);
    }
    return roundTo(name, value, Number(precision), mode);
  };
}

function roundTo(name: string, value: Numeric, places: number, mode: QuantizeRounding): Value {
  if (value instanceof Decimal128) return isInfiniteDecimal(value) ? value : quantize(value, places, mode);
  if (typeof value === 'number') return roundDouble(value, places, mode);
  if (places >= 0) return value;
  const unit = 10n ** BigInt(-places);
  const whole = toBigInt(value);
  const rounded = roundToUnit(whole, unit, mode);
  if (!fitsLong(rounded)) {
    throw new DocumentError(51080, `invalid conversion from Decimal128 result in ${name} resulting from arguments: [${whole}, ${places}]`);
  }
  if (typeof value === 'bigint' || rounded > BigInt(maxInt)) return rounded;
  return int32(Number(BigInt.asIntN(32, rounded)));
}

function roundDouble(value: number, places: number, mode: QuantizeRounding): number {
  if (!Number.isFinite(value)) return value;
  if (places === 0 && mode === 'truncate') return Math.trunc(value);
  return decimalToDouble(quantize(decimalFromDouble(value, 34), places, mode));
}

function roundToUnit(value: bigint, unit: bigint, mode: QuantizeRounding): bigint {
  const remainder = value % unit;
  const down = value - remainder;
  if (mode === 'truncate') return down;
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  const isAway = twice > unit || (twice === unit && (down / unit) % 2n !== 0n);
  return isAway ? down + (value < 0n ? -unit : unit) : down;
}

// ---- the rows

function ofNumber(name: string, apply: (value: Numeric) => Value, examples: readonly ExpressionExample[]): PlainOperator {
  return { name, arguments: 1, evaluate: onNumber(name, apply), examples };
}

export const arithmeticOperators: readonly Operator[] = [
  {
    name: '$add',
    arguments: any,
    stopsAtNull: true,
    evaluate: add,
    examples: [
      { expression: '{"$add":[{"$date":0},{"$numberDecimal":"1E+40"}]}', result: '{"$date":{"$numberLong":"-9223372036854775808"}}' },
      { expression: '{"$add":[{"$date":0},{"$numberDouble":"1E+40"}]}', error: 15 },
      { expression: '{"$add":[{"$date":0},{"$numberDecimal":"2.5"}]}', result: '{"$date":2}' },
      { expression: '{"$add": [1, 2]}', result: '3' },
      { expression: '{"$add": ["$at", 1000]}', document: '{"at": {"$date": {"$numberLong": "5"}}}', result: '{"$date": {"$numberLong": "1005"}}' },
      { expression: '{"$add": ["x", 2]}', error: 14 },
    ],
  },
  {
    name: '$subtract',
    arguments: 2,
    evaluate: subtract,
    examples: [
      { expression: '{"$subtract":[{"$date":0},{"$numberDecimal":"1E+20"}]}', error: 159 },
      { expression: '{"$subtract":[{"$date":{"$numberLong":"-1"}},{"$numberDecimal":"NaN"}]}', result: '{"$date":{"$numberLong":"9223372036854775807"}}' },
      { expression: '{"$subtract": [5, 7]}', result: '-2' },
      { expression: '{"$subtract": [5, {"$date": {"$numberLong": "5"}}]}', error: 14 },
    ],
  },
  {
    name: '$multiply',
    arguments: any,
    stopsAtNull: true,
    evaluate: multiply,
    examples: [
      { expression: '{"$multiply": [2, 3, 1.5]}', result: '{"$numberDouble": "9.0"}' },
      { expression: '{"$multiply": ["$missing", {"$toInt": "$$ROOT"}]}', result: 'null' },
    ],
  },
  {
    name: '$divide',
    arguments: 2,
    evaluate: divide,
    examples: [
      { expression: '{"$divide": [6, 4]}', result: '1.5' },
      { expression: '{"$divide": [1, 0]}', error: 2 },
    ],
  },
  {
    name: '$mod',
    arguments: 2,
    evaluate: mod,
    examples: [
      { expression: '{"$mod": [-7, 3]}', result: '-1' },
      { expression: '{"$mod": [8, {"$numberDouble": "3.0"}]}', result: '2' },
      { expression: '{"$mod": [{"$numberLong": "8"}, {"$numberDouble": "3.0"}]}', result: '{"$numberLong": "2"}' },
      { expression: '{"$mod": [8, 3.25]}', result: '1.5' },
      { expression: '{"$mod": [{"$numberLong": "500000000000"}, {"$numberDouble": "450000000000.0"}]}', result: '{"$numberDouble": "50000000000.0"}' },
      { expression: '{"$mod": [138.5, 3]}', result: '0.5' },
      { expression: '{"$mod": [10, {"$numberDouble": "-Infinity"}]}', result: '{"$numberDouble": "10.0"}' },
      { expression: '{"$mod": [7, {"$numberDecimal": "0"}]}', error: 5733415 },
      { expression: '{"$mod": [7, "x"]}', error: 16611 },
      { expression: '{"$mod": [7, 0]}', error: 16610 },
    ],
  },
  ofNumber('$abs', abs, [{ expression: '{"$abs": -3}', result: '3' }]),
  ofNumber('$ceil', ceil, [{ expression: '{"$ceil": 1.2}', result: '{"$numberDouble": "2.0"}' }]),
  ofNumber('$floor', floor, [{ expression: '{"$floor": -1.2}', result: '{"$numberDouble": "-2.0"}' }]),
  ofNumber('$exp', exponential, [{ expression: '{"$exp": 0}', result: '{"$numberDouble": "1.0"}' }]),
  ofNumber('$ln', naturalLogarithm, [
    { expression: '{"$ln": 1}', result: '{"$numberDouble": "0.0"}' },
    { expression: '{"$ln": 0}', error: 28766 },
  ]),
  ofNumber('$log10', commonLogarithm, [{ expression: '{"$log10": 1000}', result: '{"$numberDouble": "3.0"}' }]),
  ofNumber('$sqrt', sqrt, [
    { expression: '{"$sqrt": 16}', result: '{"$numberDouble": "4.0"}' },
    { expression: '{"$sqrt": -1}', error: 28714 },
  ]),
  { name: '$log', arguments: 2, evaluate: logarithm, examples: [{ expression: '{"$log": [8, 2]}', result: '{"$numberDouble": "3.0"}' }] },
  {
    name: '$pow',
    arguments: 2,
    evaluate: power,
    examples: [
      { expression: '{"$pow": [2, 10]}', result: '1024' },
      { expression: '{"$pow": [2, 31]}', result: '{"$numberLong": "2147483648"}' },
    ],
  },
  {
    name: '$round',
    arguments: { min: 1, max: 2 },
    evaluate: rounding('$round', 'half-even'),
    examples: [
      { expression: '{"$round":[1,{"$numberDecimal":"NaN"}]}', error: 51_082 },
      { expression: '{"$round": 2.5}', result: '{"$numberDouble": "2.0"}' },
      { expression: '{"$round": [19.25, 1]}', result: '19.2' },
      { expression: '{"$round": [1, 101]}', error: 51083 },
    ],
  },
  {
    name: '$trunc',
    arguments: { min: 1, max: 2 },
    evaluate: rounding('$trunc', 'truncate'),
    examples: [{ expression: '{"$trunc": [-19.27, 1]}', result: '-19.2' }],
  },
];
