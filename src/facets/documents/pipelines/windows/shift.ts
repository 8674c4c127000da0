// $shift: the value of a document so many places away.

import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { coerceToInt, isInt32Integral } from '../../expressions/coercions.ts';
import type { Evaluate, ParseContext } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { type ParseWindowFunction, refusal } from './window-function.ts';

type Shift = { readonly output: Evaluate; readonly by: number; readonly otherwise: Maybe };

export const shift: ParseWindowFunction = (specification, { expressions, sortBy }) => {
  for (const field of specification.keys()) if (field !== '$shift') throw refusal(`$shift got unexpected argument: ${field}`);
  const argument = specification.get('$shift');
  if (!(argument instanceof Map)) throw refusal(`Argument to $shift must be an object, but found ${shellText(argument)}`);
  const { output, by, otherwise } = parseShift(argument, expressions);
  if (sortBy === undefined) throw refusal("'$shift' requires a sortBy");
  return {
    input: output,
    *results({ count, inputAt }) {
      for (let place = by; place < count + by; place += 1) yield place < 0 || place >= count ? otherwise : (inputAt(place) ?? null);
    },
  };
};

function parseShift(argument: Document, context: ParseContext): Shift {
  let output: Evaluate | undefined;
  let by: number | undefined;
  let otherwise: Maybe = null;
  for (const [field, value] of argument) {
    if (field === 'output') output = parseExpression(value, context).evaluate;
    else if (field === 'by') by = parseBy(value);
    else if (field === 'default') otherwise = parseDefault(value, context);
    else throw refusal(`Unknown argument in $shift: ${field}`);
  }
  if (output === undefined) throw refusal("'$shift' requires an 'output' expression");
  if (by === undefined) throw refusal("'$shift' requires 'by' as an integer value.");
  return { output, by, otherwise };
}

function parseBy(value: Value): number {
  if (isInt32Integral(value)) return coerceToInt(value);
  throw refusal(`'$shift:by' field must be an integer, but found by: ${shellText(value)}`);
}

function parseDefault(value: Value, context: ParseContext): Maybe {
  const { constant } = parseExpression(value, context);
  if (constant === undefined) throw refusal(`'$shift:default' expression must yield a constant value.`);
  return constant.value ?? null;
}
