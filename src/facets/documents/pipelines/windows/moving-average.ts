// $expMovingAvg.

import { addDecimal, compareDecimal, decimalFromInteger, decimalToDouble, divideDecimal, multiplyDecimal, subtractDecimal } from '../../../../values/bson/decimal.ts';
import { Decimal128, isNumeric, typeNameOf, type Document, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { coerceToLong, toDecimal, toDouble } from '../../expressions/coercions.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { type ParseWindowFunction, refusal } from './window-function.ts';

const fieldsText = "$expMovingAvg sub object must have exactly two fields: An 'input' field, and either an 'N' field or an 'alpha' field";

const zero = decimalFromInteger(0n);
const one = decimalFromInteger(1n);

export const expMovingAvg: ParseWindowFunction = (specification, { expressions, sortBy }) => {
  const argument = specification.get('$expMovingAvg');
  if (specification.size !== 1 || !(argument instanceof Map)) throw refusal('$expMovingAvg must have exactly one argument that is an object');
  const input = argument.get('input');
  if (argument.size !== 2 || input === undefined) throw refusal(fieldsText);
  if (sortBy === undefined) throw refusal("$expMovingAvg requires an explicit 'sortBy'");
  const { evaluate } = parseExpression(input, expressions);
  const alpha = alphaOf(argument);
  return {
    input: evaluate,
    *results({ count, inputAt }) {
      let average: Numeric | undefined;
      for (let index = 0; index < count; index += 1) {
        const value = inputAt(index);
        if (isNumeric(value)) average = average === undefined ? value : averageOf(average, value, alpha);
        yield average ?? null;
      }
    },
  };
};

/** A decimal once there was one, else a double. */
function averageOf(average: Numeric, value: Numeric, alpha: Decimal128): Numeric {
  if (average instanceof Decimal128 || value instanceof Decimal128) {
    return addDecimal(multiplyDecimal(toDecimal(average), subtractDecimal(one, alpha)), multiplyDecimal(toDecimal(value), alpha));
  }
  const weight = decimalToDouble(alpha);
  return toDouble(value) * weight + toDouble(average) * (1 - weight);
}

function alphaOf(argument: Document): Decimal128 {
  const n = argument.get('N');
  if (n !== undefined) return divideDecimal(decimalFromInteger(2n), decimalFromInteger(periodOf(n) + 1n));
  const alpha = argument.get('alpha');
  if (alpha === undefined) throw refusal(`Got unrecognized field in $expMovingAvg${fieldsText}`);
  if (!isNumeric(alpha)) throw refusal("'alpha' must be a number");
  const decimal = toDecimal(alpha);
  if (!(compareDecimal(decimal, zero) > 0 && compareDecimal(decimal, one) < 0)) throw refusal(`'alpha' must be between 0 and 1 (exclusive), found alpha: ${shellText(alpha)}`);
  return decimal;
}

function periodOf(n: Value): bigint {
  if (!isNumeric(n)) throw refusal(`'N' field must be an integer, but found type ${typeNameOf(n)}`);
  if (!Number.isInteger(toDouble(n))) throw refusal(`'N' field must be an integer, but found  N: ${shellText(n)}. To use a non-integer, use the 'alpha' argument instead`);
  const period = coerceToLong(n);
  if (period <= 0n) throw refusal(`'N' must be greater than zero. Got ${period}`);
  return period;
}
